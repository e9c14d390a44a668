"""Whatever Lockgate can ask of GitHub is tried: the portal's adapters by name, all others on the wire."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from allauth.socialaccount import app_settings

import governance
from governance.github.port import Actor, Reader, Writer
from governance.github.posture import PostureReader
from governance.trial import node as trial_of_node
from lockgate import protection
from lockgate.evidence import GitHubClient, GitHubReader
from lockgate.node.github import NodeApp
from lockgate.node.sensor_files import READ_ONLY
from lockgate.policy import POLICY_CHECK
from lockgate.protection import ACTIONS_APP_ID, apply, wanted
from tests import portal_environment as environment
from tests.governance.seed import NODE_APP, PERSONAL, PORTAL_APP
from tests.governance.world import World
from tests.trial.arrange import SCRATCH, check, listen, named

pytestmark = pytest.mark.django_db
NOT_CALLS = {"default_branch", "app"}  # of a call that another method tries
NO_CALLS = {"close", "forget_tokens"}


class Used:
    """Whatever it stands for, and which of its methods were used."""

    def __init__(self, it: Any) -> None:
        self._it, self.names = it, set[str]()

    def __getattr__(self, name: str) -> Any:
        self.names.add(name)
        return getattr(self._it, name)


def methods(of: type) -> set[str]:
    return {name for name, _ in inspect.getmembers(of, inspect.isfunction) if name[0] != "_"}


def as_node(merged: str) -> tuple[Used, Used]:
    """Everything that a node asks; `merged` is the head of a merged request."""
    app = Used(NodeApp(environment.GITHUB_URL, NODE_APP, environment.APP_KEY_FILE.read_text()))
    token = app.token(SCRATCH, READ_ONLY).value
    with GitHubReader(environment.GITHUB_URL, lambda: token, SCRATCH) as reader:
        judge(evidence := Used(reader), merged)
    publish(app, "results/tried")
    app.close()
    return app, evidence


def publish(app: Used, branch: str) -> None:
    base = app.repository(SCRATCH).default_branch
    sha = app.commit(SCRATCH, app.branch(SCRATCH, base), {"results/tried": b""}, "Tried")
    app.create_branch(SCRATCH, branch, sha)
    opened = app.open_pull_request(SCRATCH, head=branch, base=base, title="Tried", body="")
    app.close_pull_request(SCRATCH, app.pull_requests_of(SCRATCH, branch)[0].number)
    assert opened.head_sha == sha


def judge(evidence: Used, merged: str) -> None:
    evidence.default_branch()
    assert any(each.merge for each in evidence.pull_requests_of(merged)), "a request was merged"
    evidence.policy_runs(merged, POLICY_CHECK)


def as_protector() -> set[str]:
    """Everything that `lockgate protect` asks: first, and where another App stands above the rules."""
    with GitHubClient(environment.GITHUB_URL, lambda: PERSONAL["maintainer"]) as client:
        for app in (PORTAL_APP, NODE_APP):
            asked = wanted(SCRATCH, portal_app_id=app, actions_app_id=ACTIONS_APP_ID, teams=["maintainers"])
            apply(client, SCRATCH, asked)
    return {"apply", "protect_branch", "keep_ruleset", "allow_merges"}


def test_whatever_the_node_and_protect_ask_is_tried_and_no_call_works_that_was_not_made(
    world: World, tokens: list[str]
) -> None:
    wire = listen(world)
    _, rows = check(*tokens)
    tried = wire.asked()
    claimed = {call for row in rows if row["result"] == "works" for call in named(row["call"])}
    assert claimed - {each.call for each in tried} == set()
    pulls = world.api("GET", f"/repos/{SCRATCH}/pulls?state=closed", as_="maintainer")
    merged = next(each["head"]["sha"] for each in pulls if each["merged_at"])
    wire.asked()
    app, evidence = as_node(merged)
    assert app.names | NO_CALLS >= methods(NodeApp)
    assert evidence.names | NO_CALLS >= methods(GitHubReader)
    assert as_protector() == {name for name, it in vars(protection).items() if takes_a_client(it)}
    assert wire.asked() - tried == set()
    assert [row["group"] for row in rows if row["call"] == "git fetch"] == ["app", "node"]


def takes_a_client(it: Callable[..., object]) -> bool:
    return inspect.isfunction(it) and "client" in inspect.signature(it).parameters


def test_whatever_the_adapters_can_call_is_tried() -> None:
    used = {
        (node.value.id, node.attr)
        for path in (Path(governance.__file__).parent / "trial").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }
    adapters = {"reader": Reader, "writer": Writer, "actor": Actor, "posture": PostureReader}
    for called, adapter in adapters.items():
        missing = methods(adapter) - NOT_CALLS - {name for by, name in used if by == called}
        assert not missing, f"check_github tries too little of {adapter.__name__}"


def test_the_node_is_tried_with_a_token_as_narrow_as_its_own() -> None:
    assert trial_of_node.READ_ONLY == READ_ONLY


def test_sign_in_asks_github_for_no_addresses() -> None:
    assert not app_settings.QUERY_EMAIL
