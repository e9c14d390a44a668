"""Who may look at outputs before release: controllers who review them, and never the requester."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone

from governance.access import NOT_FOUND, OPENS_UNRELEASED, StalePermission, Visitor, person_of, project_or_404
from governance.models import Person, Project, PullRequest, Registration
from jobs.models import JobRequest
from publications.models import Output


@dataclass(frozen=True)
class Review:
    """One node's outputs of one request, opened by somebody who may see them."""

    viewer: Person
    project: Project
    request: JobRequest
    node: str
    pull_request: PullRequest

    def output(self, name: str) -> Output:
        return get_object_or_404(
            Output.objects.select_related("pull_request__project"),
            pull_request=self.pull_request,
            head_sha=self.pull_request.head_sha,
            name=name,
        )


def review_or_404(user: Visitor, project: str, slug: str, node: str) -> Review:
    """The newest result pull request of a request on a node. Raises Http404 or StalePermission.

    Permission older than five minutes opens nothing that is not released.
    """
    place = project_or_404(user, project, "decide_project")
    request = get_object_or_404(JobRequest.objects.select_related("requester"), project=place, slug=slug)
    viewer = person_of(user)
    if viewer is None or viewer.account_id == request.requester.account_id:
        raise Http404(NOT_FOUND)
    confirmed = reviewer_since(viewer, place, node)
    if confirmed is None:
        raise Http404(NOT_FOUND)
    if timezone.now() - confirmed > OPENS_UNRELEASED:
        raise StalePermission(
            f"GitHub last confirmed at {confirmed:%H:%M} UTC that you review outputs of {node}; that is too"
            " long ago to open them.",
            next_step="Nothing is wrong with your access as far as Lockgate knows. Try again in a minute.",
        )
    return Review(viewer, place, request, node, _newest(place, slug, node))


def reviewer_since(viewer: Person, project: Project, node: str) -> datetime | None:
    """When GitHub last confirmed that this person reviews the node's outputs; None where they do not.

    With `per_node` these are the node's controllers, named by the Code Repo and by the Node Repo both;
    without it the project's.
    """
    at = Registration.objects.select_related("node").filter(project=project, node__name=node).first()
    if at is None:
        return None
    named = project.governance.get("nodes", {}).get(node, {}).get("controllers", ())
    if _per_node(project, at):
        teams = [_newest_of(viewer, named), _newest_of(viewer, at.node.controllers)]
    else:
        teams = [_newest_of(viewer, project.governance.get("controllers", ()))]
    return _oldest([*teams, project.confirmed_at, at.node.confirmed_at])


def _per_node(project: Project, at: Registration) -> bool:
    """Where the policy cannot be read, the narrower answer holds; the node's own minimum counts too."""
    asked = project.governance.get("approvals", {}).get("result_publication", {})
    minimum = at.minimums.get("result_publication", {})
    return bool(asked.get("per_node", True) or minimum.get("per_node", False))


def _newest_of(viewer: Person, paths: Iterable[str]) -> datetime | None:
    """When the freshest of these teams that the person is in was confirmed."""
    mine = viewer.teams.filter(path__in=list(paths), confirmed_at__isnull=False)
    return mine.order_by("-confirmed_at").values_list("confirmed_at", flat=True).first()


def _oldest(times: Iterable[datetime | None]) -> datetime | None:
    known = list(times)
    return None if None in known else min(at for at in known if at is not None)


def _newest(project: Project, slug: str, node: str) -> PullRequest:
    """By the node's own App alone: whoever may push could open one that looks like it."""
    own = project.nodes.filter(name=node).values("app_account")
    found = (
        project.pull_requests.filter(kind="result_publication", request=slug, result_node=node)
        .filter(author__account_id__in=own)
        .select_related("author", "project", "merged_by")
        .order_by("-number")
        .first()
    )
    if found is None:
        raise Http404(NOT_FOUND)
    return found
