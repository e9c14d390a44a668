"""Who may look at outputs before release: controllers who review them, and never the requester."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404
from django.shortcuts import get_object_or_404

from governance.access import (
    NOT_FOUND,
    OPENS_UNRELEASED,
    Visitor,
    controller_nodes,
    person_of,
    project_or_404,
    require_fresh,
)
from governance.models import Person, Project, PullRequest
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
    if viewer is None or not may_look(user, viewer, place, request, node):
        raise Http404(NOT_FOUND)
    require_fresh(user, "decide_project", place, within=OPENS_UNRELEASED)
    return Review(viewer, place, request, node, _newest(place, slug, node))


def may_look(user: Visitor, viewer: Person, project: Project, request: JobRequest, node: str) -> bool:
    """Whether this controller reviews the node's outputs of this request."""
    if viewer.account_id == request.requester.account_id:
        return False
    return not _per_node(project) or node in controller_nodes(user, project)


def _per_node(project: Project) -> bool:
    """Where the policy cannot be read, the narrower answer holds."""
    approvals = project.governance.get("approvals", {}).get("result_publication", {})
    return bool(approvals.get("per_node", True))


def _newest(project: Project, slug: str, node: str) -> PullRequest:
    found = (
        project.pull_requests.filter(kind="result_publication", request=slug, result_node=node)
        .select_related("author", "project", "merged_by")
        .order_by("-number")
        .first()
    )
    if found is None:
        raise Http404(NOT_FOUND)
    return found
