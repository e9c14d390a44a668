"""A local GitHub in the Enterprise Server layout, for true clients."""

from standins.github.app import KEEP_ALIVE, create_app
from standins.github.seed import Seed
from standins.github.site import Site

__all__ = ["KEEP_ALIVE", "Seed", "Site", "create_app"]
