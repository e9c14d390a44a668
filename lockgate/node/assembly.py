"""Puts the worker together from its settings: every adapter is chosen here and nowhere else."""

from __future__ import annotations

from lockgate.node.collection.collect import Collector
from lockgate.node.dagster import Dagster, RunSource
from lockgate.node.database import Database
from lockgate.node.exchange import Broker, Inbox, Outbox
from lockgate.node.github import NodeApp
from lockgate.node.previews.answer import Previews
from lockgate.node.registry import Registry
from lockgate.node.release.release import Releaser
from lockgate.node.run_watch import RunWatch
from lockgate.node.settings import Settings
from lockgate.node.worker import Worker


def assemble(
    settings: Settings, database: Database, broker: Broker, *, source: RunSource | None = None
) -> tuple[Worker, Inbox]:
    """The worker and its inbox; `source` is another place that runs come from than the settings' Dagster."""
    outbox = Outbox(settings.node, settings.message_key, broker)
    app = NodeApp(settings.github_url, settings.app_id, settings.app_private_key)
    collector = Collector(
        node=settings.node,
        database=database,
        outbox=outbox,
        pull_requests=app,
        scratch=settings.scratch_dir,
        staging=settings.data_dir / "staging",
    )
    worker = Worker(
        database=database,
        outbox=outbox,
        registry=Registry(settings, app),
        runs=RunWatch(database, outbox, source or Dagster(settings.dagster_url)),
        collector=collector,
        releaser=Releaser(settings.node, database, outbox),
        previews=Previews(settings.node, database, outbox),
    )
    return worker, Inbox(settings.node, settings.portal_message_key, database, outbox)
