"""Repairs: each asks the worker for one safe thing, says so, is an audit row, and is open to few."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from governance.models import (
    AuditEvent,
    DecisionRecord,
    FailedDelivery,
    OutboundMessage,
    Outgoing,
    Project,
    PullRequest,
    RemoteAct,
    Work,
)
from jobs.models import Lane, Run
from portal.reconciliation.findings import WORDS, Repair, Weight
from publications.models import Publication, StoreObject
from tests.pages.conftest import Visit
from tests.pages.world import World
from tests.reconciliation import arrange

PAGE, REPAIR = "/reconciliation/", "/reconciliation/repair/"
Target = Callable[[], object]


@pytest.fixture
def troubled(world: World) -> World:
    arrange.agree(world)
    arrange.disagree(world)
    arrange.fail_deliveries(world)
    return world


def press(browser: Client, repair: str, target: object, project: str = "heart_study") -> tuple[int, str]:
    """The status of the answer, and the receipt on the page to which it leads."""
    said = {"project": project, "repair": repair, "target": str(target)}
    answer = browser.post(REPAIR, said, follow=True)
    text = " ".join(answer.content.decode().split())
    return answer.status_code, text.partition('role="status"')[2].partition("</main>")[0][:600]


def number(**of: object) -> int:
    return PullRequest.objects.filter(**of).earliest("number").number


def pending() -> int:
    return DecisionRecord.objects.get(state="pending").number


ASKED: list[tuple[Repair, Target, Callable[[object], tuple[str, str]], str]] = [
    (
        Repair.READ_PULL,
        lambda: number(state="open"),
        lambda target: ("look", f"project:heart_study:{target}"),
        "is read again now.",
    ),
    (
        Repair.READ_PROJECT,
        lambda: "heart_study",
        lambda _: ("glance", "project:heart_study"),
        "heart_study is read",
    ),
    (
        Repair.READ_NODE,
        lambda: "north",
        lambda _: ("read_node_repo", "north-health/north-node"),
        "The Node Repo of north is read again now.",
    ),
    (
        Repair.READ_TEAM,
        lambda: "north-health/north-controllers",
        lambda target: ("read_team", str(target)),
        "is read again now.",
    ),
    (Repair.LIST_STORE, lambda: "north", lambda _: ("list_store", "heart_study:north"), "is listed again"),
    (Repair.WRITE_RECORD, pending, lambda _: ("record_decisions", "heart_study"), "is written again now."),
    (
        Repair.POST_CHECK,
        lambda: number(state="open"),
        lambda _: ("outbox", "north-health"),
        "is posted again in its turn.",
    ),
    (
        Repair.LOOK_UP,
        lambda: RemoteAct.objects.get().pk,
        lambda target: ("settle_act", str(target)),
        "What became of it is looked up now.",
    ),
    (
        Repair.TRY_AGAIN,
        lambda: Work.objects.get(kind="look").pk,
        lambda _: ("look", "project:heart_study:901x"),
        "is tried again now.",
    ),
    (
        Repair.SEND_AGAIN,
        lambda: Outgoing.objects.get().pk,
        lambda _: ("outbox", "north-health"),
        "It is sent again in its turn.",
    ),
]


@pytest.mark.parametrize(("repair", "target", "asks", "receipt"), ASKED)
def test_a_repair_asks_the_worker_once_however_often_it_is_pressed(
    repair: Repair,
    target: Target,
    asks: Callable[[object], tuple[str, str]],
    receipt: str,
    troubled: World,
    as_: Visit,
) -> None:
    about = target()
    kind, subject = asks(about)
    before = unsafe()
    for _ in range(2):
        status, page = press(as_("controller"), repair, about)
        assert (status, receipt in page) == (200, True), page
    work = Work.objects.get(kind=kind, subject=subject)
    assert work.due_at <= timezone.now()
    event = AuditEvent.objects.filter(action=f"repair.{repair.replace('-', '_')}").latest("number")
    assert (event.login, event.project, event.subject) == ("controller", "heart_study", str(about))
    assert unsafe() == before


def unsafe() -> list[object]:
    """What no repair may change."""
    rows = [PullRequest, Publication, StoreObject, DecisionRecord, Lane, Run]
    return [list(each.objects.order_by("pk").values()) for each in rows]


def test_every_repair_of_the_page_is_tried_here() -> None:
    assert {repair for repair, *_ in ASKED} | {Repair.LOOK} == set(Repair)
    assert {words.repair for words in WORDS.values() if words.repair} == set(Repair)


def test_a_node_is_asked_to_look_again(troubled: World, as_: Visit) -> None:
    assert "north is asked to look again." in press(as_("controller"), "look", "north")[1]
    message = OutboundMessage.objects.get()
    assert (message.kind, message.recipient) == ("look", "node.north")


def test_a_wish_for_a_check_is_written_by_the_worker_alone(troubled: World, as_: Visit) -> None:
    press(as_("controller"), "post-check", number(state="open"))
    wish = Outgoing.objects.exclude(attempts=6).get()
    assert wish.kind == "post_check"
    assert wish.target["place"] == "project:heart_study"
    assert not RemoteAct.objects.filter(kind="post_check").exists()


@pytest.mark.parametrize(
    ("repair", "target"),
    [
        ("read-pull", "4711"),
        ("read-pull", "no number"),
        ("read-project", "other_study"),
        ("read-node", "south"),
        ("read-team", "org/strangers"),
        ("look", "south"),
        ("list-store", ""),
        ("write-record", "1"),  # its record is written
        ("look-up", "5a0b5a4e-58b5-4f5c-9d7e-3f1f53a2f001"),
        ("look-up", "no id"),
        ("try-again", "99999999"),
        ("send-again", "99999999"),
    ],
)
def test_where_there_is_nothing_left_to_repair_it_says_so(
    repair: str, target: str, troubled: World, as_: Visit
) -> None:
    asked, told = Work.objects.count(), AuditEvent.objects.count()
    answer = as_("controller").post(REPAIR, {"project": "heart_study", "repair": repair, "target": target})
    assert answer.status_code == 409
    assert b"There is nothing left to repair here." in answer.content
    assert (Work.objects.count(), AuditEvent.objects.count()) == (asked, told)


def test_no_check_is_posted_on_a_head_that_was_merged(troubled: World, as_: Visit) -> None:
    merged = number(state="merged")
    said = {"project": "heart_study", "repair": "post-check", "target": str(merged)}
    assert as_("controller").post(REPAIR, said).status_code == 409


def test_the_work_and_acts_of_another_project_are_not_reached(troubled: World, as_: Visit) -> None:
    other = Project.objects.create(name="other_study", code_repo="org/other-study")
    RemoteAct.objects.update(project=other)
    Work.objects.filter(kind="look").update(subject="project:other_study:1")
    Outgoing.objects.update(key="org/other-study:1:lockgate/policy")
    for repair, row in (("look-up", RemoteAct), ("try-again", Work), ("send-again", Outgoing)):
        about = row.objects.earliest("pk").pk  # type: ignore[attr-defined]
        said = {"project": "heart_study", "repair": repair, "target": str(about)}
        assert as_("controller").post(REPAIR, said).status_code == 409


@pytest.mark.parametrize("login", ["researcher", "outsider"])
def test_nobody_else_may_press(login: str, troubled: World, as_: Visit) -> None:
    said = {"project": "heart_study", "repair": "look", "target": "north"}
    assert as_(login).post(REPAIR, said).status_code == 404
    assert not OutboundMessage.objects.exists()


def test_who_is_asked_anew_with_every_press(troubled: World, as_: Visit) -> None:
    browser = as_("controller")
    assert press(browser, "look", "north")[0] == 200
    troubled.people["controller"].user.groups.clear()  # type: ignore[union-attr]
    assert press(browser, "look", "north")[0] == 404
    assert OutboundMessage.objects.count() == 1


def test_a_controller_does_not_repair_what_is_not_theirs(troubled: World, as_: Visit) -> None:
    Project.objects.create(name="other_study", code_repo="org/other-study")
    for project, repair, target in (
        ("other_study", "read-project", "other_study"),
        ("heart_study", "merge", "1"),
        ("", "redeliver", str(FailedDelivery.objects.earliest("pk").pk)),
        ("", "try-again", str(Work.objects.get(kind="teams").pk)),
    ):
        assert press(as_("controller"), repair, target, project)[0] == 404
    assert press(as_("maintainer"), "read-project", "other_study", "other_study")[0] == 200


def test_a_press_from_another_site_is_refused(troubled: World) -> None:
    user = troubled.people["controller"].user
    assert user is not None
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    said = {"project": "heart_study", "repair": "look", "target": "north"}
    assert browser.post(REPAIR, said).status_code == 403
    assert not OutboundMessage.objects.exists()


def test_an_administrator_repairs_what_belongs_to_no_project(troubled: World, as_: Visit) -> None:
    delivery, work = FailedDelivery.objects.earliest("pk"), Work.objects.get(kind="teams")
    assert "is asked to deliver" in press(as_("maintainer"), "redeliver", delivery.pk, "")[1]
    assert Work.objects.filter(kind="redeliver", subject=str(delivery.pk)).exists()
    assert "is tried again now." in press(as_("maintainer"), "try-again", work.pk, "")[1]
    FailedDelivery.objects.all().delete()
    assert press(as_("maintainer"), "redeliver", delivery.pk, "")[0] == 409


def test_the_page_has_a_button_where_repair_is_safe_and_a_reason_where_it_is_not(
    troubled: World, as_: Visit
) -> None:
    page = as_("controller").get(PAGE).content.decode()
    arrange.silence(troubled)
    page += as_("controller").get(PAGE).content.decode()
    for words in WORDS.values():
        part = page.partition(f"<h3>{words.title}</h3>")[2].partition("</tbody>")[0]
        assert ('name="repair"' in part) == (words.repair is not None)
        assert ("Not repaired from here" in part) == (words.repair is None)
    assert any(words.weight is Weight.BREACH and not words.repair for words in WORDS.values())
