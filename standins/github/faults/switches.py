"""What can go wrong on purpose, and the board of switches that says when."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import TypeVar


class CallEffect(StrEnum):
    SLOW = "slow"
    SLOW_ANSWER = "slow_answer"
    FAIL_BEFORE = "fail_before"
    FAIL_AFTER = "fail_after"
    PRIMARY_LIMIT = "primary_limit"
    SECONDARY_LIMIT = "secondary_limit"


class WebhookEffect(StrEnum):
    DROP = "drop"
    FAIL = "fail"
    DOUBLE = "double"
    REORDER = "reorder"
    DELAY = "delay"


@dataclass(frozen=True)
class CallFault:
    """What happens to calls; see the package's description. `seconds` of waiting, or until a retry."""

    effect: CallEffect
    method: str = "*"
    path: str = "*"
    body: str = ""
    times: int | None = 1
    seconds: float = 1
    status: int = 502

    def matches(self, method: str, path: str, body: bytes) -> bool:
        named = fnmatchcase(method, self.method) and fnmatchcase(path, self.path)
        return named and self.body.encode() in body


@dataclass(frozen=True)
class WebhookFault:
    """What happens to deliveries; see the package's description. `seconds` of being held back at most."""

    effect: WebhookEffect
    event: str = "*"
    app: int | None = None
    times: int | None = 1
    seconds: float = 1

    def matches(self, event: str, app: int) -> bool:
        return fnmatchcase(event, self.event) and self.app in (None, app)


Fault = CallFault | WebhookFault
F = TypeVar("F", CallFault, WebhookFault)


class Switchboard:
    """The switches that are set, the oldest first. Safe from any thread."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._set: dict[int, Fault] = {}
        self._last = 0

    def set(self, fault: Fault) -> int:
        """Sets a switch; returns its number. Raises ValueError where it could never work."""
        if fault.times is not None and fault.times < 1:
            raise ValueError("times is at least 1, or null")
        if fault.seconds < 0:
            raise ValueError("seconds cannot be negative")
        if isinstance(fault, CallFault) and not 500 <= fault.status <= 599:
            raise ValueError("status is one of a server that failed, 500 to 599")
        with self._guard:
            self._last += 1
            self._set[self._last] = fault
            return self._last

    def standing(self) -> dict[int, Fault]:
        """Every switch by its number, with the `times` that are left."""
        with self._guard:
            return dict(self._set)

    def take_back(self, number: int | None = None) -> bool:
        """Takes back one switch, or all; whether there was one."""
        with self._guard:
            found = [one for one in self._set if number in (None, one)]
            for one in found:
                del self._set[one]
            return bool(found)

    def has_calls(self) -> bool:
        """Whether any call has to be looked at."""
        return any(isinstance(fault, CallFault) for fault in self.standing().values())

    def take_call(self, method: str, path: str, body: bytes) -> CallFault | None:
        """The fault that this call meets, used up by one."""
        return self._take(CallFault, lambda fault: fault.matches(method, path, body))

    def take_delivery(self, event: str, app: int) -> WebhookFault | None:
        """The fault that this delivery meets, used up by one."""
        return self._take(WebhookFault, lambda fault: fault.matches(event, app))

    def _take(self, kind: type[F], matches: Callable[[F], bool]) -> F | None:
        with self._guard:
            for number, fault in self._set.items():
                if isinstance(fault, kind) and matches(fault):
                    self._use_up(number, fault)
                    return fault
        return None

    def _use_up(self, number: int, fault: Fault) -> None:
        if fault.times == 1:
            del self._set[number]
        elif fault.times is not None:
            self._set[number] = replace(fault, times=fault.times - 1)
