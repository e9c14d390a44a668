"""Merges: past the portal, without a record in Git, or with a check that says something else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from portal.reconciliation.facts import Facts, Merge, Said
from portal.reconciliation.findings import Code, Finding
from portal.reconciliation.limits import POSTED_WITHIN, RECORD_WITHIN

APPROVED, UNKNOWN = "approved", "unknown"


def merged_past(facts: Facts, _now: datetime) -> Iterator[Finding]:
    """One that was approved may be merged on GitHub: then all four agree."""
    for merge in facts.merged_past.shown:
        if merge.last_word != APPROVED:
            yield _of(Code.MERGED_PAST, merge, f"Not merged here. {last_word(merge.last_word)}")


def unseen(facts: Facts, _now: datetime) -> Iterator[Finding]:
    for merge in facts.unseen.shown:
        yield Finding(
            Code.MERGE_UNSEEN,
            f"#{merge.number}",
            f"Merged by {merge.by or 'nobody known'}.",
            f"First seen {merge.seen_at:%d %B %Y, %H:%M} UTC. No record tells what had been decided.",
            "",
            "",
            merge.at,
            merge.number,
        )


def unwritten(facts: Facts, now: datetime) -> Iterator[Finding]:
    for merge in facts.unwritten.shown:
        if now - merge.at > RECORD_WITHIN:
            yield _of(Code.RECORD_NOT_WRITTEN, merge, merge.problem or "It is still to be written.")


def differing(facts: Facts, _now: datetime) -> Iterator[Finding]:
    for merge in facts.differing.shown:
        yield _of(Code.RECORD_DIFFERS, merge, merge.problem)


def unposted(facts: Facts, now: datetime) -> Iterator[Finding]:
    for pull in facts.unposted.shown:
        if now - pull.decided_at > POSTED_WITHIN:
            yield Finding(
                Code.CHECK_NOT_POSTED,
                f"#{pull.number}",
                f"lockgate/policy: {pull.posted or 'not posted'}.",
                f"Decided: {pull.decided}.",
                "",
                "",
                pull.decided_at,
                pull.number,
                str(pull.number),
            )


def last_word(status: str) -> str:
    if status in ("", UNKNOWN):
        return "Nothing had been decided on this head."
    return f"The last word was: {status}."


def spoken(said: tuple[Said, ...]) -> str:
    return " ".join(f"{each.node}: {each.says}." for each in said)


def _of(code: Code, merge: Merge, portal: str) -> Finding:
    return Finding(
        code,
        f"#{merge.number}",
        f"Merged by {merge.by or 'nobody known'}.",
        portal,
        spoken(merge.lanes),
        merge.published,
        merge.at,
        merge.number,
        str(merge.number),
    )


RULES = (merged_past, unseen, unwritten, differing, unposted)
