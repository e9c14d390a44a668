"""The rules: facts in, findings out. Pure; every rule is a generator over the facts of one repository."""

from __future__ import annotations

from governance.posture.facts import Facts
from governance.posture.findings import Finding
from governance.posture.rules import apps, branches, main

RULES = (*main.RULES, *branches.RULES, *apps.RULES)


def judge(facts: Facts) -> tuple[Finding, ...]:
    """Everything that GitHub would let through, each once, in the order of the rules; empty: clean."""
    found = [finding for rule in RULES for finding in rule(facts)]
    return tuple(dict.fromkeys(found))
