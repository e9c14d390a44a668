"""Facts as plain JSON and back: what is written today must give exactly the same decision in ten years.

Nodes of a governance.yaml are a list, for their order is that of the decision's reasons. Accounts are sorted,
ages are whole microseconds, so that the same facts are always the same text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any, TypeVar

from lockgate.errors import Invalid
from lockgate.formats import (
    JSON,
    Approvals,
    DisclosureLimits,
    Governance,
    Kind,
    NodePolicy,
    Service,
    moment,
    stamp,
)
from lockgate.policy.facts import (
    CheckRun,
    Facts,
    GateRun,
    NodeFacts,
    Point,
    RequiredCheck,
    Review,
    ReviewState,
    Team,
)

MICROSECOND = timedelta(microseconds=1)
Fact = TypeVar("Fact")
Plain = TypeVar("Plain")


def facts_to_plain(facts: Facts) -> dict[str, Any]:
    """The facts as JSON values; a fact that was not read is null."""
    return {
        "at": _maybe(_point, facts.at),
        "kind": _maybe(str, facts.kind),
        "gate": _maybe(_gate, facts.gate),
        "required": _each(lambda check: dict(vars(check)), facts.required),
        "checks": _each(lambda run: dict(vars(run)), facts.checks),
        "governance": _maybe(_governance, facts.governance),
        "named": _maybe(list, facts.named),
        "nodes": _values(_node, facts.nodes),
        "teams": _values(_team, facts.teams),
        "author": facts.author,
        "requester": facts.requester,
        "commit_authors": _maybe(_accounts, facts.commit_authors),
        "pushers": _maybe(_accounts, facts.pushers),
        "reviews": _each(_review, facts.reviews),
        "portal_account": facts.portal_account,
        "names": {str(account): name for account, name in facts.names.items()},
        "unread": list(facts.unread),
        "invalid": list(facts.invalid),
    }


def facts_from_plain(value: Mapping[str, JSON]) -> Facts:
    """The facts of `facts_to_plain`'s values. Raises Invalid for anything else."""
    try:
        return _read(value)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise Invalid("These are no facts that Lockgate wrote.") from error


def _read(value: Mapping[str, Any]) -> Facts:
    return Facts(
        **{
            **value,
            "at": _maybe(_to_point, value["at"]),
            "kind": _maybe(Kind, value["kind"]),
            "gate": _maybe(_to_gate, value["gate"]),
            "required": _tuple(lambda check: RequiredCheck(**check), value["required"]),
            "checks": _tuple(lambda run: CheckRun(**run), value["checks"]),
            "governance": _maybe(_to_governance, value["governance"]),
            "named": _maybe(tuple, value["named"]),
            "nodes": _values(_to_node, value["nodes"]),
            "teams": _values(_to_team, value["teams"]),
            "commit_authors": _maybe(frozenset, value["commit_authors"]),
            "pushers": _maybe(frozenset, value["pushers"]),
            "reviews": _tuple(_to_review, value["reviews"]),
            "names": {int(account): name for account, name in value["names"].items()},
            "unread": tuple(value["unread"]),
            "invalid": tuple(value.get("invalid", ())),  # not in facts of the first rules
        }
    )


def _point(point: Point) -> dict[str, Any]:
    return dict(vars(point))


def _to_point(value: Mapping[str, Any]) -> Point:
    return Point(**value)


def _gate(run: GateRun) -> dict[str, Any]:
    return {"at": _point(run.at), "clean": run.clean, "problems": list(run.problems)}


def _to_gate(value: Mapping[str, Any]) -> GateRun:
    return GateRun(**{**value, "at": _to_point(value["at"]), "problems": tuple(value["problems"])})


def _review(review: Review) -> dict[str, Any]:
    return {
        **vars(review),
        "state": str(review.state),
        "at": _maybe(_point, review.at),
        "submitted": stamp(review.submitted),
    }


def _to_review(value: Mapping[str, Any]) -> Review:
    return Review(
        **{
            **value,
            "state": ReviewState(value["state"]),
            "at": _maybe(_to_point, value["at"]),
            "submitted": moment(value["submitted"]),
        }
    )


def _node(node: NodeFacts) -> dict[str, Any]:
    return {
        "controllers": list(node.controllers),
        "account": node.account,
        "minimums": _approvals(node.minimums),
    }


def _to_node(value: Mapping[str, Any]) -> NodeFacts:
    changed = {
        "controllers": tuple(value["controllers"]),
        "minimums": _to_approvals(value["minimums"]),
    }
    return NodeFacts(**{**value, **changed})


def _team(team: Team) -> dict[str, Any]:
    return {
        "members": sorted(team.members),
        "age_microseconds": None if team.age is None else team.age // MICROSECOND,
    }


def _to_team(value: Mapping[str, Any]) -> Team:
    age = value["age_microseconds"]
    return Team(frozenset(value["members"]), None if age is None else timedelta(microseconds=age))


def _approvals(asked: Mapping[Kind, Approvals]) -> dict[str, Any]:
    return {str(kind): dict(vars(each)) for kind, each in asked.items()}


def _to_approvals(value: Mapping[str, Any]) -> dict[Kind, Approvals]:
    return {Kind(kind): Approvals(**each) for kind, each in value.items()}


def _governance(governance: Governance) -> dict[str, Any]:
    nodes = governance.nodes.items()
    return {
        "version": governance.version,
        "researchers": list(governance.researchers),
        "controllers": list(governance.controllers),
        "nodes": [{"name": name, "controllers": list(node.controllers)} for name, node in nodes],
        "approvals": _approvals(governance.approvals),
        "disclosure": {
            **vars(governance.disclosure),
            "media_types": list(governance.disclosure.media_types),
        },
        "service": dict(vars(governance.service)),
    }


def _to_governance(value: Mapping[str, Any]) -> Governance:
    limits = value["disclosure"]
    return Governance(
        version=value["version"],
        researchers=tuple(value["researchers"]),
        controllers=tuple(value["controllers"]),
        nodes={node["name"]: NodePolicy(tuple(node["controllers"])) for node in value["nodes"]},
        approvals=_to_approvals(value["approvals"]),
        disclosure=DisclosureLimits(**{**limits, "media_types": tuple(limits["media_types"])}),
        service=Service(**value["service"]),
    )


def _accounts(accounts: frozenset[int | None]) -> list[int | None]:
    known = sorted(account for account in accounts if account is not None)
    return [*known, None] if None in accounts else [*known]


def _maybe(convert: Callable[[Any], Plain], fact: Any) -> Plain | None:
    return None if fact is None else convert(fact)


def _each(convert: Callable[[Any], Plain], facts: Iterable[Any] | None) -> list[Plain] | None:
    return None if facts is None else [convert(each) for each in facts]


def _tuple(convert: Callable[[Any], Fact], values: Iterable[Any] | None) -> tuple[Fact, ...] | None:
    return None if values is None else tuple(convert(each) for each in values)


def _values(convert: Callable[[Any], Fact], facts: Mapping[str, Any] | None) -> dict[str, Fact] | None:
    return None if facts is None else {name: convert(each) for name, each in facts.items()}
