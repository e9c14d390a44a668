"""The periodic pass: everything that a lost webhook, message or wake-up left undone is found here."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from governance import deliveries, history, projection, verdicts
from governance.acts import UNSETTLED
from governance.decisions.keeping import WORK as RECORD
from governance.decisions.writing import waiting_projects
from governance.glances import glance_over, read_changes
from governance.models import Node, Outgoing, Project, PullRequest, RemoteAct, Team
from governance.places import place_of, repository_of, subject_of
from governance.posture.steps import SETTLES
from governance.projection import read_code_repo, read_node_repo, read_team
from governance.work import Gone, ask, ask_all_if_idle, does

PASS_EVERY = timedelta(seconds=30)
TEAMS_EVERY = timedelta(seconds=30)
TEAM_AFTER = timedelta(minutes=3)  # a team is read again; its word opens unreleased outputs for 5
TEAMS_AT_ONCE = 100
MISSED_EVERY = timedelta(seconds=60)
LONGEST_STEP = 20.0  # seconds
UNSETTLED_AFTER = timedelta(minutes=2)

Asked = tuple[str, str]
ALSO_DUE: list[Callable[[], Iterable[Asked]]] = []

does("read_node_repo")(read_node_repo)
does("read_code_repo")(read_code_repo)
does("read_team")(read_team)


@does("look")
def look_at(subject: str) -> None:
    """Look at one pull request: `project:<name>:<number>` or `node:<name>:<number>`."""
    verdicts.look(place_of(subject), int(subject.split(":")[2]))


@does("glance")
def glance_at(subject: str) -> None:
    glance_over([place_of(subject)])


@does("read_changes")
def read_changes_of(subject: str) -> None:
    """More changed in a place than a glance shows."""
    read_changes(place_of(subject))


@does("pass", every=PASS_EVERY)
def pass_over(owner: str) -> None:
    """Glance at all repositories of one account on GitHub."""
    places = [place for place in _places() if _owner(repository_of(place)) == owner]
    if not places:
        raise Gone
    glance_over(places)


@does("teams", every=TEAMS_EVERY)
def read_due_teams(owner: str) -> None:
    """Read the teams of an organisation whose word is about to get too old, the oldest first."""
    teams = Team.objects.filter(path__startswith=f"{owner}/")
    old = Q(confirmed_at__isnull=True) | Q(confirmed_at__lt=timezone.now() - TEAM_AFTER)
    at_once = max(TEAMS_AT_ONCE, teams.count() // 4)
    due = teams.filter(old).order_by("confirmed_at").values_list("path", flat=True)[:at_once]
    if due:
        projection.read_teams(list(due))


@does("read_teams")
def read_all_teams(owner: str) -> None:
    """Something happened in an organisation that may concern any of its teams."""
    projection.read_teams(
        list(Team.objects.filter(path__startswith=f"{owner}/").values_list("path", flat=True))
    )


@does("missed", every=MISSED_EVERY)
def take_missed(_: str) -> None:
    deliveries.take_missed()


@does("read_history")
def read_history(subject: str) -> None:
    """Read all pull requests of a place, as many pages as fit into one step."""
    place, ends = place_of(subject), time.monotonic() + LONGEST_STEP
    history.begin(place)
    size = history.read_page(place)
    while size is not None:
        if time.monotonic() > ends:
            ask("read_history", subject)
            return
        size = history.read_page(place, size)


@does("judge")
def judge_open(subject: str) -> None:
    """Decide anew on the open pull requests of a place: facts about people or protection moved."""
    place = place_of(subject)
    if isinstance(place, Project):
        projection.read_worn_teams([place])
    for row in place.pull_requests.filter(state=PullRequest.State.OPEN):
        verdicts.judge(row, teams_read=True)


def ask_for_what_is_due() -> None:
    """See to it that every repository, team and unsettled act has its row of work."""
    known = set(Node.objects.values_list("repo", flat=True))
    wanted = [("read_node_repo", repo) for repo in settings.LOCKGATE.node_repos if repo not in known]
    wanted += [("read_code_repo", name) for name in _unread_projects()]
    wanted += [("pass", owner) for owner in {_owner(repository_of(place)) for place in _places()}]
    wanted += [("teams", owner) for owner in {_owner(path) for path in _team_paths()}]
    wanted += [(RECORD, name) for name in waiting_projects()]
    wanted += [("outbox", owner) for owner in _waited_for()]
    wanted += [("settle_act", str(pk)) for pk in _unsettled()]
    ask_all_if_idle([*wanted, ("missed", "github")])
    ask_all_if_idle((("read_posture", subject_of(place)) for place in _places()), after=SETTLES)
    ask_all_if_idle(asked for also_due in ALSO_DUE for asked in also_due())


def also_due(subjects: Callable[[], Iterable[Asked]]) -> Callable[[], Iterable[Asked]]:
    """Register what else, of another app, must have its row of work."""
    ALSO_DUE.append(subjects)
    return subjects


def _waited_for() -> Iterator[str]:
    """Owners of the installations that still have something to write."""
    yield from Outgoing.objects.order_by().values_list("owner", flat=True).distinct()


def _unsettled() -> Iterator[UUID]:
    """People's acts whose end nobody saw."""
    since = timezone.now() - UNSETTLED_AFTER
    acts = RemoteAct.objects.filter(state__in=UNSETTLED, recorded_at__lt=since, by__isnull=False)
    yield from acts.values_list("pk", flat=True)


def _places() -> Iterator[Project | Node]:
    """Nodes, and the projects that any node registers, once their main was read."""
    yield from Node.objects.filter(repo__in=settings.LOCKGATE.node_repos)
    yield from Project.objects.filter(registrations__isnull=False, confirmed_at__isnull=False).distinct()


def _unread_projects() -> Iterator[str]:
    unread = Project.objects.filter(registrations__isnull=False, confirmed_at__isnull=True)
    yield from unread.values_list("name", flat=True).distinct()


def _team_paths() -> Iterator[str]:
    yield from Team.objects.values_list("path", flat=True)


def _owner(path: str) -> str:
    return path.partition("/")[0]
