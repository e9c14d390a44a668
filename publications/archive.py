"""A ZIP archive made while it is read: memory stays at one chunk, whatever the files' size."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime


class Sink(io.RawIOBase):
    """Takes what the archive writes, and hands it on; it cannot seek, so sizes follow each file."""

    def __init__(self) -> None:
        self.written = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes | bytearray | memoryview) -> int:  # type: ignore[override]
        self.written += data
        return len(data)

    def take(self) -> bytes:
        taken = bytes(self.written)
        self.written.clear()
        return taken


def zipped(files: Iterable[tuple[str, datetime, Iterable[bytes]]]) -> Iterator[bytes]:
    """The archive's bytes, for files given as path, time and chunks."""
    sink = Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, at, chunks in files:
            entry = zipfile.ZipInfo(path, at.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(entry, "w", force_zip64=True) as out:
                for chunk in chunks:
                    out.write(chunk)
                    yield sink.take()
    yield sink.take()
