"""What is asked for: a range of commits on a base, with the facts about it that Git does not know."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from lockgate.formats import FormatError, Governance, JobType, Problem, read_governance, read_job_type
from lockgate.formats.loader import MAX_BYTES
from lockgate.gate.changes import Change, Commit
from lockgate.gate.objects import Objects
from lockgate.gate.verdict import CannotTell

T = TypeVar("T")


@dataclass(frozen=True)
class Proposal:
    """The range `merge_base..head` on `base`; `author` and `node_accounts` are GitHub's account ids."""

    objects: Objects
    base: str
    head: str
    merge_base: str
    changes: tuple[Change, ...]
    commits: tuple[Commit, ...]
    author: int | None
    node_accounts: Mapping[str, int]

    @property
    def known_author(self) -> int:
        """Return who opened the pull request; CannotTell where that was not given."""
        if self.author is None:
            raise CannotTell(
                "The gate was not told who opened the pull request.",
                next_step="Give --author with the account's number.",
            )
        return self.author

    @cached_property
    def governance(self) -> Governance:
        """The policy on the base."""
        found = self.on_base("governance.yaml", read_governance)
        if found is None:
            raise CannotTell(
                "The base has no governance.yaml, so nobody can decide here.",
                next_step="Add it by a policy change.",
            )
        return found

    def job_type(self, name: str) -> JobType | None:
        """Return the job type on the base, None where there is none; unreadable is CannotTell."""
        return self.on_base(f"job_types/{name}.json", read_job_type)

    def on_base(self, path: str, read: Callable[[bytes, str], T]) -> T | None:
        """Read a plain file of the base; one that is there and cannot be read is CannotTell."""
        entry = self.objects.entry(self.base, path)
        if entry is None:
            return None
        data = self.objects.small([entry.sha]).get(entry.sha) if entry.mode in ("100644", "100755") else None
        try:
            if data is None:
                raise FormatError([Problem(path, None, "this is no plain file of at most 256 KiB")])
            return read(data, path)
        except FormatError as error:
            raise CannotTell(
                f"{path} of the base cannot be read: {error.what}",
                next_step="Correct it on the default branch first.",
            ) from error

    def brought(self, *changes: Change) -> Mapping[str, bytes | Problem]:
        """Return what the head brings at each of `changes`, all plain files, or why that is not looked at."""
        found = self.objects.small(change.new_blob for change in changes)
        reason = f"the file is larger than {MAX_BYTES // 1024} KiB"
        return {
            change.path: found.get(change.new_blob, Problem(change.path, None, reason)) for change in changes
        }
