"""Names of branches matched as GitHub's rulesets match them: Ruby's `File.fnmatch` with FNM_PATHNAME.

`*` stops at a slash, and `**` spans folders only where a slash follows it: `results/**` is `results/*`,
and what covers every branch below is `results/**/*`.
"""

from __future__ import annotations

import re
from functools import lru_cache


def matches(pattern: str, name: str) -> bool:
    """Whether the whole name fits the pattern. One that cannot be read matches nothing."""
    compiled = _compiled(pattern)
    return compiled is not None and compiled.fullmatch(name) is not None


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str] | None:
    parts = re.split(r"((?:(?<=/)|^)\*\*/|\*+|\?|\[[^\]/]+\]|\\.)", pattern)
    try:
        return re.compile("".join(map(_as_regex, parts)))
    except re.error:
        return None


def _as_regex(part: str) -> str:
    if part == "**/":
        return "(?:[^/]+/)*"
    if part and set(part) == {"*"}:
        return "[^/]*"
    if part == "?":
        return "[^/]"
    if part.startswith("[") and part.endswith("]"):
        return part.replace("[!", "[^", 1)
    return re.escape(part.removeprefix("\\"))
