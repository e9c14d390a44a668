"""The node worker as a Celery process: the queue carries messages in, the timer's thread does the work."""

from __future__ import annotations

import logging
from typing import Any

from celery import Celery
from kombu.exceptions import OperationalError

from lockgate.errors import Denied, LockgateError, Unavailable
from lockgate.messages import RECEIVE_TASK, Acknowledged
from lockgate.node.assembly import assemble
from lockgate.node.database import Database, migrate
from lockgate.node.exchange import Inbox
from lockgate.node.settings import Settings
from lockgate.node.timer import Timer

logger = logging.getLogger(__name__)
logging.getLogger("httpx").setLevel(logging.WARNING)

PGMQ = {
    "init_extension": False,
    "visibility_timeout": 120,
    "wait_time_seconds": 1,
    "poll_interval_ms": 50,
    "polling_interval": 0.05,
}


class BrokerUnavailable(Unavailable):
    """The broker took no message; it is sent again by the timer."""


class CeleryBroker:
    """Sends wire texts as Celery tasks."""

    def __init__(self, celery: Celery) -> None:
        self._celery = celery

    def send(self, queue: str, wire: str) -> None:
        try:
            self._celery.send_task(RECEIVE_TASK, args=[wire], queue=queue, retry=False, ignore_result=True)
        except OperationalError as problem:
            raise BrokerUnavailable("The broker did not take a message.") from problem


def make_celery(settings: Settings) -> Celery:
    """A Celery app with one thread for tasks, which are redelivered when this process dies."""
    celery = Celery("lockgate.node", broker=settings.broker_url)
    pgmq = settings.broker_url.startswith("pgmq:")
    celery.conf.update(
        broker_transport_options=PGMQ if pgmq else {"confirm_publish": True},
        broker_connection_retry_on_startup=True,
        task_default_queue=f"node.{settings.node}",
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_ignore_result=True,
        worker_pool="threads",
        worker_concurrency=1,
        worker_prefetch_multiplier=1,
        worker_enable_remote_control=False,
        worker_hijack_root_logger=False,
        worker_send_task_events=False,
    )
    return celery


class Process:
    """What lives as long as the worker process: the database, the timer and the inbox."""

    def __init__(self, settings: Settings, celery: Celery) -> None:
        self._database = Database(settings.database_url)
        self._worker, self._inbox = assemble(settings, self._database, CeleryBroker(celery))
        self._timer = Timer(self._worker)

    def start(self, **_: Any) -> None:
        """Bring the schema up to date and start the timer; a worker that cannot ends at once."""
        try:
            self._database.open()
            migrate(self._database)
        except LockgateError as problem:
            logger.critical("The node worker cannot start: %s", problem)
            self._database.close()
            raise SystemExit(1) from problem
        self._timer.start()

    def stop(self, **_: Any) -> None:
        """Ask the timer to end after its present turn."""
        self._timer.stop()

    def close(self, **_: Any) -> None:
        self._timer.stop()
        self._timer.join()
        self._worker.close()
        self._database.close()

    def receive(self, wire: str) -> None:
        receive(self._inbox, self._timer, wire)


def receive(inbox: Inbox, timer: Timer, wire: str) -> None:
    """Take one message; what the portal did not sign for this node is dropped and said in the log."""
    try:
        body = inbox.receive(wire)
    except Denied as problem:
        logger.warning("A message was refused: %s", problem)
        return
    except Unavailable as problem:
        logger.warning("A message could not be kept, and comes again: %s", problem)
        return
    if not isinstance(body, Acknowledged):
        timer.wake()
