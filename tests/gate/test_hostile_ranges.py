"""What hides in trees, in middle commits, in merges and in mixtures is refused with file and reason."""

from __future__ import annotations

from dataclasses import replace

from lockgate.formats import write_job_request
from tests.gate.conftest import Gate
from tests.gate.hostile import Hostile, each
from tests.gate.repository import Files, Odd, Repository
from tests.gate.study import (
    GOVERNANCE,
    NODE_APP,
    PUBLISHED,
    REQUEST,
    REQUEST_PATH,
    RESEARCHER,
    WAITING,
    base_files,
    folder,
    result_of,
)

GOOD = write_job_request(REQUEST)
ASK: Files = {REQUEST_PATH: GOOD}
RESULT = result_of(WAITING)
COUNTS = f"{folder(WAITING)}counts.csv.dvc"


def tree_with(mode: str, name: bytes, content: bytes = GOOD):
    """Return what makes a head whose root tree has one more entry, however impossible."""

    def make(study: Repository) -> str:
        inner = (
            study.blob(content) if mode != "40000" else study.tree([("100644", b"x", study.blob(content))])
        )
        return study.commit_tree(study.tree([*study.root_entries(), (mode, name, inner)]), study.tip())

    return make


def jobs_with(*names: bytes):
    """Return what makes a head whose jobs/ tree holds these names."""

    def make(study: Repository) -> str:
        jobs = study.tree([("100644", name, study.blob(GOOD)) for name in names])
        root = [entry for entry in study.root_entries() if entry[1] != b"jobs"]
        return study.commit_tree(study.tree([*root, ("40000", b"jobs", jobs)]), study.tip())

    return make


def commits(*steps: Files):
    """Return what makes one commit for each step."""

    def make(study: Repository) -> str:
        tip = study.tip()
        for step in steps:
            tip = study.commit(step, parents=(tip,))
        return tip

    return make


def merging(other: Files, merged: Files, from_base: bool = False):
    """Return what makes a request's branch into which another branch was merged, with `merged` on top."""

    def make(study: Repository) -> str:
        branch = study.commit(ASK)
        side = study.commit(other, branch="main" if from_base else "side")
        return study.commit(merged, parents=(branch, side))

    return make


def own_history(study: Repository) -> str:
    """Merge a history that shares nothing with the base."""
    branch = study.commit(ASK)
    foreign = study.commit({"secret.txt": b"x\n"}, parents=(), branch="foreign")
    return study.commit({}, parents=(branch, foreign))


ID = REQUEST.id.encode()
TREES = [
    Hostile("climbing path", tree_with("100644", b"../jobs"), "../jobs", "holds a slash"),
    Hostile("climbing folder", tree_with("40000", b".."), "..", "climbs out"),
    Hostile("the same folder", tree_with("40000", b"."), ".", "climbs out"),
    Hostile("absolute path", tree_with("100644", b"/etc/passwd"), "/etc/passwd", "holds a slash"),
    Hostile("slash in a name", tree_with("100644", b"jobs/" + ID + b".yaml"), REQUEST_PATH, "holds a slash"),
    Hostile("climbing below jobs", jobs_with(b".."), "jobs/..", "climbs out"),
    Hostile("Git's folder", tree_with("40000", b".git"), ".git", "into a .git folder"),
    Hostile("Git's folder in capitals", tree_with("40000", b".GIT"), ".GIT", "into a .git folder"),
    Hostile("Git's folder on NTFS", tree_with("40000", b"git~1"), "git~1", "into a .git folder"),
    Hostile("Git's folder with a dot", tree_with("40000", b".git."), ".git.", "into a .git folder"),
    Hostile(
        "Git's folder on HFS", tree_with("40000", ".g\u200cit".encode()), ".g\\u200cit", "into a .git folder"
    ),
    Hostile("Git's folder below", jobs_with(b".git"), "jobs/.git", "into a .git folder"),
    Hostile("backslash", tree_with("100644", b"..\\jobs"), "..\\jobs", "backslash"),
    Hostile("name twice", jobs_with(ID + b".yaml", ID + b".yaml"), REQUEST_PATH, "holds this name twice"),
    Hostile("jobs twice", tree_with("40000", b"jobs"), "jobs", "holds this name twice"),
    Hostile("odd mode", tree_with("100600", b"x"), "x", "none that Git writes"),
    Hostile("folder in other case", {"readme.MD": b"x\n"}, "readme.MD", "nothing but case or composition"),
    Hostile("folders that collide", {"Heart_Study/x.py": b"x\n"}, "Heart_Study/x.py", "nothing but case"),
    Hostile("names that collide", {"caf\u00e9": b"1\n", "cafe\u0301": b"2\n"}, "caf\u00e9", "or composition"),
]

