"""`PATCH /repos/{owner}/{repo}`: the settings of a repository, as far as they are held here."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from standins.github.clock import now
from standins.github.errors import ApiError, invalid
from standins.github.events import Event
from standins.github.pulls.methods import merge_settings
from standins.github.rest.call import Call, answer
from standins.github.serialisers.repositories import full_repository
from standins.github.store import MergeSettings, Repository

WAYS = ("allow_merge_commit", "allow_squash_merge", "allow_rebase_merge")
SWITCHES = (*WAYS, "allow_update_branch")


def update_repository(call: Call) -> Response:
    """Which merges are allowed (never none), the description, the default branch; else 501, aloud."""
    repository = call.repository("administration", "write", "admin")
    unknown = [name for name in call.json if name not in (*SWITCHES, "description", "default_branch")]
    if unknown:
        raise ApiError(501, f"Not implemented here: {', '.join(unknown)}")
    columns = _columns(call, repository)
    call.site.store.put(_merges(call, repository))
    repository = call.site.store.update(repository, **columns, updated_at=now())
    sender, app_id = call.person(), call.principal.app_id
    call.site.bus.emit(Event("repository", "edited", repository, None, sender, app_id))
    return answer(full_repository(call.site, repository, "admin"))


def _merges(call: Call, repository: Repository) -> MergeSettings:
    known = merge_settings(call.site, repository)
    values = {name: call.field(name, bool, getattr(known, name)) for name in SWITCHES}
    if not any(values[way] for way in WAYS):
        raise _wrong("merge_commit_allowed", "Sorry, you need to allow at least one merge strategy.")
    return MergeSettings(0, repository.id, **values)


def _columns(call: Call, repository: Repository) -> dict[str, Any]:
    columns: dict[str, Any] = {
        name: call.json[name] for name in ("description", "default_branch") if name in call.json
    }
    branch = columns.get("default_branch", repository.default_branch)
    if "default_branch" in columns and call.git(repository).ref(f"refs/heads/{branch}") is None:
        raise _wrong("default_branch", f"The branch {branch} was not found.")
    return columns


def _wrong(field: str, message: str) -> ApiError:
    told = {"resource": "Repository", "field": field, "code": "custom", "message": message}
    return invalid("Validation Failed", told)
