"""The grammar of the names that Lockgate gives out or takes in."""

from __future__ import annotations

import keyword
import re
import unicodedata
from datetime import date
from typing import Protocol

NAME = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
OUTPUT_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}(\.[a-z0-9]{1,8})?", re.ASCII)
REQUEST_ID = re.compile(
    r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})-(?P<slug>[a-z0-9]+(-[a-z0-9]+)*)-[0-9a-hjkmnp-tv-z]{4}", re.ASCII
)
REQUEST_ID_LENGTH = 64
ID_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
SLUG_LENGTH = 40


class Chooser(Protocol):
    """What `new_request_id` asks of a source of randomness (`random.Random` and `secrets.SystemRandom`)."""

    def choice(self, seq: str, /) -> str: ...


def is_name(text: str) -> bool:
    """Say whether `text` may name a node or a job."""
    return NAME.fullmatch(text) is not None


def is_parameter_name(text: str) -> bool:
    """Say whether `text` may name a parameter, which becomes a Python name in the job."""
    return is_name(text) and not keyword.iskeyword(text) and not keyword.issoftkeyword(text)


def is_output_name(text: str) -> bool:
    """Say whether `text` may name an output."""
    return OUTPUT_NAME.fullmatch(text) is not None


def request_id_problem(text: str) -> str | None:
    """Return why `text` is no id of a request, or None."""
    if len(text) > REQUEST_ID_LENGTH:
        return f"the id has more than {REQUEST_ID_LENGTH} characters"
    match = REQUEST_ID.fullmatch(text)
    if match is None:
        return "the id must be a date, a slug and four of 0-9 a-h j k m n p-t v-z, joined by hyphens"
    try:
        date.fromisoformat(match["day"])
    except ValueError:
        return "the id begins with a day that is in no calendar"
    return None


def new_request_id(today: date, title: str, random: Chooser) -> str:
    """Return a fresh id for a request: the UTC day, a slug of the title, four letters by chance."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain)[:SLUG_LENGTH].strip("-") or "request"
    return f"{today.isoformat()}-{slug}-{''.join(random.choice(ID_LETTERS) for _ in range(4))}"