STEPS = [
    Hostile(
        "code touched and put back", commits({**ASK, "x.py": b"1\n"}, {"x.py": None}), "x.py", "no part of"
    ),
    Hostile(
        "policy touched and put back",
        commits({"x.py": b"1\n", "governance.yaml": b"x\n"}, {"governance.yaml": GOVERNANCE}),
        "governance.yaml",
        "no part of a code change",
    ),
    Hostile(
        "request touched and put back by code",
        commits({"x.py": b"1\n", REQUEST_PATH: GOOD}, {REQUEST_PATH: None}),
        REQUEST_PATH,
        "no part of a code change",
    ),
    Hostile(
        "symlink in a middle commit",
        commits({REQUEST_PATH: Odd("120000", b"/etc/passwd")}, ASK),
        REQUEST_PATH,
        "breaks the shape: this is a symbolic link",
    ),
    Hostile(
        "huge file in a middle commit",
        commits({REQUEST_PATH: b"#" * 300_000}, ASK),
        REQUEST_PATH,
        "larger than 256 KiB",
    ),
    Hostile(
        "other request edited and put back",
        commits(
            {f"jobs/{WAITING.id}.yaml": b"x\n"},
            {f"jobs/{WAITING.id}.yaml": write_job_request(WAITING), **ASK},
        ),
        f"jobs/{WAITING.id}.yaml",
        "no part of a job request",
    ),
    Hostile(
        "data in a middle commit of a result",
        commits({f"{folder(WAITING)}counts.csv": b"1,2\n"}, {f"{folder(WAITING)}counts.csv": None, **RESULT}),
        f"{folder(WAITING)}counts.csv",
        "no part of a result publication",
        author=NODE_APP,
    ),
    Hostile(
        "other version in a middle commit of a result",
        commits({COUNTS: b"1,2,3\n"}, RESULT),
        COUNTS,
        "would stay in the history",
        author=NODE_APP,
    ),
    Hostile(
        "withdrawal that first rewrites",
        commits({f"{folder(PUBLISHED)}manifest.yaml": b"x\n"}, dict.fromkeys(result_of(PUBLISHED))),
        f"{folder(PUBLISHED)}manifest.yaml",
        "does not only remove",
    ),
    Hostile("merge of another branch", merging({}, {}), "", "merges a branch that is not on the base"),
    Hostile("merge that adds", merging({"y": b"1\n"}, {"y": b"2\n"}, from_base=True), "y", "together with"),
    Hostile(
        "merge that drops what the base has",
        merging({"README.md": b"new\n"}, {}, from_base=True),
        "README.md",
        "may not change together with a job request",
    ),
    Hostile("history of its own", own_history, "secret.txt", "no part of a job request"),
    Hostile("nothing in common", lambda study: study.commit(ASK, parents=()), "", "no common history"),
    Hostile("nothing at all", commits({}), "", "changes nothing"),
]

MIXTURES = [
    Hostile("request and code", {**ASK, "x.py": b"1\n"}, "x.py", "a code change and may not change together"),
    Hostile(
        "request and policy", {**ASK, "governance.yaml": GOVERNANCE + b"#\n"}, "governance.yaml", "together"
    ),
    Hostile("request and job type", {**ASK, "job_types/x.json": b"{}\n"}, "job_types/x.json", "together"),
    Hostile("request and result", {**ASK, **RESULT}, COUNTS, "together with a job request"),
    Hostile("result and code", {**RESULT, "x.py": b"1\n"}, "x.py", "together with a result publication"),
    Hostile(
        "result and DVC settings", {**RESULT, ".dvc/config": b"x"}, ".dvc/config", "together with a result"
    ),
    Hostile(
        "policy and code", {"CODEOWNERS": b"x\n", "x.py": b"1\n"}, "x.py", "together with a policy change"
    ),
    Hostile("workflow and code", {".github/workflows/x.yaml": b"x", "x.py": b"1\n"}, "x.py", "together"),
    Hostile(
        "owners in capitals", {"codeowners": b"x\n", "x.py": b"1\n"}, "x.py", "together with a policy change"
    ),
    Hostile(
        "pin and code",
        {"requirements.txt": b"lockgate @ http://evil.example.org/x\n", "x.py": b"1\n"},
        "x.py",
        "together with a policy change",
    ),
    Hostile(
        "index and code",
        {"requirements.in": b"--index-url http://e.example\n", "x.py": b"1\n"},
        "x.py",
        "together",
    ),
    Hostile("removal of all", dict.fromkeys(base_files()), "governance.yaml", "may not change together"),
]


@each(TREES + STEPS + MIXTURES)
def test_what_hides_in_a_range_is_refused(case: Hostile, study: Repository, gate: Gate) -> None:
    case.assert_refused(gate(case.head(study), author=case.author or RESEARCHER))


def test_a_merge_that_brings_its_own_version_is_refused(study: Repository, gate: Gate) -> None:
    branch = study.commit({"x.py": b"1\n"})
    newer = study.commit({"README.md": b"new\n"}, branch="main")
    evil = study.commit({"README.md": b"new\n", "CODEOWNERS": b"* @evil/x\n"}, parents=(branch, newer))
    head = study.commit({"CODEOWNERS": base_files()["CODEOWNERS"]}, parents=(evil,))
    reasons = [problem.reason for problem in gate(head).problems if problem.path == "CODEOWNERS"]
    assert any(evil[:10] in reason for reason in reasons)


def test_only_the_default_branch_may_be_the_base(study: Repository, gate: Gate) -> None:
    verdict = gate(study.commit(ASK), base_ref="other")
    assert [problem.reason for problem in verdict.problems] == ["the base is not the default branch"]
    assert gate(study.commit(ASK), base_ref="refs/heads/main").clean


def test_policy_and_job_types_of_the_head_count_for_nothing(study: Repository, gate: Gate) -> None:
    west = GOVERNANCE.replace(b"  south:", b"  west:")
    study.commit({"governance.yaml": west}, branch="later")
    request = write_job_request(replace(REQUEST, nodes=("west",)))
    verdict = gate(study.commit({REQUEST_PATH: request}, parents=(study.tip("later"),)))
    assert not verdict.clean
    assert gate(study.commit({REQUEST_PATH: request}, parents=(study.tip("later"),)), base="later").clean


def test_a_path_that_a_merge_once_dropped_existed_before(study: Repository, gate: Gate) -> None:
    first = study.tip()
    side = study.commit(ASK, branch="side")
    newer = study.commit({"README.md": b"new\n"}, parents=(first,), branch="main")
    study.commit({}, parents=(newer, side), branch="main")
    reasons = [problem.reason for problem in gate(study.commit(ASK)).problems if problem.path == REQUEST_PATH]
    assert reasons == ["this path existed on the base before; it may never be added again"]
