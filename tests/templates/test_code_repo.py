"""A generated Code Repo works as it is: it loads, its tests pass, and the gate takes its first request."""

import json
import os
import re
import subprocess
from datetime import date
from pathlib import Path
from random import Random

import pytest

from lockgate import gate
from lockgate.formats import (
    Account,
    JobRequest,
    Kind,
    OutputChoice,
    new_request_id,
    read_governance,
    read_job_type,
    write_job_request,
)
from tests.gate.repository import Repository
from tests.templates.conftest import BIN, run

ROOT = Path(__file__).parents[2]
RESEARCHER = 1001


@pytest.fixture(scope="session")
def first_commit(code_repo: Path, made: Path) -> Repository:
    """The generated files as the first commit of a repository."""
    repository = Repository.create(made / "first.git")
    files = {str(path.relative_to(code_repo)): path.read_bytes() for path in files_of(code_repo)}
    repository.commit(files, parents=(), branch="main")
    return repository


def files_of(folder: Path) -> list[Path]:
    caches = {"__pycache__", ".ruff_cache", ".pytest_cache"}
    return [path for path in sorted(folder.rglob("*")) if path.is_file() and not caches & set(path.parts)]


def request_for(code_repo: Path, job: str) -> JobRequest:
    """A request that takes each parameter's own example."""
    read = read_job_type((code_repo / "job_types" / f"{job}.json").read_bytes(), f"{job}.json")
    return JobRequest(
        version=1,
        id=new_request_id(date(2026, 11, 23), read.title, Random(1)),
        job=job,
        title=read.title,
        purpose="It answers the project's first question.",
        requested_by=Account(RESEARCHER, "researcher"),
        nodes=("north",),
        parameters={name: schema["examples"][0] for name, schema in read.schema["properties"].items()},
        outputs={output.name: OutputChoice("as the job type says") for output in read.outputs},
        repeats=None,
        depends_on=(),
    )


def test_its_own_linters_and_tests_pass(code_repo: Path) -> None:
    run("ruff", "check", "--no-cache", ".", folder=code_repo)
    run("ruff", "format", "--no-cache", "--check", ".", folder=code_repo)
    assert "In step" in run("lockgate", "job-types", "--check", folder=code_repo)
    assert " passed" in run("pytest", "-p", "no:cacheprovider", folder=code_repo)


@pytest.mark.parametrize("job", ["outcomes_by_group", "survival_curve"])
def test_the_gate_takes_a_request_made_of_the_examples(
    code_repo: Path, first_commit: Repository, job: str
) -> None:
    request = request_for(code_repo, job)
    head = first_commit.commit({f"jobs/{request.id}.yaml": write_job_request(request)}, branch=job)
    verdict = gate.check(
        first_commit.path,
        base="main",
        head=head,
        base_ref="main",
        default_branch="main",
        author=RESEARCHER,
        node_accounts={"north": 4002},
    )
    assert verdict.clean, verdict.problems
    assert (verdict.kind, verdict.request) == (Kind.JOB_REQUEST, request.id)


def test_the_job_types_show_what_a_form_can_ask(code_repo: Path) -> None:
    documents = [json.loads(path.read_bytes()) for path in (code_repo / "job_types").iterdir()]
    fields = [field for document in documents for field in document["properties"].values()]
    assert {field["type"] for field in fields} >= {"integer", "string", "boolean", "array"}
    assert any("enum" in field for field in fields)
    assert all({"minimum", "maximum"} <= set(field) for field in fields if field["type"] == "integer")
    assert all(field["title"] and field["description"] and field["examples"] for field in fields)
    media_types = {output["media_type"] for document in documents for output in document["x-outputs"]}
    assert media_types == {"text/csv", "image/png"}


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("heart_study/sensor.py", Kind.POLICY_CHANGE),
        ("requirements-gate.txt", Kind.POLICY_CHANGE),
        ("governance.yaml", Kind.POLICY_CHANGE),
        (".github/workflows/gate.yaml", Kind.POLICY_CHANGE),
        (".dvc/config", Kind.POLICY_CHANGE),
        ("heart_study/patients.py", Kind.CODE_CHANGE),
        ("README.md", Kind.CODE_CHANGE),
    ],
)
def test_what_guards_the_repository_is_policy(
    code_repo: Path, first_commit: Repository, path: str, kind: Kind
) -> None:
    changed = (code_repo / path).read_bytes() + b"\n# changed\n"
    head = first_commit.commit({path: changed}, branch="change")
    verdict = gate.check(
        first_commit.path,
        base="main",
        head=head,
        base_ref="main",
        default_branch="main",
        author=RESEARCHER,
        node_accounts={"north": 4002},
    )
    assert verdict.kind is kind


def test_two_controllers_must_agree_before_anything_leaves(code_repo: Path) -> None:
    governance = read_governance((code_repo / "governance.yaml").read_bytes(), "governance.yaml")
    assert governance.approvals[Kind.JOB_REQUEST].quorum == 1
    assert governance.approvals[Kind.RESULT_PUBLICATION].quorum == 2
    assert governance.researchers == ("north-health/heart-researchers",)
    assert governance.controllers == ("north-health/heart-controllers",)
    assert governance.nodes["north"].controllers == ("north-health/north-controllers",)


