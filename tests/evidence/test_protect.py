"""`lockgate protect` against a GitHub that enforces it: what is asked for is what then stands in the way."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from typing import Any

import httpx
import pytest

from lockgate.cli import main
from lockgate.errors import Conflict, Invalid
from lockgate.evidence import GitHubClient
from lockgate.protection import Protection, apply, read_protection, wanted
from tests.evidence.github import ACTIONS_APP, PORTAL_APP, REPOSITORY, TOKENS, GitHub
from tests.gate.repository import Repository

PATH = "/branches/main/protection"
TEAMS = ["heart-controllers", "north-health/maintainers"]
WANTED = wanted(REPOSITORY, portal_app_id=PORTAL_APP, actions_app_id=ACTIONS_APP, teams=TEAMS)
BRANCH = WANTED.default_branch


def unprotect(github: GitHub) -> None:
    github.repo("DELETE", PATH, TOKENS["maintainer"])
    for one in github.repo("GET", "/rulesets", TOKENS["maintainer"]):
        github.repo("DELETE", f"/rulesets/{one['id']}", TOKENS["maintainer"])


@pytest.fixture
def github(github: GitHub) -> Any:
    yield github
    unprotect(github)


@pytest.fixture(autouse=True)
def _token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADMIN_TOKEN", TOKENS["maintainer"])
    monkeypatch.delenv("LOCKGATE_APP_ID", raising=False)


def command(github: GitHub, *more: str) -> list[str]:
    return ["protect", REPOSITORY, "--github", github.url, "--token-env", "ADMIN_TOKEN", *more]


def run(github: GitHub, *more: str) -> int:
    return main(command(github, "--app-id", str(PORTAL_APP), "--teams", *TEAMS, *more))


def test_the_branch_is_protected_as_designed(github: GitHub, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(github) == 0
    assert "main is protected now" in capsys.readouterr().out
    present = read_protection(github.repo("GET", PATH, TOKENS["maintainer"]))
    assert present == Protection(
        checks=frozenset({("lockgate/policy", PORTAL_APP), ("gate", ACTIONS_APP), ("ci", ACTIONS_APP)}),
        teams=frozenset({"heart-controllers", "maintainers"}),
        others=frozenset(),
        strict=False,
        administrators_included=True,
        pull_request_required=True,
        reviews_counted=0,
        stale_dismissed=True,
        bypassed=False,
        linear_history=False,
        force_pushes=False,
        deletions=False,
    )


def test_said_twice_it_changes_nothing(github: GitHub, capsys: pytest.CaptureFixture[str]) -> None:
    run(github)
    capsys.readouterr()
    assert run(github) == 0
    assert "main was protected already" in capsys.readouterr().out


def test_a_protection_that_was_loosened_is_set_again(github: GitHub) -> None:
    run(github)
    loose = {
        "required_status_checks": None,
        "enforce_admins": False,
        "required_pull_request_reviews": None,
        "restrictions": None,
        "allow_force_pushes": True,
    }
    github.repo("PUT", PATH, TOKENS["maintainer"], **loose)
    with GitHubClient(github.url, lambda: TOKENS["maintainer"]) as client:
        assert apply(client, REPOSITORY, WANTED).parts == ("main",)
        assert apply(client, REPOSITORY, WANTED).parts == ()


def test_not_even_an_administrator_pushes_past_it(github: GitHub, work: Repository) -> None:
    run(github)
    work.commit({"past.txt": b"x"}, branch="main")
    with pytest.raises(subprocess.CalledProcessError):
        github.push(work, "main:main", "maintainer")
    with pytest.raises(subprocess.CalledProcessError):
        github.push(work, ":main", "maintainer")


def test_a_node_repo_requires_the_policy_alone(github: GitHub) -> None:
    assert run(github, "--node-repo") == 0
    present = read_protection(github.repo("GET", PATH, TOKENS["maintainer"]))
    assert present.checks == {("lockgate/policy", PORTAL_APP)}


def test_teams_may_be_listed_with_commas_and_the_app_by_environment(
    github: GitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOCKGATE_APP_ID", str(PORTAL_APP))
    assert main(command(github, "--teams", ",".join(TEAMS))) == 0
    assert read_protection(github.repo("GET", PATH, TOKENS["maintainer"])) == BRANCH


REFUSED = [
    (["--teams", "other-organisation/team", "--app-id", "3001"], "not a team of north-health"),
    (["--teams", "maintainers"], "--app-id"),
    (["--teams", "no-such-team", "--app-id", "3001"], "refused"),
]


@pytest.mark.parametrize(("options", "said"), REFUSED)
def test_what_cannot_be_set_is_refused_in_words(
    options: list[str], said: str, started_github: GitHub, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command(started_github, *options)) == 1
    assert said in capsys.readouterr().err


def test_a_person_who_is_no_administrator_is_refused_and_the_token_not_shown(
    started_github: GitHub, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ADMIN_TOKEN", TOKENS["researcher"])
    assert run(started_github) == 1
    assert TOKENS["researcher"] not in capsys.readouterr().err


def test_without_a_token_nothing_is_tried(monkeypatch: pytest.MonkeyPatch, started_github: GitHub) -> None:
    monkeypatch.delenv("ADMIN_TOKEN")
    assert run(started_github) == 1


def test_a_github_that_is_down_could_not_be_told() -> None:
    options = ["--token-env", "ADMIN_TOKEN", "--app-id", "3001", "--teams", "a"]
    assert main(["protect", REPOSITORY, "--github", "http://127.0.0.1:9", *options]) == 2


def test_a_protection_that_github_does_not_keep_is_not_called_done() -> None:
    def forgetful(request: httpx.Request) -> httpx.Response:
        if request.method == "GET" and request.url.path.endswith("protection"):
            return httpx.Response(404, json={"message": "Branch not protected"})
        return httpx.Response(200, json={"default_branch": "main"})

    client = GitHubClient("http://github.example", str, transport=httpx.MockTransport(forgetful))
    with client, pytest.raises(Conflict, match="did not keep"):
        apply(client, REPOSITORY, WANTED)


REVIEWS = {"required_approving_review_count": 0, "dismiss_stale_reviews": True}
PASSING = {"apps": [{"slug": "x"}]}


@pytest.mark.parametrize(
    ("said", "differs"),
    [
        ({"enforce_admins": {"enabled": False}}, {"administrators_included": False}),
        ({"allow_force_pushes": {"enabled": True}}, {"force_pushes": True}),
        ({"allow_deletions": {"enabled": True}}, {"deletions": True}),
        ({"required_linear_history": {"enabled": True}}, {"linear_history": True}),
        (
            {"required_pull_request_reviews": None},
            {"pull_request_required": False, "stale_dismissed": False},
        ),
        ({"required_pull_request_reviews": {}}, {"stale_dismissed": False}),
        ({"restrictions": None}, {"teams": None}),
        (
            {"restrictions": {"users": [{"login": "outsider"}], "teams": [], "apps": []}},
            {"teams": frozenset(), "others": frozenset({"outsider"})},
        ),
        (
            {"required_pull_request_reviews": {**REVIEWS, "bypass_pull_request_allowances": PASSING}},
            {"bypassed": True},
        ),
    ],
)
def test_every_looser_setting_is_seen(said: dict[str, Any], differs: dict[str, Any]) -> None:
    checks = [{"context": name, "app_id": app} for name, app in BRANCH.checks]
    kept = {
        "required_status_checks": {"strict": False, "checks": checks},
        "enforce_admins": {"enabled": True},
        "required_pull_request_reviews": REVIEWS,
        "restrictions": {"users": [], "teams": [{"slug": slug} for slug in BRANCH.teams or ()], "apps": []},
    }
    assert read_protection(json.loads(json.dumps(kept))) == BRANCH
    assert read_protection({**kept, **said}) == replace(BRANCH, **differs)


def test_a_repository_is_named_with_its_owner() -> None:
    for name in ("heart", "a/b/c", "../x", "a/b?c"):
        with pytest.raises(Invalid):
            wanted(name, portal_app_id=1, actions_app_id=2, teams=[])
