"""`lockgate verify-decisions DIR`: derive every recorded decision from its facts again, offline.

DIR is a checkout of the branch `lockgate/decisions`, or any clone, bare or not, that has the branch.
The policy among the facts is held against the governance.yaml that the record names, which must have been
main's before the merge; a clone without main leaves it uncompared, and the line says so.
One line for each record; 0: all follow from their facts, 1: one differs, 2: one could not be read, or there
is none.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from lockgate.errors import Invalid, Unavailable
from lockgate.evidence.git import git
from lockgate.formats import (
    DECISIONS_BRANCH,
    DECISIONS_FOLDER,
    LARGEST_RECORD,
    UNKNOWN,
    DecisionRecord,
    FormatError,
    read_decision_record,
    read_governance,
    recorded_number,
)
from lockgate.policy import OtherRules, facts_from_plain, why_it_differs

POLICY = "governance.yaml"
BRANCHES = (f"refs/heads/{DECISIONS_BRANCH}", f"refs/remotes/origin/{DECISIONS_BRANCH}")
File = tuple[str, bytes | None]


class NothingToVerify(Unavailable):
    """There is no record to be found."""

    def __init__(self, where: Path) -> None:
        super().__init__(
            f"There are no records of decisions in {where}.",
            next_step=f"Name a clone of the Code Repo that has the branch {DECISIONS_BRANCH}.",
            retryable=False,
        )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("directory", type=Path, metavar="DIR", help="a checkout or clone with the records")


def run(arguments: argparse.Namespace) -> int:
    """Print a line for each record; returns the worst of 0, 2 and 1. Raises NothingToVerify."""
    codes = []
    repository = repository_of(arguments.directory)
    for name, data in sorted(records_in(arguments.directory), key=_order):
        code, said = verdict(name, data, repository)
        print(f"{DECISIONS_FOLDER}/{name}: {said}")
        codes.append(code)
    if not codes:
        raise NothingToVerify(arguments.directory)
    return 1 if 1 in codes else max(codes)


def verdict(name: str, data: bytes | None, repository: Path | None) -> tuple[int, str]:
    """The exit code of one file, and what is said of it; `data` None where it is no plain file."""
    if data is None:
        return 2, "unreadable: it is no plain file, or too large"
    try:
        record = read_decision_record(data, f"{DECISIONS_FOLDER}/{name}")
        reason = why_it_differs(record) or _other_policy(record, repository)
    except FormatError as error:
        return 2, "unreadable: " + "; ".join(problem.reason for problem in error.problems)
    except (Invalid, OtherRules) as error:
        return 2, f"unreadable: {error.what}"
    if reason is not None:
        return 1, f"differs: {reason}"
    if record.status == UNKNOWN:
        return 0, "ok (no decision was made)"
    return 0, f"ok ({record.status}{'' if _is_comparable(record, repository) else '; policy not compared'})"


def _other_policy(record: DecisionRecord, repository: Path | None) -> str | None:
    """How the policy is another than the governance.yaml which the record names, as a clause; or None."""
    blob = record.policy_blob
    if repository is None or record.facts is None or blob is None or not _is_comparable(record, repository):
        return None
    if blob not in _policies_before(repository, record.merge.commit):
        return "the governance.yaml that it names never was main's before the merge"
    try:
        governance = read_governance(git(repository, "cat-file", "blob", blob).stdout)
    except FormatError:
        governance = None  # it could not be read then, either
    same = facts_from_plain(record.facts).governance == governance
    return None if same else "the governance.yaml that it names says otherwise than its facts"


def _is_comparable(record: DecisionRecord, repository: Path | None) -> bool:
    """Whether there is a policy to compare, and a clone that holds main: decisions may be cloned alone."""
    if repository is None or record.facts is None or record.policy_blob is None:
        return False
    return git(repository, "cat-file", "-e", f"{record.merge.commit}^1", allowed=(0, 128)).returncode == 0


def _policies_before(repository: Path, merge: str) -> frozenset[str]:
    """The blobs that governance.yaml was on main, up to a merge."""
    shown = ("--first-parent", "--raw", "--no-abbrev", "--format=", f"{merge}^1", "--", POLICY)
    lines = git(repository, "log", *shown).stdout.decode(errors="replace").splitlines()
    return frozenset(line.split()[3] for line in lines if line.startswith(":"))


def repository_of(directory: Path) -> Path | None:
    """The Git directory of a clone, bare or not; None where there is none."""
    inner = directory / ".git"
    if inner.exists():
        return inner.resolve()
    return directory.resolve() if (directory / "HEAD").is_file() else None


def records_in(directory: Path) -> Iterator[File]:
    """The files of the folder of records: of the checkout where it is checked out, else of the branch."""
    checked_out = directory / DECISIONS_FOLDER
    if checked_out.is_dir() and not checked_out.is_symlink():
        for path in checked_out.iterdir():
            yield path.name, _plain(path)
        return
    repository = repository_of(directory)
    if repository is None:
        raise NothingToVerify(directory)
    yield from _committed(repository)


def _plain(path: Path) -> bytes | None:
    if path.is_symlink() or not path.is_file() or path.stat().st_size > LARGEST_RECORD:
        return None
    return path.read_bytes()


def _committed(repository: Path) -> Iterator[File]:
    """The files at the branch's tip, read as objects: nothing is checked out."""
    named = git(repository, "for-each-ref", "--format=%(objectname)", *BRANCHES).stdout.split()
    if not named:
        return
    listed = git(
        repository, "ls-tree", "-z", "-l", f"{named[0].decode()}:{DECISIONS_FOLDER}", allowed=(0, 128)
    )
    for line in filter(None, listed.stdout.decode(errors="replace").split("\0")):
        about, _, name = line.partition("\t")
        mode, _, blob, size = about.split()
        plain = mode in ("100644", "100755") and int(size) <= LARGEST_RECORD
        yield name, git(repository, "cat-file", "blob", blob).stdout if plain else None


def _order(file: File) -> tuple[int, str]:
    return recorded_number(file[0]) or 0, file[0]
