"""Glances at repositories, many in one query: what no webhook told of is found here."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from governance.github import reader
from governance.github.errors import RateLimited
from governance.github.port import Glance, Overview, PullRequestReading
from governance.models import Node, Project, PullRequest
from governance.places import change_subject, repository_of, subject_of
from governance.projection.code_repos import as_json
from governance.projection.pull_requests import write
from governance.projection.teams import read_worn_teams
from governance.verdicts import judge
from governance.work import ask_all, ask_all_if_idle, ask_all_patiently, failing
from lockgate.errors import LockgateError

logger = logging.getLogger(__name__)
OVERLAP = timedelta(minutes=5)  # of what was seen already, for GitHub's times are not all of one clock
SETTLES = timedelta(seconds=5)  # GitHub's times are whole seconds, and its clock is not the portal's
READ_AGAIN = 20  # open pull requests that each glance reads again whole, those read longest ago first
LONGEST = 20.0  # seconds that reading them again may take; who is left then is read the next time
Place = Project | Node
Asked = tuple[str, str]


def glance_over(places: Sequence[Place]) -> None:
    """Glance at repositories of one owner, and at the checks of their open pull requests."""
    asked_at = timezone.now()
    overviews = reader().overviews([repository_of(place) for place in places])
    for place in places:
        overview = overviews.get(repository_of(place))
        if overview is None:
            problem = f"GitHub does not show {repository_of(place)} to Lockgate's App, or it is empty."
            type(place).objects.filter(pk=place.pk).update(problem=problem)
        else:
            _take_in(place, overview, asked_at)
    _look_at_open(places)


def _take_in(place: Place, overview: Overview, asked_at: datetime) -> None:
    """Confirm what is as it was, and ask for what is not."""
    with transaction.atomic():
        _confirm(place, overview, asked_at)
        ask_all_patiently([*_moved(place, overview.recent), *_behind(place, overview)])
        if place.seen_to is None:
            ask_all_if_idle([("read_history", subject_of(place))])
        elif overview.more and overview.recent[-1].updated_at >= place.seen_to - OVERLAP:
            ask_all_if_idle([("read_changes", subject_of(place))])
        else:
            _seen(place, overview.recent)


def read_changes(place: Place) -> None:
    """Ask for all pull requests that changed since the place was seen, however many."""
    if place.seen_to is None:
        return
    glances = reader().updated(repository_of(place), place.seen_to - OVERLAP)
    with transaction.atomic():
        ask_all_patiently(_moved(place, glances))
        _seen(place, glances)


def _seen(place: Place, glances: Sequence[Glance]) -> None:
    """All that changed up to the newest of these is read or asked for."""
    newest = max((glance.updated_at for glance in glances), default=None)
    if newest is not None:
        type(place).objects.filter(pk=place.pk, seen_to__lt=newest).update(seen_to=newest)


def _confirm(place: Place, overview: Overview, asked_at: datetime) -> None:
    """Its main says what it said when it was read: that is confirmed. Else it is read again."""
    found = overview.repository
    known = (place.repository_id, place.default_branch, place.main_sha)
    named = found.name.casefold() == repository_of(place).casefold()
    if place.problem or not named or known != (found.id, found.default_branch, found.main_sha):
        kind = "read_code_repo" if isinstance(place, Project) else "read_node_repo"
        ask_all_if_idle([(kind, place.name if isinstance(place, Project) else place.repo)])
        return
    required = as_json(found.required)
    unread = Q(confirmed_at__isnull=True) | Q(confirmed_at__lt=asked_at)
    rows = type(place).objects.filter(unread, pk=place.pk, main_sha=found.main_sha)
    if isinstance(place, Node):
        rows.update(confirmed_at=asked_at)
        return
    moved = place.required_checks != required
    if rows.update(confirmed_at=asked_at, required_checks=required) and moved:
        ask_all([("judge", subject_of(place))])


def _moved(place: Place, glances: Sequence[Glance]) -> Iterable[Asked]:
    """The pull requests whose rows say something else, or may: another change in the second in which one
    was read does not move GitHub's time of it."""
    rows = place.pull_requests.filter(number__in=[glance.number for glance in glances])
    settled = rows.filter(read_at__gt=F("updated_at") + SETTLES)
    known = {row[0]: row[1:] for row in settled.values_list("number", "state", "head_sha", "updated_at")}
    for glance in glances:
        if known.get(glance.number) != (glance.state, glance.head_sha, glance.updated_at):
            yield "look", f"{subject_of(place)}:{glance.number}"


def _behind(place: Place, overview: Overview) -> Iterable[Asked]:
    """Open pull requests that were read against an earlier tip of the default branch."""
    main = overview.repository
    rows = place.pull_requests.filter(state=PullRequest.State.OPEN, base_ref=main.default_branch)
    for number in rows.exclude(base_sha=main.main_sha).values_list("number", flat=True):
        yield "look", f"{subject_of(place)}:{number}"


def _look_at_open(places: Sequence[Place]) -> None:
    """Read some open pull requests again whole, and of the others whether their checks moved.

    One whose `look` failed comes back by itself: it keeps none of the others from being read.
    """
    owner = repository_of(places[0]).partition("/")[0]
    projects = [place for place in places if isinstance(place, Project)]
    nodes = [place for place in places if isinstance(place, Node)]
    still_open = PullRequest.objects.filter(Q(project__in=projects) | Q(node__in=nodes)).filter(
        state=PullRequest.State.OPEN
    )
    left_alone = failing("look")
    by_age = still_open.select_related("project", "node").order_by("read_at")
    rows = [row for row in by_age if change_subject(row) not in left_alone]
    left = _read_again(owner, rows[:READ_AGAIN])
    _compare_marks(owner, [*left, *rows[READ_AGAIN:]])


def _read_again(owner: str, rows: Sequence[PullRequest]) -> Sequence[PullRequest]:
    """Those that were left when the time was up."""
    asked_at, ends = timezone.now(), time.monotonic() + LONGEST
    found = reader().pull_requests(owner, [row.graphql_id for row in rows])
    read_worn_teams({row.project for row in rows if row.project is not None})
    for number, row in enumerate(rows):
        if time.monotonic() > ends:
            return rows[number:]
        _take_in_again(row, found.get(row.graphql_id), asked_at)
    return ()


def _take_in_again(row: PullRequest, reading: PullRequestReading | None, asked_at: datetime) -> None:
    """What cannot be read of one pull request is its own work from then on, with pauses of its own.

    A limit of GitHub's ends all; where GitHub is down, so does the next question.
    """
    if reading is None:
        ask_all_patiently([("look", change_subject(row))])
        return
    try:
        judge(write(row.place, reading, asked_at), teams_read=True)
    except RateLimited:
        raise
    except LockgateError as error:
        logger.warning("%s could not be read again: %s", row, error)
        ask_all_if_idle([("look", change_subject(row))])


def _compare_marks(owner: str, rows: Sequence[PullRequest]) -> None:
    found = reader().marks(owner, [row.graphql_id for row in rows])
    moved = [row for row in rows if not _is_as_read(row, found.get(row.graphql_id))]
    ask_all_patiently(("look", change_subject(row)) for row in moved)


def _is_as_read(row: PullRequest, glance: Glance | None) -> bool:
    read = (row.state, row.head_sha, row.updated_at, row.checks_mark)
    return glance is not None and read == (
        glance.state,
        glance.head_sha,
        glance.updated_at,
        glance.checks_mark,
    )
