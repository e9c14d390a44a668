"""The verdict as GitHub's workflow commands, and as JSON."""

from __future__ import annotations

import json

from lockgate.formats import Problem
from lockgate.gate.verdict import Verdict


def annotation(problem: Problem) -> str:
    """Return the workflow command that shows `problem` at its line."""
    places = [f"file={_property(problem.path)}"] if problem.path else []
    if problem.path and problem.line is not None:
        places.append(f"line={problem.line}")
    return f"::error {','.join([*places, 'title=Gate'])}::{_message(problem.reason)}"


def as_json(verdict: Verdict) -> str:
    """Return the verdict as one line of JSON."""
    problems = [
        {"path": problem.path, "line": problem.line, "reason": problem.reason} for problem in verdict.problems
    ]
    return json.dumps(
        {
            "clean": verdict.clean,
            "kind": verdict.kind,
            "request": verdict.request,
            "nodes": list(verdict.nodes),
            "problems": problems,
        }
    )


def _message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
