"""Runs a repository's own workflow files and posts their checks."""

from __future__ import annotations

import sys
from pathlib import Path

from starlette.routing import BaseRoute

from standins.github.actions.environments import Environments
from standins.github.actions.pages import PAGES
from standins.github.actions.posting import Checks
from standins.github.actions.rerunning import Rerunner
from standins.github.actions.routes import routes
from standins.github.actions.runner import Runner
from standins.github.actions.starting import Starter
from standins.github.events import Event
from standins.github.seed import ACTIONS_APP, Seed
from standins.github.site import Site


def install(site: Site, seed: Seed) -> list[BaseRoute]:
    """Listens for pull requests and pushes; what a crash cut off is taken up when serving starts."""
    checks = Checks(site, seed.actions.get("app_id", ACTIONS_APP))
    starter = Starter(site, checks)
    runner = Runner(site, checks, _environments(site, seed))

    def heard(event: Event) -> None:
        starter.heard(event)
        runner.wake()

    def take_up() -> None:
        starter.take_up()
        runner.take_up()

    for name in ("pull_request", "push"):
        site.bus.subscribe(name, heard)
    site.on_start(take_up)
    site.on_close(runner.stop)
    return [*routes(Rerunner(site, checks), runner.wake), *PAGES]


def _environments(site: Site, seed: Seed) -> Environments:
    given, own = seed.actions, site.data / "actions"
    return Environments(
        directory=Path(given.get("environments") or own / "environments").resolve(),
        wheelhouse=Path(given.get("wheelhouse") or own / "wheelhouse").resolve(),
        uv=given.get("uv") or str(Path(sys.executable).with_name("uv")),
    )
