"""Branch protection: the same at a merge, at a push and through the API, for administrators too."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from tests.standin.seeded import ACTIONS_APP, HERE, NODE_APP, PORTAL_APP
from tests.standin.world import World, commit, git, refused

POLICY = {"strict": False, "contexts": [], "checks": [{"context": "lockgate/policy", "app_id": PORTAL_APP}]}


@pytest.fixture
def protected(world: World) -> World:
    world.protect(required_status_checks=POLICY)
    return world


def test_protection_reads_back_as_it_was_set(protected: World) -> None:
    found = protected.person("maintainer").repos.get_branch_protection(*HERE, "main").parsed_data
    (check,) = found.required_status_checks.checks
    assert (check.context, check.app_id) == ("lockgate/policy", PORTAL_APP)
    assert found.required_status_checks.strict is False
    assert found.enforce_admins.enabled
    assert not found.allow_force_pushes.enabled
    assert [team.slug for team in found.restrictions.teams] == ["heart-controllers", "maintainers"]
    assert found.required_pull_request_reviews.required_approving_review_count == 0


def test_a_branch_says_whether_it_is_protected(protected: World) -> None:
    rest = protected.person("researcher").repos
    found = rest.get_branch(*HERE, "main").parsed_data
    assert (found.protected, found.protection.required_status_checks.contexts) == (True, ["lockgate/policy"])
    assert [one.protected for one in rest.list_branches(*HERE).parsed_data] == [True]


def test_a_merge_waits_for_the_required_check(protected: World) -> None:
    pull = protected.pull("change", {"new.txt": "fresh\n"})
    rest = protected.person("controller").pulls
    assert rest.get(*HERE, pull.number).parsed_data.mergeable_state == "blocked"
    answer = refused(lambda: rest.merge(*HERE, pull.number, sha=pull.head.sha))
    assert answer.status_code == 405
    assert 'Required status check "lockgate/policy" is expected.' in answer.json()["message"]
    protected.check(pull.head.sha)
    assert rest.get(*HERE, pull.number).parsed_data.mergeable_state == "clean"
    assert rest.merge(*HERE, pull.number, sha=pull.head.sha).parsed_data.merged


@pytest.mark.parametrize(
    "said", [{"status": "in_progress"}, {"conclusion": "failure"}, {"conclusion": "cancelled"}]
)
def test_a_check_that_has_not_passed_does_not_let_a_merge_through(
    protected: World, said: dict[str, Any]
) -> None:
    pull = protected.pull("change", {"new.txt": "fresh\n"})
    protected.check(pull.head.sha, **said)
    assert refused(lambda: protected.person("controller").pulls.merge(*HERE, pull.number)).status_code == 405


def test_the_newest_word_of_the_app_counts(protected: World) -> None:
    pull = protected.pull("change", {"new.txt": "fresh\n"})
    protected.check(pull.head.sha)
    protected.check(pull.head.sha, conclusion="failure")
    assert refused(lambda: protected.person("controller").pulls.merge(*HERE, pull.number)).status_code == 405


def test_a_check_pinned_to_an_app_counts_from_no_other_app(protected: World) -> None:
    pull = protected.pull("change", {"new.txt": "fresh\n"})
    protected.site.store.update(protected.app_row(NODE_APP), permissions={"checks": "write"})
    protected.check(pull.head.sha, app=NODE_APP)
    assert refused(lambda: protected.person("controller").pulls.merge(*HERE, pull.number)).status_code == 405


def test_a_check_of_an_older_head_does_not_count(protected: World) -> None:
    pull = protected.pull("change", {"new.txt": "fresh\n"})
    protected.check(pull.head.sha)
    clone = protected.clone("researcher")
    git(clone, "checkout", "-q", "change")
    commit(clone, {"new.txt": "another\n"})
    git(clone, "push", "-q", "origin", "change")
    assert refused(lambda: protected.person("controller").pulls.merge(*HERE, pull.number)).status_code == 405


def test_only_those_whom_the_restriction_names_may_merge(protected: World) -> None:
    pull = protected.pull("change", {"new.txt": "fresh\n"})
    protected.check(pull.head.sha)
    answer = refused(lambda: protected.person("researcher-2").pulls.merge(*HERE, pull.number))
    assert answer.status_code == 405
    assert "not authorized" in answer.json()["message"]
    assert refused(lambda: protected.installation().pulls.merge(*HERE, pull.number)).status_code == 405
    assert protected.person("controller-2").pulls.merge(*HERE, pull.number).parsed_data.merged


def test_an_app_may_merge_where_the_restriction_names_it(world: World) -> None:
    world.protect(restrictions={"users": [], "teams": [], "apps": ["lockgate"]})
    pull = world.pull("change", {"new.txt": "fresh\n"})
    assert refused(lambda: world.person("controller").pulls.merge(*HERE, pull.number)).status_code == 405
    assert world.installation().pulls.merge(*HERE, pull.number).parsed_data.merged


@pytest.mark.parametrize("login", ["researcher", "controller", "maintainer"])
def test_nobody_pushes_past_a_required_pull_request(protected: World, login: str) -> None:
    clone = protected.clone(login)
    before = git(clone, "rev-parse", "HEAD")
    commit(clone, {"new.txt": "fresh\n"})
    said = git(clone, "push", "origin", "main", fails=True)
    assert "GH006: Protected branch update failed for refs/heads/main." in said
    assert "Changes must be made through a pull request." in said
    assert git(clone, "ls-remote", "origin", "refs/heads/main").split()[0] == before
    assert protected.activity_of("main")[0].after == before


def test_a_refused_push_refuses_its_other_branches_too(protected: World) -> None:
    clone = protected.clone("controller")
    commit(clone, {"new.txt": "fresh\n"})
    git(clone, "push", "origin", "main", "main:other", fails=True)
    assert git(clone, "ls-remote", "origin", "refs/heads/other") == ""


def test_nobody_moves_a_protected_branch_by_the_refs_api(protected: World) -> None:
    clone = protected.clone("researcher")
    git(clone, "checkout", "-q", "-b", "change")
    sha = commit(clone, {"new.txt": "fresh\n"})
    git(clone, "push", "-q", "origin", "change")
    rest = protected.person("maintainer").git
    answer = refused(lambda: rest.update_ref(*HERE, "heads/main", sha=sha))
    assert (answer.status_code, "through a pull request" in answer.json()["message"]) == (422, True)
    assert (
        refused(lambda: protected.installation().git.update_ref(*HERE, "heads/main", sha=sha)).status_code
        == 422
    )


def test_nobody_writes_a_file_to_a_protected_branch_by_the_contents_api(protected: World) -> None:
    content = base64.b64encode(b"fresh\n").decode()
    for rest in (protected.person("maintainer"), protected.installation()):
        answer = refused(
            lambda rest=rest: rest.repos.create_or_update_file_contents(
                *HERE, "new.txt", message="Add", content=content
            )
        )
        assert answer.status_code == 409
    assert not (protected.clone("controller") / "new.txt").exists()


def test_nobody_force_pushes_or_deletes_a_protected_branch(world: World) -> None:
    world.protect(required_pull_request_reviews=None, restrictions=None)
    world.push_to_main({"second.txt": "second\n"})
    clone = world.clone("maintainer")
    git(clone, "reset", "-q", "--hard", "HEAD^")
    commit(clone, {"other.txt": "other\n"})
    assert "Cannot force-push" in git(clone, "push", "--force", "origin", "main", fails=True)
    assert "Cannot delete" in git(clone, "push", "origin", ":main", fails=True)
    rest = world.person("maintainer").git
    tip = git(clone, "rev-parse", "HEAD^")
    assert refused(lambda: rest.update_ref(*HERE, "heads/main", sha=tip, force=True)).status_code == 422
    assert refused(lambda: rest.delete_ref(*HERE, "heads/main")).status_code == 422


def test_without_a_required_pull_request_a_push_needs_the_checks_and_the_right(world: World) -> None:
    world.protect(required_pull_request_reviews=None, required_status_checks=POLICY)
    sha = world.branch("change", {"new.txt": "fresh\n"}, login="controller")
    clone = world.clone("controller")
    push = ("push", "origin", "origin/change:refs/heads/main")
    assert 'check "lockgate/policy" is expected' in git(clone, *push, fails=True)
    world.check(sha)
    assert "not authorized" in git(world.clone("researcher"), *push, fails=True)
    git(clone, *push)


def test_administrators_pass_where_protection_leaves_them_out(world: World) -> None:
    world.protect(enforce_admins=False, required_status_checks=POLICY)
    assert world.push_to_main({"new.txt": "fresh\n"}, login="maintainer")
    clone = world.clone("controller")
    commit(clone, {"more.txt": "more\n"})
    git(clone, "push", "origin", "main", fails=True)


def test_required_approvals_are_those_of_writers_and_end_with_the_head(world: World) -> None:
    world.protect(
        required_pull_request_reviews={"required_approving_review_count": 1, "dismiss_stale_reviews": True}
    )
    pull = world.pull("change", {"new.txt": "fresh\n"})
    world.reader("outsider")
    rest = world.person("controller").pulls
    world.person("outsider").pulls.create_review(*HERE, pull.number, event="APPROVE")
    assert refused(lambda: rest.merge(*HERE, pull.number)).status_code == 405
    rest.create_review(*HERE, pull.number, event="APPROVE")
    clone = world.clone("researcher")
    git(clone, "checkout", "-q", "change")
    commit(clone, {"new.txt": "another\n"})
    git(clone, "push", "-q", "origin", "change")
    assert "approving review is required" in refused(lambda: rest.merge(*HERE, pull.number)).json()["message"]
    rest.create_review(*HERE, pull.number, event="APPROVE")
    assert rest.merge(*HERE, pull.number).parsed_data.merged


def test_a_request_for_changes_by_a_writer_blocks_until_they_approve(world: World) -> None:
    world.protect()
    pull = world.pull("change", {"new.txt": "fresh\n"})
    rest = world.person("controller").pulls
    rest.create_review(*HERE, pull.number, event="REQUEST_CHANGES", body="Not so")
    assert refused(lambda: rest.merge(*HERE, pull.number)).status_code == 405
    rest.create_review(*HERE, pull.number, event="APPROVE")
    assert rest.merge(*HERE, pull.number).parsed_data.merged


def test_checks_of_actions_can_be_required_beside_those_of_the_portal(world: World) -> None:
    both = [{"context": "gate", "app_id": ACTIONS_APP}, *POLICY["checks"]]
    world.protect(required_status_checks={"strict": False, "contexts": [], "checks": both})
    pull = world.pull("change", {"new.txt": "fresh\n"})
    world.check(pull.head.sha)
    world.check(pull.head.sha, name="gate")
    message = refused(lambda: world.person("controller").pulls.merge(*HERE, pull.number)).json()["message"]
    assert message == 'Required status check "gate" is expected.'


def test_only_administrators_see_and_set_protection(world: World) -> None:
    for login in ("researcher", "controller"):
        rest = world.person(login).repos
        assert refused(lambda rest=rest: rest.get_branch_protection(*HERE, "main")).status_code == 403
    world.protect()
    rest = world.person("maintainer").repos
    assert rest.delete_branch_protection(*HERE, "main").status_code == 204
    assert refused(lambda: rest.get_branch_protection(*HERE, "main")).status_code == 404


def test_the_portals_app_reads_protection_and_does_not_set_it(protected: World) -> None:
    rest = protected.installation().repos
    assert rest.get_branch_protection(*HERE, "main").parsed_data.enforce_admins.enabled
    assert refused(lambda: rest.delete_branch_protection(*HERE, "main")).status_code == 403


@pytest.mark.asks_too_much
@pytest.mark.parametrize(
    "settings",
    [{"required_linear_history": True}, {"required_status_checks": {"strict": True, "contexts": []}}],
)
def test_what_is_not_implemented_is_refused_aloud(world: World, settings: dict[str, Any]) -> None:
    assert refused(lambda: world.protect(**settings)).status_code == 501
    rest = world.person("maintainer").repos
    assert refused(lambda: rest.get_branch_protection(*HERE, "main")).status_code == 404
