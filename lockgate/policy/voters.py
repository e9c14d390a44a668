"""Who may vote: the controllers of the project or of a node, without those who made the change."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from lockgate.formats import Governance, Kind
from lockgate.policy.decision import MAINTAINERS
from lockgate.policy.facts import Facts, NodeFacts
from lockgate.policy.rule import Unread, need

CONFIRMED_WITHIN = timedelta(minutes=5)
_JOB_KINDS = frozenset({Kind.JOB_REQUEST, Kind.RESULT_PUBLICATION})
_EVERY_NODE = frozenset({Kind.CODE_CHANGE, Kind.POLICY_CHANGE})


def governance_of(facts: Facts) -> Governance:
    """The policy in force. Where it holds nothing valid, reading it again does not help."""
    if facts.governance is None and facts.invalid:
        raise Unread("governance.yaml on the default branch is not valid.", acts=MAINTAINERS)
    return need(facts.governance, "governance.yaml on the default branch")


def nodes_concerned(facts: Facts) -> tuple[str, ...]:
    """The nodes that the change names; for a change of code or policy every node of the project."""
    if need(facts.kind, "what kind of change this is") in _EVERY_NODE:
        return tuple(governance_of(facts).nodes)
    return need(facts.named, "which nodes this names")


def node_facts(facts: Facts, node: str) -> NodeFacts:
    """What the node's own repository says of it."""
    known = need(facts.nodes, "the nodes' own repositories")
    if node not in known:
        raise Unread(f"Node {node} is not known: its repository does not register this project.")
    return known[node]


def project_controllers(facts: Facts) -> frozenset[int]:
    return _members(facts, governance_of(facts).controllers)


def node_controllers(facts: Facts, node: str) -> frozenset[int]:
    """Those in the node's team by governance.yaml and by node.yaml: neither adds a voter alone."""
    governance = governance_of(facts)
    if node not in governance.nodes:
        raise Unread(f"governance.yaml names no controllers of node {node}.", acts=MAINTAINERS)
    by_project = _members(facts, governance.nodes[node].controllers)
    return by_project & _members(facts, node_facts(facts, node).controllers)


def makers(facts: Facts) -> dict[int, str]:
    """Everyone who made this change, each with what they did; none of them can approve it."""
    made = dict.fromkeys(_known(facts.pushers, "who pushed to the branch"), "pushed to the branch")
    for account in _known(facts.commit_authors, "who wrote the commits"):
        made[account] = "wrote a commit of it"
    made[need(facts.author, "who opened the pull request")] = "opened the pull request"
    if facts.kind in _JOB_KINDS:
        need(facts.requester, "who requested the job")
    if facts.requester is not None:
        made[facts.requester] = "requested the job"
    return made


def _members(facts: Facts, paths: Iterable[str]) -> frozenset[int]:
    teams = need(facts.teams, "the teams on GitHub")
    found: frozenset[int] = frozenset()
    for path in paths:
        team = teams.get(path)
        if team is None or team.age is None:
            raise Unread(f"GitHub has not told who is in the team {path}.")
        if team.age > CONFIRMED_WITHIN:
            raise Unread(f"Who is in the team {path} was last confirmed more than 5 minutes ago.")
        found |= team.members
    return found


def _known(accounts: frozenset[int | None] | None, what: str) -> frozenset[int]:
    """The accounts as far as known; that there is an unknown one is the rule `makers_known`'s affair."""
    return frozenset(account for account in need(accounts, what) if account is not None)
