"""Where histories happen: each begins from the same moment, with the same GitHub, rows and mirrors.

What came before is furnished once: a request that was approved in the portal, and a change of code that waits
for it. A history works on a copy of GitHub's folder and inside a savepoint.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import time_machine
from django.db import transaction

from governance import actions
from governance.verdicts import look
from standins.github import Seed, Site, create_app
from standins.github.store import App
from tests import portal_environment as environment
from tests.governance.seed import CODE_REPO, IDS, PORTAL_APP, seed
from tests.governance.trouble import inside
from tests.governance.world import World, a_request
from tests.standin.workshop import Workshop
from tests.standin_actions.ears import EVENTS, Ear, listening

BEGINS = datetime(2026, 11, 23, 9, 0, 0, 500_000, tzinfo=UTC)
MIRRORS = environment.FOLDER / "data" / "mirrors"
FILES = Mapping[str, str]


@dataclass
class Stage:
    """The portal beside a local GitHub, a clock that stands still, and an ear that holds webhooks back."""

    world: World
    ear: Ear
    clock: time_machine.Traveller
    saved: Path
    workshop: Workshop
    http: httpx.Client
    histories: int = 0
    begins: datetime = BEGINS
    data: Path = field(default=Path())  # GitHub's folder: its Git repositories and its SQLite file

    @contextmanager
    def history(self) -> Iterator[None]:
        """Everything as at the beginning; whatever happens inside is undone."""
        self.clock.move_to(self.begins)
        self.histories += 1
        self.data = self.saved / f"history-{self.histories}"
        shutil.copytree(self.saved / "github", self.data, symlinks=True)
        shutil.rmtree(MIRRORS)
        shutil.copytree(self.saved / "mirrors", MIRRORS, symlinks=True)
        self._serve(self.data)
        try:
            with undone():
                yield
        finally:
            inside(self.world).close()
            shutil.rmtree(self.data)

    def _serve(self, data: Path) -> None:
        """The same server goes on with another GitHub behind it."""
        app = create_app(data, Seed.of(seed(environment.APP_KEY_FILE)), url=environment.GITHUB_URL)
        site: Site = app.state.site
        site.start()
        told = {"webhook_url": self.ear.url, "webhook_secret": environment.WEBHOOK_SECRET, "events": EVENTS}
        site.store.update(site.store.get(App, PORTAL_APP), **told)
        self.world.line.app = app
        self.world.line.calls.clear()
        self.ear.heard.clear()
        repository = site.repository_named(*CODE_REPO.split("/"))
        assert repository is not None
        self.workshop.borrows(site.git(repository).path)

    def save(self) -> None:
        """This is the beginning of every history from now on."""
        self.begins = datetime.now(UTC)
        site = inside(self.world)
        site.close()
        shutil.copytree(site.data, self.saved / "github", symlinks=True)
        shutil.copytree(MIRRORS, self.saved / "mirrors", symlinks=True)

    def pass_time(self, seconds: float) -> None:
        """The clock goes on, for the portal as for GitHub, and the worker goes round."""
        self.clock.shift(timedelta(seconds=seconds))
        self.world.catch_up()

    def push(self, branch: str, files: FILES, *, login: str, start: str, force: bool = False) -> bool:
        """One commit with these files on top of `start`, pushed with git; whether GitHub took it."""
        self.workshop.commit(files, login=login, start=start)
        return self.workshop.push(self.world.remote(CODE_REPO, login), branch, force=force)


@contextmanager
def undone() -> Iterator[None]:
    """All that is written to the database inside is taken back. Like a test's own, it is no transaction
    of the portal's."""
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]
    with block:
        try:
            yield
        finally:
            transaction.set_rollback(True)


@contextmanager
def staged(world: World, folder: Path) -> Iterator[Stage]:
    workshop = Workshop.beside(folder / "workshop")
    (folder / "saved").mkdir()
    with (
        time_machine.travel(BEGINS, tick=False) as clock,
        listening() as ear,
        httpx.Client(base_url=world.url, verify=False) as http,
    ):
        stage = Stage(world, ear, clock, folder / "saved", workshop, http)
        _before(stage)
        stage.save()
        yield stage


def _before(stage: Stage) -> None:
    """Number 1 waits for its merge, number 2 for an approval."""
    world = stage.world
    world.catch_up()
    for login in IDS:
        world.person(login)
    asked = actions.open_request(project=world.project, request=a_request(), by=world.person("researcher"))
    assert asked is not None
    world.push("tidy", {"heart_study/tidy.py": "y = 2\n"}, login="researcher-2")
    body = {"title": "Tidy", "head": "tidy", "base": "main"}
    world.api("POST", f"/repos/{CODE_REPO}/pulls", as_="researcher-2", body=body)
    for number in (1, 2):
        world.checks_pass(look(world.project, number))
    asked = look(world.project, 1)
    actions.approve(pull_request=asked, head=asked.head_sha, by=world.person("controller"))
    for _ in range(3):
        stage.pass_time(240)
    assert [world.pull_request(number).status for number in (1, 2)] == ["approved", "waiting"]
