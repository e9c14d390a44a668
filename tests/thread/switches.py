"""The switches of the demo's GitHub, set for the length of a thread."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from tests.thread.demo import RunningDemo

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


def _call(method: str, address: str, said: Switch | None = None) -> httpx.Response:
    answer = httpx.request(method, address, json=said, timeout=30, trust_env=False)
    answer.raise_for_status()
    return answer
