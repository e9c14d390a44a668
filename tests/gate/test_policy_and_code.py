"""A policy or code change may not leave the default branch without what everything else is read by."""

from __future__ import annotations

import json

import pytest

from lockgate.formats import Kind, write_job_request
from lockgate.gate import CannotTell
from tests.gate.conftest import Gate
from tests.gate.hostile import Hostile, each
from tests.gate.repository import Odd, Repository
from tests.gate.study import DVC_CONFIG, GOVERNANCE, JOB_TYPE, REQUEST, REQUEST_PATH

CONFIG, TYPE = ".dvc/config", "job_types/survival.json"


def dvc(old: str, new: str) -> dict[str, bytes]:
    """Return DVC's settings with text replaced."""
    assert old.encode() in DVC_CONFIG
    return {CONFIG: DVC_CONFIG.replace(old.encode(), new.encode())}


def job_type(**changes: object) -> dict[str, bytes]:
    """Return the job type with keys changed."""
    return {TYPE: json.dumps({**JOB_TYPE, **changes}, indent=1).encode()}


def parameter(**schema: object) -> dict[str, bytes]:
    """Return the job type with one parameter of this schema."""
    return job_type(properties={"start": schema})


CHANGES = [
    Hostile("policy in capitals", {"Governance.yaml": GOVERNANCE}, "Governance.yaml", "must be written"),
    Hostile(
        "huge policy", {"governance.yaml": GOVERNANCE + b"#" * 300_000}, "governance.yaml", "larger than 256"
    ),
    Hostile("DVC settings as a symlink", {CONFIG: Odd("120000", b"/etc/x")}, CONFIG, "symbolic link"),
    Hostile("huge DVC settings", {CONFIG: DVC_CONFIG + b"#" * 300_000}, CONFIG, "larger than 256"),
    Hostile("unreadable DVC settings", {CONFIG: b"no section\n"}, CONFIG, "cannot be read"),
    Hostile(
        "no remote of its own", dvc("    remote = publication\n", ""), CONFIG, "remote must be `publication`"
    ),
    Hostile("array of nothing", parameter(type="array"), TYPE, "needs `items` exactly where"),
    Hostile("output twice", job_type(**{"x-outputs": JOB_TYPE["x-outputs"][:1] * 2}), TYPE, "declared twice"),
    Hostile("job type as a list", {TYPE: b"[]"}, TYPE, "must be a mapping"),
    Hostile("no policy", {"governance.yaml": None}, "governance.yaml", "nobody could decide"),
    Hostile(
        "policy as a symlink", {"governance.yaml": Odd("120000", b"x")}, "governance.yaml", "symbolic link"
    ),
    Hostile(
        "quorum of none",
        {"governance.yaml": GOVERNANCE.replace(b"quorum: 2", b"quorum: 0")},
        "governance.yaml",
        "`approvals.result_publication.quorum` must be at least 1",
        line=9,
    ),
    Hostile(
        "policy with aliases", {"governance.yaml": GOVERNANCE + b"x: *y\n"}, "governance.yaml", "aliases"
    ),
    Hostile("other remote", dvc("http://127.0.0.1:8400/dvc", "s3://bucket"), CONFIG, "portal's address"),
    Hostile("remote with a password", dvc("127.0.0.1", "me:secret@127.0.0.1"), CONFIG, "portal's address"),
    Hostile("no verification", dvc("verify = true", "verify = false"), CONFIG, "verify = true"),
    Hostile("cache elsewhere", dvc("[core]", "[cache]\n    dir = /etc\n[core]"), CONFIG, "nothing else"),
    Hostile(
        "hidden default", dvc("[core]", "[DEFAULT]\nurl = http://x/dvc/y\n[core]"), CONFIG, "nothing else"
    ),
    Hostile(
        "second remote", dvc("[core]", "['remote \"x\"']\n    url = /etc\n[core]"), CONFIG, "nothing else"
    ),
    Hostile("secret settings", {".dvc/config.local": b"x"}, ".dvc/config.local", "may be in Git"),
    Hostile("no schema", {TYPE: b"{}"}, TYPE, "lacks"),
    Hostile("combined schemas", job_type(allOf=[]), TYPE, "`allOf` is no key"),
    Hostile("reference elsewhere", job_type(**{"$ref": "http://e.example/x"}), TYPE, "no key that is known"),
    Hostile("open parameters", job_type(additionalProperties=True), TYPE, "must be False"),
    Hostile("Python's word", job_type(properties={"class": {"type": "string"}}, required=[]), TYPE, "Python"),
    Hostile("nested parameter", parameter(type="object"), TYPE, "must be one of string"),
    Hostile("broken pattern", parameter(type="string", pattern="("), TYPE, "pattern that cannot be read"),
    Hostile(
        "bad default", parameter(type="integer", default="x"), TYPE, "default that its own schema refuses"
    ),
    Hostile("unknown requirement", job_type(required=["other"]), TYPE, "`other`, which is no parameter"),
    Hostile(
        "climbing output",
        job_type(**{"x-outputs": [{**JOB_TYPE["x-outputs"][0], "name": "../x"}]}),
        TYPE,
        "out",
    ),
    Hostile("job type elsewhere", {"job_types/a/b.json": b"{}"}, "job_types/a/b.json", "and nothing else"),
    Hostile("job type as YAML", {"job_types/b.yaml": b"{}"}, "job_types/b.yaml", "and nothing else"),
    Hostile(
        "job type's name",
        {"job_types/B.json": json.dumps(JOB_TYPE).encode()},
        "job_types/B.json",
        "named after",
    ),
]


@each(CHANGES)
def test_a_change_that_breaks_what_others_rely_on_is_refused(
    case: Hostile, study: Repository, gate: Gate
) -> None:
    case.assert_refused(gate(case.head(study)))


@pytest.mark.parametrize(
    ("path", "kind"),
    [("projects/heart_study.yaml", Kind.PROJECT_REGISTRATION), ("charts/dagster.yaml", Kind.NODE_CHANGE)],
)
def test_a_node_repo_is_not_changed_by_pull_request_yet(
    study: Repository, gate: Gate, path: str, kind: Kind
) -> None:
    study.commit({"node.yaml": b"name: north\n"}, parents=(), branch="node", clean=True)
    verdict = gate(study.commit({path: b"x\n"}, parents=(study.tip("node"),)), base="node")
    assert verdict.kind is kind
    assert [(problem.path, "until a later version" in problem.reason) for problem in verdict.problems] == [
        (path, True)
    ]


def test_a_base_that_is_neither_repository_of_ours_cannot_tell(study: Repository, gate: Gate) -> None:
    study.commit({"README.md": b"x\n"}, parents=(), branch="other", clean=True)
    with pytest.raises(CannotTell, match=r"neither governance\.yaml nor node\.yaml"):
        gate(study.commit({"x.py": b"1\n"}, parents=(study.tip("other"),)), base="other")


def test_a_policy_that_cannot_be_read_on_the_base_is_no_reason_to_let_anything_in(
    study: Repository, gate: Gate
) -> None:
    study.commit({"governance.yaml": b"broken"}, branch="main")
    with pytest.raises(CannotTell, match=r"governance\.yaml of the base"):
        gate(study.commit({REQUEST_PATH: write_job_request(REQUEST)}))
