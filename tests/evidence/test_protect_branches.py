"""`lockgate protect` leaves branches of Apps to those Apps, and merge commits as the only way to merge."""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from lockgate.errors import Conflict
from lockgate.evidence import GitHubClient
from lockgate.protection import MergeMethods, Wanted, apply, read_merge_methods, read_ruleset, wanted
from tests.evidence.github import ACTIONS_APP, NODE_APP, PORTAL_APP, REPOSITORY, TOKENS, GitHub
from tests.evidence.test_protect import TEAMS, run, unprotect
from tests.gate.repository import Repository

MAINTAINER = TOKENS["maintainer"]
RESULTS, DECISIONS = "results/2026-11-23-one-k3f9/north/0a1b2c3d", "lockgate/decisions"
NODES = ("--node-app-id", str(NODE_APP))


@pytest.fixture(autouse=True)
def _token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADMIN_TOKEN", MAINTAINER)


@pytest.fixture
def protected(github: GitHub) -> Iterator[GitHub]:
    assert run(github, *NODES) == 0
    yield github
    unprotect(github)


def branch(github: GitHub, name: str, token: str) -> bool:
    """Whether this token may make, and then remove, a branch of this name."""
    sha = github.repo("GET", "/git/ref/heads/main")["object"]["sha"]
    headers = {"Authorization": f"Bearer {token}"}
    refs = f"{github.url}/api/v3/repos/{REPOSITORY}/git/refs"
    made = httpx.post(refs, json={"ref": f"refs/heads/{name}", "sha": sha}, headers=headers)
    if made.status_code == 201:
        assert httpx.delete(f"{refs}/heads/{name}", headers=headers).status_code == 204
    return made.status_code == 201


def rulesets(github: GitHub) -> dict[str, Any]:
    listed = github.repo("GET", "/rulesets", MAINTAINER)
    return {one["name"]: github.repo("GET", f"/rulesets/{one['id']}", MAINTAINER) for one in listed}


@pytest.mark.parametrize(
    ("name", "may"),
    [(RESULTS, {"node"}), (DECISIONS, {"portal"}), ("request/one", {"node", "portal", *TOKENS})],
)
def test_each_branch_is_made_by_those_it_is_left_to(protected: GitHub, name: str, may: set[str]) -> None:
    apps = {"node": protected.app_token(NODE_APP), "portal": protected.app_token(PORTAL_APP)}
    assert {who for who, token in {**TOKENS, **apps}.items() if branch(protected, name, token)} == may


def test_not_even_an_administrator_pushes_results(protected: GitHub, work: Repository) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        protected.push(work, f"main:{RESULTS}", "maintainer")
    protected.push(work, "main:request/one", "researcher")


def test_the_node_pushes_its_results_as_its_collector_does(protected: GitHub, work: Repository) -> None:
    basic = base64.b64encode(f"x-access-token:{protected.app_token(NODE_APP)}".encode()).decode()
    header = f"http.extraHeader=Authorization: Basic {basic}"
    remote = f"{protected.url}/{REPOSITORY}.git"
    pushed = ["git", "-c", header, "push", "--quiet", remote, f"main:refs/heads/{RESULTS}"]
    subprocess.run(pushed, cwd=work.path, check=True, capture_output=True)


def test_merge_commits_are_the_only_way(protected: GitHub) -> None:
    found = read_merge_methods(protected.repo("GET", "", MAINTAINER))
    assert found == MergeMethods(merge_commits=True, squash=False, rebase=False)


def test_said_twice_it_changes_nothing_and_what_was_loosened_is_set_again(
    protected: GitHub, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(protected, *NODES) == 0
    assert "was protected already" in capsys.readouterr().out
    number = rulesets(protected)["Lockgate: results"]["id"]
    everybody = [{"actor_type": "RepositoryRole", "actor_id": 4, "bypass_mode": "always"}]
    protected.repo("PUT", f"/rulesets/{number}", MAINTAINER, bypass_actors=everybody)
    protected.repo("PATCH", "", MAINTAINER, allow_squash_merge=True)
    assert run(protected, *NODES) == 0
    assert "Set: Lockgate: results, merge commits only." in capsys.readouterr().out
    assert len(rulesets(protected)) == 2
    assert not branch(protected, RESULTS, TOKENS["researcher"])


def test_every_looser_ruleset_is_seen(protected: GitHub) -> None:
    kept = rulesets(protected)["Lockgate: results"]
    looser: list[dict[str, Any]] = [
        {"enforcement": "disabled"},
        {"rules": kept["rules"][1:]},
        {"conditions": {"ref_name": {"include": [], "exclude": []}}},
        {"conditions": {"ref_name": {**kept["conditions"]["ref_name"], "exclude": ["~ALL"]}}},
        {"bypass_actors": [*kept["bypass_actors"], {"actor_type": "Team", "actor_id": 1}]},
    ]
    strict = read_ruleset(kept)
    assert all(read_ruleset({**kept, **said}) != strict for said in looser)
    assert read_ruleset({**kept, "bypass_actors": None}).bypass is None


def test_without_a_nodes_app_results_stay_open_and_it_says_so(
    github: GitHub, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(github) == 0
    assert "give --node-app-id" in capsys.readouterr().out
    assert list(rulesets(github)) == ["Lockgate: decisions"]
    unprotect(github)


def test_a_node_repo_has_no_branches_of_apps(github: GitHub) -> None:
    assert run(github, "--node-repo") == 0
    assert rulesets(github) == {}
    unprotect(github)


def test_a_ruleset_of_an_app_that_is_not_there_is_refused_in_words(
    github: GitHub, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(github, "--node-app-id", "999") == 1
    assert "refused" in capsys.readouterr().err
    unprotect(github)


def test_a_ruleset_that_github_does_not_keep_is_not_called_done() -> None:
    asked = wanted(REPOSITORY, portal_app_id=PORTAL_APP, actions_app_id=ACTIONS_APP, teams=TEAMS)
    (decisions,) = asked.rulesets

    def forgetful(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/rulesets"):
            return httpx.Response(200, json={"id": 7} if request.method == "POST" else [])
        if request.url.path.endswith("/rulesets/7"):
            return httpx.Response(200, json={"name": decisions.name, "enforcement": "active"})
        return httpx.Response(200, json={"default_branch": "main", **protection})

    protection = _as_shown(asked)
    client = GitHubClient("http://github.example", str, transport=httpx.MockTransport(forgetful))
    with client, pytest.raises(Conflict, match="did not keep the ruleset"):
        apply(client, REPOSITORY, asked)


def _as_shown(asked: Wanted) -> dict[str, Any]:
    branch = asked.default_branch
    return {
        "required_status_checks": {"checks": [{"context": n, "app_id": a} for n, a in branch.checks]},
        "enforce_admins": {"enabled": True},
        "required_pull_request_reviews": {"dismiss_stale_reviews": True},
        "restrictions": {"teams": [{"slug": slug} for slug in branch.teams or ()]},
    }
