"""What an edited thing was before: of the fields that changed, their former values."""

from __future__ import annotations

from typing import Any

from standins.github.events import Event
from standins.github.store import PullRequest

JSON = dict[str, Any]


def changes(event: Event, thing: str, *columns: str) -> JSON:
    """Beside the thing itself, where it was edited; GitHub has no null there."""
    if event.action != "edited":
        return {}
    row, former = event.facts[thing], event.facts["former"]
    before = {name: getattr(former, name) for name in columns if getattr(former, name) != getattr(row, name)}
    return {"changes": {name: {"from": value or ""} for name, value in before.items()}}


def changes_of_pull(event: Event) -> JSON:
    told = changes(event, "pull_request", "title", "body")
    if told:
        former: PullRequest = event.facts["former"]
        if former.base_ref != event.facts["pull_request"].base_ref:
            told["changes"]["base"] = {"ref": {"from": former.base_ref}, "sha": {"from": former.base_sha}}
    return told
