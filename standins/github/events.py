"""What happened, told inside the process. Webhooks and workflow runs listen.

Handlers run in the emitter's thread, after the change is committed and without any lock held;
they must return quickly (long work goes to the listener's own threads). A handler that raises is
logged and recorded, and harms neither the emitter nor the other handlers.

| name | actions | facts |
|---|---|---|
| push | | ref, before, after, forced (bool) |
| pull_request | opened, synchronize, closed, reopened | pull_request; before, after on synchronize |
| pull_request | edited | pull_request; former, the row as it was |
| pull_request | review_requested, review_request_removed | and requested_reviewer or requested_team |
| pull_request | labeled, unlabeled | and label |
| pull_request_review | submitted, dismissed | pull_request, review |
| issue_comment | created, edited, deleted | pull_request, comment; former on edited |
| check_run | created, completed, rerequested | check_run |
| check_suite | completed, rerequested | check_suite |
| status | | status (of a commit) |
| label | created, edited, deleted | label; former on edited |
| repository_ruleset | created, edited, deleted | ruleset |
| membership | added, removed | team, member |
| organization | member_added, member_removed, renamed | member; changes on renamed |
| member | added, removed | member (a collaborator) |
| team | created, edited, deleted, added_to_repository, removed_from_repository | team; changes on edited |
| branch_protection_rule | created, edited, deleted | protection; former on edited |
| repository | created, edited, renamed, transferred | changes on renamed; from (an account) on transferred |
| installation | created, deleted, suspend, unsuspend | installation, repositories |
| installation_repositories | added, removed | installation, repositories that came or went |
| github_app_authorization | revoked | app |
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from standins.github.recording import record_crash
from standins.github.store import Account, Repository

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Event:
    """`sender` did it; `app_id` is the App through which it was done, if any (15368: Actions)."""

    name: str
    action: str | None = None
    repository: Repository | None = None
    organization: Account | None = None
    sender: Account | None = None
    app_id: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


Handler = Callable[[Event], None]


class Bus:
    def __init__(self) -> None:
        self._handlers: dict[str, list[Handler]] = {}

    def subscribe(self, name: str, handler: Handler) -> None:
        """`name` is an event's name, or `*` for all."""
        self._handlers.setdefault(name, []).append(handler)

    def emit(self, *events: Event) -> None:
        for event in events:
            for handler in (*self._handlers.get(event.name, ()), *self._handlers.get("*", ())):
                try:
                    handler(event)
                except Exception as error:
                    log.exception("a listener of %s failed", event.name)
                    record_crash(f"a listener of {event.name}", error)
