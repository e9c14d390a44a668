"""Apps hear what happened where they are installed: signed, in order, once."""

from __future__ import annotations

import time

from githubkit.webhooks import verify

from standins.github.store import App, Delivery
from tests.standin.world import (
    NODE_APP,
    ORGANIZATION,
    PORTAL_APP,
    REPOSITORY,
    World,
    commit,
    git,
)
from tests.standin_actions.ears import EVENTS, SECRET, Ear
from tests.standin_actions.workflows import wait_for


def subscribe(world: World, ear: Ear, app: int = PORTAL_APP, events: list[str] = EVENTS) -> None:
    store = world.site.store
    store.update(store.get(App, app), webhook_url=ear.url, webhook_secret=SECRET, events=events)


def test_a_delivery_is_signed_and_named_as_github_does(world: World, ear: Ear) -> None:
    subscribe(world, ear)

    pull = world.pull("feature", {"a.txt": "a"})

    told = ear.wait("pull_request opened")
    assert verify(SECRET, told.body, told.headers["x-hub-signature-256"])
    assert not verify("another secret", told.body, told.headers["x-hub-signature-256"])
    assert told.headers["user-agent"].startswith("GitHub-Hookshot/")
    assert told.headers["x-github-hook-installation-target-id"] == str(PORTAL_APP)
    assert len(told.headers["x-github-delivery"]) == 36
    body = told.payload
    assert (body["number"], body["pull_request"]["head"]["sha"]) == (pull.number, pull.head.sha)
    assert (body["sender"]["id"], body["organization"]["login"]) == (1001, ORGANIZATION)
    assert body["installation"]["id"] > 0


def test_the_life_of_a_pull_request_is_told_in_order(world: World, ear: Ear) -> None:
    pull = world.pull("life", {"a.txt": "a"})
    subscribe(world, ear, events=["pull_request", "pull_request_review", "issue_comment"])
    mine, theirs = world.person("researcher"), world.person("controller")
    place = (ORGANIZATION, REPOSITORY, pull.number)

    mine.pulls.update(*place, title="Better")
    clone = world.clone("researcher", "-b", "life")
    head = commit(clone, {"b.txt": "b"})
    git(clone, "push", "-q", "origin", "life")
    mine.issues.create_comment(*place, body="Please look")
    theirs.pulls.create_review(*place, commit_id=head, event="APPROVE", body="Good")
    mine.pulls.update(*place, state="closed")
    mine.pulls.update(*place, state="open")
    theirs.pulls.merge(*place, sha=head)

    last = ear.wait("pull_request closed", 2)
    assert ear.names() == [
        "pull_request edited",
        "pull_request synchronize",
        "issue_comment created",
        "pull_request_review submitted",
        "pull_request closed",
        "pull_request reopened",
        "pull_request closed",
    ]
    assert ear.heard[1].payload["before"] == pull.head.sha
    assert ear.heard[1].payload["after"] == head
    assert ear.heard[3].payload["review"]["state"] == "approved"
    assert last.payload["pull_request"]["merged"] is True
    assert last.payload["pull_request"]["merge_commit_sha"] == git(
        world.clone("maintainer"), "rev-parse", "HEAD"
    )


def test_a_push_lists_its_commits_and_their_files(world: World, ear: Ear) -> None:
    subscribe(world, ear)

    head = world.branch("feature", {"new.txt": "n", "README.md": "changed"})

    body = ear.wait("push").payload
    assert (body["ref"], body["after"], body["created"], body["forced"]) == (
        "refs/heads/feature",
        head,
        True,
        False,
    )
    (told,) = body["commits"]
    assert (told["id"], told["added"], told["modified"]) == (head, ["new.txt"], ["README.md"])
    assert body["pusher"]["name"] == "researcher"


def test_checks_are_told_when_created_and_when_completed(world: World, ear: Ear) -> None:
    sha = world.branch("feature", {"a.txt": "a"})
    subscribe(world, ear)
    checks = world.installation().checks

    made = checks.create(ORGANIZATION, REPOSITORY, name="lockgate/policy", head_sha=sha, status="in_progress")
    checks.update(ORGANIZATION, REPOSITORY, made.parsed_data.id, status="completed", conclusion="success")

    told = ear.wait("check_run completed").payload["check_run"]
    assert ear.names() == ["check_run created", "check_run completed"]
    assert (told["name"], told["conclusion"], told["app"]["id"]) == ("lockgate/policy", "success", PORTAL_APP)


def test_changes_of_a_team_are_told_to_apps_of_the_organisation(world: World, ear: Ear) -> None:
    subscribe(world, ear)
    teams = world.person("maintainer").teams

    teams.add_or_update_membership_for_user_in_org(ORGANIZATION, "heart-controllers", "researcher")
    teams.remove_membership_for_user_in_org(ORGANIZATION, "heart-controllers", "researcher")

    told = ear.wait("membership removed").payload
    assert ear.names()[-2:] == ["membership added", "membership removed"]
    assert (told["member"]["id"], told["team"]["slug"], told["scope"]) == (1001, "heart-controllers", "team")


def test_an_app_hears_only_what_it_subscribed_to_where_it_is_installed(world: World, ear: Ear) -> None:
    subscribe(world, ear, NODE_APP, events=["pull_request"])
    elsewhere = world.site.repository_named(ORGANIZATION, "elsewhere")
    assert elsewhere is not None

    first = world.folder / "first"
    git(first, "push", "-q", world.remote("ghp_test-only-maintainer", f"{ORGANIZATION}/elsewhere"), "main")
    world.pull("feature", {"a.txt": "a"})

    ear.wait("pull_request opened")
    assert ear.names() == ["pull_request opened"]


def test_a_delivery_that_fails_is_not_repeated_by_itself_but_can_be_asked_for(world: World, ear: Ear) -> None:
    subscribe(world, ear, events=["pull_request"])
    ear.status = 500
    world.pull("first", {"a.txt": "a"})
    failed = ear.wait("pull_request opened")
    ear.status = 202
    world.pull("second", {"b.txt": "b"})
    ear.wait("pull_request opened", 2)
    assert len(ear.heard) == 2

    app = world.app().apps
    (row,) = [one for one in app.list_webhook_deliveries().parsed_data if one.status_code == 500]
    app.redeliver_webhook_delivery(row.id)

    again = ear.wait("pull_request opened", 3)
    assert again.headers["x-github-delivery"] == failed.headers["x-github-delivery"]
    assert again.body == failed.body


def test_a_receiver_that_is_away_costs_the_sender_nothing(world: World, ear: Ear) -> None:
    ear.url = "http://127.0.0.1:9/nobody"
    subscribe(world, ear, events=["pull_request"])
    began = time.monotonic()

    world.pull("feature", {"a.txt": "a"})

    assert time.monotonic() - began < 8
    wait_for(lambda: world.site.store.first(Delivery, state="failed"), "the failed delivery")
