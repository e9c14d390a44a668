"""What GitHub can answer instead of what was asked, as one family of errors."""

from __future__ import annotations

from datetime import datetime

from lockgate.errors import Conflict, Denied, Invalid, Unavailable

NOTHING_CHANGED = "Nothing changed. Try again."
DO_NOT_REPEAT = "Lockgate is looking it up; do not repeat it."


class GitHubUnavailable(Unavailable):
    """GitHub did not answer, or had no time for us; nothing was done there."""

    def __init__(
        self,
        why: str = "GitHub did not answer.",
        *,
        next_step: str = NOTHING_CHANGED,
        until: datetime | None = None,
    ) -> None:
        super().__init__(why, next_step=next_step, until=until)


class RateLimited(GitHubUnavailable):
    """GitHub takes no more requests with this token until a time that it said; this one was not done."""

    until: datetime

    def __init__(self, until: datetime) -> None:
        at = f"{until:%H:%M:%S} UTC"
        super().__init__(
            f"GitHub takes no more requests until {at}.",
            next_step=f"Try again after {at}; nothing is done twice.",
            until=until,
        )


class GitHubOverasked(GitHubUnavailable):
    """GitHub could not answer so much at once; less may do."""

    def __init__(self) -> None:
        super().__init__("GitHub could not answer a question.")


class OutcomeUnknown(Unavailable):
    """GitHub was asked to do something and did not say whether it did."""

    def __init__(self) -> None:
        super().__init__("GitHub did not confirm.", next_step=DO_NOT_REPEAT)


class GitHubDenied(Denied):
    """GitHub does not let this account do this."""


class GitHubNotFound(Denied):
    """GitHub does not show this to the account that asked."""


class GitHubConflict(Conflict):
    """GitHub's state is not what was assumed: a head moved, or a merge is not possible now."""


class GitHubInvalid(Invalid):
    """GitHub refuses what was sent."""


class SignInAgain(Denied):
    """There is no token of the person that GitHub still takes."""

    def __init__(self) -> None:
        super().__init__(
            "GitHub no longer accepts your sign-in.",
            next_step="Sign in again; nothing was done.",
        )
