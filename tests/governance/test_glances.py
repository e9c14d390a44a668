"""What no webhook told of is found by glances, however much it is; and a reading is whole, however long."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from benchmarks.seeding import MANY_REVIEWS, write_history
from governance import glances
from governance.access import OPENS_UNRELEASED
from governance.github import reader
from governance.github.asking import in_batches, shrinking
from governance.github.connection import graphql_error
from governance.github.errors import GitHubOverasked
from governance.mirrors import mirror
from governance.models import Node, Project, PullRequest, Work
from governance.passes import TEAM_AFTER, TEAMS_EVERY, pass_over
from governance.verdicts import look
from standins.github.faults.switches import CallEffect
from standins.github.site import Site
from standins.github.store import PullRequest as RemotePull
from standins.github.store import Repository, Review
from tests.governance.seed import ACTIONS, IDS
from tests.governance.test_webhooks import open_on_github
from tests.governance.trouble import breaks
from tests.governance.world import CODE_REPO, NODE_REPO, ORGANIZATION, World

pytestmark = pytest.mark.django_db


def inside(world: World) -> tuple[Site, Repository]:
    """The local GitHub's own store, and the Code Repo there."""
    site: Site = world.line.app.state.site
    repository = site.repository_named(*CODE_REPO.split("/"))
    assert repository is not None
    return site, repository


