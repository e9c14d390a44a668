"""`/repos/{owner}/{repo}/branches/{branch}/protection`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from starlette.responses import Response

from standins.github.clock import now
from standins.github.errors import ApiError, invalid
from standins.github.events import Event
from standins.github.protection import protection_of
from standins.github.rest.call import Call, answer, endpoint, no_content
from standins.github.serialisers.protection import SWITCHES
from standins.github.serialisers.protection import protection as write_protection
from standins.github.store import App, Protection, Repository, Team
from standins.github.store.rows import Row

REQUIRED = ("required_status_checks", "enforce_admins", "required_pull_request_reviews", "restrictions")
_NEVER_HELD = ("required_linear_history", "required_conversation_resolution")


def get_protection(call: Call) -> Response:
    repository = call.repository("administration", "read", "admin")
    return answer(write_protection(call.site, repository, _found(call, repository)))


def put_protection(call: Call) -> Response:
    repository = call.repository("administration", "write", "admin")
    branch = call.path["branch"]
    if call.git(repository).ref(f"refs/heads/{branch}") is None:
        raise ApiError(404, "Branch not found")
    known = protection_of(call.site, repository, branch)
    began = known.created_at if known else now()
    row = Protection(0, repository.id, branch, _settings(call, repository), began, now())
    row = call.site.store.put(row)
    if known is None:
        _tell(call, repository, row, "created")
    else:
        _tell(call, repository, row, "edited", former=known)
    return answer(write_protection(call.site, repository, row))


def delete_protection(call: Call) -> Response:
    repository = call.repository("administration", "write", "admin")
    row = _found(call, repository)
    call.site.store.delete(Protection, id=row.id)
    _tell(call, repository, row, "deleted")
    return no_content()


def _found(call: Call, repository: Repository) -> Protection:
    row = protection_of(call.site, repository, call.path["branch"])
    if row is None:
        raise ApiError(404, "Branch not protected")
    return row


def _settings(call: Call, repository: Repository) -> dict[str, Any]:
    """The four parts that GitHub demands, and the switches, checked and with ids for names."""
    missing = [name for name in REQUIRED if name not in call.json]
    if missing:
        raise invalid("Invalid request.", *(f'"{name}" wasn\'t supplied.' for name in missing))
    reviews = call.json["required_pull_request_reviews"]
    for name in _NEVER_HELD:
        if call.json.get(name) or (reviews or {}).get(name):
            raise ApiError(501, f"Not implemented here: {name}")
    settings: dict[str, Any] = {name: bool(call.json.get(name)) for name in SWITCHES}
    settings["required_status_checks"] = _checks(call, call.json["required_status_checks"])
    settings["required_pull_request_reviews"] = _reviews(call, repository, reviews)
    restrictions = call.json["restrictions"]
    settings["restrictions"] = None if restrictions is None else _listed(call, repository, restrictions)
    return settings


def _checks(call: Call, given: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if given is None:
        return None
    if given.get("strict"):
        raise ApiError(501, "Not implemented here: strict status checks")
    checks = given.get("checks")
    if checks is None:
        checks = [{"context": context} for context in given.get("contexts", ())]
    return {"strict": False, "checks": [_check(call, check) for check in checks]}


def _check(call: Call, check: Mapping[str, Any]) -> dict[str, Any]:
    app_id = check.get("app_id")
    app_id = None if app_id == -1 else app_id
    if app_id is not None and call.site.store.first(App, id=app_id) is None:
        raise invalid("Validation Failed", f"There is no App {app_id}")
    return {"context": check["context"], "app_id": app_id}


def _reviews(call: Call, repository: Repository, given: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if given is None:
        return None
    allowances = given.get("bypass_pull_request_allowances")
    dismissers = given.get("dismissal_restrictions")
    return {
        "dismissal_restrictions": _listed(call, repository, dismissers) if dismissers else None,
        "require_code_owner_reviews": bool(given.get("require_code_owner_reviews")),
        "dismiss_stale_reviews": bool(given.get("dismiss_stale_reviews")),
        "require_last_push_approval": bool(given.get("require_last_push_approval")),
        "required_approving_review_count": int(given.get("required_approving_review_count", 1)),
        "bypass_pull_request_allowances": _listed(call, repository, allowances) if allowances else None,
    }


def _listed(call: Call, repository: Repository, given: Mapping[str, list[str]]) -> dict[str, list[int]]:
    store = call.site.store
    finders: dict[str, Callable[[str], Row | None]] = {
        "users": call.site.account_named,
        "teams": lambda slug: store.first(Team, organization_id=repository.owner_id, slug=slug),
        "apps": lambda slug: store.first(App, slug=slug),
    }
    found: dict[str, list[int]] = {}
    for kind, find in finders.items():
        rows = {name: find(name) for name in given.get(kind) or ()}
        unknown = [name for name, row in rows.items() if row is None]
        if unknown:
            raise invalid("Validation Failed", f"No {kind} {', '.join(unknown)}")
        found[kind] = [row.id for row in rows.values() if row]
    return found


def _tell(call: Call, repository: Repository, row: Protection, action: str, **facts: Protection) -> None:
    told = {"protection": row, **facts}
    sender, app_id = call.person(), call.principal.app_id
    call.site.bus.emit(Event("branch_protection_rule", action, repository, None, sender, app_id, told))


_PROTECTION = "/repos/{owner}/{repo}/branches/{branch:path}/protection"
ROUTES = [
    endpoint("GET", _PROTECTION, get_protection),
    endpoint("PUT", _PROTECTION, put_protection),
    endpoint("DELETE", _PROTECTION, delete_protection),
]
