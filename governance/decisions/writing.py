"""Writes pending records to the branch `lockgate/decisions` of the Code Repo, as the portal's App.

Looked up first, then one commit onto the very head that was looked at: what was written before a kill is
found, what moved meanwhile is looked at again, and a file that says something else is never overwritten.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from django.db import transaction

from governance import audit
from governance.decisions.keeping import WORK
from governance.decisions.rows import OTHER, State, take, take_over
from governance.github import pace, reader, writer
from governance.mirrors import mirror
from governance.models import DecisionRecord, Project, PullRequest
from governance.places import subject_of
from governance.work import Gone, ask, does
from lockgate import canonical_json
from lockgate.errors import LockgateError
from lockgate.formats import DECISIONS_BRANCH, LARGEST_RECORD, UNKNOWN, record_path

AT_ONCE = 20
README = b"""# Decisions

One file for each merged pull request: what Lockgate had decided, and on which facts. Lockgate's App alone
writes here, and it changes no file. `lockgate verify-decisions DIR` derives the decisions from their facts.
"""


@does(WORK)
def record_decisions(subject: str) -> None:
    """Write what is pending of one project (by name), several records in one commit."""
    project = Project.objects.filter(name=subject).first()
    if project is None:
        raise Gone
    pending = DecisionRecord.objects.filter(project=project.name, state=State.PENDING).order_by("number")
    records = list(pending[:AT_ONCE])
    try:
        _write(project, records)
    except LockgateError as error:
        pending.filter(pk__in=[each.pk for each in records]).update(problem=error.what[:500])
        raise
    if pending.exists():
        ask(WORK, project.name)


def waiting_projects() -> Iterable[str]:
    """Names of projects whose records are not all in Git yet."""
    pending = DecisionRecord.objects.filter(state=State.PENDING)
    return pending.order_by("project").values_list("project", flat=True).distinct()


def _write(project: Project, records: Sequence[DecisionRecord]) -> None:
    if not records:
        return
    repo = project.code_repo
    head = writer().branch_head(repo, DECISIONS_BRANCH)
    there = (
        {each.pk: writer().file_blob(repo, head, record_path(each.number)) for each in records}
        if head
        else {}
    )
    missing = [each for each in records if there.get(each.pk) is None]
    held = [each for each in records if there.get(each.pk) is not None]
    if missing:
        files = {record_path(each.number): each.text.encode() for each in missing}
        commit = _commit(repo, head, files, f"Record the decision on {_listed(missing)}")
        for record in missing:
            _written(project, record, commit)
    for record in held:
        assert head is not None
        if there[record.pk] == _blob(record.text.encode()):
            _written(project, record, head)
        elif record.status == UNKNOWN:
            _adopt(project, record, head)
        else:
            _differs(project, record, head)


def _commit(repo: str, head: str | None, files: Mapping[str, bytes], message: str) -> str:
    """One write onto `head` and nothing else; where there is no branch it is begun, in a turn of its own."""
    if head is None:
        with _turn(repo):
            head = writer().begin_branch(repo, DECISIONS_BRANCH, {"README.md": README}, "Begin the decisions")
    with _turn(repo):
        return writer().commit_files(repo, DECISIONS_BRANCH, head, files, message)


@contextmanager
def _turn(repo: str) -> Iterator[None]:
    """Raises NotYet until the installation may write again; by then what was begun is found."""
    with pace.turn(repo.partition("/")[0]) as turn:
        turn.use()
        yield


@transaction.atomic
def _written(project: Project, record: DecisionRecord, commit: str) -> None:
    mine = DecisionRecord.objects.filter(pk=record.pk, state=State.PENDING)
    if mine.update(state=State.WRITTEN, problem=""):
        _tell(project, record, "decision.recorded", commit)


def _adopt(project: Project, record: DecisionRecord, head: str) -> None:
    """Nothing is known here and Git tells more, as after the loss of the database: Git is believed."""
    here = mirror(project.code_repo)
    here.fetch(reader().git_token(project.code_repo))
    data = here.read(head, record_path(record.number), most=LARGEST_RECORD)
    with transaction.atomic():
        row = (
            PullRequest.objects.select_for_update(no_key=True)
            .filter(project=project, number=record.number)
            .first()
        )
        take(record, data)
        if row is not None:
            take_over(record, row)


@transaction.atomic
def _differs(project: Project, record: DecisionRecord, head: str) -> None:
    mine = DecisionRecord.objects.filter(pk=record.pk, state=State.PENDING)
    if mine.update(state=State.DIFFERS, problem=OTHER):
        _tell(project, record, "decision.differs", head)


def _tell(project: Project, record: DecisionRecord, action: str, commit: str) -> None:
    said = canonical_json.loads(record.text)
    details = {
        "head": said["head"],
        "merge": said["merge"]["commit"],
        "status": record.status,
        "commit": commit,
        "sha256": hashlib.sha256(record.text.encode()).hexdigest(),
    }
    subject = f"{subject_of(project)}:{record.number}"
    audit.record(by=None, action=action, project=project, subject=subject, details=details)


def _listed(records: Sequence[DecisionRecord]) -> str:
    return ", ".join(f"#{each.number}" for each in records)


def _blob(data: bytes) -> str:
    """The id that Git gives to a file of these bytes."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
