"""Acts pressed on the pages, against a local GitHub; what moved in between is said."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client

from governance.models import PullRequest, RemoteAct
from jobs.models import Draft, JobRequest
from standins.github.faults.switches import CallEffect
from tests.governance.conftest import world
from tests.governance.trouble import breaks, inside
from tests.governance.world import World

__all__ = ["world"]  # fixtures: a local GitHub and the portal beside it
pytestmark = pytest.mark.django_db(transaction=True)
FORM = "/projects/heart_study/requests/new/survival/"
TYPED: dict[str, Any] = {
    "title": "Survival by age",
    "purpose": "It answers the project's first question.",
    "parameters.start": "1967-01-01",
    "parameters.by": "age",
    "parameters.bins": "4",
    "outputs": ["counts.csv"],
    "controls.counts.csv": "counts under 10 suppressed",
    "nodes": ["north"],
}


def browser(world: World, login: str) -> Client:
    client = Client()
    user = world.person(login).user
    assert user is not None
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def text_of(page: Any) -> str:
    return unescape(page.content.decode())


def send(world: World) -> Any:
    """Send a request through its form; the page that this leads to."""
    researcher = browser(world, "researcher")
    preview = researcher.post(FORM, TYPED).headers["Location"]
    shown = re.search(
        r'<textarea name="file"[^>]*>\n?(.*?)</textarea>', text_of(researcher.get(preview)), re.DOTALL
    )
    assert shown
    return researcher.post(preview.replace("preview", "send"), {"file": shown[1]}, follow=True)


def sent(world: World) -> PullRequest:
    """A request, sent through its form, with green checks."""
    answer = send(world)
    assert "Sent as pull request #" in text_of(answer)
    row = JobRequest.objects.get()
    assert row.pull_request is not None
    world.checks_pass(row.pull_request)
    world.pass_again()
    return world.pull_request(row.pull_request.number)


def act(world: World, login: str, pull: PullRequest, name: str, **form: str) -> Any:
    """Press on the page of an act, for the head that `pull` had."""
    path = f"/projects/heart_study/changes/{pull.number}/{name}/"
    return browser(world, login).post(path, {"head": pull.head_sha} | form, follow=True)


def test_a_request_sent_through_the_form_is_the_file_that_was_shown(world: World) -> None:
    pull = sent(world)
    row = JobRequest.objects.get()
    assert row.parameters == {"start": "1967-01-01", "by": "age", "bins": 4}
    assert Draft.objects.get().request == row.slug
    assert pull.author.login == "researcher"


def test_a_request_sent_twice_is_sent_once(world: World) -> None:
    sent(world)
    draft = Draft.objects.get()
    again = browser(world, "researcher").post(f"/drafts/{draft.pk}/send/", {"file": "x"})
    assert again.headers["Location"] == f"/projects/heart_study/requests/{draft.request}/"
    assert PullRequest.objects.filter(kind="job_request").count() == 1


def test_a_request_that_github_cannot_tell_of_yet_leads_to_no_page_that_is_missing(world: World) -> None:
    breaks(world, CallEffect.FAIL_BEFORE, "POST", "/api/graphql", body="reviews(first", times=None)
    page = send(world)
    assert page.status_code == 200
    assert "Sent. It shows here once GitHub answers." in text_of(page)
    draft = Draft.objects.get()
    assert browser(world, "researcher").get(f"/drafts/{draft.pk}/", follow=True).status_code == 200
    inside(world).faults.take_back()
    world.pass_again()
    thread = browser(world, "researcher").get(f"/drafts/{draft.pk}/", follow=True)
    assert thread.redirect_chain == [(f"/projects/heart_study/requests/{draft.request}/", 302)]


def test_a_controller_approves_then_merges_and_the_page_says_so(world: World) -> None:
    pull = sent(world)
    page = act(world, "controller", pull, "approve", body="Fine with me.")
    assert f"Approved {pull.head_sha[:7]}. Nothing else awaits you." in text_of(page)
    page = act(world, "controller", pull, "merge")
    assert f"Merged {pull.head_sha[:7]}." in text_of(page)
    twice = act(world, "controller-2", pull, "merge")
    assert "Nothing was done twice" in text_of(twice)
    assert RemoteAct.objects.filter(kind="merge").count() == 1


def test_of_a_check_that_was_posted_again_the_newest_shows(world: World) -> None:
    """Here the policy's: in progress first, and posted again with every reading that changed it."""
    pull = sent(world)
    assert len(world.policy_checks(pull.head_sha)) > 1
    act(world, "controller", pull, "approve")
    page = text_of(browser(world, "controller").get(f"/projects/heart_study/requests/{pull.request}/review/"))
    shown = re.findall(
        r"lockgate/policy (\w+)", page.partition("<h2>Checks</h2>")[2].partition("</section>")[0]
    )
    assert shown == ["passed"]


def test_the_requester_is_shown_why_not_instead_of_a_button(world: World) -> None:
    pull = sent(world)
    review = f"/projects/heart_study/requests/{pull.request}/review/"
    assert browser(world, "researcher").get(review).status_code == 404
    page = text_of(browser(world, "controller").get(review))
    assert f"/projects/heart_study/changes/{pull.number}/approve/" in page
    assert f"/projects/heart_study/changes/{pull.number}/merge/" not in page


def test_a_head_that_moved_between_page_and_press_is_refused_with_what_changed(world: World) -> None:
    pull = sent(world)
    row = JobRequest.objects.get()
    world.push(pull.head_ref, {"README.md": "More.\n"}, login="researcher")
    page = act(world, "controller", pull, "approve")
    assert page.status_code == 409
    moved = world.pull_request(pull.number)
    assert moved.head_sha != pull.head_sha
    assert f"The request moved from {pull.head_sha[:7]} to {moved.head_sha[:7]}." in text_of(page)
    assert row.slug


def test_changes_are_requested_with_a_reason_or_not_at_all(world: World) -> None:
    pull = sent(world)
    empty = act(world, "controller", pull, "request-changes", body=" ")
    assert empty.status_code == 422
    assert "Say what has to change." in text_of(empty)
    page = act(world, "controller", pull, "request-changes", body="Please start in 1970.")
    assert "Changes requested at" in text_of(page)
    thread = text_of(browser(world, "researcher").get(f"/projects/heart_study/requests/{pull.request}/"))
    assert "Please start in 1970." in thread
    assert "Changes requested" in thread


def test_a_comment_stands_on_the_thread_and_on_github(world: World) -> None:
    pull = sent(world)
    path = f"/projects/heart_study/requests/{pull.request}/comment/"
    page = browser(world, "researcher").post(path, {"body": "Is there anything missing?"}, follow=True)
    assert "Is there anything missing?" in text_of(page)
    said = world.api("GET", f"/repos/{pull.repository}/issues/{pull.number}/comments", as_="maintainer")
    assert [one["body"] for one in said] == ["Is there anything missing?"]


@pytest.mark.parametrize(("login", "said"), [("researcher", "Cancelled"), ("controller", "Rejected")])
def test_a_request_is_cancelled_by_its_requester_and_rejected_by_a_controller(
    login: str, said: str, world: World
) -> None:
    pull = sent(world)
    page = text_of(act(world, login, pull, "close"))
    assert f"{said}." in page
    assert f"<title>{said}: Survival by age" in re.sub(r"<title>\s+", "<title>", page)
