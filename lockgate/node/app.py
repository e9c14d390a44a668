"""The Celery app of the node worker: `celery -A lockgate.node.app worker -Q node.<name>`, or `lockgate node`.

Importing it reads the environment, and refuses one that is not safe to start with.
"""

from __future__ import annotations

from celery import Celery, signals

from lockgate.messages import RECEIVE_TASK
from lockgate.node.process import Process, make_celery
from lockgate.node.settings import read_settings


def make_app() -> Celery:
    """The app of this process. Raises SettingsError."""
    settings = read_settings()
    celery = make_celery(settings)
    process = Process(settings, celery)
    celery.task(name=RECEIVE_TASK)(process.receive)
    signals.worker_init.connect(process.start, weak=False)
    signals.worker_shutting_down.connect(process.stop, weak=False)
    signals.worker_shutdown.connect(process.close, weak=False)
    return celery


app = make_app()
