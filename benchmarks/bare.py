"""The floor of webhook intake: a view that verifies an HMAC and inserts one row, beside the portal's own."""

from __future__ import annotations

import hashlib
import hmac

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from governance.models import WebhookDelivery


@csrf_exempt
def bare(request: HttpRequest) -> HttpResponse:
    secret = settings.LOCKGATE.webhook_secret.encode()
    wanted = "sha256=" + hmac.new(secret, request.body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(request.headers["X-Hub-Signature-256"], wanted):
        return HttpResponse(status=403)
    now = timezone.now()
    WebhookDelivery.objects.create(guid=request.headers["X-GitHub-Delivery"], event="bare", received_at=now)
    return HttpResponse(status=202)


urlpatterns = [path("bare", bare), path("", include("portal.urls"))]
