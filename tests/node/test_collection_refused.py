"""A run could have left anything in scratch: what is not exactly as declared is refused, with its reason."""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lockgate.formats import DisclosureLimits, OutputChoice, OutputDeclaration
from lockgate.messages import CollectionReported
from lockgate.node.collection.errors import OutputRefused
from lockgate.node.collection.outputs import is_complete, take_outputs
from tests.gate.study import REQUEST
from tests.node.world import TABLE, NodeWorld

LIMITS = DisclosureLimits(
    min_count=10,
    round_to=5,
    max_rows=5,
    max_bytes=2000,
    media_types=("text/csv", "image/png", "application/json", "text/plain"),
)
Arranged = Callable[[Path], object]


def declared(media_type: str = "text/csv", kind: str = "file") -> dict[str, OutputDeclaration]:
    return {"out": OutputDeclaration("out", kind, media_type, "")}


def png(*chunks: bytes) -> bytes:
    parts = [b"IHDR" + bytes([0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]), b"IDAT" + zlib.compress(b"\0\0")]
    whole = b"\x89PNG\r\n\x1a\n"
    for part in [*parts, *chunks, b"IEND"]:
        whole += (len(part) - 4).to_bytes(4, "big") + part + zlib.crc32(part).to_bytes(4, "big")
    return whole


HOSTILE: dict[str, tuple[Arranged, str, str]] = {
    "a link to a file": (lambda out: out.symlink_to("/etc/passwd"), "text/plain", "no plain file"),
    "a link to nothing": (lambda out: out.symlink_to("nowhere"), "text/csv", "no plain file"),
    "a pipe": (lambda out: os.mkfifo(out), "text/csv", "no plain file"),
    "a directory": (lambda out: out.mkdir(), "text/csv", "no plain file"),
    "a second name of a file": (
        lambda out: (out.with_name("first").write_bytes(TABLE), os.link(out.with_name("first"), out)),
        "text/csv",
        "no plain file",
    ),
    "nothing": (lambda _: None, "text/csv", "did not write"),
    "too many bytes": (lambda out: out.write_bytes(b"a\n" * 1001), "text/csv", "over the 2000 bytes"),
    "too many rows": (lambda out: out.write_bytes(b"a\n" * 7), "text/csv", "more than the 5 rows"),
    "too many lines": (lambda out: out.write_bytes(b"a\n" * 6), "text/plain", "more than the 5 rows"),
    "too long a list": (lambda out: out.write_bytes(b'{"a": [1,2,3,4,5,6]}'), "application/json", "5 rows"),
    "an archive as a table": (lambda out: out.write_bytes(b"PK\x03\x04abc"), "text/csv", "something else"),
    "parquet as text": (lambda out: out.write_bytes(b"PAR1abcPAR1"), "text/plain", "something else"),
    "bytes as a table": (lambda out: out.write_bytes(b"a,b\n\xff\xfe,1\n"), "text/csv", "something else"),
    "a nul in text": (lambda out: out.write_bytes(b"a\0b"), "text/plain", "something else"),
    "a ragged table": (lambda out: out.write_bytes(b"a,b\n1,2\n3\n"), "text/csv", "no table"),
    "an empty table": (lambda out: out.write_bytes(b""), "text/csv", "empty"),
    "text as JSON": (lambda out: out.write_bytes(b"{"), "application/json", "something else"),
    "not a number in JSON": (lambda out: out.write_bytes(b"[NaN]"), "application/json", "something else"),
    "deep JSON": (lambda out: out.write_bytes(b"[" * 1999), "application/json", "something else"),
    "a table as a picture": (lambda out: out.write_bytes(TABLE), "image/png", "something else"),
    "a picture as a table": (lambda out: out.write_bytes(png()), "text/csv", "something else"),
    "a picture with a tail": (lambda out: out.write_bytes(png() + b"rows"), "image/png", "something else"),
    "a picture with rows beside its pixels": (
        lambda out: out.write_bytes(png(b"zTXtrows\0\0" + zlib.compress(b"1,2,3"))),
        "image/png",
        "more than its pixels",
    ),
    "a picture with rows as its software": (
        lambda out: out.write_bytes(png(b"tEXtSoftware\0" + b"1,2,3;" * 20)),
        "image/png",
        "more than its pixels",
    ),
    "half a picture": (lambda out: out.write_bytes(png()[:-8]), "image/png", "something else"),
    "a type that is not allowed": (lambda out: out.write_bytes(b"%PDF"), "application/pdf", "may not leave"),
}


@pytest.mark.parametrize(("arrange", "media_type", "reason"), HOSTILE.values(), ids=list(HOSTILE))
def test_a_hostile_output_is_refused(tmp_path: Path, arrange: Arranged, media_type: str, reason: str) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    arrange(folder / "out")
    with pytest.raises(OutputRefused, match=reason):
        take_outputs(folder, declared(media_type), LIMITS, tmp_path / "staging")


@pytest.mark.parametrize(
    ("media_type", "content"),
    [("text/csv", TABLE), ("image/png", png()), ("application/json", b'{"a": [1]}'), ("text/plain", b"ok\n")],
)
def test_a_good_output_is_taken_with_both_hashes(tmp_path: Path, media_type: str, content: bytes) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "out").write_bytes(content)
    (folder / "undeclared").write_bytes(b"left behind")
    (taken,) = take_outputs(folder, declared(media_type), LIMITS, tmp_path / "staging")
    assert (taken.size, taken.place) == (len(content), "out")
    assert [path.read_bytes() for path in (tmp_path / "staging").iterdir()] == [content]
    assert (tmp_path / "staging" / taken.sha256).exists()


