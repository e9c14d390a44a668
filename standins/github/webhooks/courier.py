"""Sends waiting deliveries: one thread for each App, so that a slow receiver holds up no other."""

from __future__ import annotations

import threading

import httpx

from standins.github.clock import now
from standins.github.site import Site
from standins.github.store import App, Delivery
from standins.github.webhooks.signing import headers

SECONDS_TO_ANSWER = 10
SECONDS_TO_STOP = 2


class Couriers:
    """`wake(app_id)` after a delivery is written; `stop()` leaves the rest waiting for the next start."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._guard = threading.Lock()
        self._stopping = threading.Event()
        self._bells: dict[int, threading.Event] = {}
        self._threads: list[threading.Thread] = []

    def wake(self, app_id: int) -> None:
        with self._guard:
            if self._stopping.is_set():
                return
            if app_id not in self._bells:
                self._bells[app_id] = threading.Event()
                name = f"webhooks-{app_id}"
                thread = threading.Thread(target=self._work, args=(app_id,), name=name, daemon=True)
                self._threads.append(thread)
                thread.start()
            self._bells[app_id].set()

    def take_up(self) -> None:
        """Send what was waiting when the stand-in ended."""
        for app in self._site.store.find(App):
            if self._site.store.first(Delivery, app_id=app.id, state="waiting"):
                self.wake(app.id)

    def stop(self) -> None:
        with self._guard:
            self._stopping.set()
            for bell in self._bells.values():
                bell.set()
        for thread in self._threads:
            thread.join(SECONDS_TO_STOP)

    def _work(self, app_id: int) -> None:
        bell = self._bells[app_id]
        with httpx.Client(timeout=SECONDS_TO_ANSWER, trust_env=False) as client:
            while not self._stopping.is_set():
                bell.wait()
                bell.clear()
                while not self._stopping.is_set():
                    delivery = self._site.store.first(Delivery, app_id=app_id, state="waiting")
                    if delivery is None:
                        break
                    self._send(client, delivery)

    def _send(self, client: httpx.Client, delivery: Delivery) -> None:
        """One attempt. Whatever becomes of it, it is not repeated: as GitHub does."""
        app = self._site.store.get(App, delivery.app_id)
        body = delivery.payload.encode()
        try:
            answer = client.post(app.webhook_url, content=body, headers=headers(app, delivery, body))
            status, done = answer.status_code, answer.is_success
        except httpx.HTTPError:
            status, done = None, False
        if not self._stopping.is_set() or done:
            state = "delivered" if done else "failed"
            self._site.store.update(delivery, state=state, status_code=status, delivered_at=now())
