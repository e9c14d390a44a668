"""Gathers the facts of one place from GitHub and the mirror. What cannot be read is said, part by part."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from django.conf import settings
from django.utils import timezone

from governance.github.posture import PostureReader
from governance.mirrors import mirror
from governance.models import Node, Project
from governance.places import repository_of
from governance.posture.facts import Actor, App, Expected, Facts, Ruleset, Told, Untold
from lockgate.errors import LockgateError

CODEOWNERS = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
WEBHOOK = "/webhooks/github"
T = TypeVar("T")
Witnessed = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Reading:
    """The facts, and whom rulesets let by as far as anybody with the right to see it ever saw."""

    facts: Facts
    witnessed: Witnessed


def read(place: Project | Node, github: PostureReader, witnessed: Witnessed) -> Reading:
    """Raises GitHub's errors where the repository itself cannot be read; all else may be `Untold`."""
    repo = repository_of(place)
    branch = github.default_branch(repo)
    nodes = [place] if isinstance(place, Node) else list(place.nodes.all())
    seen = _told(lambda: github.rulesets(repo))
    facts = Facts(
        repo=repo,
        default_branch=branch,
        is_node_repo=isinstance(place, Node),
        expected=_expected(place, nodes),
        settings=_told(lambda: github.settings(repo)),
        protection=_told(lambda: github.protection(repo, branch)),
        rulesets=seen if isinstance(seen, Untold) else recalled(seen, witnessed),
        codeowners=_told(lambda: _has_codeowners(place)),
        actions_app=_told(lambda: github.actions_app(repo)),
        portal=_told(lambda: github.portal(repo)),
        nodes={node.name: _node_app(github, repo, node) for node in nodes},
        webhook=_told(lambda: github.webhook(timezone.now())),
    )
    return Reading(facts, witnesses(facts.rulesets))


def _told(ask: Callable[[], T]) -> Told[T]:
    try:
        return ask()
    except LockgateError as error:
        return Untold(error.what)


def _expected(place: Project | Node, nodes: list[Node]) -> Expected:
    configured = settings.LOCKGATE
    return Expected(
        portal_app=configured.app_id,
        node_apps={node.name: node.app_id for node in nodes},
        teams=frozenset(_slugs(place, nodes)),
        webhook_url=configured.url + WEBHOOK,
    )


def _slugs(place: Project | Node, nodes: list[Node]) -> set[str]:
    """Teams of the repository's owner whose people decide here or maintain a node of it."""
    projects = [place] if isinstance(place, Project) else list(place.projects.all())
    teams = {team for node in nodes for team in (*node.controllers, *node.maintainers)}
    for project in projects:
        named = project.governance.get("nodes", {}).values()
        teams |= {*project.governance.get("controllers", ())}
        teams |= {team for node in named for team in node["controllers"]}
    owner = repository_of(place).partition("/")[0].lower()
    pairs = (team.split("/", 1) for team in teams)
    return {slug for organization, slug in pairs if organization.lower() == owner}


def _has_codeowners(place: Project | Node) -> bool:
    """Where GitHub looks for it, on the default branch as the mirror has it."""
    here = mirror(repository_of(place))
    tip = here.tip(place.default_branch)
    if tip is None:
        raise Unmirrored
    return any(here.blob(tip, path) for path in CODEOWNERS)


class Unmirrored(LockgateError):
    """The portal has not read the repository yet."""

    def __init__(self) -> None:
        super().__init__("Lockgate has not read the default branch yet.")


def _node_app(github: PostureReader, repo: str, node: Node) -> Told[App]:
    said = _told(lambda: github.app(repo, node.app_slug))
    if isinstance(said, Untold):
        return said
    number, app = said
    return app if number == node.app_id else Untold("GitHub has another App under the name in node.yaml.")


def recalled(rulesets: tuple[Ruleset, ...], witnessed: Witnessed) -> tuple[Ruleset, ...]:
    """With the bypass that an administrator saw, where GitHub shows none and nothing changed since."""
    return tuple(_recall(each, witnessed.get(str(each.id))) for each in rulesets)


def _recall(ruleset: Ruleset, seen: Mapping[str, Any] | None) -> Ruleset:
    if ruleset.bypass is not None or seen is None or not ruleset.updated_at:
        return ruleset
    if seen["updated_at"] != ruleset.updated_at:
        return ruleset
    return replace(ruleset, bypass=frozenset(Actor(kind, number) for kind, number in seen["bypass"]))


def witnesses(rulesets: Told[tuple[Ruleset, ...]]) -> Witnessed:
    """What to remember of these rulesets: all of which the bypass is known."""
    known = () if isinstance(rulesets, Untold) else rulesets
    return {
        str(each.id): {
            "updated_at": each.updated_at,
            "bypass": sorted([[actor.kind, actor.id] for actor in each.bypass], key=str),
        }
        for each in known
        if each.bypass is not None
    }
