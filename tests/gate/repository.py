"""A bare Git repository that a test writes commits into without a work tree."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "LC_ALL": "C",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
}
WHO = b"Someone <someone@example.org> 1795000000 +0000"


@dataclass(frozen=True)
class Odd:
    """An entry of a tree that is no plain file: a mode, with content or with the hash of an object."""

    mode: str
    content: bytes = b""
    sha: str = ""


Files = Mapping[str, bytes | Odd | None]


@dataclass(frozen=True)
class Repository:
    """A bare repository; `None` as content removes a path."""

    path: Path

    @classmethod
    def create(cls, path: Path) -> Repository:
        """Make an empty repository."""
        subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(path)], env=ENVIRONMENT, check=True)
        return cls(path)

    def git(self, *arguments: str, given: bytes = b"") -> str:
        """Return what `git ARGUMENTS` prints."""
        done = subprocess.run(
            ["git", *arguments], cwd=self.path, input=given, env=ENVIRONMENT, check=True, capture_output=True
        )
        return done.stdout.decode().strip()

    def tip(self, branch: str = "main") -> str:
        """Return the commit of a branch."""
        return self.git("rev-parse", f"refs/heads/{branch}")

    def commit(
        self, files: Files, parents: Sequence[str] | None = None, branch: str = "head", clean: bool = False
    ) -> str:
        """Commit `files` on top of the first parent (main by default); `clean` begins with an empty tree."""
        first, *others = [self.tip()] if parents is None else list(parents) or [""]
        stream = [b"commit refs/heads/%s\ncommitter %s\ndata 1\n.\n" % (branch.encode(), WHO)]
        stream += [b"from %s\n" % first.encode()] if first else []
        stream += [b"merge %s\n" % other.encode() for other in others]
        stream += [b"deleteall\n"] if clean else []
        stream += [_line(path, content) for path, content in files.items()]
        self.git("fast-import", "--quiet", "--force", "--date-format=raw", given=b"".join(stream))
        return self.tip(branch)

    def tree(self, entries: Sequence[tuple[str, bytes, str]]) -> str:
        """Write a tree as it is given, (mode, name, hash), however impossible, and return its hash."""
        data = b"".join(
            mode.encode() + b" " + name + b"\0" + bytes.fromhex(sha) for mode, name, sha in entries
        )
        return self.git("hash-object", "-t", "tree", "--literally", "-w", "--stdin", given=data)

    def blob(self, data: bytes) -> str:
        """Write a blob and return its hash."""
        return self.git("hash-object", "-w", "--stdin", given=data)

    def commit_tree(self, tree: str, *parents: str) -> str:
        """Commit a tree as it is given."""
        given = [f"tree {tree}", *(f"parent {parent}" for parent in parents)]
        given += [f"author {WHO.decode()}", f"committer {WHO.decode()}", "", "."]
        return self.git("hash-object", "-t", "commit", "-w", "--stdin", given="\n".join(given).encode())

    def root_entries(self) -> list[tuple[str, bytes, str]]:
        """Return the entries of main's root tree."""
        lines = [line.split(None, 3) for line in self.git("ls-tree", "main").splitlines()]
        return [(mode.lstrip("0"), name.encode(), sha) for mode, _, sha, name in lines]


def _line(path: str, content: bytes | Odd | None) -> bytes:
    quoted = (
        b'"' + path.encode("utf-8", "surrogateescape").replace(b"\\", b"\\\\").replace(b"\n", b"\\n") + b'"'
    )
    if content is None:
        return b"D %s\n" % quoted
    odd = content if isinstance(content, Odd) else Odd("100644", content)
    if odd.sha:
        return b"M %s %s %s\n" % (odd.mode.encode(), odd.sha.encode(), quoted)
    return b"M %s inline %s\ndata %d\n%s\n" % (odd.mode.encode(), quoted, len(odd.content), odd.content)
