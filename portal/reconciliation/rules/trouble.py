"""What the portal itself does not get done: acts of unknown outcome, writes and work that keep failing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from portal.reconciliation.facts import Facts, Trouble
from portal.reconciliation.findings import Code, Finding
from portal.reconciliation.limits import KEEPS_FAILING, SETTLED_WITHIN


def unknown_acts(facts: Facts, now: datetime) -> Iterator[Finding]:
    for act in facts.acts.shown:
        if now - act.at > SETTLED_WITHIN:
            yield Finding(
                Code.ACT_UNKNOWN,
                f"#{act.number}" if act.number else act.what,
                "Did not confirm it.",
                f"{act.by}: {act.what}.",
                "",
                "",
                act.at,
                act.number,
                act.key,
            )


def failing_writes(facts: Facts, _now: datetime) -> Iterator[Finding]:
    yield from (_failing(Code.WRITE_FAILS, each) for each in facts.writes if each.attempts >= KEEPS_FAILING)


def failing_work(facts: Facts, _now: datetime) -> Iterator[Finding]:
    yield from (_failing(Code.WORK_FAILS, each) for each in facts.work if each.attempts >= KEEPS_FAILING)


def _failing(code: Code, each: Trouble) -> Finding:
    tried = f"{each.what}: tried {each.attempts} times. {each.problem}"
    return Finding(code, each.subject, "", tried, "", "", None, None, str(each.key))


RULES = (unknown_acts, failing_writes, failing_work)
