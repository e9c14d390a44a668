"""Hostile result publications and withdrawals are each refused with file and reason."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

from lockgate.formats import DirectoryManifest, Manifest, write_directory_manifest, write_dvc_file
from tests.gate.conftest import Gate
from tests.gate.hostile import Hostile, each
from tests.gate.repository import Odd, Repository
from tests.gate.study import (
    ALSO_PUBLISHED,
    JOB_TYPE,
    NODE_APP,
    PUBLISHED,
    RESEARCHER,
    WAITING,
    WITHDRAWN,
    folder,
    manifest_of,
    pointer_of,
    result_of,
)
from tests.gate.study import LISTING as FILES

HERE = folder(WAITING)
GOOD = result_of(WAITING)
MANIFEST, COUNTS, TABLES = f"{HERE}manifest.yaml", f"{HERE}counts.csv.dvc", f"{HERE}tables.dvc"
LISTING = f"{HERE}tables.sha256.json"
LONG = write_directory_manifest(FILES)
SHORT = write_directory_manifest(DirectoryManifest(FILES.files[:1]))
FIRST = manifest_of(WAITING).outputs[0]
DIGITS = b"12345678901234567890123456789012"


def with_file(path: str, content: bytes | Odd) -> dict[str, bytes | Odd | None]:
    """Return the good result with one more or another file."""
    return {**GOOD, path: content}


def without(path: str) -> dict[str, bytes]:
    """Return the good result but for one file."""
    return {each_path: data for each_path, data in GOOD.items() if each_path != path}


def text(path: str, old: str, new: str) -> dict[str, bytes]:
    """Return the good result with text of one file replaced."""
    assert old.encode() in GOOD[path], GOOD[path]
    return {**GOOD, path: GOOD[path].replace(old.encode(), new.encode(), 1)}


def saying(**changes: object) -> dict[str, bytes]:
    """Return a result whose manifest says something else and agrees with its own .dvc files."""
    manifest: Manifest = replace(manifest_of(WAITING), **changes)  # type: ignore[arg-type]
    return result_of(WAITING, manifest)


def first_output(**changes: object) -> dict[str, bytes]:
    """Return a result whose first output differs, in manifest and .dvc file alike."""
    output = replace(FIRST, **changes)  # type: ignore[arg-type]
    return saying(outputs=(output, *manifest_of(WAITING).outputs[1:]))


def listing(data: bytes) -> dict[str, bytes]:
    """Return a result with another list of files, whose sha256 is true in manifest and .dvc file."""
    sha256 = hashlib.sha256(data).hexdigest()
    first, tables = manifest_of(WAITING).outputs
    files = saying(outputs=(first, replace(tables, sha256=sha256)))
    return {**files, LISTING: data}


def moved(old: str, new: str) -> dict[str, bytes]:
    """Return the good result with its paths changed."""
    return {path.replace(old, new): data for path, data in GOOD.items()}


def dvc(line: str) -> dict[str, bytes]:
    """Return the good result with a line more in a .dvc file."""
    return {**GOOD, COUNTS: GOOD[COUNTS] + line.encode() + b"\n"}


CURVE = replace(FIRST, name="curve.png", media_type="image/png")
MD5 = f'md5: "{FIRST.md5}"'
PLACES = [
    Hostile("raw data", with_file(f"{HERE}counts.csv", b"1,2\n"), f"{HERE}counts.csv", "and nothing else"),
    Hostile("pipeline", with_file(f"{HERE}dvc.yaml", b"stages: {}\n"), f"{HERE}dvc.yaml", "and nothing else"),
    Hostile("lock file", with_file(f"{HERE}dvc.lock", b"{}\n"), f"{HERE}dvc.lock", "and nothing else"),
    Hostile("readme", with_file(f"{HERE}README.md", b"x\n"), f"{HERE}README.md", "and nothing else"),
    Hostile("deeper", with_file(f"{HERE}more/x.dvc", b"x\n"), f"{HERE}more/x.dvc", "no deeper"),
    Hostile(
        "beside the node", with_file(f"results/{WAITING.id}/x.dvc", b"x"), f"results/{WAITING.id}/x.dvc", ""
    ),
    Hostile("top of results", with_file("results/x.dvc", b"x\n"), "results/x.dvc", "no deeper"),
    Hostile("folder in capitals", moved("results/", "Results/"), MANIFEST.replace("r", "R", 1), "no deeper"),
    Hostile("manifest in capitals", moved("manifest", "Manifest"), f"{HERE}Manifest.yaml", "nothing else"),
    Hostile(
        "ending in capitals", moved("counts.csv.dvc", "counts.csv.DVC"), f"{HERE}counts.csv.DVC", "nothing"
    ),
    Hostile("output in capitals", moved("counts.csv", "Counts.csv"), f"{HERE}Counts.csv.dvc", "nothing else"),
    Hostile("no manifest", without(MANIFEST), MANIFEST, "no manifest.yaml"),
    Hostile("DVC settings", with_file(f"{HERE}.dvc/config", b"x\n"), f"{HERE}.dvc/config", "no deeper"),
    Hostile(
        "two results", {**GOOD, **moved("/north/", "/south/")}, MANIFEST.replace("north", "south"), "another"
    ),
    Hostile(
        "edit", {f"{folder(PUBLISHED)}manifest.yaml": b"x\n"}, f"{folder(PUBLISHED)}manifest.yaml", "edited"
    ),
    Hostile(
        "late addition",
        {f"{folder(PUBLISHED)}x.csv.dvc": b"x\n"},
        f"{folder(PUBLISHED)}manifest.yaml",
        "no manif",
    ),
    Hostile(
        "re-added result", result_of(WITHDRAWN), f"{folder(WITHDRAWN)}manifest.yaml", "existed on the base"
    ),
    Hostile("symlink", with_file(COUNTS, Odd("120000", b"/etc/passwd")), COUNTS, "symbolic link"),
    Hostile("executable", with_file(COUNTS, Odd("100755", GOOD[COUNTS])), COUNTS, "executable"),
    Hostile("submodule", with_file(COUNTS, Odd("160000", sha="1" * 40)), COUNTS, "submodule"),
    Hostile("huge file", with_file(COUNTS, GOOD[COUNTS] + b"#" * 300_000), COUNTS, "larger than 256 KiB"),
    Hostile(
        "too many files",
        {**GOOD, **{f"{HERE}o{n}.dvc": b"x" for n in range(220)}},
        LISTING,
        "at most 200 files",
    ),
]

POINTERS = [
    Hostile("unquoted digits", text(COUNTS, MD5, f"md5: {DIGITS.decode()}"), COUNTS, "in quotes", line=2),
    Hostile("unquoted hash", text(COUNTS, MD5, MD5.replace('"', "")), COUNTS, "must stand in quotes", line=2),
    Hostile(
        "number in disguise", text(COUNTS, MD5, f"md5: 1e{'3' * 30}"), COUNTS, "number is too large", line=2
    ),
    Hostile("short hash", text(COUNTS, MD5, 'md5: "abc"'), COUNTS, "32 of 0-9 and a-f"),
    Hostile("hash in capitals", text(COUNTS, MD5, MD5.upper().replace("MD5", "md5")), COUNTS, "32 of 0-9"),
    Hostile("hash climbs", text(COUNTS, MD5, 'md5: "../../etc/passwd"'), COUNTS, "32 of 0-9 and a-f"),
    *(
        Hostile(f"key {line.split(':')[0].strip()}", dvc(line), COUNTS, "is no key that is known")
        for line in ("wdir: ..", "deps: []", "cmd: rm", "frozen: true", "md5: 'x'")
    ),
    *(
        Hostile(
            f"out with {key}", text(COUNTS, "hash: md5", f"hash: md5\n    {key}: {value}"), COUNTS, "no key"
        )
        for key, value in {
            "remote": "other",
            "push": "false",
            "cache": "false",
            "fs_config": "{}",
            "files": "[]",
            "cloud": "{}",
            "version_id": "x",
            "isexec": "true",
            "sha256": "x",
            "desc": "x",
        }.items()
    ),
    Hostile(
        "climbing path", text(COUNTS, "path: counts.csv", "path: ../counts.csv"), COUNTS, "output's name"
    ),
    Hostile("absolute path", text(COUNTS, "path: counts.csv", "path: /etc/passwd"), COUNTS, "output's name"),
    Hostile(
        "path in a folder", text(COUNTS, "path: counts.csv", "path: a/counts.csv"), COUNTS, "output's name"
    ),
    Hostile(
        "path of another", text(COUNTS, "path: counts.csv", "path: curve.png"), COUNTS, "is not the name"
    ),
    Hostile(
        "other hash",
        {**GOOD, COUNTS: write_dvc_file(replace(pointer_of(FIRST), md5="0" * 32))},
        COUNTS,
        "md5",
    ),
    Hostile("other size", text(COUNTS, "size: 30", "size: 31"), COUNTS, "md5 or size"),
    Hostile("negative size", text(COUNTS, "size: 30", "size: -1"), COUNTS, "at least 0"),
    Hostile("another algorithm", text(COUNTS, "hash: md5", "hash: etag"), COUNTS, "must be md5"),
    Hostile("two outs", dvc('  - md5: "x"'), COUNTS, "at most 1"),
    Hostile("alias", text(COUNTS, MD5, "md5: *x"), COUNTS, "aliases"),
    Hostile("duplicate key", text(COUNTS, "size: 30", "size: 30\n    size: 30"), COUNTS, "twice", line=4),
    Hostile("directory as a file", text(TABLES, ".dir", ""), TABLES, "a directory has"),
    Hostile(
        "file as a directory", first_output(md5=FIRST.md5 + ".dir"), COUNTS, "declares this output as a file"
    ),
    Hostile("no list", without(LISTING), LISTING, "list of its files is missing"),
    Hostile(
        "list of a file",
        with_file(f"{HERE}counts.csv.sha256.json", b"{}"),
        f"{HERE}counts.csv.sha256.json",
        "",
    ),
    Hostile("other list", text(LISTING, "a.csv", "b.csv"), LISTING, "not the list whose sha256"),
    Hostile(
        "pointer without entry",
        with_file(f"{HERE}curve.png.dvc", GOOD[COUNTS]),
        f"{HERE}curve.png.dvc",
        "list",
    ),
    Hostile("list cut short", listing(SHORT), LISTING, "number or sizes of the files"),
    Hostile(
        "list that climbs", listing(LONG.replace(b"b/c.csv", b"b/../c.csv")), LISTING, "plain relative path"
    ),
    Hostile("list not sorted", listing(LONG.replace(b"a.csv", b"z.csv")), LISTING, "not sorted"),
    Hostile("list that collides", listing(LONG.replace(b"a.csv", b"B/c.csv")), LISTING, "nothing but case"),
    Hostile("entry without pointer", without(COUNTS), COUNTS, "its .dvc file is missing"),
]

MANIFESTS = [
    Hostile(
        "another request", saying(request=PUBLISHED.id), MANIFEST, "not the request of this folder", line=2
    ),
    Hostile(
        "another blob", saying(blob="f" * 40), MANIFEST, "not the request as it stands on the base", line=3
    ),
    Hostile("another node", saying(node="south"), MANIFEST, "not the node of this folder", line=6),
    Hostile("output not chosen", saying(outputs=(FIRST, CURVE)), MANIFEST, "was not chosen by the request"),
    Hostile("chosen one left out", saying(outputs=(FIRST,)), MANIFEST, "the request chose `tables`"),
    Hostile("other controls", first_output(controls="none"), MANIFEST, "other controls"),
    Hostile("other media type", first_output(media_type="image/png"), MANIFEST, "another media type"),
    Hostile("forbidden media type", first_output(media_type="text/html"), MANIFEST, "does not allow"),
    Hostile("too large an output", first_output(size=16_000_001), MANIFEST, "larger than the 16000000 bytes"),
    Hostile("output twice", text(MANIFEST, "name: tables", "name: counts.csv"), MANIFEST, "listed twice"),
    Hostile("ends before it starts", text(MANIFEST, "10:05", "09:05"), MANIFEST, "ends before it starts"),
    Hostile("time as a number", text(MANIFEST, '"2026-11-23T10:00:00Z"', "1795000000"), MANIFEST, "UTC time"),
    Hostile(
        "findings with places", text(MANIFEST, "disclosure: null", "disclosure: {row: 3}"), MANIFEST, "no key"
    ),
    Hostile(
        "image without digest", text(MANIFEST, "image: null", "image: latest"), MANIFEST, "sha256 digest"
    ),
    Hostile(
        "unknown key", text(MANIFEST, "node:", "values: [1]\nnode:"), MANIFEST, "no key that is known", line=6
    ),
    Hostile("by a researcher", GOOD, MANIFEST, "only the App of the node", author=RESEARCHER),
    Hostile("by another node", GOOD, MANIFEST, "only the App of the node", author=4003),
    Hostile(
        "node not asked", moved("/north/", "/south/"), MANIFEST.replace("north", "south"), "does not name"
    ),
    Hostile("node unknown", moved("/north/", "/west/"), MANIFEST.replace("north", "west"), "governance.yaml"),
    Hostile("no such request", moved("-aaaa", "-zzzz"), MANIFEST.replace("-aaaa", "-zzzz"), "has no request"),
]

DONE = folder(PUBLISHED)
BOTH = {**dict.fromkeys(result_of(PUBLISHED)), **dict.fromkeys(result_of(ALSO_PUBLISHED))}
WITHDRAWALS = [
    Hostile("two results at once", BOTH, f"{DONE}", "this is another one"),
    Hostile("part of a result", {f"{DONE}counts.csv.dvc": None}, f"{DONE}manifest.yaml", "would stay"),
    Hostile(
        "result and keeper",
        {**dict.fromkeys(result_of(PUBLISHED)), "results/.gitkeep": None},
        "results/.gitkeep",
        "",
    ),
    Hostile(
        "one out, one in",
        {**dict.fromkeys(result_of(PUBLISHED)), **GOOD},
        f"{DONE}manifest.yaml",
        "withdrawn as a whole",
    ),
]


@each(PLACES + POINTERS + MANIFESTS + WITHDRAWALS)
def test_a_hostile_result_is_refused(case: Hostile, study: Repository, gate: Gate) -> None:
    case.assert_refused(gate(case.head(study), author=case.author or NODE_APP))


def test_no_reason_carries_what_stands_in_an_output_or_a_manifest(study: Repository, gate: Gate) -> None:
    secret = "patient 4711 had 3 events"
    bad = text(MANIFEST, "disclosure: null", f'disclosure: "{secret}"\n"{secret}": 1')
    bad[COUNTS] = bad[COUNTS].replace(b"path: counts.csv", f'path: "{secret}"'.encode())
    bad[LISTING] = f'{{"version": 1, "files": "{secret}"}}'.encode()
    verdict = gate(study.commit(bad), author=NODE_APP)
    assert {problem.path for problem in verdict.problems} >= {MANIFEST, COUNTS}
    assert "4711" not in str(verdict)


def test_outputs_that_the_base_declares_no_more_are_refused(study: Repository, gate: Gate) -> None:
    study.commit({"job_types/survival.json": None}, branch="later")
    verdict = gate(study.commit(GOOD, parents=(study.tip("later"),)), base="later", author=NODE_APP)
    assert "no job type `survival` any more" in verdict.problems[0].reason
    declared = {**JOB_TYPE, "x-outputs": JOB_TYPE["x-outputs"][1:]}
    study.commit({"job_types/survival.json": json.dumps(declared).encode()}, branch="later")
    verdict = gate(study.commit(GOOD, parents=(study.tip("later"),)), base="later", author=NODE_APP)
    assert [p.reason for p in verdict.problems] == [
        "`counts.csv` is not declared by the job type of the base"
    ]
