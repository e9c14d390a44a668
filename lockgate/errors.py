"""The families of errors that Lockgate raises.

Each error says what happened, what it means for the person, what to do next,
and whether waiting helps. Adapters of outside systems derive their own family
from these; a middleware of the portal turns them into pages once.
"""

from __future__ import annotations

from datetime import datetime


class LockgateError(Exception):
    """The base of all errors of ours.

    `what` is one sentence for the person it concerns; `next_step` says what to do.
    """

    retryable = False

    def __init__(self, what: str, *, next_step: str = "") -> None:
        super().__init__(f"{what} {next_step}".strip())
        self.what = what
        self.next_step = next_step


class Denied(LockgateError):
    """The actor may not do this. Waiting does not help."""


class Conflict(LockgateError):
    """The world moved: what the actor saw is no longer so. Look again, then decide again."""


class Invalid(LockgateError):
    """What was given is not acceptable as it is. Change it; waiting does not help."""


class Unavailable(LockgateError):
    """A part did not answer. Nothing is known to have changed; `retryable` says whether waiting helps.

    `until` is when it is over, where that is known (aware, UTC).
    """

    def __init__(
        self, what: str, *, next_step: str = "", retryable: bool = True, until: datetime | None = None
    ) -> None:
        super().__init__(what, next_step=next_step)
        self.retryable = retryable
        self.until = until
