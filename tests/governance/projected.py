"""All projected rows by their natural keys: what a rebuild must bring back, value by value."""

from __future__ import annotations

from typing import Any

from django.db.models import Model
from guardian.models import GroupObjectPermission

from governance.models import CheckRun, Comment, Node, Project, PullRequest, Registration, Review, Team
from jobs.models import JobRequest, JobType, Lane, Run

# When something was read or decided here is the portal's own; ids of rows and cursors mean nothing to GitHub.
TIMES = ("read_at", "confirmed_at", "decided_at", "runs_reported_at")
CURSORS = ("id", "seen_to", "history_began", "history_cursor")
OWN = frozenset([*TIMES, *CURSORS])
Row = tuple[tuple[str, Any], ...]


def projected() -> dict[str, list[Row]]:
    """Every projected table as sorted rows, with names in place of ids."""
    found = {
        kind.__name__: sorted((_row(each) for each in kind.objects.all()), key=repr)
        for kind in (Node, Project, Registration, PullRequest, Review, Comment, CheckRun, JobType, JobRequest)
    }
    found |= {kind.__name__: sorted(map(_row, kind.objects.all()), key=repr) for kind in (Lane, Run)}
    found["Team"] = sorted(
        (("path", team.path), ("members", tuple(sorted(each.account_id for each in team.members.all()))))
        for team in Team.objects.all()
    )
    grants = GroupObjectPermission.objects.select_related("group", "permission")
    found["Grant"] = sorted(
        (("group", each.group.name), ("may", each.permission.codename)) for each in grants
    )
    return found


def _row(row: Model) -> Row:
    return tuple(
        (field.name, repr(_value(row, field))) for field in row._meta.concrete_fields if field.name not in OWN
    )


def _value(row: Model, field: Any) -> Any:
    value = getattr(row, field.name)
    return str(value) if isinstance(value, Model) else value


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
