"""The projection thrown away: what a rebuild must bring back is gone or wrong, and nothing else is touched.

What only the portal or a node knows stays, and so do the rows on which it hangs: their columns are spoilt.
"""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db.models import F, Q
from django.utils import timezone
from guardian.models import GroupObjectPermission

from governance.models import (
    CheckRun,
    Comment,
    DecisionRecord,
    Node,
    Project,
    PullRequest,
    Registration,
    RemoteAct,
    Review,
    Team,
)
from jobs.models import JobRequest, JobType
from publications.models import Output, ResultManifest

REPOSITORY = {"repository_id": None, "default_branch": "", "main_sha": "", "confirmed_at": None}


def drop() -> None:
    _drop_what_is_read_anew()
    _drop_pull_requests()
    _drop_requests()
    _spoil_places()
    _drop_teams()


def _drop_what_is_read_anew() -> None:
    """Reviews that were given for another base stay: which one it was only the portal knows."""
    for kind in (Comment, CheckRun, Output, ResultManifest):
        kind.objects.all().delete()
    here = {"base_ref": F("pull_request__base_ref"), "merge_base": F("pull_request__merge_base")}
    Review.objects.filter(**here).delete()
    JobType.objects.filter(current=True).delete()
    DecisionRecord.objects.filter(state=DecisionRecord.State.WRITTEN).delete()


def _drop_pull_requests() -> None:
    """Acts stay without them, and a release with its own."""
    rows = PullRequest.objects.filter(reviews=None, publication=None)
    RemoteAct.objects.filter(pull_request__in=rows).update(pull_request=None)
    rows.delete()
    PullRequest.objects.update(title="Lost", body="Lost", updated_at=timezone.now(), merged_by=None, kind="")


def _drop_requests() -> None:
    """Their lanes with them, unless a node has told of a run."""
    JobRequest.objects.filter(publications=None, lanes__runs=None).delete()
    JobRequest.objects.update(title="Lost", purpose="Lost", nodes=[], parameters={}, blob="")


def _spoil_places() -> None:
    told = {"app_id": 0, "app_slug": "", "app_account": 0, "message_key": "", "portal_app_id": 0}
    lists = {"controllers": [], "maintainers": [], "addresses": {}, "storage": {}}
    Node.objects.update(**REPOSITORY, **told, **lists)
    Project.objects.update(**REPOSITORY, governance={}, policy_blob="", required_checks=None)
    Registration.objects.update(
        since="", code_location="", publication="", minimums={}, approved_before=["lost"]
    )


def _drop_teams() -> None:
    """Users are in the groups of exactly those teams that they are not in."""
    groups = dict(Team.objects.values_list("group", "path"))
    users = User.objects.filter(person__isnull=False)
    for group, path in groups.items():
        inside = Q(person__teams__path=path)
        strangers, members = list(users.exclude(inside)), list(users.filter(inside))
        for user in strangers:
            user.groups.add(group)
        for user in members:
            user.groups.remove(group)
    GroupObjectPermission.objects.all().delete()
    Team.objects.all().delete()
