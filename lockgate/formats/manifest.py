"""`results/<id>/<node>/manifest.yaml`: where a result comes from and what it consists of."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from lockgate.formats.canonical import dump
from lockgate.formats.problems import JSON, FormatError, Problem
from lockgate.formats.schema import read_shape
from lockgate.formats.times import stamp


@dataclass(frozen=True)
class ManifestOutput:
    """One output. For a directory `md5` ends with .dir, and `sha256` is that of its .sha256.json."""

    name: str
    controls: str
    media_type: str
    size: int
    md5: str
    sha256: str


@dataclass(frozen=True)
class Finding:
    """How often a rule of the disclosure scanner was hit; the places stay on the node."""

    rule: str
    level: str
    count: int


@dataclass(frozen=True)
class Disclosure:
    """What the scanner found."""

    scanner: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Manifest:
    """A result's manifest; times are UTC, `image` None where the code location is no container,
    `disclosure` None where no scanner has looked."""

    version: int
    request: str
    blob: str
    run: str
    root_run: str
    node: str
    code: str
    image: str | None
    started: datetime
    finished: datetime
    outputs: tuple[ManifestOutput, ...]
    disclosure: Disclosure | None


def read_manifest(data: bytes, source: str = "manifest.yaml") -> Manifest:
    """Read a manifest; raises FormatError with every problem found."""
    value, document = read_shape("manifest", data, source)
    names = [output["name"] for output in value["outputs"]]
    if len(set(names)) < len(names):
        raise FormatError([Problem(source, document.line(("outputs",)), "an output is listed twice")])
    times = {key: _time(value[key], source, document.line((key,))) for key in ("started", "finished")}
    if times["finished"] < times["started"]:
        raise FormatError([Problem(source, document.line(("finished",)), "the run ends before it starts")])
    outputs = tuple(ManifestOutput(**output) for output in value["outputs"])
    return Manifest(**{**value, **times, "outputs": outputs, "disclosure": _disclosure(value["disclosure"])})


def write_manifest(manifest: Manifest) -> bytes:
    """Return the canonical file of `manifest`; raises FormatError where reading it back would."""
    value: dict[str, JSON] = {
        **asdict(manifest),
        "started": stamp(manifest.started),
        "finished": stamp(manifest.finished),
        "outputs": [asdict(output) for output in manifest.outputs],
        "disclosure": None if manifest.disclosure is None else _listed(manifest.disclosure),
    }
    data = dump(value)
    read_manifest(data)
    return data


def _disclosure(value: dict[str, Any] | None) -> Disclosure | None:
    if value is None:
        return None
    return Disclosure(value["scanner"], tuple(Finding(**finding) for finding in value["findings"]))


def _listed(disclosure: Disclosure) -> dict[str, JSON]:
    return {
        "scanner": disclosure.scanner,
        "findings": [asdict(finding) for finding in disclosure.findings],
    }


def _time(text: str, source: str, line: int | None) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        raise FormatError([Problem(source, line, "this time is in no calendar")]) from None
