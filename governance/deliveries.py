"""Webhook deliveries: stored with one statement, and turned into work in batches by a worker."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from governance import failed_deliveries
from governance.github import reader
from governance.hints import Hint, read_hint
from governance.models import Bookmark, Node, Project, PullRequest, Team, UserToken, WebhookDelivery
from governance.places import subject_of
from governance.posture.steps import TELLING_EVENTS
from governance.work import ask_all

BATCH = 200
KEPT = timedelta(days=8)  # GitHub offers a delivery again for 3
MISSED = "missed deliveries"
FIRST_LOOK_BACK = timedelta(hours=1)
STORE = """INSERT INTO governance_webhookdelivery (guid, event, action, repository, repository_id, number,
head_sha, organization, team, installation, account, received_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (guid) DO NOTHING"""
OF_TEAMS = ("membership", "team")
OF_ORGANIZATIONS = ("organization", "installation", "installation_repositories")
Asked = tuple[str, str]


def store(guid: str, event: str, hint: Hint) -> bool:
    """Keep the delivery until a worker comes to it; False where it was seen before."""
    values = (guid[:100], event[:60], *vars(hint).values(), timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(STORE, values)
        return bool(cursor.rowcount)


@transaction.atomic
def digest() -> int:
    """Ask for what the next stored deliveries hint at; returns how many they were."""
    waiting = WebhookDelivery.objects.select_for_update(skip_locked=True).filter(processed_at__isnull=True)
    rows = list(waiting.order_by("id")[:BATCH])
    if rows:
        places = _places(rows)
        ask_all(asked for row in rows for asked in _meaning(row, places))
        _forget_tokens(rows)
        WebhookDelivery.objects.filter(pk__in=[row.pk for row in rows]).update(processed_at=timezone.now())
    return len(rows)


def take_missed() -> None:
    """Take what GitHub could not deliver since the last look as if it had come, and forget what is old."""
    now = timezone.now()
    mark = Bookmark.objects.filter(name=MISSED).first()
    since = mark.at if mark else now - FIRST_LOOK_BACK
    said = reader().deliveries(since - timedelta(minutes=1))
    for missed in said.missed:
        hint = read_hint(missed.payload)
        if hint is not None:
            store(missed.guid, missed.event, hint)
    failed_deliveries.keep(said)
    Bookmark.objects.update_or_create(name=MISSED, defaults={"at": now})
    WebhookDelivery.objects.filter(received_at__lt=now - KEPT, processed_at__isnull=False).delete()


def _places(rows: Iterable[WebhookDelivery]) -> list[Project | Node]:
    """The places that any of these are about; a repository that was renamed is known by its id."""
    names = {row.repository for row in rows if row.repository}
    ids = {row.repository_id for row in rows if row.repository_id}
    projects = Project.objects.filter(Q(code_repo__in=names) | Q(repository_id__in=ids))
    return [*projects, *Node.objects.filter(Q(repo__in=names) | Q(repository_id__in=ids))]


def _meaning(row: WebhookDelivery, places: Iterable[Project | Node]) -> Iterator[Asked]:
    if row.event in OF_TEAMS:
        yield from _teams(row)
    elif row.event in OF_ORGANIZATIONS:
        yield from (("pass", row.organization), ("read_teams", row.organization))
    elif row.repository:
        here = [place for place in places if _is_about(row, place)]
        for place in here:
            yield from _looks(row, place)
            if row.event in TELLING_EVENTS:
                yield "read_posture", subject_of(place)
        if not here and row.repository in settings.LOCKGATE.node_repos:
            yield "read_node_repo", row.repository


def _teams(row: WebhookDelivery) -> Iterator[Asked]:
    """A team that got another name is not known by it: all that are known of the organisation are read."""
    path = f"{row.organization}/{row.team}"
    if row.event == "team":
        yield "read_teams", row.organization
    elif Team.objects.filter(path=path).exists():
        yield "read_team", path


def _is_about(row: WebhookDelivery, place: Project | Node) -> bool:
    named = place.code_repo if isinstance(place, Project) else place.repo
    return row.repository == named or (row.repository_id or 0) == place.repository_id


def _looks(row: WebhookDelivery, place: Project | Node) -> Iterator[Asked]:
    """At the pull requests that it names or whose head it names; else at the repository."""
    numbers = {row.number} if row.number else set()
    if row.head_sha:
        heads = PullRequest.objects.filter(head_sha=row.head_sha, state=PullRequest.State.OPEN)
        numbers |= set(heads.filter(_of(place)).values_list("number", flat=True))
    for number in numbers:
        yield "look", f"{subject_of(place)}:{number}"
    if not numbers:
        yield "glance", subject_of(place)


def _of(place: Project | Node) -> Q:
    return Q(project=place) if isinstance(place, Project) else Q(node=place)


def _forget_tokens(rows: Iterable[WebhookDelivery]) -> None:
    """Whoever took back the App's right to act for them is asked to sign in again."""
    revoked = [row.account for row in rows if row.event == "github_app_authorization" and row.account]
    UserToken.objects.filter(person__account_id__in=revoked).delete()
