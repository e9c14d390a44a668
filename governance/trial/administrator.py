"""What `lockgate protect` does with an administrator's token, by its own functions; on names of the trial."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from governance.trial.calls import Calls
from lockgate.evidence import GitHubClient
from lockgate.protection import MergeMethods, allow_merges, keep_ruleset, protect_branch, read_merge_methods
from lockgate.protection import wanted as protection_wanted
from lockgate.protection.rulesets import apps_alone

ADMINISTERS = "an administrator's token, with administration: write"
REPO = "/repos/{owner}/{repo}"
PROTECTION = f"{REPO}/branches/{{branch}}/protection"
RULESETS = f"{REPO}/rulesets"
MAY_PUSH = frozenset({"push", "maintain", "admin"})
NO_TEAM = "No team may push here. Give one write access (only an organization has teams), then try again."


def act(calls: Calls, *, app_id: int, node_app_id: int | None) -> None:
    """Protect a branch, rule others, set the ways of merging; each goes on where another fails."""
    shown = calls.need(f"GET {REPO}", "the default branch, and which ways of merging are allowed")
    with calls.trial.group("administrator"):
        _protect(calls, app_id)
    _rule(calls, app_id, node_app_id or app_id)
    _merge(calls, read_merge_methods(shown))


def _protect(calls: Calls, app_id: int) -> None:
    """A new branch, as the default branch of a Code Repo is protected. Raises Stopped."""
    put, why = f"GET and PUT {PROTECTION}", "checks pinned to their Apps, and pushes by teams alone"
    branch = calls.scratch.name("protected")
    actions = calls.need(
        "GET /apps/{slug}", "the App that Actions' checks are pinned to", slug="github-actions"
    )
    teams = _teams(calls.need(f"GET {REPO}/teams", "a team to restrict it to", needs=ADMINISTERS))
    if not teams:
        calls.trial.skip(put, why, NO_TEAM)
        return
    asked = protection_wanted(
        calls.scratch.repo, portal_app_id=app_id, actions_app_id=int(actions["id"]), teams=teams[:1]
    )
    ref = {"ref": f"refs/heads/{branch}", "sha": calls.scratch.head}
    calls.need(f"POST {REPO}/git/refs", "a branch for this trial", body=ref, needs=ADMINISTERS)
    calls.undo_later(f"DELETE {REPO}/git/refs/{{ref}}", ref=f"heads/{branch}")
    calls.undo_later(f"DELETE {PROTECTION}", branch=branch)
    do = _by_lockgate(
        calls, lambda client: protect_branch(client, calls.scratch.repo, branch, asked.default_branch)
    )
    calls.trial.try_(put, why, do, needs=ADMINISTERS)


def _teams(listed: list[dict[str, Any]]) -> list[str]:
    return [str(each["slug"]) for each in listed if each["permission"] in MAY_PUSH]


def _rule(calls: Calls, app_id: int, node_app_id: int) -> None:
    """One ruleset, first as for `lockgate/decisions`, then changed to what is asked for `results/`."""
    trial, repo = calls.trial, calls.scratch.repo
    name, branch = f"Lockgate tries its calls: {calls.scratch.mark}", calls.scratch.name("ruled")
    alone = apps_alone(name, branch, frozenset({app_id}))
    below = apps_alone(name, f"{branch}/**/*", frozenset({node_app_id}))
    trial.undo_later(f"DELETE {RULESETS}/{{id}}", partial(_remove_ruleset, calls, name))
    made = trial.try_(
        f"GET and POST {RULESETS}, GET {RULESETS}/{{id}}",
        "a branch that only the portal's App may write",
        _by_lockgate(calls, lambda client: keep_ruleset(client, repo, alone)),
        needs=ADMINISTERS,
    )
    if made:
        trial.try_(
            f"PUT {RULESETS}/{{id}}",
            "branches that only nodes' Apps may write",
            _by_lockgate(calls, lambda client: keep_ruleset(client, repo, below)),
            needs=ADMINISTERS,
        )


def _remove_ruleset(calls: Calls, name: str) -> bool:
    """By its name, for GitHub may have made it and not said so."""
    at = f"/repos/{calls.scratch.repo}/rulesets"
    listed = calls.connection.pages(at, token=calls.token, params={"includes_parents": "false"})
    numbers = [each["id"] for each in listed if each["name"] == name]
    for number in numbers:
        calls.connection.call("DELETE", f"{at}/{number}", token=calls.token)
    return bool(numbers)


def _merge(calls: Calls, before: MergeMethods) -> None:
    """Merge commits only; squashing too where that is so already, else there would be nothing to change."""
    repo, asked = calls.scratch.repo, MergeMethods(squash=before == MergeMethods())
    calls.trial.undo_later(
        f"PATCH {REPO}", _by_lockgate(calls, lambda client: allow_merges(client, repo, before))
    )
    calls.trial.try_(
        f"PATCH {REPO}",
        "merge commits only",
        _by_lockgate(calls, lambda client: allow_merges(client, repo, asked)),
        needs=ADMINISTERS,
    )


def _by_lockgate(calls: Calls, do: Callable[[GitHubClient], bool]) -> Callable[[], bool]:
    """With a client as `lockgate protect` has one; whether anything changed."""

    def call() -> bool:
        with GitHubClient(calls.connection.github_url, lambda: calls.token) as client:
            return do(client)

    return call
