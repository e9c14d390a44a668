"""Commits that are made beside GitHub, without a clone, and pushed with git."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.standin.world import git, stranger

BRANCH = "refs/heads/work"


@dataclass(frozen=True)
class Workshop:
    """A bare repository that borrows what another one holds."""

    folder: Path

    @classmethod
    def beside(cls, folder: Path) -> Workshop:
        if not folder.exists():
            git(folder.parent, "init", "--quiet", "--bare", "--template=", str(folder))
        return cls(folder)

    def borrows(self, repository: Path) -> None:
        """From now on it knows what this bare repository holds."""
        (self.folder / "objects" / "info" / "alternates").write_text(f"{repository / 'objects'}\n")

    def commit(self, files: Mapping[str, str], *, login: str, start: str) -> str:
        """The SHA of one commit with these files on top of `start`; a file without content is removed."""
        when = int(datetime.now(UTC).timestamp())
        who = f"{login} <{login}@example.org> {when} +0000"
        text = f"reset {BRANCH}\n\ncommit {BRANCH}\nauthor {who}\ncommitter {who}\n"
        text += f"data 12\nChange files\nfrom {start}\n"
        for path, content in files.items():
            data = content.encode()
            text += f"M 100644 inline {path}\ndata {len(data)}\n{content}\n" if content else f"D {path}\n"
        self._git("fast-import", "--quiet", "--force", told=text.encode()).check_returncode()
        return (self.folder / BRANCH).read_text().strip()

    def push(self, remote: str, branch: str, *, force: bool = False) -> bool:
        """Push the newest commit; whether the other side took it."""
        forced = ["--force"] if force else []
        return self._git("push", "--quiet", *forced, remote, f"{BRANCH}:refs/heads/{branch}").returncode == 0

    def _git(self, *arguments: str, told: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            ["git", "--git-dir", str(self.folder), *arguments],
            env=stranger(self.folder),
            input=told,
            check=False,
            capture_output=True,
        )
