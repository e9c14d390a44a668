"""`/repos/{owner}/{repo}/activity`: who moved which ref, by whatever way."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from standins.github.rest.call import Call, endpoint
from standins.github.rest.gitdata import readable
from standins.github.serialisers.accounts import living_user, node_id
from standins.github.store import Push


def list_activity(call: Call) -> Response:
    repository = readable(call)
    ref, actor, kind = call.query("ref"), call.query("actor"), call.query("activity_type")
    full = ref if ref.startswith("refs/") or not ref else f"refs/heads/{ref}"
    oldest_first = call.query("direction", "desc") == "asc"
    rows = call.site.store.find(Push, repository_id=repository.id, newest_first=not oldest_first)
    account = call.site.account_named(actor) if actor else None
    rows = [
        row
        for row in rows
        if full in ("", row.ref)
        and kind in ("", row.kind)
        and (not actor or (account is not None and account.id == row.account_id))
    ]

    def write(row: Push) -> dict[str, Any]:
        return {
            "id": row.id,
            "node_id": node_id("PSH", row.id),
            "before": row.before,
            "after": row.after,
            "ref": row.ref,
            "timestamp": row.timestamp,
            "activity_type": row.kind,
            "actor": living_user(call.site, row.account_id),
        }

    return call.page(rows, write)


ROUTES = [endpoint("GET", "/repos/{owner}/{repo}/activity", list_activity)]
