"""Celery tasks: a node's message, and the wake-up. Both only hurry what the timer does anyway."""

from __future__ import annotations

import logging
import threading
import time

from celery import current_app, shared_task
from kombu.exceptions import OperationalError

from governance import messages
from governance.deliveries import digest
from governance.work import run_due
from lockgate.errors import Denied, Invalid
from lockgate.messages import RECEIVE_TASK

logger = logging.getLogger(__name__)
WAKE_TASK = "lockgate.wake"
ONE_TURN = 0.2  # seconds of work, after which new deliveries are looked for
_awake = threading.Lock()
_wanted = threading.Event()


@shared_task(name=RECEIVE_TASK)
def receive(wire: str) -> None:
    """Take one message of a node. A forged one is dropped, and logged."""
    try:
        messages.receive(wire)
    except (Denied, Invalid) as error:
        logger.warning("A message was refused: %s", error)


@shared_task(name=WAKE_TASK)
def wake_up() -> None:
    """Do what was just asked for. One at a time, so that messages are not kept waiting behind it.

    Who is woken while another is at it leaves word, and that one goes round once more.
    """
    _wanted.set()
    while _wanted.is_set() and _awake.acquire(blocking=False):
        try:
            _wanted.clear()
            take_in(seconds=20, urgent=True)
        finally:
            _awake.release()


def take_in(*, seconds: float, urgent: bool = False) -> None:
    """Turn deliveries into work and do what is due, in turns, until neither is left or the time is up."""
    ends = time.monotonic() + seconds
    while digest() + run_due(seconds=ONE_TURN, urgent=urgent):
        if time.monotonic() > ends:
            return


def wake() -> None:
    """Wake a worker. Where the broker is down the timer comes by anyway."""
    try:
        current_app.send_task(WAKE_TASK, queue=messages.PORTAL, retry=False)
    except (OperationalError, OSError) as error:
        logger.warning("No worker was woken: %s", error)
