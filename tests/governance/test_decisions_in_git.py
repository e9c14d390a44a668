"""Every merge leaves the decision as it was made, with its facts, on `lockgate/decisions`: once, for good."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from governance import actions
from governance.decisions import shown
from governance.github.errors import OutcomeUnknown
from governance.github.writer import AppWriter
from governance.mirrors import mirror
from governance.models import AuditEvent, DecisionRecord, PullRequest, Team, Work
from governance.verdicts import look
from governance.work import run_due
from lockgate import gate
from lockgate.cli import main
from lockgate.errors import Conflict
from standins.github.faults.switches import CallEffect
from tests.governance.seed import PORTAL_APP
from tests.governance.test_deciding import approved, opened
from tests.governance.trouble import breaks
from tests.governance.world import CODE_REPO, World, a_request, request_file
from tests.standin.world import git

pytestmark = pytest.mark.django_db
BRANCH = "lockgate/decisions"


def merged(world: World) -> PullRequest:
    """A request that was approved and merged in the portal; its record is still to be written."""
    pull = approved(world)
    return actions.merge(pull_request=pull, head=pull.head_sha, by=world.person("controller")).pull_request


def merged_past(world: World, number: int) -> PullRequest:
    """Merged by a maintainer on GitHub, where nothing protects main any more."""
    world.api("DELETE", f"/repos/{CODE_REPO}/branches/main/protection", as_="maintainer")
    world.api("PUT", f"/repos/{CODE_REPO}/pulls/{number}/merge", as_="maintainer", body={})
    world.pass_again()
    return world.pull_request(number)


def on_github(world: World) -> Path:
    """A fresh clone of the branch of decisions, checked out."""
    clone = world.clone(CODE_REPO, "researcher")
    git(clone, "checkout", "-q", BRANCH)
    return clone


def record_of(clone: Path, number: int) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((clone / f"decisions/{number}.json").read_bytes())
    return found


def verified(clone: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    capsys.readouterr()
    return main(["verify-decisions", str(clone)]), capsys.readouterr().out


def test_a_merge_in_the_portal_is_recorded_with_the_decision_it_was_made_on(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    pull = merged(world)
    world.catch_up()
    clone = on_github(world)
    said = record_of(clone, pull.number)
    assert said["decision"] == pull.decision
    assert (said["head"], said["merge_base"], said["base_ref"]) == (pull.head_sha, pull.merge_base, "main")
    assert (said["merge"]["commit"], said["merge"]["by"], said["merge"]["in_portal"]) == (
        pull.merge_sha,
        1003,
        True,
    )
    assert [(vote["account"], vote["state"]) for vote in said["votes"]] == [(1003, "approved")]
    assert said["policy_blob"] == git(clone, "rev-parse", "origin/main^1:governance.yaml").strip()
    assert verified(clone, capsys) == (0, f"decisions/{pull.number}.json: ok (approved)\n")


def test_the_branch_has_a_history_of_its_own_and_each_write_is_an_audit_row_of_the_portal(
    world: World,
) -> None:
    pull = merged(world)
    world.catch_up()
    world.pass_again()
    told = AuditEvent.objects.get(action="decision.recorded")
    assert (told.login, told.account_id) == ("lockgate", None)
    assert (told.details["head"], told.details["status"]) == (pull.head_sha, "approved")
    clone = on_github(world)
    assert git(clone, "ls-tree", "-r", "--name-only", "HEAD").split() == ["README.md", "decisions/1.json"]
    assert set(git(clone, "log", "--format=%an").split()) == {"Lockgate"}
    assert len(git(clone, "rev-list", "--max-parents=0", "HEAD").split()) == 1
    assert told.details["commit"] == git(clone, "rev-parse", "HEAD").strip()


def test_a_record_holds_no_more_of_people_than_accounts_and_logins(world: World) -> None:
    pull = opened(world)
    actions.comment(pull_request=pull, body="Said in a comment.", by=world.person("researcher"))
    actions.approve(
        pull_request=pull, head=pull.head_sha, by=world.person("controller"), body="Said in a review."
    )
    actions.merge(pull_request=pull, head=pull.head_sha, by=world.person("controller"))
    world.catch_up()
    text = (on_github(world) / f"decisions/{pull.number}.json").read_text()
    assert '"controller"' in text
    for private in ("Said in", pull.title, "Controller", "@example.org", a_request().purpose):
        assert private not in text


def nobody_tells_who_is_in_the_teams(world: World) -> None:
    """What is known of them is too old, and GitHub does not answer who is in them now."""
    Team.objects.update(confirmed_at=None)
    breaks(world, CallEffect.FAIL_BEFORE, "POST", "/api/graphql", body="organization(login", times=None)


def test_what_is_decided_while_a_merge_is_pressed_is_not_what_it_was_made_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the press and GitHub's answer, which is lost, another process cannot read the teams."""
    pull = approved(world)
    press = actions._merge

    def slowly(fresh: PullRequest, head: str, by: Any) -> str:
        nobody_tells_who_is_in_the_teams(world)
        assert look(world.project, fresh.number).status == "unreadable"
        return press(fresh, head, by)

    monkeypatch.setattr(actions, "_merge", slowly)
    world.api("DELETE", f"/repos/{CODE_REPO}/branches/main/protection", as_="maintainer")
    world.line.lose_answer("PUT /merge")
    with pytest.raises(OutcomeUnknown):
        actions.merge(pull_request=pull, head=pull.head_sha, by=world.person("controller"))
    assert look(world.project, pull.number).status == "approved"
    said = json.loads(DecisionRecord.objects.get().text)
    assert (said["status"], said["merge"]["in_portal"]) == ("approved", True)


