"""The check itself: each way in which a local GitHub could differ from GitHub is seen."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from lockgate.github import USER_AGENT
from standins.github.recording import FOLDER
from tests.conformance import allowed
from tests.conformance.allowed import allowance_for, allowances
from tests.conformance.check import Violation, violations
from tests.conformance.descriptions import operation_at
from tests.conformance.plugin import Conformance, NotAsGitHub, Records
from tests.conformance.prepare import VERSION
from tests.standin.world import FULL_NAME, first_commit, served

PULLS = "/repos/{owner}/{repo}/pulls"
PULL = f"{PULLS}/{{pull_number}}"


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """Two true exchanges: a pull request is opened and then looked at."""
    folder, records = tmp_path_factory.mktemp("check"), tmp_path_factory.mktemp("records")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(FOLDER, str(records))
        with served(folder) as world:
            first_commit(world)
            world.pull("proposal", {"new.txt": "new\n"})
            world.http("researcher").get(f"/api/v3/repos/{FULL_NAME}/pulls/1").raise_for_status()
    return {operation_at(each["method"], each["path"][7:]) or "": each for each in Records(records).new()}


def seen(record: Mapping[str, Any], **changes: Any) -> set[str]:
    return {violation.where for violation in violations({**record, **changes})}


def answered(record: Mapping[str, Any], **changes: Any) -> str:
    return json.dumps({**json.loads(record["answered"]), **changes})


def test_what_is_as_githubs_has_no_violation(said: Mapping[str, Any]) -> None:
    assert not seen(said[f"GET {PULL}"])
    assert not seen(said[f"POST {PULLS}"])


def test_a_field_that_is_missing_wrong_or_invented_is_seen(said: Mapping[str, Any]) -> None:
    get = said[f"GET {PULL}"]
    pull = json.loads(get["answered"])
    user = {name: value for name, value in pull["user"].items() if name != "id"}
    assert seen(get, answered=answered(get, user=user)) == {"answered.user"}
    assert seen(get, answered=answered(get, number="1")) == {"answered.number"}
    assert seen(get, answered=answered(get, created_at="yesterday")) == {"answered.created_at"}
    assert seen(get, answered=answered(get, approved=True)) == {"answered.approved"}


def test_the_newest_version_rules(said: Mapping[str, Any]) -> None:
    get = said[f"GET {PULL}"]
    gone = answered(get, merge_commit_sha=None, assignee=None)
    assert seen(get, answered=gone) == {"answered.merge_commit_sha", "answered.assignee"}


def test_a_method_path_status_or_kind_of_answer_that_is_not_described_is_seen(
    said: Mapping[str, Any],
) -> None:
    get = said[f"GET {PULL}"]
    assert seen(get, method="DELETE") == {"operation"}
    assert seen(get, path="/api/v3/repositories-of-mine") == {"operation"}
    assert "status" in seen(get, status=202)
    assert seen(get, answered="") == {"content"}
    assert seen(get, type="text/html; charset=utf-8") == {"content"}


def test_what_a_client_asks_wrongly_is_seen(said: Mapping[str, Any]) -> None:
    post = said[f"POST {PULLS}"]
    asked = json.loads(post["asked"])
    assert seen(post, asked=json.dumps({**asked, "draft": "no"})) == {"asked.draft"}
    assert seen(post, asked=json.dumps({"title": "T", "head": "h"})) == {"asked"}
    assert seen(post, asked="") == {"asked"}
    assert seen(said[f"GET {PULL}"], query="colour=red") == {"query.colour"}


def test_what_lockgate_asks_in_no_version_or_of_no_enterprise_server_is_seen(said: Mapping[str, Any]) -> None:
    get = {**said[f"GET {PULL}"], "agent": USER_AGENT, "version": VERSION}
    assert not seen(get)
    assert seen(get, version="") == {"version"}
    plans = {"path": "/api/v3/marketplace_listing/plans", "answered": "[]"}
    assert seen(get, **plans) == {"operation"}
    assert not seen(said[f"GET {PULL}"], **plans), "others may ask for it"


def test_a_webhook_that_github_would_not_send_is_seen() -> None:
    assert seen({"event": "push", "payload": json.dumps({"action": "done"})}) == {"operation"}
    assert seen({"event": "push", "payload": "{}"}) == {"payload"}


def test_a_document_that_github_would_not_understand_is_seen() -> None:
    assert not seen({"document": "{viewer {login}}"})
    assert seen({"document": "{viewer {nickname}}"}) == {"document"}


def test_whatever_breaks_inside_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A call that nobody foresaw, a field of GraphQL, a writer of webhooks: each answered or swallowed."""

    def breaks(*_: object) -> None:
        raise ZeroDivisionError

    records = tmp_path / "records"
    records.mkdir()
    monkeypatch.setenv(FOLDER, str(records))
    with served(tmp_path) as world:
        world.site.bus.subscribe("push", breaks)
        monkeypatch.setattr(world.site, "repository_once_named", breaks)
        first_commit(world)
        http, nobody = world.http("researcher"), '{repository(owner: "no", name: "body") {name}}'
        assert http.post("/api/graphql", json={"query": nobody}).json()["data"] == {"repository": None}
        assert http.get("/api/v3/repos/no/body").status_code == 500
    found = [violation for record in Records(records).new() for violation in violations(record)]
    told = {violation.key for violation in found if not allowance_for(violation)}
    assert told == {
        ("crash of a listener of push", "", "ZeroDivisionError"),
        ("crash of GET /api/v3/repos/no/body", "", "ZeroDivisionError"),
        ("crash of a GraphQL field, repository", "", "ZeroDivisionError"),
    }


