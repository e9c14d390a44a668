"""Reconciliation, for controllers and administrators: what all four say, side by side, per project."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from governance.access import (
    NOT_FOUND,
    Visitor,
    is_administrator,
    person_of,
    signed_in,
    visible_nodes,
    visible_projects,
)
from governance.deliveries import MISSED
from governance.failed_deliveries import CUT, OFFERED, ask_to_redeliver, is_under_way
from governance.models import Bookmark, FailedDelivery, Node, Person, Project
from portal.pages.queue import Queue
from portal.pages.reconciled import view_project
from portal.reconciliation.facts import Facts
from portal.reconciliation.findings import Repair
from portal.reconciliation.limits import DELIVERIES_SILENT, MOST
from portal.reconciliation.reading import read_facts
from portal.reconciliation.reading.trouble import work_of_none
from portal.reconciliation.repairs import repair as ask_for_repair
from portal.reconciliation.repairs import try_work_of_no_project
from portal.reconciliation.rules.sources import is_old

PROJECTS = 10  # on a page
REDELIVER = "redeliver"
UNUSABLE = "The Node Repo cannot be used as it is."


@dataclass(frozen=True)
class NoProject:
    """What belongs to no project: deliveries that GitHub could not hand over, and work that keeps failing.

    `cut`: there are more than were listed. `under_way`: those that GitHub was just asked to deliver again.
    """

    deliveries: list[FailedDelivery]
    total: int
    cut: bool
    under_way: frozenset[int]
    read_at: Any
    told: bool
    work: tuple[Any, ...]


@require_GET
@signed_in
@never_cache
def reconciliation(request: HttpRequest) -> HttpResponse:
    projects, now = reconciled_or_404(request.user), timezone.now()
    page = Paginator(projects.order_by("name"), PROJECTS).get_page(request.GET.get("page"))
    mine = set(visible_projects(request.user).values_list("pk", flat=True))
    nodes = _nodes_of(request.user)
    found = [_as_seen(facts, nodes) for facts in read_facts(list(page), now)]
    views = [view_project(facts, row.pk in mine, now) for row, facts in zip(page, found, strict=True)]
    of_none = _of_no_project() if is_administrator(request.user) else None
    agrees = all(view.agrees for view in views) and (of_none is None or _is_quiet(of_none))
    context = {
        "page": page,
        "views": views,
        "of_none": of_none,
        "agreed": agrees and bool(views) and page.paginator.num_pages == 1,
        "differ": not agrees,
    }
    return render(request, "portal/reconciliation.html", context)


@require_http_methods(["GET", "POST"])
@signed_in
def repair(request: HttpRequest) -> HttpResponse:
    """One repair of one project, or of what belongs to none; who may is asked anew."""
    projects = reconciled_or_404(request.user)
    if request.method == "GET":
        return redirect("reconciliation")
    page = reverse("reconciliation")
    request.back = page  # type: ignore[attr-defined]  # where a page of error leads
    said = {key: request.POST.get(key, "") for key in ("project", "repair", "target")}
    if said["project"]:
        project = projects.filter(name=said["project"]).first()
        receipt = _repair_project(project, said["repair"], said["target"], _person(request))
    else:
        receipt = _repair_other(request, said["repair"], said["target"])
    messages.success(request, receipt, extra_tags="blue")
    return redirect(f"{page}#{said['project'] or 'no-project'}")


def reconciled_or_404(user: Visitor) -> QuerySet[Project]:
    """The projects that a controller decides on; an administrator sees all."""
    if is_administrator(user):
        return Project.objects.all()
    projects = visible_projects(user, "decide_project")
    if not projects.exists():
        raise Http404(NOT_FOUND)
    return projects


def may_reconcile(user: Visitor) -> bool:
    """The same as a yes or no, for the pages that link here."""
    return is_administrator(user) or Queue.of(user).decides


def _nodes_of(user: Visitor) -> frozenset[str]:
    """Names of the nodes whose own pages the viewer finds."""
    nodes = Node.objects.all() if is_administrator(user) else visible_nodes(user)
    return frozenset(nodes.values_list("name", flat=True))


def _as_seen(facts: Facts, nodes: frozenset[str]) -> Facts:
    """What is wrong with a Node Repo may name the files of other projects: told to who sees the node."""
    said = (
        replace(node, problem=UNUSABLE) if node.problem and node.name not in nodes else node
        for node in facts.nodes
    )
    return replace(facts, nodes=tuple(said))


def _repair_project(project: Project | None, name: str, target: str, by: Person) -> str:
    if project is None or name not in set(Repair):
        raise Http404(NOT_FOUND)
    return ask_for_repair(project=project, repair=Repair(name), target=target, by=by)


def _repair_other(request: HttpRequest, name: str, target: str) -> str:
    """Of deliveries and of work of no project, for administrators alone."""
    if not is_administrator(request.user) or name not in (REDELIVER, Repair.TRY_AGAIN):
        raise Http404(NOT_FOUND)
    if name == Repair.TRY_AGAIN:
        return try_work_of_no_project(target=target, by=_person(request))
    number = int(target) if target.isdecimal() and len(target) < 18 else 0
    row = ask_to_redeliver(delivery=number, by=_person(request))
    return f"GitHub is asked to deliver {row.event} again. It leaves this page once it has arrived."


def _of_no_project() -> NoProject:
    now, marks = timezone.now(), dict(Bookmark.objects.values_list("name", "at"))
    mark, cut = marks.get(MISSED), CUT in marks and now - marks[CUT] < OFFERED
    rows = FailedDelivery.objects.order_by("delivered_at")
    shown, told = list(rows[:MOST]), not is_old(mark, now, DELIVERIES_SILENT)
    under_way = frozenset(row.pk for row in shown if is_under_way(row, now))
    return NoProject(shown, rows.count(), cut, under_way, mark, told, work_of_none())


def _is_quiet(other: NoProject) -> bool:
    return other.told and not other.total and not other.work


def _person(request: HttpRequest) -> Person:
    person = person_of(request.user)
    assert person is not None  # signed_in saw to it
    return person
