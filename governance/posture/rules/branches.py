"""Branches that belong to one App alone: those of results to the node's, decisions to the portal's."""

from __future__ import annotations

from collections.abc import Iterator

from governance.posture.facts import Actor, Facts, Untold
from governance.posture.findings import Code, Finding

DECISIONS = "lockgate/decisions"
WRITING = ("creation", "update")
KEPT = (*WRITING, "deletion")
IDS = ("2000-01-01-a-0000", "2999-12-31-some-longer-name-zzzz")


def rulesets(facts: Facts) -> Iterator[Finding]:
    if isinstance(facts.rulesets, Untold):
        yield Finding(Code.UNTOLD, "Rulesets", facts.rulesets.reason)


def results(facts: Facts) -> Iterator[Finding]:
    """`results/<id>/<node>/<run>` of whatever request is written by the nodes' Apps and nobody else."""
    if facts.is_node_repo or isinstance(facts.rulesets, Untold):
        return
    allowed = frozenset(Actor("Integration", app) for app in facts.expected.node_apps.values())
    for node in facts.expected.node_apps:
        for request in IDS:
            branch = f"results/{request}/{node}/0a1b2c3d"
            yield from _closed(facts, branch, WRITING, allowed, Finding(Code.RESULTS_OPEN, "results/**/*"))


def decisions(facts: Facts) -> Iterator[Finding]:
    """What was decided is written by the portal's App and removed by nobody else."""
    if facts.is_node_repo or isinstance(facts.rulesets, Untold):
        return
    allowed = frozenset({Actor("Integration", facts.expected.portal_app)})
    yield from _closed(facts, DECISIONS, KEPT, allowed, Finding(Code.DECISIONS_OPEN, DECISIONS))


def _closed(
    facts: Facts, branch: str, rules: tuple[str, ...], allowed: frozenset[Actor], otherwise: Finding
) -> Iterator[Finding]:
    """Each rule is held by a ruleset that at most the allowed get round; of several the strictest counts."""
    for rule in rules:
        holding = [each for each in facts.rulesets_of(branch) if rule in each.rules]
        if any(each.bypass is not None and each.bypass <= allowed for each in holding):
            continue
        unseen = [each.name for each in holding if each.bypass is None]
        if unseen:
            yield Finding(Code.UNTOLD, f"Who may bypass the ruleset {unseen[0]}")
        else:
            yield otherwise


RULES = (rulesets, results, decisions)
