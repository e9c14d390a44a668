"""The portal's settings, with the bare view beside the portal's own addresses."""

from portal.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.bare"
