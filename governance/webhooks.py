"""The edge where GitHub says that something happened. What it says is a hint: GitHub is read again."""

from __future__ import annotations

import hashlib
import hmac

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from governance.deliveries import store
from governance.hints import read_hint
from governance.waking import wake_soon

LARGEST = 25 * 1024 * 1024


@csrf_exempt
@require_POST
def github(request: HttpRequest) -> HttpResponse:
    """202 and a row for a signed delivery, once for each GUID. Unsigned 401, forged 403, nothing stored."""
    signature = request.headers.get("X-Hub-Signature-256", "")
    if not signature:
        return _refused("This delivery is not signed.", 401)
    if int(request.headers.get("Content-Length") or 0) > LARGEST:
        return _refused("This delivery is too large.", 413)
    body = request.read()
    if not hmac.compare_digest(signature.encode(), _signature(body).encode()):
        return _refused("This delivery is not signed by GitHub.", 403)
    guid, event = request.headers.get("X-GitHub-Delivery", ""), request.headers.get("X-GitHub-Event", "")
    hint = read_hint(body)
    if hint is None or not guid or not event:
        return _refused("This is not a delivery of GitHub's.", 400)
    store(guid, event, hint)
    wake_soon()
    return HttpResponse(status=202)


def _refused(why: str, status: int) -> HttpResponse:
    return HttpResponse(why, status=status, content_type="text/plain")


def _signature(body: bytes) -> str:
    secret = settings.LOCKGATE.webhook_secret.encode()
    return "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()
