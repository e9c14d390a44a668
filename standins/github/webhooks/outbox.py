"""Deliveries are written down when the event happens, so that a crash loses none."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from standins.github.clock import now
from standins.github.events import Event
from standins.github.site import Site
from standins.github.store import Delivery
from standins.github.webhooks.audience import listeners
from standins.github.webhooks.payloads import payload_of


@dataclass(frozen=True)
class Outbox:
    """`wake(app_id)` is called after each new delivery."""

    site: Site
    wake: Callable[[int], None]

    def heard(self, event: Event) -> None:
        audience = list(listeners(self.site, event))
        if not audience:
            return
        payload = payload_of(self.site, event)
        for app, installation in audience:
            own = {**payload, "installation": {"id": installation.id, "node_id": f"MDIz{installation.id}"}}
            self.site.store.insert(
                Delivery(
                    0, str(uuid.uuid4()), app.id, event.name, event.action, json.dumps(own), created_at=now()
                )
            )
            self.wake(app.id)
