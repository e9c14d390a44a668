"""An App looks at its own deliveries and asks for one again, with the App's own signature (JWT)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from standins.github.clock import now
from standins.github.errors import ApiError, not_found
from standins.github.rest.call import Call, answer, endpoint
from standins.github.store import App, Delivery


def list_deliveries(call: Call) -> Response:
    found = call.site.store.find(Delivery, app_id=_app(call).id, newest_first=True)
    return call.page(found, _item)


def get_delivery(call: Call) -> Response:
    delivery = _delivery(call)
    request = {"headers": None, "payload": json.loads(delivery.payload)}
    response = {"headers": None, "payload": None}
    url = _app(call).webhook_url
    return answer({**_item(delivery), "url": url, "request": request, "response": response})


def redeliver(call: Call, wake: Callable[[int], None]) -> Response:
    """Another attempt at the same delivery, under the same GUID."""
    again = replace(
        _delivery(call), id=0, state="waiting", status_code=None, redelivery=True, delivered_at=None
    )
    call.site.store.insert(replace(again, created_at=now()))
    wake(again.app_id)
    return answer({}, 202)


def _app(call: Call) -> App:
    if call.principal.kind != "app" or call.principal.app is None:
        raise ApiError(401, "A JSON web token could not be decoded")
    return call.principal.app


def _delivery(call: Call) -> Delivery:
    found = call.site.store.first(Delivery, id=call.number("delivery_id"), app_id=_app(call).id)
    if found is None:
        raise not_found()
    return found


def _item(delivery: Delivery) -> dict[str, Any]:
    payload = json.loads(delivery.payload)
    return {
        "id": delivery.id,
        "guid": delivery.guid,
        "delivered_at": delivery.delivered_at or delivery.created_at,
        "redelivery": delivery.redelivery,
        "duration": 0.0,
        "status": "OK" if delivery.state == "delivered" else delivery.state,
        "status_code": delivery.status_code or 0,
        "event": delivery.event,
        "action": delivery.action,
        "installation_id": payload["installation"]["id"],
        "repository_id": payload.get("repository", {}).get("id"),
        "throttled_at": None,
    }


def routes(wake: Callable[[int], None]) -> list[BaseRoute]:
    """`wake(app_id)` has the App's waiting deliveries sent."""

    def attempt(call: Call) -> Response:
        return redeliver(call, wake)

    place = "/api/v3/app/hook/deliveries"
    return [
        endpoint("GET", place, list_deliveries),
        endpoint("GET", f"{place}/{{delivery_id}}", get_delivery),
        endpoint("POST", f"{place}/{{delivery_id}}/attempts", attempt),
    ]
