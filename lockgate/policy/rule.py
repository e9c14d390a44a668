"""What makes a function a rule: it has a name, and a fact that it misses makes it unreadable."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from lockgate.policy.decision import LOCKGATE, Decision, Status
from lockgate.policy.facts import Facts

Rule = Callable[[Facts], Decision]
Fact = TypeVar("Fact")


class Unread(Exception):
    """A rule cannot be judged: its answer is `unreadable`. The text says why, in plain words.

    `acts`: who mends it. Lockgate reads again by itself; what people wrote wrongly waits for people.
    """

    def __init__(self, why: str, *, acts: str = LOCKGATE) -> None:
        super().__init__(why)
        self.acts = acts


def rule(judge: Rule) -> Rule:
    """The judge, answering `unreadable` where a fact is missing."""

    @wraps(judge)
    def judged(facts: Facts) -> Decision:
        try:
            return judge(facts)
        except Unread as why:
            return Decision(Status.UNREADABLE, judge.__name__, str(why), acts=why.acts)

    return judged


def need(fact: Fact | None, what: str) -> Fact:
    """The fact, which must have been read. `what` names it in the reason."""
    if fact is None:
        raise Unread(f"Lockgate could not read {what}.")
    return fact
