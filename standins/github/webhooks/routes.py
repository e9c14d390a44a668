"""An App looks at its webhook and its deliveries, and asks for one again, with its own signature (JWT)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import BaseRoute

from standins.github.clock import moment, now, stamp
from standins.github.errors import not_found
from standins.github.rest.apps import app_of
from standins.github.rest.call import Call, answer, endpoint
from standins.github.store import App, Delivery, DeliveryAnswer
from standins.github.webhooks.listing import KEPT_FOR, TRIED, page_of


def get_config(call: Call) -> Response:
    return answer(_config(app_of(call)))


def set_config(call: Call) -> Response:
    """`url` and `secret`; what comes next is sent there and signed so."""
    app = app_of(call)
    url = call.field("url", str, app.webhook_url)
    secret = call.field("secret", str, app.webhook_secret)
    return answer(_config(call.site.store.update(app, webhook_url=url, webhook_secret=secret)))


def _config(app: App) -> dict[str, str]:
    given = {"url": app.webhook_url, "secret": "********" if app.webhook_secret else ""}
    return {"content_type": "json", "insecure_ssl": "0"} | {name: one for name, one in given.items() if one}


def list_deliveries(call: Call) -> Response:
    """Those that were tried, the newest first, by cursor; `status` is success or failure."""
    page = page_of(call, app_of(call).id)
    response = answer([_item(call, row) for row in page.rows])
    links = [(name, cursor) for name, cursor in (("next", page.next), ("prev", page.previous)) if cursor]
    if links:
        response.headers["Link"] = ", ".join(
            f'<{_address(call, cursor)}>; rel="{name}"' for name, cursor in links
        )
    return response


def _address(call: Call, cursor: str) -> str:
    query = {**call.request.query_params, "cursor": cursor}
    return f"{call.site.url}{call.request.url.path}?{urlencode(query)}"


def get_delivery(call: Call) -> Response:
    delivery = _delivery(call)
    kept = call.site.store.first(DeliveryAnswer, delivery_id=delivery.id)
    request = {"headers": kept and kept.request_headers, "payload": json.loads(delivery.payload)}
    response = {"headers": kept and kept.response_headers, "payload": kept and kept.response_payload}
    url = app_of(call).webhook_url
    return answer({**_item(call, delivery), "url": url, "request": request, "response": response})


def redeliver(call: Call, wake: Callable[[int], None]) -> Response:
    """Another attempt at the same delivery, under the same GUID."""
    again = replace(
        _delivery(call), id=0, state="waiting", status_code=None, redelivery=True, delivered_at=None
    )
    call.site.store.insert(replace(again, created_at=now()))
    wake(again.app_id)
    return answer({}, 202)


def _delivery(call: Call) -> Delivery:
    found = call.site.store.first(Delivery, id=call.number("delivery_id"), app_id=app_of(call).id)
    if found is None or found.state not in TRIED or found.created_at < stamp(moment() - KEPT_FOR):
        raise not_found()
    return found


def _item(call: Call, delivery: Delivery) -> dict[str, Any]:
    payload = json.loads(delivery.payload)
    kept = call.site.store.first(DeliveryAnswer, delivery_id=delivery.id)
    return {
        "id": delivery.id,
        "guid": delivery.guid,
        "delivered_at": delivery.delivered_at,
        "redelivery": delivery.redelivery,
        "duration": kept.duration_ms / 1000 if kept else 0.0,
        "status": kept.status if kept else "OK",
        "status_code": delivery.status_code or 0,
        "event": delivery.event,
        "action": delivery.action,
        "installation_id": payload.get("installation", {}).get("id"),
        "repository_id": payload.get("repository", {}).get("id"),
        "throttled_at": None,
    }


def routes(wake: Callable[[int], None]) -> list[BaseRoute]:
    """`wake(app_id)` has the App's waiting deliveries sent."""

    def attempt(call: Call) -> Response:
        return redeliver(call, wake)

    hook = "/api/v3/app/hook"
    return [
        endpoint("GET", f"{hook}/config", get_config),
        endpoint("PATCH", f"{hook}/config", set_config),
        endpoint("GET", f"{hook}/deliveries", list_deliveries),
        endpoint("GET", f"{hook}/deliveries/{{delivery_id}}", get_delivery),
        endpoint("POST", f"{hook}/deliveries/{{delivery_id}}/attempts", attempt),
    ]
