"""The one strict YAML loader: a small, unambiguous part of YAML that means the same to every reader.

UTF-8, at most 256 KiB, one document, no anchors, aliases, tags, directives or duplicate keys;
plain scalars by the JSON schema of YAML 1.2 (null, true, false, JSON numbers), all else is text.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import yaml

from lockgate.formats.problems import JSON, FormatError, Problem

MAX_BYTES = 256 * 1024
MAX_DEPTH = 32
MAX_DIGITS = 100

Place: TypeAlias = tuple[str | int, ...]

_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?", re.ASCII)
# YAML readers disagree on what these mean as they stand (breaks, byte order, unprintable).
_RAW_UNSAFE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_SURROGATES = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_WORDS: Mapping[str, JSON] = {"null": None, "true": True, "false": False}


@dataclass(frozen=True)
class Document:
    """A loaded file: its value, the line of each place in it, and the places written without quotes."""

    value: JSON
    lines: Mapping[Place, int]
    plain: frozenset[Place]

    def line(self, place: Place) -> int | None:
        """Return the line of `place`, or of the nearest thing around it."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place)


@dataclass
class _Open:
    """A list or mapping whose end is not read yet; `key` is the mapping's key that waits for a value."""

    value: list[JSON] | dict[str, JSON]
    place: Place
    key: str | None = None


@dataclass
class _Builder:
    source: str
    value: JSON = None
    lines: dict[Place, int] = field(default_factory=dict)
    plain: set[Place] = field(default_factory=set)
    documents: int = 0
    open: list[_Open] = field(default_factory=list)

    def refuse(self, line: int | None, reason: str) -> FormatError:
        return FormatError([Problem(self.source, line, reason)])

    def take(self, event: yaml.Event) -> None:
        """Apply one event of the parser."""
        line = event.start_mark.line + 1 if event.start_mark else 0
        if isinstance(event, yaml.DocumentStartEvent):
            self._start_document(event, line)
        elif isinstance(event, yaml.AliasEvent):
            raise self.refuse(line, "aliases (*name) are not allowed")
        elif isinstance(event, yaml.NodeEvent):
            self._take_node(event, line)
        elif isinstance(event, yaml.CollectionEndEvent):
            self.open.pop()

    def _start_document(self, event: yaml.DocumentStartEvent, line: int) -> None:
        self.documents += 1
        if self.documents > 1:
            raise self.refuse(line, "the file holds more than one document")
        if event.version or event.tags:
            raise self.refuse(line, "directives (%YAML, %TAG) are not allowed")

    def _take_node(self, event: yaml.NodeEvent, line: int) -> None:
        if event.anchor is not None:
            raise self.refuse(line, "anchors (&name) are not allowed")
        if getattr(event, "tag", None) is not None:
            raise self.refuse(line, "tags (!name) are not allowed")
        top = self.open[-1] if self.open else None
        if top is not None and isinstance(top.value, dict) and top.key is None:
            self._take_key(top, event, line)
            return
        place = self._place(top)
        self.lines.setdefault(place, line)
        if isinstance(event, yaml.ScalarEvent):
            self._put(top, self._scalar(event, place, line))
            return
        if len(self.open) >= MAX_DEPTH:
            raise self.refuse(line, f"lists and mappings are nested more than {MAX_DEPTH} deep")
        empty: list[JSON] | dict[str, JSON] = [] if isinstance(event, yaml.SequenceStartEvent) else {}
        self._put(top, empty)
        self.open.append(_Open(empty, place))

    def _take_key(self, top: _Open, event: yaml.NodeEvent, line: int) -> None:
        if not isinstance(event, yaml.ScalarEvent):
            raise self.refuse(line, "a key must be a text, not a list or mapping")
        key = self._scalar(event, (*top.place, "?"), line)
        if not isinstance(key, str):
            raise self.refuse(line, "a key must be a text: put it in quotes")
        if key in top.value:
            raise self.refuse(line, "the same key stands here twice")
        top.key = key
        self.lines[(*top.place, key)] = line

    def _place(self, top: _Open | None) -> Place:
        if top is None:
            return ()
        return (*top.place, len(top.value) if top.key is None else top.key)

    def _put(self, top: _Open | None, value: JSON) -> None:
        if top is None:
            self.value = value
        elif isinstance(top.value, list):
            top.value.append(value)
        elif top.key is not None:
            top.value[top.key] = value
            top.key = None

    def _scalar(self, event: yaml.ScalarEvent, place: Place, line: int) -> JSON:
        text: str = event.value
        if event.style is None:
            self.plain.add(place)
            return self._plain_scalar(text, line)
        joined = _SURROGATES.sub(_join_surrogates, text)
        if any("\ud800" <= letter <= "\udfff" for letter in joined):
            raise self.refuse(line, "half of a surrogate pair is no character")
        return joined

    def _plain_scalar(self, text: str, line: int) -> JSON:
        if text == "":
            raise self.refuse(line, "a value is missing: write null, or quotes for an empty text")
        if text in _WORDS:
            return _WORDS[text]
        match = _NUMBER.fullmatch(text)
        if match is None:
            return text
        if len(text) > MAX_DIGITS:
            raise self.refuse(line, f"a number has more than {MAX_DIGITS} digits")
        if match[2] is None and match[3] is None:
            return int(text)
        number = float(text)
        if not math.isfinite(number):
            raise self.refuse(line, "a number is too large")
        return number


def _join_surrogates(pair: re.Match[str]) -> str:
    """JSON writes characters beyond the first plane as two escapes; YAML's parser leaves them apart."""
    return pair[0].encode("utf-16", "surrogatepass").decode("utf-16")


def load_document(data: bytes, source: str) -> Document:
    """Load `data` strictly; `source` names the file in problems. Raises FormatError."""
    builder = _Builder(source)
    for event in _events(_decode(data, source), source):
        builder.take(event)
    if builder.documents == 0:
        raise builder.refuse(None, "the file is empty")
    return Document(builder.value, builder.lines, frozenset(builder.plain))


def load(data: bytes, source: str) -> JSON:
    """Return the value of a strict YAML (or JSON) file. Raises FormatError and nothing else."""
    return load_document(data, source).value


def _decode(data: bytes, source: str) -> str:
    if len(data) > MAX_BYTES:
        raise FormatError([Problem(source, None, f"the file is larger than {MAX_BYTES // 1024} KiB")])
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise FormatError([Problem(source, line, "the file is not UTF-8")]) from None
    unsafe = _RAW_UNSAFE.search(text)
    if unsafe:
        line = text.count("\n", 0, unsafe.start()) + 1
        raise FormatError([Problem(source, line, f"the character U+{ord(unsafe[0]):04X} may not stand here")])
    return text


def _events(text: str, source: str) -> Iterator[yaml.Event]:
    try:
        yield from yaml.parse(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        # The parser's own words may quote the file, so they are not passed on.
        line = mark.line + 1 if mark else None
        raise FormatError([Problem(source, line, "this is not YAML that can be read")]) from None
    except (yaml.YAMLError, ValueError, OverflowError):
        raise FormatError([Problem(source, None, "this is not YAML that can be read")]) from None
