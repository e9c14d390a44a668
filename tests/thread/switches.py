"""The switches of the demo's GitHub, set for the length of a thread."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from tests.services.ports import wait_until
from tests.thread.demo import RunningDemo

NO_WRITES = {"bite": True, "points_a_minute": 4, "retry_after": 2}  # a write is 5 points
Switch = Mapping[str, Any]


@dataclass(frozen=True)
class Board:
    """`set` holds the switches as they were set, by their number."""

    address: str
    set: dict[int, Switch]

    def untouched(self, effect: str) -> list[Switch]:
        """The switches of this effect that nothing has met."""
        left = {each["id"]: each["times"] for each in _call("GET", self.address).json()}
        return [
            switch
            for number, switch in self.set.items()
            if switch["effect"] == effect and left.get(number) == switch["times"]
        ]


@contextmanager
def switched(demo: RunningDemo, switches: Iterable[Switch]) -> Iterator[Board]:
    """All of these are set while the block lasts, and none after it, however it ends."""
    address = f"{demo.github}/_standin/faults"
    try:
        yield Board(address, {_call("POST", address, switch).json()["id"]: switch for switch in switches})
    finally:
        _call("DELETE", address)


@contextmanager
def limits_bite(demo: RunningDemo, *, until: Callable[[], bool]) -> Iterator[None]:
    """GitHub's rate limits leave nobody a write until that is so; TimeoutError where it never is."""
    address = f"{demo.github}/_standin/limits"
    _call("PUT", address, NO_WRITES)
    try:
        with ThreadPoolExecutor(1) as beside:
            lifted = beside.submit(_lift, address, until)
            yield
        lifted.result()
    finally:
        _call("PUT", address, {})


def _lift(address: str, until: Callable[[], bool]) -> None:
    wait_until(until, what="somebody whom the limits refused", seconds=120)
    _call("PUT", address, {})


def _call(method: str, address: str, said: Switch | None = None) -> httpx.Response:
    answer = httpx.request(method, address, json=said, timeout=30, trust_env=False)
    answer.raise_for_status()
    return answer
