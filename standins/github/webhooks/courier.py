"""Sends waiting deliveries: one thread for each App, so that a slow receiver holds up no other."""

from __future__ import annotations

import threading

import httpx

from standins.github.faults.switches import WebhookEffect
from standins.github.site import Site
from standins.github.store import App, Delivery
from standins.github.webhooks.attempts import SECONDS_TO_ANSWER, attempt, refuse
from standins.github.webhooks.holding import Held

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
                courier = _Courier(self._site, app_id, self._bells[app_id], self._stopping)
                thread = threading.Thread(target=courier.work, name=f"webhooks-{app_id}", daemon=True)
                self._threads.append(thread)
                thread.start()
            self._bells[app_id].set()

    def take_up(self) -> None:
        """Send what was waiting when the stand-in ended, and what was held back."""
        for held in self._site.store.find(Delivery, state="held"):
            self._site.store.update(held, state="waiting")
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


class _Courier:
    """The one who carries an App's deliveries, in order but for what a switch says."""

    def __init__(self, site: Site, app_id: int, bell: threading.Event, stopping: threading.Event) -> None:
        self._site = site
        self._app_id = app_id
        self._bell = bell
        self._stopping = stopping
        self._held = Held()

    def work(self) -> None:
        with httpx.Client(timeout=SECONDS_TO_ANSWER, trust_env=False) as client:
            while not self._stopping.is_set():
                self._bell.wait(self._held.pause())
                self._bell.clear()
                while not self._stopping.is_set() and self._one(client):
                    pass

    def _one(self, client: httpx.Client) -> bool:
        """Takes up one delivery, if there is one to take up now."""
        due = self._held.due()
        if due is not None:
            attempt(self._site, client, due, self._stopping)
            return True
        waiting = self._site.store.first(Delivery, app_id=self._app_id, state="waiting")
        if waiting is not None:
            self._carry(client, waiting)
        return waiting is not None

    def _carry(self, client: httpx.Client, delivery: Delivery) -> None:
        fault = self._site.faults.take_delivery(delivery.event, delivery.app_id)
        match fault.effect if fault else None:
            case WebhookEffect.DROP:
                self._site.store.delete(Delivery, id=delivery.id)
            case WebhookEffect.FAIL:
                refuse(self._site, delivery)
            case WebhookEffect.DELAY | WebhookEffect.REORDER:
                assert fault is not None
                self._site.store.update(delivery, state="held")
                overtaken = fault.effect is WebhookEffect.REORDER
                self._held.keep(delivery, fault.seconds, until_overtaken=overtaken)
            case WebhookEffect.DOUBLE:
                attempt(self._site, client, delivery, self._stopping)
                attempt(self._site, client, delivery, self._stopping)
                self._held.overtake()
            case _:
                attempt(self._site, client, delivery, self._stopping)
                self._held.overtake()