def test_stock_dvc_finds_one_remote_at_the_portal(code_repo: Path, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    (clone / ".dvc").mkdir(parents=True)
    (clone / ".dvc" / "config").write_bytes((code_repo / ".dvc" / "config").read_bytes())
    subprocess.run(["git", "init", "-q", str(clone)], check=True)
    remotes = run("dvc", "remote", "list", folder=clone).splitlines()
    assert [line.split()[:2] for line in remotes] == [
        ["publication", "http://127.0.0.1:8400/dvc/heart_study"]
    ]


@pytest.mark.parametrize(
    ("changed", "tested"),
    [
        (("jobs/a.yaml",), False),
        (("results/a/north/manifest.yaml",), False),
        (("heart_study/patients.py",), True),
        (("jobs/a.yaml", "heart_study/patients.py"), True),
    ],
)
def test_ci_tests_the_code_exactly_where_code_changed(
    code_repo: Path, first_commit: Repository, tmp_path: Path, changed: tuple[str, ...], tested: bool
) -> None:
    head = first_commit.commit(dict.fromkeys(changed, b"changed\n"), branch="ci")
    said = run_ci(code_repo, first_commit, head, tmp_path)
    assert ("pytest" in said.split()) == tested
    assert ("no code to test" in said) == (not tested)


def run_ci(code_repo: Path, repository: Repository, head: str, folder: Path) -> str:
    """Run the script of ci.yaml on a checkout of `head`, with commands that only say their names."""
    script = (code_repo / ".github/workflows/ci.yaml").read_text().split("run: |\n")[-1]
    names = folder / "bin"
    names.mkdir()
    for name in ("python", "ruff", "lockgate", "pytest"):
        (names / name).write_text(f"#!/bin/sh\necho {name}\n")
        (names / name).chmod(0o755)
    checkout = folder / "checkout"
    subprocess.run(["git", "clone", "-q", "--no-checkout", str(repository.path), str(checkout)], check=True)
    subprocess.run(["git", "checkout", "-q", head], cwd=checkout, check=True)
    environment = {
        "PATH": f"{names}:{os.environ['PATH']}",
        "HOME": str(folder),
        "BASE": repository.tip(),
        "GITHUB_STEP_SUMMARY": str(folder / "summary"),
    }
    bash = ("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script)
    done = subprocess.run(bash, cwd=checkout, env=environment, capture_output=True, text=True, check=True)
    return done.stdout


def test_any_project_name_makes_a_code_repo_that_lints(made: Path, wheel: Path) -> None:
    folder = made / "other"
    name = "a" * 40
    data = ("--data", f"project={name}", "--data", "portal=https://portal.example.org")
    run("lockgate", "new", "code-repo", str(folder), "--defaults", "--wheel", str(wheel), *data, folder=made)
    run("ruff", "check", "--no-cache", ".", folder=folder)
    assert "In step" in run("lockgate", "job-types", "--check", folder=folder)
    assert not [path for path in files_of(folder) if "heart_study" in path.read_text()]
    assert "https://portal.example.org/dvc/" + name in (folder / ".dvc/config").read_text()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--data", "project=Heart"), "beginning with a letter"),
        (("--data", "portal=nowhere"), "https://host"),
        (("--data", "node_account=me"), "node_account"),
        (("--data", "project"), "KEY=VALUE"),
        (("--wheel", "README.md"), "no wheel of lockgate"),
    ],
)
def test_a_wrong_answer_is_refused_and_nothing_is_made(
    made: Path, wheel: Path, tmp_path: Path, words: tuple[str, str], said: str
) -> None:
    folder = tmp_path / "refused"
    given = ("--wheel", str(wheel), *words)
    told = run("lockgate", "new", "code-repo", str(folder), "--defaults", *given, folder=made, fails=True)
    assert re.sub(r"\s+", " ", said) in re.sub(r"\s+", " ", told)
    assert not folder.exists() or not list(folder.iterdir())


def test_without_a_wheel_it_says_how_to_get_one(tmp_path: Path) -> None:
    told = run("lockgate", "new", "code-repo", "here", "--defaults", folder=tmp_path, fails=True)
    assert "no wheel of lockgate to pin" in told
    assert "make setup" in told


def test_the_locks_are_ours_at_our_versions() -> None:
    ours = set(re.findall(r"(?m)^\S+==\S+", (ROOT / "requirements/dev.txt").read_text()))
    locks = sorted((ROOT / "repo_templates").glob("*/locks/*.txt"))
    assert len(locks) == 4
    for lock in locks:
        pins = set(re.findall(r"(?m)^\S+==\S+", lock.read_text()))
        assert {pin.split("==")[0] for pin in pins - ours} <= {"antlr4-python3-runtime"}


def test_what_a_generated_repository_asks_for_is_what_was_locked(code_repo: Path) -> None:
    asked = [line for line in (code_repo / "requirements.in").read_text().splitlines() if line[:1] not in "#"]
    locked = [
        line for line in (ROOT / "requirements/code_repo.in").read_text().splitlines() if line[0] != "#"
    ]
    assert asked == ["lockgate[dagster]==0.1.0", *locked]


def test_the_wheel_carries_the_templates(made: Path, wheel: Path) -> None:
    built = made / "built"
    run("uv", "build", "--quiet", "--wheel", "--no-build-isolation", "--out-dir", str(built), folder=ROOT)
    (package,) = built.glob("*.whl")
    unpacked = made / "unpacked"
    run("python", "-m", "zipfile", "-e", str(package), str(unpacked), folder=made)
    environment = {**os.environ, "PYTHONPATH": str(unpacked)}
    code = "from lockgate.cli import main; import lockgate, sys; print(lockgate.__file__); sys.exit(main())"
    new = ("new", "code-repo", str(made / "from-wheel"), "--defaults", "--wheel", str(wheel))
    done = subprocess.run(
        [str(BIN / "python"), "-c", code, *new], env=environment, cwd=made, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert str(unpacked) in done.stdout
    assert (made / "from-wheel" / ".github" / "workflows" / "gate.yaml").is_file()
