"""How the parts of the node are: a pure judgement over what the last looks found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from lockgate.messages import HealthReported, ServiceHealth, ServiceReport
from lockgate.node.dagster import Daemon, Sensor
from lockgate.node.database import Connection
from lockgate.node.exchange import Outbox, report

TICK_LATE, TICK_DOWN = 60, 300
BEAT_LATE, BEAT_DOWN = 90, 300


@dataclass(frozen=True)
class Probes:
    """What was found when each part was last tried; None where it was not tried yet.

    `sensors` by project: its sensor, or None where its code location shows none. `configuration` says why all
    work is held, `projects` why single ones stand still; both are empty when all is well.
    """

    github: bool | None = None
    storage: bool | None = None
    dagster: bool | None = None
    daemons: tuple[Daemon, ...] = ()
    sensors: Mapping[str, Sensor | None] = field(default_factory=dict)
    configuration: str = ""
    projects: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Service:
    """One part; `effect` says in a sentence what waits for it, empty when nothing does."""

    name: str
    state: ServiceHealth
    effect: str


def judge(probes: Probes, now: datetime) -> tuple[Service, ...]:
    """The state of every part."""
    return (
        _part("github", probes.github, "Nothing new is seen on GitHub; approvals and results wait."),
        _part("storage", probes.storage, "Results are neither stored, shown nor released."),
        _part("dagster", probes.dagster, "Runs go on unseen; their results are collected later."),
        _daemon(probes, now.timestamp()),
        _sensor(probes, now.timestamp()),
        _configuration(probes),
    )


def save(connection: Connection, services: tuple[Service, ...]) -> None:
    """Keep the states; `since` moves only where a state changed."""
    for each in services:
        connection.execute(_SAVE, [each.name, each.state, each.effect])


def tell(connection: Connection, outbox: Outbox) -> None:
    rows = connection.execute(
        "SELECT name, state, since, checked, effect FROM service_state ORDER BY name"
    ).fetchall()
    services = tuple(
        ServiceReport(name, ServiceHealth(state), since, checked, effect)
        for name, state, since, checked, effect in rows
    )
    report(connection, outbox, "health", HealthReported(services))


def _part(name: str, answered: bool | None, effect: str) -> Service:
    if answered is None:
        return Service(name, ServiceHealth.UNKNOWN, "")
    return Service(name, ServiceHealth.OK, "") if answered else Service(name, ServiceHealth.DOWN, effect)


def _daemon(probes: Probes, now: float) -> Service:
    if not probes.dagster or not probes.daemons:
        return Service("daemon", ServiceHealth.UNKNOWN, "")
    oldest = min(each.last_heartbeat or 0 for each in probes.daemons)
    state = _by_age(now - oldest, BEAT_LATE, BEAT_DOWN)
    return Service("daemon", state, "" if state == ServiceHealth.OK else "No run is started.")


def _sensor(probes: Probes, now: float) -> Service:
    if not probes.dagster or not probes.sensors:
        return Service("sensor", ServiceHealth.UNKNOWN, "")
    states = {project: _tick(sensor, now) for project, sensor in probes.sensors.items()}
    worst = max(states.values(), key=_RANK.index)
    if worst == ServiceHealth.OK:
        return Service("sensor", worst, "")
    late = ", ".join(sorted(project for project, state in states.items() if state == worst))
    return Service("sensor", worst, f"Approved requests are not started: {late}.")


def _tick(sensor: Sensor | None, now: float) -> ServiceHealth:
    if sensor is None or not sensor.running:
        return ServiceHealth.DOWN
    return _by_age(now - (sensor.last_tick or 0), TICK_LATE, TICK_DOWN)


def _configuration(probes: Probes) -> Service:
    if probes.configuration:
        return Service("configuration", ServiceHealth.DOWN, f"All work is held. {probes.configuration}")
    if probes.projects:
        said = " ".join(f"{name}: {problem}" for name, problem in sorted(probes.projects.items()))
        return Service("configuration", ServiceHealth.DOWN, said)
    return Service("configuration", ServiceHealth.OK, "")


def _by_age(seconds: float, late: float, down: float) -> ServiceHealth:
    if seconds > down:
        return ServiceHealth.DOWN
    return ServiceHealth.LATE if seconds > late else ServiceHealth.OK


_RANK = (ServiceHealth.OK, ServiceHealth.UNKNOWN, ServiceHealth.LATE, ServiceHealth.DOWN)
_SAVE = """
INSERT INTO service_state (name, state, since, checked, effect) VALUES (%s, %s, now(), now(), %s)
ON CONFLICT (name) DO UPDATE SET checked = now(), effect = excluded.effect,
    state = excluded.state,
    since = CASE WHEN service_state.state = excluded.state THEN service_state.since ELSE now() END
"""
