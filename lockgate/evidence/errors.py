"""What can go wrong with GitHub and with a mirror, in our words: no HTTP vocabulary leaves this package."""

from __future__ import annotations

from lockgate.errors import Conflict, Denied, Invalid, Unavailable

_WAIT = "Nothing changed. It is tried again by itself."


class GitHubDenied(Denied):
    """GitHub does not accept the token, or the token may not do this."""


class GitHubMissing(Invalid):
    """GitHub has no such thing, or does not show it to this token."""


class GitHubRefused(Invalid):
    """GitHub understood and said no."""


class GitHubUnavailable(Unavailable):
    """GitHub did not answer, or asks to wait."""

    def __init__(self, what: str, *, next_step: str = _WAIT, retryable: bool = True) -> None:
        super().__init__(what, next_step=next_step, retryable=retryable)


class GitHubUnreadable(Unavailable):
    """GitHub's answer lacks what Lockgate needs. Waiting does not help; nothing is decided on it."""

    def __init__(self, what: str, *, next_step: str = "A maintainer looks at the version of GitHub.") -> None:
        super().__init__(what, next_step=next_step, retryable=False)


class GitHubMoved(GitHubUnreadable):
    """A repository was renamed or transferred. The redirect is not followed: a name decides nothing."""

    def __init__(self, path: str) -> None:
        super().__init__(
            f"GitHub says that {path} has moved: it was renamed or transferred.",
            next_step="A maintainer puts its name of today into the Node Repo.",
        )


class MirrorUnavailable(Unavailable):
    """A repository could not be fetched or read."""

    def __init__(self, what: str, *, next_step: str = _WAIT, retryable: bool = True) -> None:
        super().__init__(what, next_step=next_step, retryable=retryable)


class HistoryRewritten(Conflict):
    """A default branch lost what was read of it: all stops until a maintainer resets it."""
