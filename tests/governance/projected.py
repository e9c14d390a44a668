"""All projected rows by their natural keys: what a rebuild must bring back, value by value."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.db.models import Model
from guardian.models import GroupObjectPermission

from governance.models import (
    CheckRun,
    Comment,
    DecisionRecord,
    Node,
    Project,
    PullRequest,
    Registration,
    Review,
    Team,
)
from jobs.models import JobRequest, JobType, Lane, Run
from publications.models import Output, ResultManifest

KINDS = (Node, Project, Registration, PullRequest, Review, Comment, CheckRun, JobType, JobRequest, Lane, Run)
RESULTS = (ResultManifest, Output)
# When something was read or decided here is the portal's own; ids of rows and cursors mean nothing to GitHub.
TIMES = ("read_at", "confirmed_at", "decided_at", "runs_reported_at", "last")
CURSORS = ("id", "seen_to", "history_began", "history_cursor")
OWN = frozenset([*TIMES, *CURSORS])
# Of a pull request that is over nobody else knows these.
JUDGED = frozenset(["verdict", "commit_authors", "pushers", "unknown_author", "unknown_pusher"])
DECIDED = frozenset(["decision", "status"])
Row = tuple[tuple[str, Any], ...]
Names = dict[tuple[type[Model], int], str]


def projected(*, lost: bool = False) -> dict[str, list[Row]]:
    """Every projected table as sorted rows, with names in place of ids.

    `lost`: without what only the portal knew, and nobody does once its rows are gone.
    """
    names: Names = {}
    found = {
        kind.__name__: sorted(
            (_row(each, _own(each) if lost else OWN, names) for each in kind.objects.all()), key=repr
        )
        for kind in (*KINDS, *RESULTS, DecisionRecord)
    }
    found["Team"] = sorted(
        (("path", team.path), ("members", tuple(sorted(each.account_id for each in team.members.all()))))
        for team in Team.objects.all()
    )
    grants = GroupObjectPermission.objects.select_related("group", "permission")
    found["Grant"] = sorted(
        (("group", each.group.name), ("may", each.permission.codename)) for each in grants
    )
    found["Seat"] = sorted(
        (("group", group), ("user", user))
        for group, user in User.groups.through.objects.values_list("group__name", "user__username")
    )
    return found


def _own(row: Model) -> frozenset[str]:
    """What a row that comes anew does not say."""
    match row:
        case PullRequest(state="open"):
            return OWN | {"head_since"}
        case PullRequest(state="merged"):
            return OWN | {"head_since"} | JUDGED
        case PullRequest():
            return OWN | {"head_since"} | JUDGED | DECIDED
        case Lane(request=JobRequest(pull_request=None)):
            return OWN | {"since"}
    return OWN


def _row(row: Model, own: frozenset[str], names: Names) -> Row:
    fields = (field for field in row._meta.concrete_fields if field.name not in own)
    return tuple((field.name, repr(_value(row, field, names))) for field in fields)


def _value(row: Model, field: Any, names: Names) -> Any:
    """A row that is referred to is told by its name, which is made once."""
    value = getattr(row, field.attname)
    if not field.is_relation or value is None:
        return value
    key = (field.related_model, value)
    if key not in names:
        names[key] = str(getattr(row, field.name))
    return names[key]


def differences(before: dict[str, list[Row]], after: dict[str, list[Row]]) -> list[str]:
    """What is in one and not in the other, a line for each value."""
    lines = []
    for table, rows in before.items():
        gone, come = _only(rows, after[table]), _only(after[table], rows)
        lines += [f"{table} was  {each}" for each in sorted(gone - come)]
        lines += [f"{table} is   {each}" for each in sorted(come - gone)]
    return lines


def _only(rows: list[Row], others: list[Row]) -> set[str]:
    return {repr(value) for row in rows if row not in others for value in row}
