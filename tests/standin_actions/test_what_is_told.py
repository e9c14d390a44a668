"""What Apps hear of reviewers, labels, statuses, suites and rulesets."""

from __future__ import annotations

from tests.standin.rules import govern
from tests.standin.seeded import HERE, NODE_APP, ORGANIZATION, PORTAL_APP
from tests.standin.world import World, commit, git
from tests.standin_actions.ears import Ear, listening
from tests.standin_actions.test_webhooks import subscribe
from tests.standin_actions.workflows import add_to_main


def may(world: World, app: int = PORTAL_APP, **permissions: str) -> None:
    row = world.app_row(app)
    world.site.store.update(row, permissions={**row.permissions, **permissions})


def test_what_was_edited_is_told_with_what_it_was(world: World, ear: Ear) -> None:
    pull, rest = world.pull("feature", {"a.txt": "a"}), world.person("researcher")
    world.site_ref("stable")
    subscribe(world, ear, events=["pull_request", "issue_comment", "label"])
    rest.pulls.update(*HERE, pull.number, title="Better", body="Why not")
    rest.pulls.update(*HERE, pull.number, base="stable")
    said = rest.issues.create_comment(*HERE, pull.number, body="Look").parsed_data
    rest.issues.update_comment(*HERE, said.id, body="Look again")
    rest.issues.create_label(*HERE, name="held", color="d73a4a")
    rest.issues.update_label(*HERE, "held", new_name="kept")
    ear.wait("label edited")
    assert [each.payload["changes"] for each in ear.heard if each.said.endswith(" edited")] == [
        {"title": {"from": "Propose feature"}, "body": {"from": "Why"}},
        {"base": {"ref": {"from": "main"}, "sha": {"from": pull.base.sha}}},
        {"body": {"from": "Look"}},
        {"name": {"from": "held"}},
    ]


def test_those_who_are_asked_are_told_one_by_one(world: World, ear: Ear) -> None:
    add_to_main(world, {"CODEOWNERS": f"* @{ORGANIZATION}/heart-controllers\n"})
    subscribe(world, ear, events=["pull_request"])
    pull = world.pull("feature", {"a.txt": "a"})
    asked = {"reviewers": ["controller"]}
    world.person("researcher").pulls.request_reviewers(*HERE, pull.number, data=asked)
    world.person("researcher").pulls.remove_requested_reviewers(*HERE, pull.number, data=asked)
    ear.wait("pull_request review_request_removed")
    assert ear.names() == [
        "pull_request opened",
        "pull_request review_requested",
        "pull_request review_requested",
        "pull_request review_request_removed",
    ]
    assert ear.heard[1].payload["requested_team"]["slug"] == "heart-controllers"
    assert ear.heard[2].payload["requested_reviewer"]["login"] == "controller"


def test_a_team_that_is_asked_is_named_whatever_is_told_of_the_proposal(world: World, ear: Ear) -> None:
    add_to_main(world, {"CODEOWNERS": f"* @{ORGANIZATION}/heart-controllers\n"})
    subscribe(world, ear, events=["pull_request", "pull_request_review"])
    pull = world.pull("feature", {"a.txt": "a"})
    rest = world.person("researcher")
    rest.issues.add_labels(*HERE, pull.number, data={"labels": ["held"]})
    rest.issues.remove_label(*HERE, pull.number, "held")
    clone = world.clone("researcher", "-b", "feature")
    commit(clone, {"b.txt": "b"})
    git(clone, "push", "-q", "origin", "feature")
    world.person("researcher-2").pulls.create_review(*HERE, pull.number, event="COMMENT", body="Seen")
    for change in ({"title": "Another"}, {"state": "closed"}, {"state": "open"}):
        rest.pulls.update(*HERE, pull.number, data=change)
    ear.wait("pull_request reopened")
    assert {"pull_request synchronize", "pull_request_review submitted"} <= set(ear.names())
    teams = [each.payload["pull_request"]["requested_teams"] for each in ear.heard]
    assert {team["slug"] for asked in teams for team in asked} == {"heart-controllers"}
    assert all(teams)


