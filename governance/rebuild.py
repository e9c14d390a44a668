"""The projection, rebuilt: everything that GitHub and Git say is read again and written over the rows.

Rows keep their identity, so that what is the portal's own (acts, drafts, downloads, audit) stays attached;
rows that GitHub knows nothing of are removed. What only a node tells (runs, releases, services) is kept.
It may be interrupted anywhere and run again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models import ProtectedError

from governance import audit, history
from governance.decisions import read_back
from governance.mirrors import mirror
from governance.models import Node, Person, Project, PullRequest, RemoteAct, Team
from governance.places import repository_of, subject_of
from governance.projection import read_code_repo, read_node_repo, read_teams, refresh
from governance.projection.listeners import tell_rebuilt
from governance.verdicts import judge
from lockgate.errors import LockgateError

Say = Callable[[str], None]
TEAMS_AT_ONCE = 100


@dataclass
class Rebuild:
    """One rebuilding of all places, or of one project; `problems` are what could not be read."""

    operator: str
    by: Person | None
    say: Say
    problems: list[str] = field(default_factory=list)

    def run(self, project: Project | None) -> None:
        self._record("rebuild.begun", project)
        if project is None:
            for repo in settings.LOCKGATE.node_repos:
                self._try(repo, read_node_repo, repo)
        registered = Project.objects.filter(registrations__isnull=False).distinct()
        projects = [project] if project else list(registered)
        for each in projects:
            self._try(each.code_repo, partial(read_code_repo, again=True), each.name)
        self._try("teams", self._read_teams)
        for place in projects if project else [*projects, *Node.objects.all()]:
            self._try(repository_of(place), self._rebuild, place)
        self._record("rebuild.ended", project)

    def _try(self, what: str, step: Callable[..., None], *arguments: object) -> None:
        """One repository that cannot be read stops none of the others."""
        try:
            step(*arguments)
        except LockgateError as error:
            self.problems.append(f"{what}: {error.what}")

    def _read_teams(self) -> None:
        paths = list(Team.objects.order_by("path").values_list("path", flat=True))
        for start in range(0, len(paths), TEAMS_AT_ONCE):
            read_teams(paths[start : start + TEAMS_AT_ONCE])

    def _rebuild(self, place: Project | Node) -> None:
        place.refresh_from_db()
        history.begin(place)
        began, size = place.history_began, history.read_page(place)
        while size is not None:
            self.say(f"{place}: {place.pull_requests.filter(read_at__gte=began).count()} pull requests")
            size = history.read_page(place, size)
        self._remove(place, place.pull_requests.filter(read_at__lt=began))
        if isinstance(place, Project):
            with transaction.atomic():
                tell_rebuilt(place, mirror(place.code_repo))
            self._try(f"decisions of {place}", read_back, place)
        for row in place.pull_requests.filter(state=PullRequest.State.OPEN):
            judge(row)

    def _remove(self, place: Project | Node, rows: Iterable[PullRequest]) -> None:
        """Rows that were not among all that GitHub has: asked for one by one, and removed if it has none."""
        for row in rows:
            if refresh(place, row.number) is None and not _removed(row):
                self.problems.append(f"{subject_of(place)}:{row.number} is not on GitHub, and has a release.")

    @transaction.atomic
    def _record(self, action: str, project: Project | None) -> None:
        audit.record(
            by=self.by,
            action=action,
            project=project,
            subject=project.name if project else "everything",
            details={"operator": self.operator, "problems": self.problems},
        )


@transaction.atomic
def _removed(row: PullRequest) -> bool:
    """Acts on it stay, without it; a release keeps its pull request."""
    acts = list(RemoteAct.objects.filter(pull_request=row).values_list("pk", flat=True))
    RemoteAct.objects.filter(pk__in=acts).update(pull_request=None)
    try:
        with transaction.atomic():
            row.delete()
    except ProtectedError:
        RemoteAct.objects.filter(pk__in=acts).update(pull_request=row)
        return False
    return True
