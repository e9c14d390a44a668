"""What differs between two commits, file by file, with GitHub's patches."""

from __future__ import annotations

from dataclasses import dataclass

import pygit2
from pygit2.enums import DeltaStatus, DiffFind

from standins.github.git import GitRepository

STATUS = {
    DeltaStatus.ADDED: "added",
    DeltaStatus.DELETED: "removed",
    DeltaStatus.MODIFIED: "modified",
    DeltaStatus.RENAMED: "renamed",
    DeltaStatus.TYPECHANGE: "changed",
}


@dataclass(frozen=True)
class FileChange:
    """`sha` is the new blob (of a removed file: the old one); `patch` None for binary files."""

    path: str
    previous: str | None
    status: str
    sha: str
    additions: int
    deletions: int
    patch: str | None


@dataclass(frozen=True)
class Difference:
    files: tuple[FileChange, ...]
    text: str

    @property
    def additions(self) -> int:
        return sum(one.additions for one in self.files)

    @property
    def deletions(self) -> int:
        return sum(one.deletions for one in self.files)


def differ(git: GitRepository, base: str | None, head: str) -> Difference:
    """From one commit to another; `base` None: all of `head` is new."""
    new = git.tree(head)
    diff = new.diff_to_tree(swap=True) if base is None else git.tree(base).diff_to_tree(new)
    diff.find_similar(flags=DiffFind.FIND_RENAMES)
    files = tuple(_change(patch) for patch in diff if patch is not None)
    return Difference(files, diff.patch or "")


def differ_of_commit(git: GitRepository, sha: str) -> Difference:
    """What a commit changes against its first parent."""
    parents = git.commit(sha).parent_ids
    return differ(git, str(parents[0]) if parents else None, sha)


def changed_paths(git: GitRepository, base: str, head: str) -> set[str]:
    """Every path that differs; of what was renamed, both names."""
    deltas = git.tree(base).diff_to_tree(git.tree(head)).deltas
    return {str(file.path) for delta in deltas for file in (delta.old_file, delta.new_file)}


def mailbox(git: GitRepository, base: str, head: str) -> str:
    """The commits as mails, as in `.patch`."""
    return git.run("format-patch", "--stdout", f"{base}..{head}")


def _change(patch: pygit2.Patch) -> FileChange:
    delta = patch.delta
    _, additions, deletions = patch.line_stats
    removed = delta.status == DeltaStatus.DELETED
    file = delta.old_file if removed else delta.new_file
    return FileChange(
        path=file.path,
        previous=delta.old_file.path if delta.status == DeltaStatus.RENAMED else None,
        status=STATUS.get(delta.status, "changed"),
        sha=str(file.id),
        additions=additions,
        deletions=deletions,
        patch=None if delta.is_binary else _hunks(patch),
    )


def _hunks(patch: pygit2.Patch) -> str:
    """The patch from its first hunk on, without the header, as GitHub gives it."""
    text = patch.data.decode("utf-8", "replace")
    start = text.find("\n@@ ")
    return text[start + 1 :].rstrip("\n") if start >= 0 else ""
