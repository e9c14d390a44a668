"""The reconciliation page: who sees what, what agreement looks like, and that silence is none."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.failed_deliveries import CUT, OFFERED
from governance.models import Bookmark, FailedDelivery, Node, Project, Registration
from jobs.models import Lane
from portal.reconciliation.findings import WORDS, Code
from portal.reconciliation.reading import read_facts
from portal.reconciliation.rules import judge
from publications.models import StoreReading
from tests.pages.conftest import Visit
from tests.pages.world import World
from tests.reconciliation import arrange

PAGE = "/reconciliation/"
NOT_TOLD = {
    Code.GITHUB_UNTOLD,
    Code.DAGSTER_UNTOLD,
    Code.STORE_UNTOLD,
    Code.TEAM_STALE,
    Code.REGISTRATION_STALE,
    Code.PULL_STALE,
}


@pytest.fixture
def agreed(world: World) -> World:
    arrange.agree(world)
    return world


def said(as_: Visit, login: str = "controller", path: str = PAGE) -> str:
    return " ".join(as_(login).get(path).content.decode().split())


def codes(world: World) -> set[Code]:
    (facts,) = read_facts([Project.objects.get(pk=world.project.pk)], world.now)
    return {finding.code for finding in judge(facts, world.now)}


def test_where_all_agree_it_says_so_and_when_each_was_last_read(agreed: World, as_: Visit) -> None:
    for login in ("controller", "maintainer"):
        page = said(as_, login)
        assert "All four agree" in page
        assert "All agree, Reconciliation" in page
        assert "Last read" in page
        assert page.count('UTC</time> <span class="when">(just now)') >= 4
        assert 'class="button slim" type="submit">' not in page.partition("<main")[2]


def test_every_disagreement_is_found_in_rows(agreed: World) -> None:
    assert codes(agreed) == set()
    arrange.disagree(agreed)
    assert codes(agreed) == set(Code) - NOT_TOLD


def test_what_was_read_too_long_ago_is_not_told_and_never_agreement(agreed: World, as_: Visit) -> None:
    arrange.pages.request(agreed)
    arrange.silence(agreed)
    assert codes(agreed) == NOT_TOLD
    page = said(as_)
    assert "Not told" in page
    assert "All four agree" not in page
    assert "Not all agree, Reconciliation" in page
    assert "(1 day ago)" in page


def test_what_was_never_read_is_not_told(world: World, as_: Visit) -> None:
    assert codes(world) == {Code.DAGSTER_UNTOLD, Code.STORE_UNTOLD}
    page = said(as_)
    assert "north never told of its runs." in page
    assert "The store of north was never listed." in page
    assert "All four agree" not in page
    assert "What failed since is not known" in said(as_, "maintainer")


def test_a_controller_sees_their_projects_alone_and_an_administrator_all(agreed: World, as_: Visit) -> None:
    Project.objects.create(name="other_study", code_repo="org/other-study")
    assert "other_study" not in said(as_)
    assert "other_study" in said(as_, "maintainer")  # named as administrator in the settings of these tests
    assert "Of no project" not in said(as_)
    assert "Of no project" in said(as_, "maintainer")


@pytest.mark.parametrize("login", ["researcher", "researcher-2", "outsider"])
def test_nobody_else_finds_it(login: str, agreed: World, as_: Visit) -> None:
    assert as_(login).get(PAGE).status_code == 404


def test_each_kind_says_what_it_means_and_what_to_do(agreed: World, as_: Visit) -> None:
    arrange.disagree(agreed)
    page = said(as_)
    for code in set(Code) - NOT_TOLD:
        words = WORDS[code]
        for text in (words.title, words.means, words.do):
            assert text.replace("'", "&#x27;") in page, code
    assert "north holds it: Merged without approval" in page
    assert "Not merged here. The last word was: waiting." in page
    assert "Run 770aaaa- on north: started." in page
    assert "south does not run this project." in page


def test_failed_deliveries_belong_to_no_project_and_are_for_administrators(agreed: World, as_: Visit) -> None:
    arrange.fail_deliveries(agreed)
    page = said(as_, "maintainer")
    assert "Failed deliveries" in page
    assert "failed to connect to host (502)" in page
    assert page.count("Redeliver<span") == 2
    assert "Failed deliveries" not in said(as_)
    Bookmark.objects.update(at=agreed.now - timedelta(minutes=6))
    assert "What failed since is not known" in said(as_, "maintainer")


def test_of_nothing_nobody_says_that_it_agrees(agreed: World, as_: Visit) -> None:
    Project.objects.all().delete()
    page = said(as_, "maintainer")
    assert "All agree" not in page
    assert "A node registers one by a pull request in its Node Repo" in page


def test_a_delivery_that_was_asked_for_is_offered_again_if_nothing_is_heard_of_it(
    agreed: World, as_: Visit
) -> None:
    arrange.fail_deliveries(agreed)
    for minutes, buttons in ((1, 0), (6, 2)):
        at = agreed.now - timedelta(minutes=minutes)
        FailedDelivery.objects.update(asked_at=at, tried_at=at)
        assert said(as_, "maintainer").count("Redeliver<span") == buttons


def test_where_githubs_list_was_cut_it_counts_no_more_than_it_knows(agreed: World, as_: Visit) -> None:
    arrange.fail_deliveries(agreed, 30)
    assert "The oldest 25 of 30." in said(as_, "maintainer")
    arrange.fail_deliveries(agreed, 30, cut=True)
    assert "The oldest 25 of at least 30." in said(as_, "maintainer")
    Bookmark.objects.filter(name=CUT).update(at=agreed.now - OFFERED)
    assert "The oldest 25 of 30." in said(as_, "maintainer")


def test_what_is_wrong_with_a_node_repo_is_told_to_who_sees_the_node(agreed: World, as_: Visit) -> None:
    secret = "projects/secret_study.yaml cannot be read."
    Node.objects.update(problem=secret)
    controller = agreed.people["controller"].user
    assert controller is not None
    for login in ("controller", "maintainer"):
        assert secret in said(as_, login)
    controller.groups.remove(controller.groups.get(name="team:north-health/north-controllers"))
    page = said(as_)
    assert secret not in page
    assert "The Node Repo cannot be used as it is." in page


def test_of_very_many_the_oldest_are_shown_and_the_rest_is_counted(agreed: World, as_: Visit) -> None:
    for number in range(28):
        row = arrange.merged(agreed, f"held{number}")
        arrange.pages.lane(agreed, row, "held", reason="Not approved.")
    Lane.objects.filter(request__slug="2026-11-20-held27-a1b2").update(since=agreed.now - timedelta(days=3))
    page = said(as_)
    assert page.count("north holds it: Not approved.") == 25
    assert "2026-11-20-held27-a1b2" in page
    assert "3 more of this kind show once these are settled." in page


def test_projects_are_shown_page_by_page_and_one_page_speaks_for_itself_alone(
    agreed: World, as_: Visit
) -> None:
    assert "All agree" in said(as_, "maintainer")
    for number in range(12):
        Project.objects.create(
            name=f"study_{number:02}", code_repo=f"org/study-{number}", confirmed_at=agreed.now
        )
    for path in (PAGE, f"{PAGE}?page=2"):
        assert "All four agree" in said(as_, "maintainer", path)
        assert "All agree" not in said(as_, "maintainer", path)
    assert "study_11" not in said(as_, "maintainer")
    assert "study_11" in said(as_, "maintainer", f"{PAGE}?page=2")


@pytest.mark.parametrize("login", ["controller", "maintainer"])
def test_it_asks_the_database_no_more_often_for_many_rows(login: str, agreed: World, as_: Visit) -> None:
    arrange.disagree(agreed, "a")
    arrange.fail_deliveries(agreed)
    few = asked(as_, login)
    for tag in "bcd":
        arrange.disagree(agreed, tag)
        project = Project.objects.create(name=f"study_{tag}", code_repo=f"org/study-{tag}")
        row = Registration.objects.create(
            project=project, node=agreed.node, since="", code_location="x", publication="publication"
        )
        StoreReading.objects.create(registration=row, read_at=agreed.now)
    many = asked(as_, login)
    assert many <= few
    assert many <= 45


def test_it_is_found_from_home_status_and_the_projects_page_by_whom_it_is_for(
    agreed: World, as_: Visit
) -> None:
    for path in ("/", "/status", "/projects/heart_study/"):
        for login in ("controller", "maintainer"):
            assert 'href="/reconciliation/' in said(as_, login, path)
        assert "/reconciliation/" not in said(as_, "researcher", path)


def asked(as_: Visit, login: str) -> int:
    browser = as_(login)
    with CaptureQueriesContext(connection) as queries:
        assert browser.get(PAGE).status_code == 200
    return len(queries)
