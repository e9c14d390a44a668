"""What an output is, told by its bytes and never by its name: media type and number of rows."""

from __future__ import annotations

import csv
import io
import json
import re
import struct
import zlib
from collections.abc import Callable
from typing import Any, NoReturn

from lockgate.node.collection.errors import OutputRefused

PNG = b"\x89PNG\r\n\x1a\n"
BINARY = (
    PNG,
    b"PK\x03\x04",
    b"PAR1",
    b"\x89HDF",
    b"\x1f\x8b",
    b"%PDF",
    b"\xff\xd8\xff",
    b"GIF8",
    b"BZh",
    b"\xfd7zXZ",
)
MAX_PIXELS = 40_000_000
PIXELS = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})
ABOUT_PIXELS = frozenset({b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"bKGD", b"pHYs", b"tIME"})
MOST_ABOUT = 32  # bytes; the longest of these chunks, cHRM
SOFTWARE = re.compile(rb"Software\0[ -~]{0,100}")  # what drew it, as matplotlib says
TEXT_CONTROLS = frozenset(range(32)) - {9, 10, 13} | {127}


def check_content(content: bytes, media_type: str, *, name: str, max_rows: int) -> None:
    """Raises OutputRefused unless `content` is of `media_type` and has at most `max_rows` rows."""
    check = CHECKS.get(media_type)
    if check is None:
        raise OutputRefused(f"{name}: this node cannot check files of type {media_type}, so it takes none.")
    rows = check(content, name)
    if rows > max_rows:
        raise OutputRefused(f"{name} has more than the {max_rows} rows that may leave.")


def csv_rows(content: bytes, name: str) -> int:
    """The rows of a table, its heading not counted."""
    text = _text(content, name, "text/csv")
    try:
        widths = [len(row) for row in csv.reader(io.StringIO(text, newline=""), strict=True) if row]
    except csv.Error as problem:
        raise _not(name, "text/csv") from problem
    if not widths or widths[0] < 1:
        raise OutputRefused(f"{name} is an empty table.")
    if len(set(widths)) > 1:
        raise OutputRefused(f"{name} is no table: its rows have different numbers of columns.")
    return len(widths) - 1


def text_rows(content: bytes, name: str) -> int:
    return len(_text(content, name, "text/plain").splitlines())


def json_rows(content: bytes, name: str) -> int:
    """The length of the longest list in a JSON document."""
    text = _text(content, name, "application/json")
    try:
        return _longest(json.loads(text, parse_constant=_refuse_constant))
    except (ValueError, RecursionError) as problem:
        raise _not(name, "application/json") from problem


def png_rows(content: bytes, name: str) -> int:
    """No rows, but every chunk in place, and nothing beside the pixels that reviewers see, or after them."""
    if not content.startswith(PNG):
        raise _not(name, "image/png")
    at, seen = len(PNG), [b""]
    while seen[-1] != b"IEND":
        kind, body, at = _chunk(content, at, name)
        if not _may_stand(kind, body):
            raise OutputRefused(f"{name} holds more than its pixels: a chunk {kind!r:.20} may not leave.")
        seen.append(kind)
    if at != len(content) or seen[1] != b"IHDR" or b"IDAT" not in seen:
        raise _not(name, "image/png")
    width, height = struct.unpack(">II", content[16:24])
    if not 0 < width * height <= MAX_PIXELS:
        raise OutputRefused(f"{name} has more than the {MAX_PIXELS} pixels that may leave.")
    return 0


def _may_stand(kind: bytes, body: bytes) -> bool:
    if kind in ABOUT_PIXELS:
        return len(body) <= MOST_ABOUT
    return kind in PIXELS or (kind == b"tEXt" and SOFTWARE.fullmatch(body) is not None)


def _chunk(content: bytes, at: int, name: str) -> tuple[bytes, bytes, int]:
    """Kind and body of the chunk at `at`, whose checksum must hold, and where the next one starts."""
    if at + 12 > len(content):
        raise _not(name, "image/png")
    (length,) = struct.unpack(">I", content[at : at + 4])
    end = at + 12 + length
    body = content[at + 4 : end - 4]
    if end > len(content) or struct.pack(">I", zlib.crc32(body)) != content[end - 4 : end]:
        raise _not(name, "image/png")
    return body[:4], body[4:], end


def _text(content: bytes, name: str, media_type: str) -> str:
    if content.startswith(BINARY):
        raise _not(name, media_type)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise _not(name, media_type) from problem
    if TEXT_CONTROLS.intersection(content):
        raise _not(name, media_type)
    return text


def _longest(value: Any) -> int:
    match value:
        case list():
            return max([len(value), *map(_longest, value)])
        case dict():
            return max([0, *map(_longest, value.values())])
    return 0


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _not(name: str, media_type: str) -> OutputRefused:
    return OutputRefused(f"{name} is declared as {media_type}, and its bytes are something else.")


CHECKS: dict[str, Callable[[bytes, str], int]] = {
    "text/csv": csv_rows,
    "text/plain": text_rows,
    "application/json": json_rows,
    "image/png": png_rows,
}
