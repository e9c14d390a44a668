"""Hostile job requests are each refused with file and reason."""

from __future__ import annotations

from dataclasses import replace

from lockgate.formats import Account, Kind, OutputChoice, write_job_request
from tests.gate.conftest import Gate
from tests.gate.hostile import Hostile, each
from tests.gate.repository import Odd, Repository
from tests.gate.study import OTHER, PUBLISHED, REMOVED_PATH, REQUEST, REQUEST_PATH, RESEARCHER, WAITING

GOOD = write_job_request(REQUEST)
WAITING_PATH = f"jobs/{WAITING.id}.yaml"


def asking(**changes: object) -> dict[str, bytes]:
    """Return a request that differs from the good one, still in its form."""
    return {REQUEST_PATH: write_job_request(replace(REQUEST, **changes))}  # type: ignore[arg-type]


def text(old: str, new: str) -> dict[str, bytes]:
    """Return the good request with some of its text replaced."""
    assert old.encode() in GOOD
    return {REQUEST_PATH: GOOD.replace(old.encode(), new.encode(), 1)}


def at(name: str) -> dict[str, bytes]:
    """Return the good request at another place."""
    return {name: GOOD}


def parameters(**given: object) -> dict[str, bytes]:
    """Return a request with parameters changed."""
    return asking(parameters={**REQUEST.parameters, **given})


PLACES = [
    Hostile("wrong ending", at(f"jobs/{REQUEST.id}.yml"), f"jobs/{REQUEST.id}.yml", "jobs/<id>.yaml"),
    Hostile("ending in capitals", at(f"jobs/{REQUEST.id}.YAML"), f"jobs/{REQUEST.id}.YAML", "jobs/<id>.yaml"),
    Hostile("deeper folder", at(f"jobs/new/{REQUEST.id}.yaml"), f"jobs/new/{REQUEST.id}.yaml", "jobs/<id>"),
    Hostile("folder in capitals", at(f"Jobs/{REQUEST.id}.yaml"), f"Jobs/{REQUEST.id}.yaml", "jobs/<id>.yaml"),
    Hostile(
        "id in capitals", at("jobs/2026-11-23-Loud-k3f9.yaml"), "jobs/2026-11-23-Loud-k3f9.yaml", "small"
    ),
    Hostile("id without a date", at("jobs/survival-k3f9.yaml"), "jobs/survival-k3f9.yaml", "YYYY-MM-DD"),
    Hostile("id on no day", at("jobs/2026-02-30-x-k3f9.yaml"), "jobs/2026-02-30-x-k3f9.yaml", "YYYY-MM-DD"),
    Hostile(
        "id with letter l", at("jobs/2026-11-23-x-l3f9.yaml"), "jobs/2026-11-23-x-l3f9.yaml", "jobs/<id>"
    ),
    Hostile(
        "long id", at(f"jobs/2026-11-23-{'x' * 60}-k3f9.yaml"), f"jobs/2026-11-23-{'x' * 60}-k3f9.yaml", ""
    ),
    Hostile("other digits", at("jobs/2026-11-2٣-x-k3f9.yaml"), "jobs/2026-11-2٣-x-k3f9.yaml", "jobs/<id>"),
    Hostile("hidden file", at("jobs/.hidden.yaml"), "jobs/.hidden.yaml", "jobs/<id>.yaml"),
    Hostile("line break in name", at("jobs/a\nb.yaml"), "jobs/a\\nb.yaml", "control character"),
    Hostile("name not in UTF-8", at("jobs/\udcff.yaml"), "jobs/\\udcff.yaml", "not UTF-8"),
    Hostile(
        "name not composed",
        at("jobs/2026-11-23-e\u0301-k3f9.yaml"),
        "jobs/2026-11-23-e\u0301-k3f9.yaml",
        "small",
    ),
    Hostile("edit of a merged request", {WAITING_PATH: GOOD}, WAITING_PATH, "may be edited"),
    Hostile("removal of a merged request", {WAITING_PATH: None}, WAITING_PATH, "may be removed"),
    Hostile("re-added path", {REMOVED_PATH: GOOD}, REMOVED_PATH, "existed"),
    Hostile(
        "two requests", {**at(REQUEST_PATH), **at("jobs/2026-11-23-y-k3f9.yaml")}, REQUEST_PATH, "one file"
    ),
    Hostile("removed folder keeper", {"jobs/.gitkeep": None}, "jobs/.gitkeep", "removed"),
]

