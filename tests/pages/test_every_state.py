"""Every page in every state holds at each width, light and dark: axe finds nothing, nothing sticks out.

`make screenshots` keeps a picture of each in `var/screenshots`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from governance.models import RemoteAct
from jobs.models import JobRequest
from lockgate.policy import to_json
from tests.browser import See, chromium_beside_rows, is_good, keep, needs_chromium, seeing
from tests.pages import world as arrange
from tests.pages.said import APPROVED, CHANGES, FAILED, WAITING
from tests.pages.world import SLUG, World
from tests.reconciliation import arrange as reconciliation

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), needs_chromium]
THREAD = f"/projects/heart_study/requests/{SLUG}/"
FORM = "/projects/heart_study/requests/new/incidence_by_region/"
LONG = "Incidence of first events by region, hospital and year, 2019 to 2024, adjusted for age and sex"
ASKING: dict[str, dict[str, Any]] = {
    "Checking": {"decision": None},
    "Checks failed": {"decision": FAILED},
    "Awaiting review": {"decision": WAITING},
    "Changes requested": {"decision": CHANGES},
    "Ready to merge": {"decision": APPROVED},
    "Closed": {"state": "closed"},
}
ON_A_NODE: dict[str, tuple[str, str]] = {
    "Held: merged without approval": ("held", "Merged without approval: lockgate/policy was not success."),
    "Waiting for node": ("waiting_for_node", "The code location is not loaded on north since 14:02."),
    "Waiting for results": ("waiting_for_results", "Results of 2026-11-20-earlier-a1b2 are not on main."),
    "Queued": ("queued", ""),
    "Running": ("running", ""),
    "Collecting": ("collecting", ""),
    "Run failed": ("run_failed", "Step fit_model failed: MemoryError. No output left the node."),
    "Cancelled": ("cancelled", ""),
    "Releasing": ("releasing", ""),
    "Release unfinished": ("release_unfinished", "Stopped while verifying. Tried again at 14:10 UTC."),
    "Released": ("released", ""),
    "Withdrawn": ("withdrawn", "Small counts."),
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium_beside_rows() as started:
        yield started


@pytest.fixture
def world(browser: Browser, live_server: Any) -> World:
    return arrange.build()


@pytest.fixture
def see(browser: Browser, live_server: Any, world: World) -> Iterator[See]:
    with seeing(browser, live_server.url, lambda login: world.people[login].user) as sees:
        yield sees


def test_pages_where_nothing_is_yet(see: See, world: World) -> None:
    is_good(see, "sign-in", None, "/accounts/login/", "Sign in with GitHub")
    is_good(see, "home-empty", "researcher", "/", "Nothing needs you")
    is_good(see, "home-without-a-project", "outsider", "/", "Access comes from GitHub teams")
    is_good(see, "requests-empty", "researcher", "/requests/", "There are no requests yet")
    is_good(see, "reviews-empty", "controller", "/reviews/", "Nothing awaits you")
    is_good(see, "project-empty", "researcher", "/projects/heart_study/", "heart_study")
    is_good(see, "not-found", "outsider", THREAD, "Not found, or not yours to see")


def test_pages_with_work_in_many_states(see: See, world: World) -> None:
    furnish(world)
    is_good(see, "home-of-a-researcher", "researcher", "/", "In progress")
    is_good(see, "home-of-a-controller", "controller", "/", "Needs you")
    is_good(see, "home-of-a-maintainer", "maintainer", "/", "Problems")
    is_good(see, "requests", "researcher", "/requests/", "Readmissions")
    is_good(see, "requests-filtered", "researcher", "/requests/?q=nothing", "No request")
    is_good(see, "reviews", "controller", "/reviews/", "Awaiting me")
    is_good(see, "reviews-all", "controller", "/reviews/?tab=all", "All open")
    is_good(see, "projects", "researcher", "/projects/", "heart_study")
    is_good(see, "project", "researcher", "/projects/heart_study/", "Incidence by region")
    is_good(see, "nodes", "maintainer", "/nodes/", "north")
    is_good(see, "node", "maintainer", "/nodes/north/", "Runs start late")
    is_good(see, "account", "researcher", "/account/", "researcher")
    is_good(see, "sign-out", "researcher", "/accounts/logout/", "Sign out?")
    is_good(see, "sign-in-cancelled", None, "/accounts/cancelled/", "You said no on GitHub")
    is_good(see, "sign-in-failed", None, "/accounts/error/", "did not confirm who you are")


def test_reconciliation_where_all_agree_and_where_nothing_does(see: See, world: World) -> None:
    reconciliation.agree(world)
    is_good(see, "reconciliation-agreed", "controller", "/reconciliation/", "All four agree")
    is_good(see, "reconciliation-agreed-for-all", "maintainer", "/reconciliation/", "Nothing failed")
    reconciliation.disagree(world)
    reconciliation.fail_deliveries(world)
    is_good(see, "reconciliation", "maintainer", "/reconciliation/", "Objects without a release")
    reconciliation.silence(world)
    is_good(see, "reconciliation-not-told", "controller", "/reconciliation/", "Dagster could not be told")


@pytest.mark.parametrize("label", ASKING)
def test_a_thread_before_its_merge(label: str, see: See, world: World) -> None:
    row = arrange.request(world, **ASKING[label])
    talk(world, row)
    is_good(see, f"thread-{named(label)}", "researcher", THREAD, label)


@pytest.mark.parametrize("label", ON_A_NODE)
def test_a_thread_on_its_node(label: str, see: See, world: World) -> None:
    row = arrange.request(world, title=LONG, state="merged", decision=APPROVED)
    state, reason = ON_A_NODE[label]
    made = arrange.lane(world, row, state, reason=reason)
    if label.startswith("Release") or label == "Withdrawn":
        made.result = arrange.result(world, row, state="merged", decision=APPROVED)
        made.save()
    is_good(see, f"thread-{named(label)}", "researcher", THREAD, label)


def test_a_thread_whose_outputs_are_in_review(see: See, world: World) -> None:
    row = arrange.request(world, state="merged", decision=APPROVED)
    arrange.lane(world, row, "in_review", result=arrange.result(world, row))
    is_good(see, "thread-outputs-in-review", "researcher", THREAD, "Outputs in review")


def test_a_thread_whose_merge_nobody_saw(see: See, world: World) -> None:
    row = arrange.request(world, decision=APPROVED)
    assert row.pull_request is not None
    act = arrange.unknown_merge(world, row.pull_request)
    is_good(see, "thread-outcome-unknown", "controller", THREAD, "Outcome unknown")
    RemoteAct.objects.filter(pk=act.pk).update(state="recorded")
    is_good(see, "thread-merging", "controller", THREAD, "Merging")


def test_the_review_of_a_request_and_each_act(see: See, world: World) -> None:
    row = arrange.request(world)
    talk(world, row)
    arrange.on_mirror(world, row)
    change = f"/projects/heart_study/changes/{row.pull_request.number}/"  # type: ignore[union-attr]
    is_good(see, "review", "controller", f"{THREAD}review/", "Decision")
    for act, shows in (
        ("approve", "You saw"),
        ("request-changes", "Request changes"),
        ("close", "Reject"),
    ):
        is_good(see, f"review-{act}", "controller", f"{change}{act}/", shows)
    is_good(see, "cancel", "researcher", f"{change}close/", "Cancel")
    change_row = row.pull_request
    assert change_row is not None
    change_row.decision, change_row.status = json.loads(to_json(APPROVED)), str(APPROVED.status)
    change_row.save()
    is_good(see, "review-ready", "controller", f"{THREAD}review/", "Merge and run on north")
    is_good(see, "review-merge", "controller", f"{change}merge/", "cannot be undone")


def test_a_request_form_from_its_choice_to_the_file(see: See, world: World) -> None:
    is_good(see, "choose-a-job", "researcher", "/projects/heart_study/requests/new/", "Incidence by region")
    is_good(see, "form", "researcher", FORM, "What leaves the node")
    page = see("researcher", FORM)
    page.get_by_role("button", name="Preview request").click()
    expect(page.get_by_role("alert")).to_be_focused()
    keep(page, "form-with-problems-1280-light")
    assert Axe().run(page).violations_count == 0
    fill_in(page)
    page.get_by_role("button", name="Preview request").click()
    expect(page.get_by_role("button", name="Send request")).to_be_visible()
    is_good(see, "form-preview", "researcher", urlsplit(page.url).path, "Send request")


def fill_in(page: Any) -> None:
    page.get_by_label("Title").fill(LONG)
    page.get_by_label("Purpose").fill("The first figure of the protocol.")
    page.get_by_label("From").fill("2019-01-01")
    page.get_by_label("To", exact=True).fill("2024-12-31")
    page.get_by_role("radio", name="region").check()
    page.get_by_label("Controls for incidence.csv").fill("counts under 10 suppressed")
    page.get_by_label("Controls for incidence.png").fill("drawn from the same counts")


def furnish(world: World) -> None:
    arrange.request(world)
    running = arrange.request(
        world, "2026-11-22-running-a1b2", "Readmissions", state="merged", decision=APPROVED
    )
    arrange.lane(world, running, "running")
    arrange.request(world, "2026-11-21-failing-c3d4", LONG, decision=FAILED)
    ready = arrange.request(world, "2026-11-20-ready-e5f6", "Survival after surgery", decision=APPROVED)
    talk(world, ready)
    released = arrange.request(
        world, "2026-11-19-done-g7h8", "Deaths by year", state="merged", decision=APPROVED
    )
    arrange.lane(world, released, "released", result=arrange.result(world, released, state="merged"))
    waiting = arrange.request(world, "2026-11-18-out-j9k0", "Admissions", state="merged", decision=APPROVED)
    arrange.lane(world, waiting, "in_review", result=arrange.result(world, waiting))
    arrange.service(world, "dagster", "late", "Runs start late.")
    arrange.service(world, "sensor", "down", "Sensor stopped: nothing starts. Merged requests wait.")


def talk(world: World, row: JobRequest) -> None:
    change = row.pull_request
    assert change is not None
    arrange.comment(
        world, change, "researcher", "The ethics board asked for the figure by Friday.\n\nThank you!"
    )
    arrange.review(world, change, "controller-2", "commented", "Why are there five age bands?")


def named(label: str) -> str:
    return label.partition(":")[0].lower().replace(" ", "-")
