"""A local GitHub in the Enterprise Server layout, for true clients."""

from standins.github.app import create_app
from standins.github.seed import Seed
from standins.github.site import Site

__all__ = ["Seed", "Site", "create_app"]
