"""One attempt at a delivery, and what is kept of it. Whatever becomes of it, GitHub does not repeat it."""

from __future__ import annotations

import threading
import time

import httpx

from standins.github.clock import now
from standins.github.site import Site
from standins.github.store import App, Delivery, DeliveryAnswer
from standins.github.webhooks.signing import headers

SECONDS_TO_ANSWER = 10
LARGEST_KEPT = 64 * 1024
UNREACHED = ("failed to connect to host", 502)
TOO_SLOW = ("timed out", 504)


def attempt(site: Site, client: httpx.Client, delivery: Delivery, stopping: threading.Event) -> None:
    """Sends it once; one that was cut off by the end of this GitHub is sent again at the next start."""
    app = site.store.get(App, delivery.app_id)
    body = delivery.payload.encode()
    sent, began = headers(app, delivery, body), time.monotonic()
    try:
        answer = client.post(app.webhook_url, content=body, headers=sent)
    except httpx.HTTPError as error:
        if not stopping.is_set():
            said, code = TOO_SLOW if isinstance(error, httpx.TimeoutException) else UNREACHED
            _keep(site, delivery, code, DeliveryAnswer(0, delivery.id, said, _since(began), sent))
        return
    good = 200 <= answer.status_code < 400
    if good or not stopping.is_set():
        said = "OK" if good else f"Invalid HTTP Response: {answer.status_code}"
        received, text = dict(answer.headers), answer.text[:LARGEST_KEPT]
        kept = DeliveryAnswer(0, delivery.id, said, _since(began), sent, received, text)
        _keep(site, delivery, answer.status_code, kept)


def refuse(site: Site, delivery: Delivery) -> None:
    """As if nobody had been there."""
    app = site.store.get(App, delivery.app_id)
    sent = headers(app, delivery, delivery.payload.encode())
    said, code = UNREACHED
    _keep(site, delivery, code, DeliveryAnswer(0, delivery.id, said, 0, sent))


def _keep(site: Site, delivery: Delivery, code: int, answer: DeliveryAnswer) -> None:
    state = "delivered" if code < 400 else "failed"
    with site.store.transaction():
        site.store.put(answer)
        site.store.update(delivery, state=state, status_code=code, delivered_at=now())


def _since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)
