"""The audit, for controllers of a project and administrators: every act, look and download."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from governance.access import NOT_FOUND, Visitor, is_administrator, signed_in, visible_projects
from governance.models import AuditEvent

PAGE = 50
FILTERS = ("project", "action", "login")


@require_GET
@signed_in
@never_cache
def audit(request: HttpRequest) -> HttpResponse:
    events = _visible(request.user)
    chosen = {key: request.GET.get(key, "").strip() for key in FILTERS}
    for key, value in chosen.items():
        if value:
            events = events.filter(**{key: value})
    page = Paginator(events.order_by("-number"), PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "chosen": chosen, "filtered": any(chosen.values())}
    return render(request, "portal/audit.html", context)


def _visible(user: Visitor) -> QuerySet[AuditEvent]:
    """An administrator sees all; a controller what belongs to their projects."""
    if is_administrator(user):
        return AuditEvent.objects.all()
    names = list(visible_projects(user, "decide_project").values_list("name", flat=True))
    if not names:
        raise Http404(NOT_FOUND)
    return AuditEvent.objects.filter(project__in=names)