def test_the_list_of_what_is_allowed_is_short_and_each_line_gives_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert 0 < len(allowances()) <= 15
    assert allowance_for(Violation("GET /app", "401", "status", ""))
    assert not allowance_for(Violation("GET /app", "402", "status", ""))
    for text in ("* | * | * |", "\n".join(["* | 4?? | status | why"] * 16)):
        monkeypatch.setattr(allowed, "FILE", tmp_path / "allowed.txt")
        allowed.FILE.write_text(text)
        with pytest.raises(ValueError, match="may hold 15 lines"):
            allowances.__wrapped__()


def test_the_first_test_in_which_a_violation_shows_fails(
    said: Mapping[str, Any], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    get = said[f"GET {PULL}"]
    wrong = json.dumps({**get, "answered": answered(get, approved=True)})
    (tmp_path / "1.jsonl").write_text(f"{json.dumps(get)}\n{wrong}\n{wrong[:10]}")
    conformance = Conformance(tmp_path)
    with pytest.raises(NotAsGitHub, match=r"GET /repos/.* 200 .*answered\.approved"):
        list(conformance.pytest_runtest_teardown(request.node))
    (tmp_path / "2.jsonl").write_text(f"{wrong}\n")
    assert list(conformance.pytest_runtest_teardown(request.node)) == [None]


@pytest.mark.parametrize(
    "asks_too_much", [pytest.param(True, marks=pytest.mark.asks_too_much), pytest.param(False)]
)
def test_only_a_test_that_says_so_may_ask_for_what_is_not_there(
    said: Mapping[str, Any], tmp_path: Path, request: pytest.FixtureRequest, asks_too_much: bool
) -> None:
    refusal = json.dumps({"message": "Not implemented here", "status": "501"})
    absent = {**said[f"GET {PULL}"], "path": "/api/v3/gists", "status": 501, "answered": refusal}
    (tmp_path / "1.jsonl").write_text(f"{json.dumps(absent)}\n")
    ends = Conformance(tmp_path).pytest_runtest_teardown(request.node)
    if asks_too_much:
        assert list(ends) == [None]
    else:
        with pytest.raises(NotAsGitHub, match="GET /gists  501  status"):
            list(ends)
