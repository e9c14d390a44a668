"""Deliveries are written down when the event happens, so that a crash loses none."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from standins.github.clock import now
from standins.github.events import Event
from standins.github.recording import Write
from standins.github.site import Site
from standins.github.store import App, Delivery
from standins.github.webhooks.audience import listeners
from standins.github.webhooks.payloads import payload_of

LARGEST = 25 * 1024 * 1024


@dataclass(frozen=True)
class Outbox:
    """`wake(app_id)` is called after each new delivery; `record` writes down what it says."""

    site: Site
    wake: Callable[[int], None]
    record: Write | None = None

    def heard(self, event: Event) -> None:
        audience = list(listeners(self.site, event))
        if not audience:
            return
        payload = payload_of(self.site, event)
        for app, installation in audience:
            own = payload
            if installation is not None and "installation" not in payload:
                own = {
                    **payload,
                    "installation": {"id": installation.id, "node_id": f"MDIz{installation.id}"},
                }
            self._write(app, event, json.dumps(own))

    def _write(self, app: App, event: Event, payload: str) -> None:
        """What is larger than GitHub sends is not sent."""
        if len(payload) <= LARGEST:
            if self.record:
                self.record({"event": event.name, "payload": payload})
            guid = str(uuid.uuid4())
            row = Delivery(0, guid, app.id, event.name, event.action, payload, created_at=now())
            self.site.store.insert(row)
            self.wake(app.id)