MODES = [
    Hostile("symlink", {REQUEST_PATH: Odd("120000", b"../governance.yaml")}, REQUEST_PATH, "symbolic link"),
    Hostile("executable", {REQUEST_PATH: Odd("100755", GOOD)}, REQUEST_PATH, "executable"),
    Hostile("submodule", {REQUEST_PATH: Odd("160000", sha="1" * 40)}, REQUEST_PATH, "submodule"),
    Hostile(
        "jobs as a symlink", {"jobs/.gitkeep": None, "jobs": Odd("120000", b"src")}, "jobs", "jobs/<id>.yaml"
    ),
    Hostile("huge file", {REQUEST_PATH: GOOD + b"#" * 300_000}, REQUEST_PATH, "larger than 256 KiB"),
]

TEXTS = [
    Hostile("not YAML", {REQUEST_PATH: b"a: [b"}, REQUEST_PATH, "not YAML"),
    Hostile("empty", {REQUEST_PATH: b""}, REQUEST_PATH, "empty"),
    Hostile("not UTF-8", {REQUEST_PATH: GOOD + b"# \xff\n"}, REQUEST_PATH, "not UTF-8"),
    Hostile("two documents", {REQUEST_PATH: GOOD + b"---\n" + GOOD}, REQUEST_PATH, "more than one document"),
    Hostile(
        "day of the id", text('id: "2026-11-23', 'id: "2026-02-30'), REQUEST_PATH, "in no calendar", line=2
    ),
    Hostile("a list", {REQUEST_PATH: b"[]"}, REQUEST_PATH, "must be a mapping"),
    Hostile("escape in a parameter", text("by: age", 'by: "\\e[2J"'), REQUEST_PATH, "control character"),
    Hostile("escape in a list", text("by: age", 'by: [{k: "\\a"}]'), REQUEST_PATH, "control character"),
    Hostile("duplicate key", text("title:", "job: other\ntitle:"), REQUEST_PATH, "twice", line=4),
    Hostile("anchor", text("job: survival", "job: &a survival"), REQUEST_PATH, "anchors", line=3),
    Hostile("alias", {REQUEST_PATH: GOOD + b"x: *a\n"}, REQUEST_PATH, "aliases"),
    Hostile("tag", text("job: survival", "job: !!python/name:os.system x"), REQUEST_PATH, "tags", line=3),
    Hostile("merge key", {REQUEST_PATH: GOOD + b"<<: {}\n"}, REQUEST_PATH, "no key that is known"),
    Hostile("directive", {REQUEST_PATH: b"%YAML 1.1\n---\n" + GOOD}, REQUEST_PATH, "directives"),
    Hostile("deep nesting", text("bins: 4", "bins: " + "[" * 60 + "]" * 60), REQUEST_PATH, "nested"),
    Hostile(
        "unknown key", text("job:", "priority: high\njob:"), REQUEST_PATH, "`priority` is no key", line=3
    ),
    Hostile("missing key", text("repeats: null\n", ""), REQUEST_PATH, "lacks `repeats`"),
    Hostile("other version", text("version: 1", "version: 2"), REQUEST_PATH, "`version` must be 1", line=1),
    Hostile(
        "version as text", text("version: 1", 'version: "1"'), REQUEST_PATH, "`version` must be 1", line=1
    ),
    Hostile("requester as text", text("id: 1001", 'id: "1001"'), REQUEST_PATH, "must be a whole number"),
    Hostile("purpose with escape", text("purpose: ", 'purpose: "\\e[2J"\nx: '), REQUEST_PATH, "control char"),
]

