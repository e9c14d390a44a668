"""One page of an object as a preview: parsed and bounded, never the bytes as they are."""

from __future__ import annotations

import base64
import csv
import io
import itertools
import warnings
from collections.abc import Sequence

from PIL import Image

from lockgate.messages import Column, ImagePreview, NoPreview, Preview, TablePreview, TextPreview
from lockgate.node.collection.outputs import TakenFile

ROWS = 100
COLUMNS = 50
CELL = 200
TEXT = 100_000
SIDE = 1600
PNG_BYTES = 700_000
PIXELS = 40_000_000
Cell = str | int | float | bool | None


def make_page(content: bytes, file: TakenFile, page: int) -> Preview:
    """The page (from 1) of an object whose bytes were verified; under 1 MB whatever the object holds."""
    try:
        match file.media_type:
            case "text/csv":
                return _table(content, file, page)
            case "image/png":
                return _image(content, file)
            case "text/plain" | "application/json":
                return _text(content, file, page)
    except (ValueError, OSError, csv.Error, Image.DecompressionBombError):
        return NoPreview("It could not be read as what it is declared to be.", file.sha256, file.size)
    return NoPreview(f"Files of type {file.media_type} are not shown.", file.sha256, file.size)


def list_directory(files: Sequence[TakenFile], whole: TakenFile, page: int) -> TablePreview:
    """The files of a directory output, as a table."""
    first = _first(page, len(files))
    shown = files[first : first + ROWS]
    return TablePreview(
        columns=(Column("file", "text"), Column("type", "text"), Column("bytes", "number")),
        rows=tuple((each.place, each.media_type, each.size) for each in shown),
        total_rows=len(files),
        first_row=first + 1,
        sha256=whole.sha256,
        size=whole.size,
    )


def _table(content: bytes, file: TakenFile, page: int) -> TablePreview:
    text = io.StringIO(content.decode("utf-8-sig"), newline="")
    rows = (row for row in csv.reader(text, strict=True) if row)
    heading = next(rows, [])[:COLUMNS]
    total = sum(1 for row in csv.reader(io.StringIO(text.getvalue(), newline="")) if row) - 1
    first = _first(page, total)
    window = [row[:COLUMNS] for row in itertools.islice(rows, first, first + ROWS)]
    types = [_type([row[at] for row in window if at < len(row)]) for at in range(len(heading))]
    return TablePreview(
        columns=tuple(Column(name[:CELL], kind) for name, kind in zip(heading, types, strict=True)),
        rows=tuple(tuple(map(_cell, row, types)) for row in window),
        total_rows=max(total, 0),
        first_row=first + 1,
        sha256=file.sha256,
        size=file.size,
    )


def _first(page: int, total: int) -> int:
    """The index of a page's first row; a page past the end is the last one."""
    last = max(0, (total - 1) // ROWS)
    return min(max(page - 1, 0), last) * ROWS


def _type(cells: Sequence[str]) -> str:
    filled = [cell for cell in cells if cell.strip()]
    return "number" if filled and all(map(_is_number, filled)) else "text"


def _is_number(cell: str) -> bool:
    try:
        return abs(float(cell)) < float("inf")
    except ValueError:
        return False


def _cell(cell: str, kind: str) -> Cell:
    """Numbers stay as they were written when a float would change them."""
    if not cell.strip():
        return None
    if kind == "number":
        number = int(cell) if cell.strip().lstrip("+-").isdecimal() else float(cell)
        return number if str(number) == cell.strip() and abs(number) < 2**53 else cell[:CELL]
    return cell if len(cell) <= CELL else cell[: CELL - 1] + "…"


def _image(content: bytes, file: TakenFile) -> ImagePreview:
    """Decoded, scaled down and encoded anew: nothing but pixels gets through."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        with Image.open(io.BytesIO(content), formats=["PNG"]) as source:
            if source.width * source.height > PIXELS:
                raise Image.DecompressionBombError
            pixels = source.convert("RGBA")
    pixels.thumbnail((SIDE, SIDE))
    encoded = _encode(pixels)
    while len(encoded) > PNG_BYTES:
        shrink = (PNG_BYTES / len(encoded)) ** 0.5 * 0.9
        pixels.thumbnail((int(pixels.width * shrink), int(pixels.height * shrink)))
        encoded = _encode(pixels)
    png = base64.b64encode(encoded).decode()
    return ImagePreview(png, pixels.width, pixels.height, file.sha256, file.size)


def _encode(pixels: Image.Image) -> bytes:
    plain = Image.new("RGBA", pixels.size)
    plain.paste(pixels)
    encoded = io.BytesIO()
    plain.save(encoded, "PNG")
    return encoded.getvalue()


def _text(content: bytes, file: TakenFile, page: int) -> TextPreview:
    text = content.decode("utf-8-sig")
    start = (max(page, 1) - 1) * TEXT
    start = start if start < len(text) else 0
    return TextPreview(text[start : start + TEXT], start + TEXT < len(text), file.sha256, file.size)
