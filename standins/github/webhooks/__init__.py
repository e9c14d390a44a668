"""Tells Apps what happened: signed deliveries, once each, in order of creation, never repeated by itself."""

from __future__ import annotations

from starlette.routing import BaseRoute

from standins.github.recording import writer
from standins.github.seed import Seed
from standins.github.site import Site
from standins.github.webhooks.audience import EVENTS, OF_INSTALLATIONS, OF_PEOPLE
from standins.github.webhooks.courier import Couriers
from standins.github.webhooks.outbox import Outbox
from standins.github.webhooks.routes import routes


def install(site: Site, seed: Seed) -> list[BaseRoute]:  # noqa: ARG001 - every part is installed alike
    """Listens to all events that Apps may hear; waiting deliveries go out when serving starts."""
    couriers = Couriers(site)
    outbox = Outbox(site, couriers.wake, writer())
    for name in (*EVENTS, *OF_INSTALLATIONS, *OF_PEOPLE):
        site.bus.subscribe(name, outbox.heard)
    site.on_start(couriers.take_up)
    site.on_close(couriers.stop)
    return routes(couriers.wake)
