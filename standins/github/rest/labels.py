"""`/repos/{owner}/{repo}/labels`, and those that a pull request wears."""

from __future__ import annotations

import re
from typing import Any

from starlette.responses import Response

from standins.github.errors import invalid, not_found
from standins.github.events import Event
from standins.github.pulls.following import pull_event
from standins.github.pulls.touching import touched
from standins.github.rest.call import Call, answer, endpoint, no_content
from standins.github.rest.pulls import pull_of, readable
from standins.github.serialisers.labels import label as write_label
from standins.github.serialisers.labels import labels_of
from standins.github.store import Label, PullLabel, PullRequest, Repository

_COLOR = re.compile(r"[0-9a-fA-F]{6}")


def list_labels(call: Call) -> Response:
    repository = call.repository("pull_requests", "read", "pull")
    rows = call.site.store.find(Label, repository_id=repository.id)
    return call.page(rows, lambda row: write_label(call.site, repository, row))


def create_label(call: Call) -> Response:
    repository = call.repository("pull_requests", "write", "push")
    name = call.field("name", str)
    _demand_free(call, repository, name)
    row = Label(0, repository.id, name, _color(call, "ededed"), call.json.get("description"))
    row = call.site.store.insert(row)
    _tell(call, repository, row, "created")
    return answer(write_label(call.site, repository, row), 201)


def get_label(call: Call) -> Response:
    repository = call.repository("pull_requests", "read", "pull")
    return answer(write_label(call.site, repository, _label(call, repository, call.path["name"])))


def update_label(call: Call) -> Response:
    repository = call.repository("pull_requests", "write", "push")
    row = _label(call, repository, call.path["name"])
    name = call.field("new_name", str, row.name)
    if name.lower() != row.name.lower():
        _demand_free(call, repository, name)
    description = call.json.get("description", row.description)
    changes = {"name": name, "color": _color(call, row.color), "description": description}
    edited = call.site.store.update(row, **changes)
    _tell(call, repository, edited, "edited", former=row)
    return answer(write_label(call.site, repository, edited))


def delete_label(call: Call) -> Response:
    repository = call.repository("pull_requests", "write", "push")
    row = _label(call, repository, call.path["name"])
    with call.site.store.transaction():
        call.site.store.delete(PullLabel, label_id=row.id)
        call.site.store.delete(Label, id=row.id)
    _tell(call, repository, row, "deleted")
    return no_content()


def labels_of_pull(call: Call) -> Response:
    repository, pull = readable(call)
    return call.page(labels_of(call.site, pull), lambda row: write_label(call.site, repository, row))


def add_labels(call: Call) -> Response:
    """A label that the repository does not have yet is made."""
    repository, pull = _labelled(call)
    _add(call, repository, pull, _names(call))
    return _all(call, repository, pull)


def set_labels(call: Call) -> Response:
    repository, pull = _labelled(call)
    names = {name.lower() for name in _names(call)}
    _remove(
        call, repository, pull, [row for row in labels_of(call.site, pull) if row.name.lower() not in names]
    )
    _add(call, repository, pull, _names(call))
    return _all(call, repository, pull)


def clear_labels(call: Call) -> Response:
    repository, pull = _labelled(call)
    _remove(call, repository, pull, labels_of(call.site, pull))
    return no_content()


def remove_label(call: Call) -> Response:
    repository, pull = _labelled(call)
    worn = [row for row in labels_of(call.site, pull) if row.name.lower() == call.path["name"].lower()]
    if not worn:
        raise not_found()
    _remove(call, repository, pull, worn)
    return _all(call, repository, pull)


def _labelled(call: Call) -> tuple[Repository, PullRequest]:
    repository = call.repository("pull_requests", "write", "triage")
    return repository, pull_of(call, repository)


def _all(call: Call, repository: Repository, pull: PullRequest) -> Response:
    return answer([write_label(call.site, repository, row) for row in labels_of(call.site, pull)])


def _names(call: Call) -> list[str]:
    """Texts, or objects with a name."""
    given: list[Any] = call.field("labels", list)
    names: list[Any] = [one.get("name") if isinstance(one, dict) else one for one in given]
    if not all(isinstance(name, str) and name for name in names):
        raise invalid("Validation Failed", {"resource": "Label", "code": "invalid", "field": "name"})
    return names


def _add(call: Call, repository: Repository, pull: PullRequest, names: list[str]) -> None:
    worn = {row.id for row in labels_of(call.site, pull)}
    for name in names:
        row = call.site.store.first(Label, repository_id=repository.id, name=name)
        row = row or call.site.store.insert(Label(0, repository.id, name))
        if row.id not in worn:
            call.site.store.put(PullLabel(0, pull.id, row.id))
            _tell_pull(call, repository, pull, row, "labeled")


def _remove(call: Call, repository: Repository, pull: PullRequest, rows: list[Label]) -> None:
    for row in rows:
        call.site.store.delete(PullLabel, pull_request_id=pull.id, label_id=row.id)
        _tell_pull(call, repository, pull, row, "unlabeled")


def _label(call: Call, repository: Repository, name: str) -> Label:
    found = call.site.store.first(Label, repository_id=repository.id, name=name)
    if found is None:
        raise not_found()
    return found


def _demand_free(call: Call, repository: Repository, name: str) -> None:
    if call.site.store.first(Label, repository_id=repository.id, name=name):
        raise invalid("Validation Failed", {"resource": "Label", "code": "already_exists", "field": "name"})


def _color(call: Call, default: str) -> str:
    color = call.field("color", str, default)
    if not _COLOR.fullmatch(color):
        raise invalid("Validation Failed", {"resource": "Label", "code": "invalid", "field": "color"})
    return color


def _tell(call: Call, repository: Repository, row: Label, action: str, **more: Label) -> None:
    sender, app_id = call.person(), call.principal.app_id
    call.site.bus.emit(Event("label", action, repository, None, sender, app_id, {"label": row, **more}))


def _tell_pull(call: Call, repository: Repository, pull: PullRequest, row: Label, action: str) -> None:
    sender, app_id = call.person().id, call.principal.app_id
    call.site.bus.emit(
        pull_event(call.site, repository, touched(call.site, pull), action, sender, app_id, label=row)
    )


_REPOSITORY = "/repos/{owner}/{repo}"
_LABELS = f"{_REPOSITORY}/labels"
_WORN = f"{_REPOSITORY}/issues/{{number}}/labels"
ROUTES = [
    endpoint("GET", _LABELS, list_labels),
    endpoint("POST", _LABELS, create_label),
    endpoint("GET", f"{_LABELS}/{{name}}", get_label),
    endpoint("PATCH", f"{_LABELS}/{{name}}", update_label),
    endpoint("DELETE", f"{_LABELS}/{{name}}", delete_label),
    endpoint("GET", _WORN, labels_of_pull),
    endpoint("POST", _WORN, add_labels),
    endpoint("PUT", _WORN, set_labels),
    endpoint("DELETE", _WORN, clear_labels),
    endpoint("DELETE", f"{_WORN}/{{name}}", remove_label),
]
