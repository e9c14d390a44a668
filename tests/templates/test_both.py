"""What holds of both generated repositories: their workflows, their pins, and what they never say."""

import hashlib
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from standins.github.actions.reading import read_workflow
from tests.templates.conftest import run

PINNED = re.compile(r"uses: actions/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")


def workflow(repo: Path, name: str) -> Any:
    """The file with every value as text: `on` stays a word and no number is guessed."""
    return yaml.load((repo / ".github" / "workflows" / name).read_text(), yaml.BaseLoader)


def test_github_and_an_auditor_accept_the_workflows(repo: Path) -> None:
    files = [str(path) for path in sorted((repo / ".github" / "workflows").iterdir())]
    run("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *files, folder=repo)
    said = run("zizmor", "--offline", "--no-progress", *files, folder=repo)
    assert "failed to parse" not in said
    assert said.count("completed") == 2
    assert "No findings to report" in said


@pytest.mark.parametrize(
    ("name", "event"), [("gate.yaml", "pull_request_target"), ("ci.yaml", "pull_request")]
)
def test_each_check_reports_on_every_pull_request_and_may_write_nothing(
    repo: Path, name: str, event: str
) -> None:
    found = workflow(repo, name)
    assert found["on"] == {event: ""}
    assert found["permissions"] == {"contents": "read"}
    (job,) = found["jobs"].values()
    assert job["name"] == name.removesuffix(".yaml")
    assert "if" not in job
    assert "permissions" not in job
    read_workflow((repo / ".github" / "workflows" / name).read_bytes(), name)


def test_actions_are_pinned_and_leave_no_token_behind(repo: Path) -> None:
    for path in (repo / ".github" / "workflows").iterdir():
        uses = re.findall(r"uses:.*", path.read_text())
        assert uses
        assert all(PINNED.fullmatch(each) for each in uses)
        checkouts = [step for step in job_steps(repo, path.name) if "checkout" in step.get("uses", "")]
        assert all(step["with"]["persist-credentials"] == "false" for step in checkouts)


def test_the_gate_checks_out_the_base_and_runs_nothing_of_the_head(repo: Path) -> None:
    steps = job_steps(repo, "gate.yaml")
    assert all("ref" not in step.get("with", {}) for step in steps)
    scripts = "\n".join(step.get("run", "") for step in steps)
    assert not re.search(r"git (checkout|switch|merge|pull|worktree)", scripts)
    assert "${{" not in scripts


def job_steps(repo: Path, name: str) -> list[Any]:
    (job,) = workflow(repo, name)["jobs"].values()
    steps: list[Any] = job["steps"]
    return steps


def test_lockgate_is_pinned_by_the_hash_of_the_wheel_that_was_given(repo: Path, wheel: Path) -> None:
    pin = f"lockgate==0.1.0 \\\n    --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n"
    locks = sorted(repo.glob("requirements*.txt"))
    assert locks
    for lock in locks:
        text = lock.read_text()
        assert text.startswith(pin)
        pins = text.split("\n") and re.findall(r"(?m)^([a-z0-9._-]+)==\S+ \\\n    --hash=sha256:", text)
        assert len(pins) == len(re.findall(r"(?m)^\S", text))


def test_nothing_generated_names_this_machine_or_a_package_registry(repo: Path, made: Path) -> None:
    for path in repo.rglob("*"):
        if path.is_file() and ".ruff_cache" not in path.parts and "__pycache__" not in path.parts:
            text = path.read_text()
            assert str(made) not in text
            assert str(Path.cwd()) not in text
            assert not re.search(r"pypi|index-url|simple/", text), path
            assert not re.search(r"\[\[ \w+ \]\]|\[%", text), path
            assert "copier" not in text, path


def test_a_directory_that_holds_something_is_left_alone(repo: Path, wheel: Path) -> None:
    before = {path: path.read_bytes() for path in repo.rglob("*.yaml")}
    kind = "node-repo" if (repo / "node.yaml").exists() else "code-repo"
    new = ("lockgate", "new", kind, str(repo), "--defaults", "--wheel", str(wheel))
    assert "is not empty" in run(*new, folder=repo.parent, fails=True)
    assert before == {path: path.read_bytes() for path in repo.rglob("*.yaml")}