def test_labels_and_statuses_are_told(world: World, ear: Ear) -> None:
    pull = world.pull("feature", {"a.txt": "a"})
    may(world, statuses="read")
    subscribe(world, ear, events=["pull_request", "status", "label"])
    rest = world.person("controller")
    rest.issues.create_label(*HERE, data={"name": "held", "color": "d73a4a"})
    rest.issues.add_labels(*HERE, pull.number, data={"labels": ["held"]})
    rest.issues.remove_label(*HERE, pull.number, "held")
    rest.repos.create_commit_status(*HERE, pull.head.sha, data={"state": "success", "context": "ci"})
    told = ear.wait("status").payload
    assert ear.names()[:3] == ["label created", "pull_request labeled", "pull_request unlabeled"]
    assert ear.heard[1].payload["label"]["name"] == "held"
    assert (told["sha"], told["context"], told["branches"][0]["name"]) == (pull.head.sha, "ci", "feature")


def test_a_suite_is_told_when_the_last_of_its_checks_is_done(world: World, ear: Ear) -> None:
    sha = world.branch("feature", {"a.txt": "a"})
    subscribe(world, ear, events=["check_suite", "check_run"])
    waiting = world.check(sha, name="two", status="queued")
    world.check(sha, name="one", conclusion="failure")
    world.installation().checks.update(*HERE, waiting.id, data={"conclusion": "success"})
    told = ear.wait("check_suite completed").payload["check_suite"]
    assert ear.names().count("check_suite completed") == 1
    assert (told["status"], told["conclusion"], told["head_sha"]) == ("completed", "failure", sha)


def test_only_the_app_that_made_a_check_is_asked_to_make_it_again(world: World, ear: Ear) -> None:
    made = world.check(world.branch("feature", {"a.txt": "a"}))
    with listening() as other:
        subscribe(world, ear, events=["check_suite", "check_run"])
        may(world, NODE_APP, checks="read")
        subscribe(world, other, NODE_APP, events=["check_run", "check_suite"])
        rest = world.person("researcher").checks
        rest.rerequest_run(*HERE, made.id)
        rest.rerequest_suite(*HERE, made.check_suite.id)
        ear.wait("check_suite rerequested")
        assert ear.names() == ["check_run rerequested", "check_suite rerequested"]
        world.check(made.head_sha, name="last", status="queued")
        other.wait("check_run created")
        assert other.names() == ["check_run created"]


def test_each_change_of_a_protection_is_told_with_what_it_was(world: World, ear: Ear) -> None:
    subscribe(world, ear, events=["branch_protection_rule"])
    world.protect()
    world.protect(required_status_checks={"strict": False, "contexts": ["gate"]}, enforce_admins=False)
    world.person("maintainer").repos.delete_branch_protection(*HERE, "main")
    ear.wait("branch_protection_rule deleted")
    made, edited, gone = (each.payload for each in ear.heard)
    assert (made["action"], edited["action"], gone["action"]) == ("created", "edited", "deleted")
    assert made["rule"]["name"] == "main"
    assert made["rule"]["authorized_actor_names"] == ["heart-controllers", "maintainers"]
    assert edited["rule"]["required_status_checks"] == ["gate"]
    assert edited["changes"] == {
        "admin_enforced": {"from": True},
        "pull_request_reviews_enforcement_level": {"from": "everyone"},
        "required_status_checks": {"from": []},
        "required_status_checks_enforcement_level": {"from": "off"},
    }
    assert gone["rule"]["id"] == made["rule"]["id"]


def test_a_ruleset_and_a_stale_approval_are_told(world: World, ear: Ear) -> None:
    pull = world.pull("feature", {"a.txt": "a"})
    world.person("controller").pulls.create_review(*HERE, pull.number, event="APPROVE")
    subscribe(world, ear, events=["pull_request_review", "repository_ruleset"])
    world.protect(required_pull_request_reviews={"dismiss_stale_reviews": True})
    govern(world, "refs/heads/results/**/*")
    clone = world.clone("researcher", "-b", "feature")
    commit(clone, {"b.txt": "b"})
    git(clone, "push", "-q", "origin", "feature")
    told = ear.wait("pull_request_review dismissed").payload
    assert told["review"]["state"] == "dismissed"
    assert ear.heard[0].payload["repository_ruleset"]["name"] == "results"
