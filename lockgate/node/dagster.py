"""The node's Dagster over GraphQL: its runs, its sensors' cursors, its daemon. Nothing is changed there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import httpx

from lockgate.errors import Unavailable

PAGE = 200
ENDED = frozenset({"SUCCESS", "FAILURE", "CANCELED"})


class DagsterUnavailable(Unavailable):
    """Dagster did not answer, or not as it should. Runs go on; they are seen when it answers again."""


@dataclass(frozen=True)
class Run:
    """A run as Dagster tells it; times in seconds since 1970, `location` is its code location."""

    id: str
    location: str
    status: str
    root: str
    tags: Mapping[str, str]
    created: float
    updated: float
    started: float | None
    finished: float | None


@dataclass(frozen=True)
class Failure:
    """Where a run failed, without any value: the step and the class of the error."""

    step: str
    error_class: str


@dataclass(frozen=True)
class Sensor:
    """A sensor; `cursor` is its own text, `last_tick` in seconds since 1970."""

    name: str
    cursor: str | None
    last_tick: float | None
    running: bool


@dataclass(frozen=True)
class Daemon:
    kind: str
    healthy: bool
    last_heartbeat: float | None


@dataclass(frozen=True)
class Look:
    """One look at Dagster: runs changed since the mark, sensors by code location, daemons."""

    runs: tuple[Run, ...]
    sensors: Mapping[str, tuple[Sensor, ...]]
    daemons: tuple[Daemon, ...]


class RunSource(Protocol):
    """Where runs come from."""

    def look(self, updated_after: float, locations: Sequence[str]) -> Look: ...

    def failure(self, run: str) -> Failure | None: ...

    def close(self) -> None: ...


RUN = """
fragment R on RunsOrError { __typename ... on Runs { results {
  runId status rootRunId creationTime updateTime startTime endTime tags { key value }
  repositoryOrigin { repositoryLocationName } } } ... on PythonError { message } }
"""
SENSORS = """ s%d: sensorsOrError(repositorySelector: {repositoryName: "__repository__",
  repositoryLocationName: $l%d}) { __typename ... on Sensors { results {
  name sensorState { status ticks(limit: 1) { timestamp }
    typeSpecificData { ... on SensorData { lastCursor lastTickTimestamp } } } } } }
"""
DAEMONS = "instance { daemonHealth { allDaemonStatuses { daemonType required healthy lastHeartbeatTime } } }"
MORE = (
    "query($a: RunsFilter!, $c: String) { runs: runsOrError(filter: $a, cursor: $c, limit: %d) { ...R } } %s"
)
FAILURE = """
query($id: ID!, $after: String) { runOrError(runId: $id) { __typename ... on Run {
  eventConnection(afterCursor: $after, limit: 500) { cursor hasMore events { __typename
    ... on ExecutionStepFailureEvent { stepKey error { className cause { className } } } } } } } }
"""


class Dagster:
    """The adapter to one Dagster webserver."""

    def __init__(self, url: str) -> None:
        self._http = httpx.Client(base_url=url, timeout=15)

    def close(self) -> None:
        self._http.close()

    def look(self, updated_after: float, locations: Sequence[str]) -> Look:
        """One batched query; further pages only where more than one page of runs changed."""
        filters = {"updatedAfter": updated_after}
        variables: dict[str, Any] = {"a": filters} | {f"l{i}": each for i, each in enumerate(locations)}
        found = self._query(_look_query(len(locations)), variables)
        runs = list(_runs(found["runs"]))
        page = len(runs)
        while page == PAGE:
            more = list(_runs(self._query(MORE % (PAGE, RUN), {"a": filters, "c": runs[-1].id})["runs"]))
            runs += more
            page = len(more)
        sensors = {each: _sensors(found[f"s{i}"]) for i, each in enumerate(locations)}
        return Look(tuple(runs), sensors, _daemons(found["instance"]))

    def failure(self, run: str) -> Failure | None:
        """The first failed step of a run. The error's message stays in Dagster: it may hold data."""
        after: str | None = None
        while True:
            found = self._query(FAILURE, {"id": run, "after": after})["runOrError"]
            if found["__typename"] != "Run":
                return None
            events = found["eventConnection"]
            for event in events["events"]:
                if event["__typename"] == "ExecutionStepFailureEvent":
                    return _failure(event)
            if not events["hasMore"]:
                return None
            after = events["cursor"]

    def _query(self, query: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        try:
            # A code location that does not load makes the whole answer a 500, though all else was answered.
            response = self._http.post("/graphql", json={"query": query, "variables": variables})
            answer = response.json()
        except (httpx.HTTPError, ValueError) as problem:
            raise DagsterUnavailable(f"Dagster did not answer ({type(problem).__name__}).") from problem
        if not isinstance(answer, dict) or answer.get("errors") or not answer.get("data"):
            raise DagsterUnavailable("Dagster did not understand the question; it may be of another version.")
        data: dict[str, Any] = answer["data"]
        return data


def _look_query(locations: int) -> str:
    declared = "".join(f", $l{i}: String!" for i in range(locations))
    sensors = "".join(SENSORS % (i, i) for i in range(locations))
    return (
        f"query($a: RunsFilter!{declared}) {{ runs: runsOrError(filter: $a, limit: {PAGE}) {{ ...R }} "
        f"{sensors} {DAEMONS} }} {RUN}"
    )


def _runs(found: Mapping[str, Any]) -> Iterator[Run]:
    if found["__typename"] != "Runs":
        raise DagsterUnavailable("Dagster could not list its runs.")
    for each in found["results"]:
        yield Run(
            id=each["runId"],
            location=(each["repositoryOrigin"] or {}).get("repositoryLocationName", ""),
            status=each["status"],
            root=each["rootRunId"] or each["runId"],
            tags={tag["key"]: tag["value"] for tag in each["tags"]},
            created=each["creationTime"],
            updated=each["updateTime"] or each["creationTime"],
            started=each["startTime"],
            finished=each["endTime"],
        )


def _sensors(found: Mapping[str, Any]) -> tuple[Sensor, ...]:
    """The sensors of a code location; none where it is not loaded."""
    return tuple(_sensor(each) for each in found.get("results", ()))


def _sensor(found: Mapping[str, Any]) -> Sensor:
    state = found["sensorState"]
    data = state["typeSpecificData"] or {}
    ticks = [tick["timestamp"] for tick in state["ticks"]] + [data.get("lastTickTimestamp") or 0.0]
    return Sensor(found["name"], data.get("lastCursor"), max(ticks) or None, state["status"] == "RUNNING")


def _daemons(instance: Mapping[str, Any]) -> tuple[Daemon, ...]:
    return tuple(
        Daemon(each["daemonType"], bool(each["healthy"]), each["lastHeartbeatTime"])
        for each in instance["daemonHealth"]["allDaemonStatuses"]
        if each["required"]
    )


def _failure(event: Mapping[str, Any]) -> Failure:
    error = event["error"] or {}
    name = (error.get("cause") or {}).get("className") or error.get("className") or "Error"
    return Failure(str(event["stepKey"] or ""), str(name)[:100])
