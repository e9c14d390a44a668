"""The edge where GitHub says that something happened. What it says is a hint: GitHub is read again."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from governance.models import Project, Team, WebhookDelivery
from governance.places import places_of, subject_of
from governance.tasks import wake
from governance.work import ask

LARGEST = 25 * 1024 * 1024


@csrf_exempt
@require_POST
def github(request: HttpRequest) -> HttpResponse:
    """202 and a row for a signed delivery, once for each GUID. Unsigned 401, forged 403, nothing stored."""
    signature = request.headers.get("X-Hub-Signature-256", "")
    if not signature:
        return HttpResponse("This delivery is not signed.", status=401, content_type="text/plain")
    if int(request.headers.get("Content-Length") or 0) > LARGEST:
        return HttpResponse("This delivery is too large.", status=413, content_type="text/plain")
    body = request.read()
    if not hmac.compare_digest(signature.encode(), _signature(body).encode()):
        return HttpResponse("This delivery is not signed by GitHub.", status=403, content_type="text/plain")
    guid, event = request.headers.get("X-GitHub-Delivery", ""), request.headers.get("X-GitHub-Event", "")
    said = _read(body)
    if said is None or not guid or not event:
        return HttpResponse("This is not a delivery of GitHub's.", status=400, content_type="text/plain")
    accept(guid=guid[:100], event=event[:60], said=said)
    return HttpResponse(status=202)


@transaction.atomic
def accept(*, guid: str, event: str, said: dict[str, Any]) -> bool:
    """Store the delivery and ask for what it hints at; False where it was seen before."""
    number = _number(said)
    repository = str(_entry(said, "repository").get("full_name", ""))[:200]
    _, new = WebhookDelivery.objects.get_or_create(
        guid=guid,
        defaults={
            "event": event,
            "action": str(said.get("action", ""))[:60],
            "repository": repository,
            "number": number,
        },
    )
    if new:
        _ask(said, repository, number)
        transaction.on_commit(wake)
    return new


def _ask(said: dict[str, Any], repository: str, number: int | None) -> None:
    places = places_of(repository) if repository else []
    for place in places:
        if number is not None:
            ask("look", f"{subject_of(place)}:{number}")
            continue
        kind = "read_code_repo" if isinstance(place, Project) else "read_node_repo"
        ask(kind, place.name if isinstance(place, Project) else repository)
        ask("pass", subject_of(place))
    if not places and repository in settings.LOCKGATE.node_repos:
        ask("read_node_repo", repository)
    team = _team(said)
    if team and Team.objects.filter(path=team).exists():
        ask("read_team", team)


def _number(said: dict[str, Any]) -> int | None:
    """The pull request that the delivery is about, where it names exactly one."""
    found = _entry(said, "pull_request").get("number") or _entry(said, "issue").get("number")
    if found is None:
        check = _entry(said, "check_run") or _entry(said, "check_suite") or _entry(said, "workflow_run")
        named = check.get("pull_requests")
        if isinstance(named, list) and len(named) == 1 and isinstance(named[0], dict):
            found = named[0].get("number")
    return found if isinstance(found, int) and 0 < found < 2**31 else None


def _team(said: dict[str, Any]) -> str:
    organization, team = _entry(said, "organization").get("login"), _entry(said, "team").get("slug")
    return f"{organization}/{team}" if organization and team else ""


def _entry(said: dict[str, Any], name: str) -> dict[str, Any]:
    value = said.get(name)
    return value if isinstance(value, dict) else {}


def _read(body: bytes) -> dict[str, Any] | None:
    try:
        said = json.loads(body)
    except ValueError:
        return None
    return said if isinstance(said, dict) else None


def _signature(body: bytes) -> str:
    secret = settings.LOCKGATE.webhook_secret.encode()
    return "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()
