"""The periodic pass: everything that a lost webhook, message or wake-up left undone is found here."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from governance.github import reader
from governance.models import Node, Project, PullRequest, RemoteAct, Team
from governance.places import place_of, repository_of, subject_of
from governance.projection import read_code_repo, read_node_repo, read_team
from governance.projection.pull_requests import write
from governance.verdicts import judge, look
from governance.work import ask, ask_if_idle, does

REPOSITORIES_EVERY = timedelta(seconds=60)
TEAMS_EVERY = timedelta(seconds=60)
PULL_REQUESTS_EVERY = timedelta(seconds=30)
LONGEST_PASS = timedelta(seconds=30)
UNSETTLED_AFTER = timedelta(minutes=2)

does("read_node_repo", every=REPOSITORIES_EVERY)(read_node_repo)
does("read_code_repo", every=REPOSITORIES_EVERY)(read_code_repo)
does("read_team", every=TEAMS_EVERY)(read_team)


@does("look")
def look_at(subject: str) -> None:
    """Look at one pull request: `project:<name>:<number>` or `node:<name>:<number>`."""
    look(place_of(subject), int(subject.split(":")[2]))


@does("pass", every=PULL_REQUESTS_EVERY)
def pass_over(subject: str) -> None:
    """Read all open pull requests of a repository, and find the others that moved unseen.

    What does not fit into the time of one step is asked for and done one by one.
    """
    place = place_of(subject)
    asked_at = timezone.now()
    open_now = reader().open_pull_requests(repository_of(place))
    for reading in open_now:
        if timezone.now() - asked_at < LONGEST_PASS:
            judge(write(place, reading, asked_at))
        else:
            ask("look", f"{subject}:{reading.number}")
    known = dict(place.pull_requests.values_list("number", "updated_at"))
    seen = {reading.number for reading in open_now}
    moved = {
        glance.number
        for glance in reader().recent(repository_of(place))
        if glance.number not in seen and known.get(glance.number) != glance.updated_at
    }
    still_open = place.pull_requests.filter(state=PullRequest.State.OPEN)
    moved |= set(still_open.exclude(number__in=seen).values_list("number", flat=True))
    for number in sorted(moved):
        ask("look", f"{subject}:{number}")


def ask_for_what_is_due() -> None:
    """See to it that every repository, team and unsettled act has its row of work."""
    for repo in settings.LOCKGATE.node_repos:
        ask_if_idle("read_node_repo", repo)
    for project in Project.objects.filter(registrations__isnull=False).distinct():
        ask_if_idle("read_code_repo", project.name)
        if project.confirmed_at is not None:
            ask_if_idle("pass", subject_of(project))
    for node in Node.objects.all():
        ask_if_idle("pass", subject_of(node))
    for path in Team.objects.values_list("path", flat=True):
        ask_if_idle("read_team", path)
    since = timezone.now() - UNSETTLED_AFTER
    for pk in RemoteAct.objects.filter(
        state__in=[RemoteAct.State.RECORDED, RemoteAct.State.UNKNOWN], recorded_at__lt=since
    ).values_list("pk", flat=True):
        ask_if_idle("settle_act", str(pk))