def test_all_that_changed_unseen_is_found_however_many(world: World) -> None:
    site, repository = inside(world)
    write_history(site, repository, 25)
    Project.objects.update(seen_to=None)  # as before the first reading of all
    world.pass_again()
    assert PullRequest.objects.count() == 25
    Project.objects.update(seen_to=timezone.now() - timedelta(hours=1))
    confirmed = world.project.confirmed_at
    changed_at = (timezone.now() - timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    for row in site.store.find(RemotePull, repository_id=repository.id):
        site.store.update(row, title="Renamed", updated_at=changed_at)
    breaks(world, CallEffect.FAIL_BEFORE, "POST", "/api/graphql", body="first: 100, after", times=None)
    world.pass_again()
    assert "could not answer" in Work.objects.get(kind="read_changes").problem
    assert Work.objects.get(kind="pass").problem == ""
    assert world.project.confirmed_at > confirmed
    site.faults.take_back()
    world.pass_again()
    assert set(PullRequest.objects.values_list("title", flat=True)) == {"Renamed"}


def test_of_what_changed_no_page_is_read_beyond_the_first_that_holds_something_older(world: World) -> None:
    site, repository = inside(world)
    now = timezone.now()
    for number in range(1, 202):
        at = now - (timedelta() if number <= 100 else timedelta(days=1))
        said = {"state": "closed", "updated_at": at.strftime("%Y-%m-%dT%H:%M:%SZ")}
        change = (f"Change {number}", "", IDS["researcher"], f"change-{number}", "1" * 40, "main", "2" * 40)
        site.store.insert(RemotePull(0, repository.id, number, *change, **said))
    found = reader().updated(CODE_REPO, now - timedelta(hours=1))
    assert sorted(glance.number for glance in found) == list(range(1, 101))
    assert world.line.seen("POST /api/graphql") == 2


def change_of_the_node(world: World) -> PullRequest:
    """A pull request of the Node Repo, read once."""
    world.push("values", {"values.yaml": "replicas: 2\n"}, login="maintainer", repo=NODE_REPO)
    body = {"title": "More replicas", "head": "values", "base": "main"}
    number = world.api("POST", f"/repos/{NODE_REPO}/pulls", as_="maintainer", body=body)["number"]
    return look(Node.objects.get(), number)


def test_a_repository_that_cannot_be_read_keeps_no_other_of_its_owner_from_being_read(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, whole = look(world.project, open_on_github(world)), change_of_the_node(world)
    world.pass_again()
    began = timezone.now()
    monkeypatch.setattr(glances, "READ_AGAIN", 1)  # the one that was read longest ago
    PullRequest.objects.filter(pk=broken.pk).update(read_at=began - timedelta(hours=1))
    here = mirror(CODE_REPO).path
    shutil.rmtree(here)
    here.touch()  # where its folder has to be
    body = {"name": "ci", "head_sha": whole.head_sha, "status": "completed", "conclusion": "success"}
    world.api("POST", f"/repos/{NODE_REPO}/check-runs", as_=ACTIONS, body=body)
    world.pass_again()
    assert whole.checks.filter(name="ci").exists()
    assert Work.objects.get(kind="pass").problem == ""
    assert world.project.confirmed_at > began
    assert "could not be read" in Work.objects.get(kind="look").problem
    read_at = PullRequest.objects.get(pk=whole.pk).read_at
    pass_over(ORGANIZATION)
    assert PullRequest.objects.get(pk=whole.pk).read_at > read_at
    here.unlink()
    world.pass_again()
    assert PullRequest.objects.get(pk=broken.pk).read_at > began
    assert not Work.objects.filter(kind="look").exists()


@pytest.mark.parametrize("held_up", [{"READ_AGAIN": 0}, {"LONGEST": -1}])
def test_a_check_that_ends_unseen_is_found_though_the_pull_request_did_not_change(
    world: World, monkeypatch: pytest.MonkeyPatch, held_up: dict[str, int]
) -> None:
    pull_request = look(world.project, open_on_github(world))
    world.pass_again()
    for name, most in held_up.items():
        monkeypatch.setattr(glances, name, most)
    world.checks_pass(pull_request)
    world.pass_again()
    assert set(pull_request.checks.filter(app_id=ACTIONS).values_list("conclusion", flat=True)) == {"success"}


def test_what_happens_in_the_second_in_which_a_pull_request_was_read_is_found(world: World) -> None:
    number = open_on_github(world)
    site, repository = inside(world)
    row = site.store.first(RemotePull, repository_id=repository.id, number=number)
    assert row is not None
    at = timezone.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    site.store.update(row, state="closed", closed_at=at, updated_at=at)
    read = look(world.project, number)
    site.store.insert(Review(0, row.id, IDS["controller"], "APPROVED", "", row.head_sha, at))
    world.pass_again()
    assert [review.state for review in read.reviews.all()] == ["approved"]


def test_a_pull_request_is_read_whole(world: World) -> None:
    number = open_on_github(world)
    site, repository = inside(world)
    row = site.store.first(RemotePull, repository_id=repository.id, number=number)
    assert row is not None
    for _ in range(MANY_REVIEWS):
        at = timezone.now().strftime("%Y-%m-%dT%H:%M:%SZ")
        site.store.insert(Review(0, row.id, IDS["controller"], "COMMENTED", "?", row.head_sha, at))
    for count in range(55):
        body = {"name": f"check {count}", "head_sha": row.head_sha, "status": "queued"}
        world.api("POST", f"/repos/{CODE_REPO}/check-runs", as_=ACTIONS, body=body)
    read = look(world.project, number)
    assert read.reviews.count() == MANY_REVIEWS
    assert read.checks.filter(app_id=ACTIONS).count() == 55
    breaks(world, CallEffect.FAIL_BEFORE, "POST", "/api/graphql", body="more: reviews", times=None)
    world.pass_again()
    assert Work.objects.get(kind="pass").problem == ""
    assert "could not answer" in Work.objects.get(kind="look").problem


def test_a_repository_that_github_no_longer_shows_is_not_confirmed(world: World) -> None:
    site, repository = inside(world)
    before = world.project.confirmed_at
    site.store.update(repository, name="moved-away")
    world.pass_again()
    assert "does not show" in world.project.problem
    assert world.project.confirmed_at == before
    site.store.update(repository, name="heart-study")
    world.pass_again()
    assert world.project.problem == ""
    assert world.project.confirmed_at > before


def test_protection_that_changes_unseen_is_read(world: World) -> None:
    assert ["ci", ACTIONS] in world.project.required_checks
    path = f"/repos/{CODE_REPO}/branches/main/protection"
    world.api("DELETE", path, as_="maintainer")
    world.pass_again()
    assert world.project.required_checks is None


def test_a_pull_request_that_is_not_there_is_left_out_of_many(world: World) -> None:
    pull_request = look(world.project, open_on_github(world))
    found = reader().pull_requests("north-health", [pull_request.graphql_id, "PR_999999"])
    assert [reading.number for reading in found.values()] == [pull_request.number]


def test_a_team_is_read_again_before_its_word_is_too_old_for_unreleased_outputs() -> None:
    assert TEAM_AFTER + 2 * TEAMS_EVERY < OPENS_UNRELEASED


@pytest.mark.parametrize(("most", "sizes"), [(60, [50]), (30, [50, 25]), (11, [50, 25, 12, 10])])
def test_what_github_cannot_answer_at_once_is_asked_in_smaller_parts(most: int, sizes: list[int]) -> None:
    asked: list[int] = []

    def ask(size: int) -> int:
        asked.append(size)
        if size > most:
            raise GitHubOverasked
        return size

    assert shrinking(50, ask) == (sizes[-1], sizes[-1])
    assert asked == sizes


def test_a_page_of_history_shrinks_by_half_each_time_that_github_cannot_answer_it(world: World) -> None:
    write_history(*inside(world), 13)
    for size, status in ((50, 502), (25, 504)):
        breaks(world, CallEffect.FAIL_BEFORE, "POST", "/api/graphql", body=f'"size":{size}', status=status)
    page = reader().history(CODE_REPO, None, 50)
    assert (page.size, len(page.readings)) == (12, 12)
    assert inside(world)[0].faults.standing() == {}  # each size was asked for


@pytest.mark.parametrize("kind", ["RESOURCE_LIMITS_EXCEEDED", "MAX_NODE_LIMIT_EXCEEDED", None])
def test_what_took_github_too_much_may_be_asked_for_in_smaller_parts(kind: str | None) -> None:
    errors = [{"message": "Too much.", **({"type": kind} if kind else {})}]
    assert isinstance(graphql_error(errors, writes=False), GitHubOverasked)


def test_batches_ask_for_each_once_in_the_size_that_works() -> None:
    def ask(items: list[str]) -> list[str]:
        if len(items) > 25:
            raise GitHubOverasked
        return items

    items = [str(number) for number in range(60)]
    answers = list(in_batches(items, ask))
    assert [len(answer) for answer in answers] == [25, 25, 10]
    assert [item for answer in answers for item in answer] == items


def test_less_than_ten_at_once_is_not_tried() -> None:
    def ask(_: int) -> datetime:
        raise GitHubOverasked

    with pytest.raises(GitHubOverasked):
        shrinking(50, ask)
