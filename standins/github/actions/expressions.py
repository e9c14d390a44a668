"""`${{ }}` expressions: plain look-ups of a known context, and the three status functions of `if`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from standins.github.actions.workflow import NotUnderstood

_PLACEHOLDER = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_LOOK_UP = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*(?:\.[A-Za-z_][A-Za-z0-9_-]*)+")
_CONDITION = re.compile(r"(always|success|failure)\(\)")

_RUNNER = {"runner.temp", "runner.os", "runner.arch", "runner.tool_cache"}
_MAY_BE_ABSENT = ("env", "steps")


def check(text: str) -> None:
    """Refuse every expression in `text` that could not be looked up while the job runs."""
    for expression in _expressions(text):
        _check_one(expression)


def fill(text: str, contexts: Mapping[str, Any]) -> str:
    """`text` with its expressions replaced by what they name; null becomes empty as on GitHub."""

    def value(match: re.Match[str]) -> str:
        return _as_text(_look_up(match[1].strip(), contexts), match[1].strip())

    check(text)
    return _PLACEHOLDER.sub(value, text)


def read_condition(text: str) -> str:
    """The status function of an `if`, with or without `${{ }}`."""
    whole = _PLACEHOLDER.fullmatch(text.strip())
    condition = (whole[1] if whole else text).strip()
    if not _CONDITION.fullmatch(condition):
        raise NotUnderstood(f"the condition {condition!r}: only always(), success() and failure() are known")
    return condition


def holds(condition: str, *, failed: bool) -> bool:
    """Whether a step or job with this condition runs, given whether something before it failed."""
    answers: dict[str, Callable[[], bool]] = {
        "always()": lambda: True,
        "success()": lambda: not failed,
        "failure()": lambda: failed,
    }
    return answers[condition]()


def _expressions(text: str) -> list[str]:
    found = [match.strip() for match in _PLACEHOLDER.findall(text)]
    if len(found) != text.count("${{"):
        raise NotUnderstood("an expression has no end")
    return found


def _check_one(expression: str) -> None:
    if not _LOOK_UP.fullmatch(expression):
        raise NotUnderstood(f"the expression {expression!r}: only plain look-ups are known")
    root, *rest = expression.split(".")
    known = {
        "github": True,
        "env": len(rest) == 1,
        "steps": (len(rest) == 3 and rest[1] == "outputs") or (len(rest) == 2 and rest[1] in _STEP_RESULTS),
        "runner": expression in _RUNNER,
        "secrets": rest == ["GITHUB_TOKEN"],
    }
    if not known.get(root, False):
        raise NotUnderstood(f"the expression {expression!r}: there is no such context here")


_STEP_RESULTS = ("outcome", "conclusion")


def _look_up(expression: str, contexts: Mapping[str, Any]) -> Any:
    root, *names = expression.split(".")
    found: Any = contexts[root] if root in contexts else _unknown(expression)
    for name in names:
        if not isinstance(found, Mapping):
            # GitHub reads through null: `github.event.x.y` of a null x is empty.
            if found is None:
                return None
            _unknown(expression)
        if name not in found:
            if root in _MAY_BE_ABSENT:
                return None
            _unknown(expression)
        found = found[name]
    return found


def _unknown(expression: str) -> NoReturn:
    raise NotUnderstood(f"the expression {expression!r}: nothing of that name is known in this event")


def _as_text(value: Any, expression: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (str, int, float)):
        return str(value)
    raise NotUnderstood(f"the expression {expression!r} names no single value")
