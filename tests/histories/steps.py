"""What a step of a history may be: each is drawn by its weight, in every history alike.

With a rule for each, Hypothesis switches most of them off in a history and repeats the rest, which of so few
steps leaves hardly a merge. So there is one rule, and what it does is drawn here, from Hypothesis's seed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, TypeVar

Method = TypeVar("Method", bound=Callable[..., None])


@dataclass(frozen=True)
class Step:
    """The method of this name, and what it is told."""

    name: str
    said: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.name}({', '.join(f'{name}={value!r}' for name, value in self.said.items())})"


@dataclass(frozen=True)
class _Sort:
    name: str
    weight: int
    said: Mapping[str, Sequence[Any]]


_sorts: list[_Sort] = []


def step(weight: int = 1, **said: Sequence[Any]) -> Callable[[Method], Method]:
    """The method is one of the steps, drawn as often as `weight` says, with one each of what is `said`."""

    def listed(method: Method) -> Method:
        _sorts.append(_Sort(method.__name__, weight, said))
        return method

    return listed


def drawn(luck: Random) -> Step:
    (sort,) = luck.choices(_sorts, weights=[each.weight for each in _sorts])
    return Step(sort.name, {name: luck.choice(values) for name, values in sort.said.items()})
