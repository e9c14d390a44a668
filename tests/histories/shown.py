"""What the portal's rows tell of GitHub, to be held against the truth."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from guardian.models import GroupObjectPermission

from governance.models import DecisionRecord, Node, Person, Project, PullRequest, Team
from jobs.models import JobRequest
from lockgate import canonical_json
from tests.histories.truth import Change, Check, Comment, Merged, Open, Place, Request, Review, Truth


def shown() -> Truth:
    project = Project.objects.get()
    rows = project.pull_requests.select_related("author", "merged_by").prefetch_related(
        "reviews__author", "comments__author", "checks"
    )
    requests = project.requests.select_related("requester", "pull_request").prefetch_related("lanes__node")
    teams = Team.objects.prefetch_related("members")
    return Truth(
        changes={row.number: _change(row) for row in rows},
        requests={row.slug: _request(row) for row in requests},
        teams={team.path: sorted(each.account_id for each in team.members.all()) for team in teams},
        rights=_rights(project),
        place=_place(project),
    )


def _change(row: PullRequest) -> Change:
    return Change(
        title=row.title,
        body=row.body,
        author=row.author.account_id,
        state=row.state,
        head_ref=row.head_ref,
        head=row.head_sha,
        base_ref=row.base_ref,
        base=row.base_sha,
        merge_base=row.merge_base,
        created=_text(row.created_at),
        updated=_text(row.updated_at),
        closed=_maybe(row.closed_at),
        reviews=_reviews(row),
        comments=_comments(row),
        checks=_checks(row),
        open=_open(row) if row.state == "open" else None,
        merged=_merged(row) if row.state == "merged" else None,
    )


def _reviews(row: PullRequest) -> tuple[Review, ...]:
    rows = sorted(row.reviews.all(), key=lambda each: each.remote_id)
    return tuple(
        Review(
            each.remote_id,
            each.author.account_id,
            each.state,
            each.body,
            each.head_sha,
            _text(each.submitted_at),
        )
        for each in rows
    )


def _comments(row: PullRequest) -> tuple[Comment, ...]:
    rows = sorted(row.comments.all(), key=lambda each: each.remote_id)
    return tuple(
        Comment(
            each.remote_id,
            each.author.account_id,
            each.body,
            _text(each.created_at),
            _text(each.updated_at),
        )
        for each in rows
    )


def _checks(row: PullRequest) -> tuple[Check, ...]:
    rows = sorted(row.checks.all(), key=lambda each: each.remote_id)
    return tuple(
        Check(each.remote_id, each.name, each.app_id or 0, each.status, each.conclusion, each.summary)
        for each in rows
        if each.head_sha == row.head_sha
    )


def _open(row: PullRequest) -> Open:
    own = [
        check
        for check in sorted(row.checks.all(), key=lambda each: each.remote_id)
        if (check.name, check.app_id) == ("lockgate/policy", settings.LOCKGATE.app_id)
    ]
    return Open(
        mergeable=row.mergeable,
        kind=row.kind if row.verdict and row.verdict["clean"] else "",
        pushers=sorted(row.pushers),
        authors=sorted(row.commit_authors),
        approved=row.status == "approved",
        posted=bool(own) and own[-1].conclusion == "success",
    )


def _merged(row: PullRequest) -> Merged:
    record = DecisionRecord.objects.filter(project=row.place.name, number=row.number).first()
    text = canonical_json.loads(record.text) if record is not None and record.text else None
    return Merged(
        by=row.merged_by.account_id if row.merged_by else None,
        commit=row.merge_sha,
        at=_maybe(row.merged_at) or "",
        decided=row.status or "unknown",
        in_portal=record.in_portal if record is not None else None,
        recorded=(text["merge"]["commit"], text["head"]) if text else (None, ""),
    )


def _request(row: JobRequest) -> Request:
    return Request(
        slug=row.slug,
        title=row.title,
        purpose=row.purpose,
        job=row.job,
        requester=row.requester.account_id,
        nodes=row.nodes,
        blob=row.blob,
        pull_request=row.pull_request.number if row.pull_request else 0,
        lanes=sorted(lane.node.name for lane in row.lanes.all()),
    )


def _rights(project: Project) -> dict[int, set[str]]:
    """By the groups of everybody who ever signed in."""
    grants = GroupObjectPermission.objects.filter(
        object_pk=str(project.pk), content_type__model="project"
    ).values_list("group", "permission__codename")
    people = Person.objects.filter(user__isnull=False).prefetch_related("user__groups")
    return {
        person.account_id: {
            may for group, may in grants if group in {each.pk for each in person.user.groups.all()}
        }
        for person in people
    }


def _place(project: Project) -> Place:
    required = project.required_checks
    return Place(
        main=project.main_sha,
        node_main=Node.objects.get().main_sha,
        policy=project.governance,
        policy_blob=project.policy_blob,
        required=None if required is None else sorted((name, app) for name, app in required),
        job_types=sorted(project.job_types.filter(current=True).values_list("name", flat=True)),
    )


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _maybe(moment: datetime | None) -> str | None:
    return _text(moment) if moment else None
