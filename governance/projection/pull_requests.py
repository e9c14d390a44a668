"""Pull requests with their reviews, comments, checks and makers, from one reading each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from governance import messages
from governance.gate import base_of, examine, recognise
from governance.github import reader
from governance.github.port import Account, PullRequestReading
from governance.mirrors import Mirror, mirror
from governance.models import Node, Person, Project, PullRequest
from governance.places import repository_of
from governance.projection.listeners import tell_pull_request
from governance.projection.parts import write_checks, write_comments, write_reviews
from governance.projection.people import people_rows
from lockgate.gate import Subject
from lockgate.messages import Look

HINT_WITHIN = timedelta(hours=1)
RESULTS = ("result_publication", "withdrawal")


@dataclass(frozen=True)
class Makers:
    """Who made what stands at a head. None among them: GitHub does not know somebody."""

    commit_authors: tuple[Account | None, ...]
    pushers: tuple[Account | None, ...]

    @property
    def known(self) -> tuple[Account, ...]:
        return tuple(each for each in (*self.commit_authors, *self.pushers) if each is not None)


@dataclass(frozen=True)
class Found:
    """What belongs to a reading: the gate's verdict or, of one that is over, what it was about; and makers.

    What is None is left as it was known.
    """

    verdict: dict[str, Any] | None
    subject: Subject | None
    merge_base: str | None
    makers: Makers | None


@dataclass(frozen=True)
class _Base:
    """What a head is compared with."""

    head: str
    ref: str
    merge_base: str

    @classmethod
    def of(cls, row: PullRequest) -> _Base:
        return cls(row.head_sha, row.base_ref, row.merge_base)

    def moved_to(self, row: PullRequest) -> bool:
        """Whether the base is another, or the same head has another merge base; not for a first reading."""
        now = self.of(row)
        known = bool(self.head and self.merge_base)
        return known and (now.ref != self.ref or (now.head == self.head and now != self))


def refresh(place: Project | Node, number: int, *, makers_again: bool = False) -> PullRequest | None:
    """Read the pull request again and write it; None where GitHub has none of that number.

    Who made it is read once for each head, or `makers_again` before something is decided on it.
    """
    asked_at = timezone.now()
    reading = reader().pull_request(repository_of(place), number)
    if reading is None:
        return None
    return write(place, reading, asked_at, makers_again=makers_again)


def write(
    place: Project | Node,
    reading: PullRequestReading,
    asked_at: datetime,
    *,
    makers_again: bool = False,
    over_newer: bool = False,
) -> PullRequest:
    """Write a reading that is at hand, after reading what belongs to its head."""
    repo = repository_of(place)
    known = place.pull_requests.filter(number=reading.number).first()
    here = mirror(repo)
    if not (here.has(reading.head_sha) and _has_base(here, reading)):
        here.fetch(reader().git_token(repo))
    verdict = examine(place, reading, known, here)
    makers = None
    if makers_again or known is None or known.head_sha != reading.head_sha or not known.pushers:
        makers = _makers(repo, reading)
    merge_base = verdict["merge_base"] if verdict else _merge_base(here, reading)
    found = Found(verdict, None, merge_base, makers)
    return _write(place, reading, found, here, asked_at, over_newer=over_newer)


def rewrite(place: Project | Node, reading: PullRequestReading, asked_at: datetime) -> PullRequest:
    """Write a reading over whatever the row says, the mirror being up to date.

    One that is open is judged and its makers are read as ever. One that is over is not judged again: what
    only counted while it was open (verdict, makers, decision) is kept as it was, or stays unknown.
    """
    if reading.state == "open":
        return write(place, reading, asked_at, over_newer=True)
    here = mirror(repository_of(place))
    known = place.pull_requests.filter(number=reading.number).first()
    verdict = known.verdict if known is not None and known.head_sha == reading.head_sha else None
    merge_base = verdict.get("merge_base") if verdict else _merge_base(here, reading)
    subject = None if verdict else recognise(place, reading.head_sha, merge_base or "", here)
    found = Found(verdict, subject, merge_base, None)
    return _write(place, reading, found, here, asked_at, over_newer=True)


def _has_base(here: Mirror, reading: PullRequestReading) -> bool:
    """An open change is judged against the base as it is now, and by the policy that stands there."""
    if reading.state == "open":
        return here.tip(reading.base_ref) == reading.base_sha
    return here.has(reading.merge_sha if reading.state == "merged" else reading.base_sha)


def _makers(repo: str, reading: PullRequestReading) -> Makers:
    """Pushes to a branch of another repository cannot be read: somebody unknown made them."""
    same = reading.head_repository == repo
    return Makers(
        reader().commit_authors(repo, reading.number),
        reader().pushers(repo, reading.head_ref) if same else (None,),
    )


@transaction.atomic
def _write(
    place: Project | Node,
    reading: PullRequestReading,
    found: Found,
    here: Mirror,
    asked_at: datetime,
    *,
    over_newer: bool = False,
) -> PullRequest:
    row = _locked(place, reading.number)
    if row is None:
        row = PullRequest(**_of(place), number=reading.number, head_sha="")
    elif row.read_at > asked_at or (row.updated_at > reading.updated_at and not over_newer):
        return row  # a newer reading is there already
    if row.head_sha != reading.head_sha:
        row.head_since, row.decision, row.status = asked_at, None, ""
    before = _Base.of(row)
    merged_now = reading.state == "merged" and row.state != "merged"
    people = people_rows(_accounts(reading, found.makers))
    _fill(row, reading, people)
    _fill_found(row, found)
    row.read_at = asked_at
    row.save()
    write_reviews(row, reading, people, told=not before.moved_to(row))
    write_comments(row, reading, people)
    write_checks(row, reading, asked_at)
    if isinstance(place, Project):
        tell_pull_request(row, here)
        if merged_now and timezone.now() - (reading.merged_at or asked_at) < HINT_WITHIN:
            for node in place.nodes.all():
                messages.send(to=node, body=Look(project=place.name, pull_request=row.number))
    return row


def _locked(place: Project | Node, number: int) -> PullRequest | None:
    """The row, locked. A new number locks its place, so that two who read it first write it once."""
    rows = PullRequest.objects.select_for_update(of=("self",), no_key=True).filter(
        **_of(place), number=number
    )
    found = rows.first()
    if found is None:
        type(place).objects.select_for_update(no_key=True).get(pk=place.pk)
        found = rows.first()
    return found


def _of(place: Project | Node) -> dict[str, Project | Node]:
    return {"project": place} if isinstance(place, Project) else {"node": place}


def _accounts(reading: PullRequestReading, makers: Makers | None) -> list[Account]:
    said = [reading.author, *(each.author for each in (*reading.reviews, *reading.comments))]
    return [*said, *([reading.merged_by] if reading.merged_by else ()), *(makers.known if makers else ())]


def _fill(row: PullRequest, reading: PullRequestReading, people: dict[int, Person]) -> None:
    row.graphql_id = reading.graphql_id
    row.title = reading.title[:300]
    row.body = reading.body
    row.author = people[reading.author.id]
    row.head_ref, row.head_sha = reading.head_ref, reading.head_sha
    row.base_ref, row.base_sha = reading.base_ref, reading.base_sha
    row.state = reading.state
    row.mergeable = reading.mergeable if reading.state == "open" else None
    row.merge_sha = reading.merge_sha if reading.state == "merged" else ""
    row.merged_by = people[reading.merged_by.id] if reading.merged_by else None
    row.created_at, row.updated_at = reading.created_at, reading.updated_at
    row.merged_at, row.closed_at = reading.merged_at, reading.closed_at
    row.checks_mark = reading.checks_mark


def _fill_found(row: PullRequest, found: Found) -> None:
    row.verdict = found.verdict
    row.merge_base = found.merge_base or row.merge_base
    if found.verdict is not None and found.verdict["clean"] is not None:
        _fill_subject(row, found.verdict["kind"], found.verdict["request"], found.verdict["nodes"])
    if found.subject is not None:
        kind, request = found.subject.kind, found.subject.request
        _fill_subject(row, str(kind) if kind else None, request, list(found.subject.nodes))
    if found.makers is not None:
        row.commit_authors = [each.id for each in found.makers.commit_authors if each]
        row.pushers = [each.id for each in found.makers.pushers if each]
        row.unknown_author = None in found.makers.commit_authors
        row.unknown_pusher = None in found.makers.pushers


def _fill_subject(row: PullRequest, kind: str | None, request: str | None, nodes: list[str]) -> None:
    row.kind, row.request, row.node_names = kind or "", request or "", nodes
    row.result_node = nodes[0] if row.kind in RESULTS and len(nodes) == 1 else ""


def _merge_base(here: Mirror, reading: PullRequestReading) -> str | None:
    """Where the change begins: against the base's tip, for a merged one against the merge's first parent."""
    base = base_of(reading, here)
    return here.merge_base(base, reading.head_sha) if base else None
