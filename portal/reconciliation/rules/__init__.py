"""The rules: pure, from facts to findings. `judge` is all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from portal.reconciliation.facts import Facts
from portal.reconciliation.findings import Code, Finding
from portal.reconciliation.rules import merges, runs, sources, storage, trouble

Rule = Callable[[Facts, datetime], Iterator[Finding]]
RULES: tuple[Rule, ...] = (*merges.RULES, *runs.RULES, *storage.RULES, *trouble.RULES, *sources.RULES)


def judge(facts: Facts, now: datetime) -> tuple[Finding, ...]:
    """Where the four disagree about a project, in the order of the page; none only if all four are told."""
    order = list(Code)
    found = [finding for rule in RULES for finding in rule(facts, now)]
    return tuple(sorted(found, key=lambda finding: order.index(finding.code)))
