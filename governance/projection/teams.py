"""Teams, their members, and the groups and object permissions that follow from them."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from guardian.models import GroupObjectPermission

from governance.github import reader
from governance.github.errors import GitHubNotFound
from governance.github.port import Account
from governance.models import Node, Person, Project, Team, TeamMember
from governance.projection.people import people_rows
from governance.signin import sync_groups
from governance.work import Gone, ask, ask_all
from lockgate.errors import LockgateError
from lockgate.policy import CONFIRMED_WITHIN

logger = logging.getLogger(__name__)
WORN_AFTER = CONFIRMED_WITHIN - timedelta(seconds=30)  # what is judged on it takes a while
NO_SUCH_TEAM = "GitHub does not show this team to Lockgate's App; nobody is taken to be in it."


def team_row(path: str) -> Team:
    """The team's row, with a group that will hold its permissions; a new team is read at once."""
    team = Team.objects.filter(path=path).first()
    if team is None:
        group, _ = Group.objects.get_or_create(name=f"team:{path}"[:150])
        team, made = Team.objects.get_or_create(path=path, defaults={"group": group})
        if made:
            ask("read_team", path)
    return team


def read_team(path: str) -> None:
    """Read who is in the team. Whoever is not loses the team's permissions in the same transaction."""
    if not Team.objects.filter(path=path).exists():
        raise Gone
    read_teams([path])


def read_teams(paths: Sequence[str]) -> None:
    """Read who is in these teams, many in one query for each organization."""
    for _, group in groupby(sorted(paths), _organization):
        _read_teams_of_one(list(group))


def _read_teams_of_one(paths: Sequence[str]) -> None:
    asked_at = timezone.now()
    try:
        found = reader().teams_members(paths)
    except GitHubNotFound:  # the App is no longer installed there
        found = {}
    for path in paths:
        _write(path, found.get(path), asked_at)


def read_worn_teams(projects: Iterable[Project]) -> None:
    """Read those of the projects' teams whose word is too old to count, as after a time without GitHub.

    So the first decision after it is no refusal for want of voters. An organization that cannot be read now
    keeps its old word, and the decision says so.
    """
    kinds = ContentType.objects.get_for_models(Project, Node)
    numbers = [project.pk for project in projects]
    nodes = Node.objects.filter(projects__in=numbers).values_list("pk", flat=True)
    held = Q(content_type=kinds[Project], object_pk__in=[str(pk) for pk in numbers])
    held |= Q(content_type=kinds[Node], object_pk__in=[str(pk) for pk in nodes])
    groups = GroupObjectPermission.objects.filter(held).values("group_id")
    worn = Q(confirmed_at__isnull=True) | Q(confirmed_at__lt=timezone.now() - WORN_AFTER)
    paths = Team.objects.filter(worn, group_id__in=groups).values_list("path", flat=True)
    for organization, group in groupby(sorted(paths), _organization):
        try:
            _read_teams_of_one(list(group))
        except LockgateError as error:
            logger.warning("Who is in the teams of %s could not be read: %s", organization, error)


def _organization(path: str) -> str:
    return path.partition("/")[0]


@transaction.atomic
def _write(path: str, accounts: tuple[Account, ...] | None, asked_at: datetime) -> None:
    """Where the team's word was other or too old before, decisions that count its votes are made anew."""
    team = Team.objects.select_for_update(no_key=True).get(path=path)
    if team.confirmed_at is not None and team.confirmed_at > asked_at:
        return  # a newer reading is there already
    members = {person.pk: person for person in people_rows(accounts or ()).values()}
    late = team.confirmed_at is None or asked_at - team.confirmed_at > CONFIRMED_WITHIN
    moved = _set_members(team, members)
    team.confirmed_at, team.problem = asked_at, NO_SUCH_TEAM if accounts is None else ""
    team.save(update_fields=["confirmed_at", "problem"])
    if late or moved:
        ask_all(("judge", f"project:{name}") for name in _deciding(team))


def _deciding(team: Team) -> Iterable[str]:
    """Names of the projects in which the team's permissions lie."""
    kind = ContentType.objects.get_for_model(Project)
    held = GroupObjectPermission.objects.filter(group=team.group_id, content_type=kind)
    pks = [int(pk) for pk in held.values_list("object_pk", flat=True)]
    return Project.objects.filter(pk__in=pks).values_list("name", flat=True)


def _set_members(team: Team, members: Mapping[int, Person]) -> bool:
    """Whether anybody came or left. Who has the group's permissions is set right in any case."""
    before = set(TeamMember.objects.filter(team=team).values_list("person_id", flat=True))
    left = before - members.keys()
    TeamMember.objects.filter(team=team, person_id__in=left).delete()
    TeamMember.objects.bulk_create(
        [TeamMember(team=team, person_id=pk) for pk in members.keys() - before], ignore_conflicts=True
    )
    seated = set(Person.objects.filter(user__groups=team.group_id).values_list("pk", flat=True))
    for person in Person.objects.filter(pk__in=seated ^ members.keys(), user__isnull=False):
        sync_groups(person)
    return before != members.keys()


def grant(place: Project | Node, teams_by_permission: Mapping[str, Iterable[str]]) -> None:
    """Give exactly these teams exactly these permissions on the project or node, and take away the rest."""
    kind = ContentType.objects.get_for_model(place)
    permissions = {each.codename: each.pk for each in Permission.objects.filter(content_type=kind)}
    wanted = {
        (permissions[codename], team_row(path).group_id)
        for codename, paths in teams_by_permission.items()
        for path in paths
    }
    held = GroupObjectPermission.objects.filter(content_type=kind, object_pk=str(place.pk))
    rows = {(row.permission_id, row.group_id): row.pk for row in held}
    GroupObjectPermission.objects.filter(
        pk__in=[pk for key, pk in rows.items() if key not in wanted]
    ).delete()
    GroupObjectPermission.objects.bulk_create(
        GroupObjectPermission(
            permission_id=permission, group_id=group, content_type=kind, object_pk=str(place.pk)
        )
        for permission, group in wanted - rows.keys()
    )