ASKS = [
    Hostile(
        "id of another file", asking(id="2026-11-23-other-k3f9"), REQUEST_PATH, "name of the file", line=2
    ),
    Hostile(
        "another's name", asking(requested_by=Account(OTHER, "r2")), REQUEST_PATH, "opened the pull", line=7
    ),
    Hostile("sent by another", {REQUEST_PATH: GOOD}, REQUEST_PATH, "opened the pull request", author=OTHER),
    Hostile("unknown job", asking(job="other_job"), REQUEST_PATH, "no job type `other_job`", line=3),
    Hostile("unknown node", asking(nodes=("north", "west")), REQUEST_PATH, "node `west`"),
    Hostile("no node", text("nodes:\n  - north", "nodes: []"), REQUEST_PATH, "at least 1"),
    Hostile("node twice", text("  - north", "  - north\n  - north"), REQUEST_PATH, "same entry twice"),
    Hostile(
        "unknown output", asking(outputs={"all.csv": OutputChoice("x")}), REQUEST_PATH, "output `all.csv`"
    ),
    Hostile("climbing output", text("counts.csv:", "../x.csv:"), REQUEST_PATH, "refused"),
    Hostile(
        "no output",
        text("outputs:\n  counts.csv:\n    controls:", "outputs: {}\nx:"),
        REQUEST_PATH,
        "least 1",
    ),
    Hostile("unknown parameter", parameters(token="x"), REQUEST_PATH, "`token` is no parameter of this job"),
    Hostile("missing parameter", asking(parameters={}), REQUEST_PATH, "`start` is missing"),
    Hostile("wrong enum", parameters(by="postcode"), REQUEST_PATH, "must be one of age, sex"),
    Hostile("below the bound", parameters(bins=1), REQUEST_PATH, "`bins` must be at least 2", line=14),
    Hostile("fraction for whole", parameters(bins=2.0), REQUEST_PATH, "`bins` must be a whole number"),
    Hostile("true for a number", parameters(bins=True), REQUEST_PATH, "`bins` must be a whole number"),
    Hostile("no such day", parameters(start="2026-02-30"), REQUEST_PATH, "`start` must be a day"),
    Hostile("array too long", parameters(ages=[1, 2, 3, 4]), REQUEST_PATH, "at most 3 entries"),
    Hostile("array of texts", parameters(ages=["x"]), REQUEST_PATH, "`ages` entry 1 must be a whole number"),
    Hostile("Python's word", text("bins: 4", "class: 4"), REQUEST_PATH, "Python keeps for itself"),
    Hostile("unmet dependency", asking(depends_on=(WAITING.id,)), REQUEST_PATH, "has no result of `north`"),
    Hostile(
        "dependency met on one node of two",
        asking(nodes=("north", "south"), depends_on=(PUBLISHED.id,)),
        REQUEST_PATH,
        "has no result of `south`",
    ),
    Hostile("repeats nothing", asking(repeats="2026-01-01-x-aaaa"), REQUEST_PATH, "no request on the base"),
    Hostile(
        "depends on itself", text("depends_on: []", f"depends_on: ['{REQUEST.id}']"), REQUEST_PATH, "itself"
    ),
]


@each(PLACES + MODES + TEXTS + ASKS)
def test_a_hostile_request_is_refused(case: Hostile, study: Repository, gate: Gate) -> None:
    case.assert_refused(gate(case.head(study), author=case.author or RESEARCHER))


def test_every_problem_of_a_request_is_named_at_once(study: Repository, gate: Gate) -> None:
    bad = {**asking(job="other_job", nodes=("west",), depends_on=(WAITING.id,))}
    verdict = gate(study.commit(bad), author=OTHER)
    assert len(verdict.problems) == 4
    assert {problem.path for problem in verdict.problems} == {REQUEST_PATH}
    assert verdict.kind is Kind.JOB_REQUEST
