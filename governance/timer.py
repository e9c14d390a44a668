"""The timer of the worker's own process: with every wake-up lost, all that is due is still done."""

from __future__ import annotations

import logging
import threading

from celery.signals import worker_ready, worker_shutdown
from django.db import close_old_connections

from governance import messages, work
from governance.passes import ask_for_what_is_due
from governance.tasks import take_in

logger = logging.getLogger(__name__)
SECONDS = 2.0
_stop = threading.Event()


def tick() -> None:
    """Once round: messages that are due again, then work."""
    messages.deliver_due()
    ask_for_what_is_due()
    take_in(seconds=20)


def run(stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            tick()
            rest = work.seconds_to_next(SECONDS)
        except Exception:  # the edge of the worker's loop: it goes on, whatever one round met
            logger.exception("A round of the timer failed; the next one comes in %s s", SECONDS)
            rest = SECONDS
        close_old_connections()
        stop.wait(rest)


@worker_ready.connect
def start(**_: object) -> None:
    _stop.clear()
    threading.Thread(target=run, args=(_stop,), name="timer", daemon=True).start()


@worker_shutdown.connect
def stop(**_: object) -> None:
    _stop.set()