def test_a_merge_is_not_pressed_on_what_is_decided_otherwise_meanwhile(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    pull = approved(world)
    before = actions.why_not_merge

    def late(person: Any, fresh: PullRequest) -> str | None:
        said = before(person, fresh)
        nobody_tells_who_is_in_the_teams(world)
        look(world.project, fresh.number)
        return said

    monkeypatch.setattr(actions, "why_not_merge", late)
    with pytest.raises(Conflict, match="changed meanwhile"):
        actions.merge(pull_request=pull, head=pull.head_sha, by=world.person("controller"))
    assert world.pull_request(pull.number).state == "open"


def test_a_merge_past_the_portal_is_recorded_with_the_last_word_and_said_to_be_past_it(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    pull = merged_past(world, opened(world).number)
    said = record_of(on_github(world), pull.number)
    assert (said["status"], said["merge"]["in_portal"], said["merge"]["by"]) == ("waiting", False, 1005)
    assert said["decision"] == pull.decision
    assert verified(on_github(world), capsys)[0] == 0
    told = shown(pull)
    assert told is not None
    assert told.says == "Merged past Lockgate, whose last word was: waiting."


def test_nothing_is_decided_after_the_merge_where_nothing_was_decided_before(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    request = a_request()
    world.push(f"request/{request.id}", request_file(request), login="researcher")
    body = {"title": "Quick", "head": f"request/{request.id}", "base": "main"}
    number = world.api("POST", f"/repos/{CODE_REPO}/pulls", as_="researcher", body=body)["number"]
    pull = merged_past(world, number)
    said = record_of(on_github(world), number)
    assert (said["status"], said["decision"], said["facts"], said["votes"]) == ("unknown", None, None, [])
    assert (pull.decision, pull.status) == (None, "")
    assert verified(on_github(world), capsys)[1].endswith(": ok (no decision was made)\n")


def test_a_decision_on_another_head_is_none_on_the_one_that_merged(world: World) -> None:
    pull = approved(world)
    file = request_file(a_request(title="Another"))
    world.push(pull.head_ref, file, login="researcher")
    merged_past(world, pull.number)
    assert record_of(on_github(world), pull.number)["status"] == "unknown"


def test_several_records_go_in_one_commit(world: World) -> None:
    first = merged(world)
    other = a_request(id="2026-11-23-another-one-k3fa")
    world.push("request/other", request_file(other), login="researcher")
    body = {"title": "Another", "head": "request/other", "base": "main"}
    number = world.api("POST", f"/repos/{CODE_REPO}/pulls", as_="researcher", body=body)["number"]
    world.checks_pass(look(world.project, number))
    pull = world.pull_request(number)
    controller = world.person("controller")
    actions.approve(pull_request=pull, head=pull.head_sha, by=controller)
    actions.merge(pull_request=pull, head=pull.head_sha, by=controller)
    world.catch_up()
    subjects = git(on_github(world), "log", "--format=%s").strip().split("\n")
    assert subjects == [f"Record the decision on #{first.number}, #{number}", "Begin the decisions"]


LOST = [("answer", "POST /git/refs"), ("answer", "POST /api/graphql"), ("request", "POST /api/graphql")]


@pytest.mark.parametrize(("lost", "call"), LOST)
def test_a_write_that_broke_off_anywhere_is_finished_once(world: World, lost: str, call: str) -> None:
    pull = merged(world)
    Work.objects.exclude(kind="record_decisions").delete()
    getattr(world.line, f"lose_{lost}")(call)
    run_due(seconds=20)
    row = DecisionRecord.objects.get()
    assert (row.state, Work.objects.get(kind="record_decisions").attempts) == ("pending", 1)
    told = shown(world.pull_request(pull.number))
    assert told is not None
    assert row.problem
    assert row.problem in told.says
    world.pass_again()
    row.refresh_from_db()
    assert (row.state, row.problem) == ("written", "")
    clone = on_github(world)
    assert (clone / f"decisions/{pull.number}.json").read_text() == row.text
    assert git(clone, "log", "--format=%s").strip().split("\n") == [
        f"Record the decision on #{pull.number}",
        "Begin the decisions",
    ]
    assert AuditEvent.objects.filter(action="decision.recorded").count() == 1


def test_what_stands_there_otherwise_is_a_problem_and_is_never_overwritten(world: World) -> None:
    world.push("lockgate/decisions", {"decisions/1.json": "{}"}, login="maintainer")
    pull = merged(world)
    world.catch_up()
    assert (on_github(world) / "decisions/1.json").read_text() == "{}"
    assert DecisionRecord.objects.get().state == "differs"
    assert AuditEvent.objects.filter(action="decision.differs").count() == 1
    told = shown(world.pull_request(pull.number))
    assert told is not None
    assert "another record" in told.says
    world.pass_again()
    assert AuditEvent.objects.filter(action="decision.differs").count() == 1


def test_a_branch_that_moved_in_between_is_looked_at_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    merged(world)
    commit_files = AppWriter.commit_files

    def late(self: AppWriter, *args: Any) -> str:
        monkeypatch.undo()
        world.push("lockgate/decisions", {"decisions/99.json": "{}"}, login="maintainer", start=BRANCH)
        return commit_files(self, *args)

    monkeypatch.setattr(AppWriter, "commit_files", late)
    world.catch_up()
    assert DecisionRecord.objects.get().state == "pending"
    world.pass_again()
    assert DecisionRecord.objects.get().state == "written"
    names = git(on_github(world), "ls-tree", "-r", "--name-only", "HEAD").split()
    assert names == ["README.md", "decisions/1.json", "decisions/99.json"]


def test_the_branch_of_decisions_is_no_request_and_not_the_default_branch(world: World) -> None:
    """It shares no history with main: GitHub opens no pull request, and the gate would refuse it."""
    pull = merged(world)
    world.catch_up()
    body = {"title": "Odd", "head": BRANCH, "base": "main"}
    with pytest.raises(AssertionError, match="no history in common"):
        world.api("POST", f"/repos/{CODE_REPO}/pulls", as_="researcher", body=body)
    world.pass_again()
    assert (world.project.default_branch, world.project.main_sha) == ("main", pull.merge_sha)
    here = mirror(CODE_REPO)
    here.fetch(world.installation_token(PORTAL_APP))
    verdict = gate.check(
        here.path,
        base=pull.merge_sha,
        head=str(here.tip(BRANCH)),
        base_ref="main",
        default_branch="main",
        author=1001,
        node_accounts={},
    )
    assert "no common history" in str(verdict.problems)
