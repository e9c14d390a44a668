"""Several processes read and work at once; the rows are those of one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime

import pytest
from django.db import connection, connections, transaction
from django.db.models import QuerySet

from governance import audit, work
from governance.models import AuditEvent, CheckRun, Posture, PullRequest, RemoteAct, Work
from governance.projection import listeners, refresh
from governance.projection.code_repos import read_code_repo
from governance.verdicts import PolicyCheck, look
from tests.governance.test_webhooks import open_on_github
from tests.governance.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def side_by_side(times: int, step: Callable[[], object]) -> None:
    def once(_: int) -> None:
        try:
            step()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(times) as threads:
        list(threads.map(once, range(times)))


def test_a_new_pull_request_read_by_four_at_once_is_one_row(world: World) -> None:
    number, project = open_on_github(world), world.project
    side_by_side(4, lambda: refresh(project, number))
    assert PullRequest.objects.get(project=project).number == number


def test_what_is_written_of_a_project_does_not_wait_for_its_reading(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each would wait for the other: a row that names the project is checked at its commit."""
    project = world.project
    Posture.objects.filter(project=project).delete()

    def write() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '2s'")
        Posture.objects.create(project=project)

    monkeypatch.setattr(listeners, "_code_repo", [lambda *_: side_by_side(1, write)])
    read_code_repo(project.name, again=True)
    assert Posture.objects.filter(project=project).exists()


def test_a_check_that_is_posted_while_it_is_read_is_one_row(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = look(world.project, open_on_github(world))
    act = RemoteAct.objects.get(kind=RemoteAct.Kind.POST_CHECK)
    row.checks.all().delete()
    PullRequest.objects.update(read_at=datetime(2020, 1, 1, tzinfo=UTC))
    as_usual = QuerySet.bulk_create

    def posted_first(rows: QuerySet[CheckRun], objects: Iterable[CheckRun], **how: object) -> object:
        """Between what is known and what is written anew."""
        if rows.model is CheckRun:
            noted.append(beside.submit(side_by_side, 1, lambda: note(act)))
            wait(noted, timeout=1)
        return as_usual(rows, objects, **how)

    def note(act: RemoteAct) -> None:
        with transaction.atomic():
            PolicyCheck().done(act)

    noted: list[Future[None]] = []
    monkeypatch.setattr(QuerySet, "bulk_create", posted_first)
    with ThreadPoolExecutor(1) as beside:
        refresh(world.project, row.number)
        assert noted[0].result() is None
    assert row.checks.filter(remote_id=act.outcome["check"]).count() == 1


def test_the_audit_chain_holds_when_many_write_at_once() -> None:
    def write() -> None:
        for _ in range(5):
            with transaction.atomic():
                audit.record(by=None, action="test", project=None, subject="chain")

    side_by_side(4, write)
    assert AuditEvent.objects.count() == 20
    assert audit.verify() is None


def test_one_piece_of_work_is_done_once_by_many_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    monkeypatch.setitem(work.STEPS, "count", done.append)
    for number in range(12):
        work.ask("count", str(number))
    side_by_side(4, lambda: work.run_due(seconds=10))
    assert sorted(done, key=int) == [str(number) for number in range(12)]


def test_what_is_asked_again_while_it_is_done_is_done_again(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []

    def step(subject: str) -> None:
        done.append(subject)
        if len(done) == 1:
            work.ask("count", subject)

    monkeypatch.setitem(work.STEPS, "count", step)
    work.ask("count", "x")
    work.run_due(seconds=10)
    assert done == ["x", "x"]
    assert not Work.objects.exists()


def test_what_is_asked_again_while_it_fails_is_not_put_off(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []

    def step(subject: str) -> None:
        done.append(subject)
        if len(done) == 1:
            work.ask("count", subject)
            raise RuntimeError("The disk is full.")

    monkeypatch.setitem(work.STEPS, "count", step)
    work.ask("count", "x")
    work.run_due(seconds=10)
    assert done == ["x", "x"]


def test_what_fails_comes_back_later_with_its_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    def step(_: str) -> None:
        raise RuntimeError("The disk is full.")

    monkeypatch.setitem(work.STEPS, "count", step)
    work.ask("count", "x")
    assert work.run_due(seconds=10) == 0
    row = Work.objects.get()
    assert (row.attempts, row.problem, row.leased_until) == (1, "The disk is full.", None)
    assert row.due_at > datetime.now(UTC)
