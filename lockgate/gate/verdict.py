"""What the gate says."""

from __future__ import annotations

from dataclasses import dataclass

from lockgate.errors import Unavailable
from lockgate.formats import Kind, Problem


class CannotTell(Unavailable):
    """A rule applies whose fact is missing, or the repository is unreadable: neither clean nor refused."""

    def __init__(self, what: str, *, next_step: str = "", retryable: bool = False) -> None:
        super().__init__(what, next_step=next_step, retryable=retryable)


@dataclass(frozen=True)
class Verdict:
    """The outcome for one range: clean where `problems` is empty.

    `kind` is None where the changes are of no one kind. `request` is the id of the request that is asked
    for, answered or withdrawn, `nodes` those that it names. A problem's path is empty where it concerns the
    pull request as a whole.
    """

    kind: Kind | None
    problems: tuple[Problem, ...]
    request: str | None = None
    nodes: tuple[str, ...] = ()

    @property
    def clean(self) -> bool:
        """Say whether nothing stands against the change."""
        return self.kind is not None and not self.problems
