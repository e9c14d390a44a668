"""`/repos/{owner}/{repo}/rulesets`, and the rules that hold for one branch."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from standins.github.auth.access import role_of
from standins.github.clock import now
from standins.github.errors import not_found
from standins.github.events import Event
from standins.github.rest.call import Call, answer, endpoint, no_content
from standins.github.rest.ruleset_reading import read_ruleset
from standins.github.rulesets import bypass_of, rules_on
from standins.github.serialisers.rulesets import detailed_rule, short_ruleset
from standins.github.serialisers.rulesets import ruleset as write_ruleset
from standins.github.store import Repository, Ruleset


def list_rulesets(call: Call) -> Response:
    repository = call.repository()
    targets = call.query("targets", "branch,tag,push").split(",")
    rows = call.site.store.find(Ruleset, repository_id=repository.id)
    rows = [row for row in rows if row.target in targets]
    return call.page(rows, lambda row: short_ruleset(call.site, repository, row))


def get_ruleset(call: Call) -> Response:
    repository = call.repository()
    return _answer(call, repository, _found(call, repository))


def create_ruleset(call: Call) -> Response:
    repository = _governed(call)
    row = read_ruleset(call, repository, Ruleset(0, repository.id, "", "branch", "", {}, [], []))
    row = call.site.store.insert(row)
    _tell(call, repository, row, "created")
    return _answer(call, repository, row, 201)


def update_ruleset(call: Call) -> Response:
    """What the body leaves out stays."""
    repository = _governed(call)
    known = _found(call, repository)
    row = read_ruleset(call, repository, known)
    changes = {name: value for name, value in vars(row).items() if name != "id"}
    row = call.site.store.update(known, **{**changes, "updated_at": now()})
    _tell(call, repository, row, "edited")
    return _answer(call, repository, row)


def delete_ruleset(call: Call) -> Response:
    repository = _governed(call)
    row = _found(call, repository)
    call.site.store.delete(Ruleset, id=row.id)
    _tell(call, repository, row, "deleted")
    return no_content()


def rules_of_branch(call: Call) -> Response:
    """Every rule that holds for a branch of this name, be there one or not, whoever is above it."""
    repository = call.repository()
    rules = rules_on(call.site, repository, f"refs/heads/{call.path['branch']}")
    return call.page(rules, lambda rule: detailed_rule(call.site, repository, rule))


def _governed(call: Call) -> Repository:
    return call.repository("administration", "write", "admin")


def _found(call: Call, repository: Repository) -> Ruleset:
    row = call.site.store.first(Ruleset, id=call.number("id"), repository_id=repository.id)
    if row is None:
        raise not_found()
    return row


def _answer(call: Call, repository: Repository, row: Ruleset, status: int = 200) -> Response:
    """Who is above the rules is shown only to those who could change it."""
    content: dict[str, Any] = write_ruleset(call.site, repository, row)
    content["current_user_can_bypass"] = bypass_of(call.site, repository, call.principal, row)
    if _writes(call, repository):
        content["bypass_actors"] = row.bypass_actors
    return answer(content, status)


def _writes(call: Call, repository: Repository) -> bool:
    principal = call.principal
    granted = principal.permissions is None or principal.permissions.get("administration") == "write"
    if principal.account is None or principal.kind == "installation":
        return granted and principal.account is not None
    return granted and role_of(call.site, repository, principal.account) == "admin"


def _tell(call: Call, repository: Repository, row: Ruleset, action: str) -> None:
    sender, app_id = call.person(), call.principal.app_id
    event = Event("repository_ruleset", action, repository, None, sender, app_id, {"ruleset": row})
    call.site.bus.emit(event)


_REPOSITORY = "/repos/{owner}/{repo}"
_RULESETS = f"{_REPOSITORY}/rulesets"
ROUTES = [
    endpoint("GET", _RULESETS, list_rulesets),
    endpoint("POST", _RULESETS, create_ruleset),
    endpoint("GET", f"{_RULESETS}/{{id}}", get_ruleset),
    endpoint("PUT", f"{_RULESETS}/{{id}}", update_ruleset),
    endpoint("DELETE", f"{_RULESETS}/{{id}}", delete_ruleset),
    endpoint("GET", f"{_REPOSITORY}/rules/branches/{{branch:path}}", rules_of_branch),
]
