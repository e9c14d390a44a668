"""What to launch, what waits and what is held: a pure function over what was found on main."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lockgate.dagster.cursor import Cursor
from lockgate.evidence import Approved, Held, Judgement, Undecided


@dataclass(frozen=True)
class Found:
    """One request on main, and all that decides whether it runs on this node now.

    `judgement` is None where nothing was asked of GitHub because the request cannot run yet anyway.
    `obstacle` says what the code location or other requests still lack, in words for the thread.
    """

    request: str
    blob: str
    merge: str
    for_this_node: bool = True
    has_results: bool = False
    judgement: Judgement | None = None
    obstacle: str | None = None
    job: str = ""
    run_config: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Launch:
    """One run to start. Dagster starts no second run with the same `key`."""

    key: str
    job: str
    run_config: Mapping[str, Any]
    tags: Mapping[str, str]


@dataclass(frozen=True)
class Plan:
    """What one tick does: the runs it starts and the cursor it leaves."""

    launches: tuple[Launch, ...]
    cursor: Cursor


def plan(cursor: Cursor, found: tuple[Found, ...], *, read_up_to: str, code: str) -> Plan:
    """Return what to do about the requests that this tick looked at, in their order.

    `read_up_to` is the last commit whose requests are all among `found`; `code` is the revision that the
    code location runs. A held request stays held, whatever is found of it later.
    """
    launches: list[Launch] = []
    waiting, held = dict(cursor.waiting), dict(cursor.held)
    for each in found:
        waiting.pop(each.request, None)
        if each.request in held or not each.for_this_node or each.has_results:
            continue
        match each.judgement:
            case Held(reason):
                held[each.request] = reason
            case Undecided(reason):
                waiting[each.request] = reason
            case _ if each.obstacle is not None:
                waiting[each.request] = each.obstacle
            case Approved() as approved:
                launches.append(_launch(each, approved, code))
            case None:
                waiting[each.request] = "The node has not checked its approval yet."
    return Plan(tuple(launches), Cursor(read_up_to, waiting, held))


def _launch(found: Found, approved: Approved, code: str) -> Launch:
    return Launch(
        key=f"{found.request}@{found.blob}",
        job=found.job,
        run_config=found.run_config,
        tags={
            "lockgate/request": found.request,
            "lockgate/blob": found.blob,
            "lockgate/merge": found.merge,
            "lockgate/pull_request": str(approved.pull_request),
            "lockgate/code": code,
        },
    )
