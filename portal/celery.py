"""The portal's Celery app. The queue is only a wake-up: rows say what is due, a timer takes them too."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

from django.conf import settings

app = Celery("portal", broker=settings.LOCKGATE.broker_url, include=["governance.tasks"])
app.conf.update(
    task_default_queue="portal",
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    task_serializer="json",
    accept_content=["json"],
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
    task_time_limit=90,
    timezone="UTC",
)
if settings.LOCKGATE.broker_url.startswith("pgmq"):
    app.conf.broker_transport_options = {
        "init_extension": False,
        "visibility_timeout": 120,
        "wait_time_seconds": 1,
        "poll_interval_ms": 50,
        "polling_interval": 0.05,
    }
app.set_default()