DIRECTORIES: dict[str, tuple[Arranged, str]] = {
    "a link inside": (lambda out: (out / "b.csv").symlink_to("/etc/passwd"), "no plain"),
    "a link to a folder": (lambda out: (out / "b").symlink_to("/etc"), "no plain"),
    "a name with a dot first": (lambda out: (out / ".hidden").write_bytes(TABLE), "not plain"),
    "a name with a line break": (lambda out: (out / "a\nb").write_bytes(TABLE), "not plain"),
    "names that differ in case": (lambda out: (out / "A.csv").write_bytes(TABLE), "case alone"),
    "too many bytes together": (
        lambda out: [(out / f"f{i}.csv").write_bytes(TABLE * 2) for i in range(40)],
        "over the 2000",
    ),
    "too deep a tree": (
        lambda out: (out / "/".join("d" * 9)).mkdir(parents=True),
        "too deep",
    ),
}


@pytest.mark.parametrize(("arrange", "reason"), DIRECTORIES.values(), ids=list(DIRECTORIES))
def test_a_hostile_directory_is_refused(tmp_path: Path, arrange: Arranged, reason: str) -> None:
    out = tmp_path / "run" / "out"
    out.mkdir(parents=True)
    (out / "a.csv").write_bytes(b"a\n1\n")
    arrange(out)
    with pytest.raises(OutputRefused, match=reason):
        take_outputs(tmp_path / "run", declared(kind="directory"), LIMITS, tmp_path / "staging")


def test_a_link_in_the_place_of_the_runs_own_folder_is_not_followed(tmp_path: Path) -> None:
    real = tmp_path / "elsewhere"
    real.mkdir()
    (real / ".complete").touch()
    (tmp_path / "run").symlink_to(real)
    assert is_complete(real.parent, "elsewhere")
    assert not is_complete(tmp_path, "run")


def refusal(node: NodeWorld) -> str:
    """Why the only collection was refused; nothing was proposed or stored."""
    told = node.portal.said(CollectionReported)[-1]
    assert told.state == "refused"
    assert node.github.open_pulls() == []
    assert not [path for path in node.internal().rglob("*") if path.is_file()]
    return told.reason or ""


def test_outputs_of_a_request_merged_without_approval_are_not_taken(node: NodeWorld) -> None:
    run = node.runs.add(REQUEST, node.request(approved=False))
    node.runs.write(run, {"counts.csv": TABLE})
    node.turn()
    assert "without approval" in refusal(node)


def test_a_run_started_by_hand_is_shown_as_no_request_and_never_collected(node: NodeWorld) -> None:
    merge = node.request()
    by_hand: list[dict[str, Any]] = [{"dagster__run_key": ""}, {"dagster__run_key": "other@" + "0" * 40}]
    for tags in by_hand:
        node.runs.write(node.runs.add(REQUEST, merge, **tags), {"counts.csv": TABLE})
    node.turn()
    assert node.portal.said(CollectionReported) == []


def test_a_run_that_names_another_blob_or_merge_is_refused(node: NodeWorld) -> None:
    merge = node.request()
    forged = {"lockgate__blob": "0" * 40, "dagster__run_key": f"{REQUEST.id}@{'0' * 40}"}
    node.runs.write(node.runs.add(REQUEST, merge, **forged), {"counts.csv": TABLE})
    node.turn()
    assert "no request on main" in refusal(node)
    node.runs.write(node.runs.add(REQUEST, node.since), {"counts.csv": TABLE})
    node.turn()
    assert "no request on main" in refusal(node)


def test_a_newer_attempt_closes_the_older_pull_request(node: NodeWorld) -> None:
    older = node.collected()
    (run,) = node.runs.all.values()
    again = node.runs.add(REQUEST, run.tags["lockgate/merge"])
    node.runs.write(again, {"counts.csv": TABLE.replace(b"25", b"35")})
    node.turn(2)
    (pull,) = node.github.open_pulls()
    assert pull["head"]["ref"] == f"results/{REQUEST.id}/north/{again.id[:8]}"
    assert node.github.code("GET", f"/pulls/{older}")["state"] == "closed"


def test_a_branch_that_somebody_else_made_in_the_nodes_name_is_refused(node: NodeWorld) -> None:
    run = node.runs.add(REQUEST, node.request())
    branch = f"results/{REQUEST.id}/north/{run.id[:8]}"
    node.github.fetch(node.code)
    node.code.commit({"README.md": b"# Mine\n"}, branch=branch)
    node.github.push(node.code, f"{branch}:{branch}", login="researcher")
    node.runs.write(run, {"counts.csv": TABLE})
    node.turn()
    told = node.portal.said(CollectionReported)[-1]
    assert (told.state, node.github.open_pulls()) == ("refused", [])


def test_a_directory_output_comes_with_its_listings(node: NodeWorld) -> None:
    request = replace(REQUEST, outputs={"tables": OutputChoice("none needed")})
    number = node.collected({"tables/a.csv": TABLE, "tables/sub/b.csv": b"x\n1\n"}, request)
    node.github.approve(number)
    node.github.merge(number)
    node.turn()
    keys = sorted(node.published())
    assert sum(key.endswith(".dir") for key in keys) == 1
    assert len(keys) == 3
