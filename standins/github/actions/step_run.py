"""One `run:` step as a runner runs it: bash, a clean environment, and the files it may write to."""

from __future__ import annotations

import os
import sys
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from standins.github.actions import commands
from standins.github.actions.commands import Annotation
from standins.github.actions.process import Processes, read_output
from standins.github.actions.workflow import NotUnderstood

BASH = ["bash", "--noprofile", "--norc", "-eo", "pipefail"]
_FILES = ("GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH", "GITHUB_STEP_SUMMARY")
_MAX_SUMMARY = 64 * 1024


@dataclass(frozen=True)
class Said:
    """What a step left behind. `failure` says what of it was not understood."""

    exit_code: int
    output: str
    outputs: Mapping[str, str]
    summary: str
    annotations: tuple[Annotation, ...]
    failure: str = ""


@dataclass
class Surroundings:
    """What the steps of one job share: folders, environment, search path, values to hide."""

    workspace: Path
    temp: Path
    base_env: Mapping[str, str]
    processes: Processes
    env: dict[str, str] = field(default_factory=dict)
    paths: list[str] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)

    @classmethod
    def make(cls, place: Path, github: Mapping[str, Any], processes: Processes) -> Surroundings:
        workspace, temp, home = Path(str(github["workspace"])), place / "temp", place / "home"
        for folder in (workspace, temp, home):
            folder.mkdir(parents=True, exist_ok=True)
        return cls(workspace, temp, _base_env(github, temp, home), processes, secrets=[str(github["token"])])

    @property
    def runner(self) -> dict[str, str]:
        return {"temp": str(self.temp), "os": "Linux", "arch": "X64", "tool_cache": str(self.temp)}

    def environment(self, env: Mapping[str, str]) -> dict[str, str]:
        """The whole environment of a step; what the workflow sets never hides the runner's own names."""
        path = os.pathsep.join([*self.paths, self.base_env["PATH"]])
        return {**env, **self.base_env, "PATH": path}

    def masked(self, text: str) -> str:
        for secret in self.secrets:
            text = text.replace(secret, "***")
        return text


def run_script(
    around: Surroundings, script: str, env: Mapping[str, str], directory: Path, deadline: float
) -> Said:
    """Run the script; raises TimedOut or Stopped."""
    place = around.temp / f"step-{uuid.uuid4().hex}"
    place.mkdir()
    files = {name: place / name.lower() for name in _FILES}
    for file in files.values():
        file.touch()
    (place / "script.sh").write_text(script)
    if not directory.is_dir():
        raise NotUnderstood(f"the working directory {directory.name} does not exist")
    code = around.processes.run(
        [*BASH, str(place / "script.sh")],
        cwd=directory,
        env={**around.environment(env), **{name: str(file) for name, file in files.items()}},
        output=place / "output",
        deadline=deadline,
    )
    return _listen(around, code, read_output(place / "output"), {n: read_output(f) for n, f in files.items()})


def search_path() -> str:
    """The machine's programs, without those of the environment that the stand-in itself runs in."""
    own = Path(sys.prefix) / "bin"
    given = os.environ.get("PATH", os.defpath).split(os.pathsep)
    return os.pathsep.join(part for part in given if part and Path(part) != own)


def _listen(around: Surroundings, code: int, output: str, written: Mapping[str, str]) -> Said:
    failure, outputs = "", dict[str, str]()
    around.secrets += commands.find_masks(output)
    try:
        outputs = commands.read_values(written["GITHUB_OUTPUT"], "GITHUB_OUTPUT")
        around.env.update(commands.read_values(written["GITHUB_ENV"], "GITHUB_ENV"))
    except NotUnderstood as error:
        failure = f"Not understood: {error}"
    around.paths[:0] = reversed(written["GITHUB_PATH"].split())
    return Said(
        exit_code=code,
        output=output,
        outputs=outputs,
        summary=written["GITHUB_STEP_SUMMARY"][:_MAX_SUMMARY],
        annotations=commands.find_annotations(around.masked(output)),
        failure=failure,
    )


def _base_env(github: Mapping[str, Any], temp: Path, home: Path) -> dict[str, str]:
    """Nothing of the stand-in's own environment but where the machine keeps its programs."""
    given = {
        f"GITHUB_{name.upper()}": str(github[name])
        for name in (
            "sha", "ref", "ref_name", "base_ref", "head_ref", "repository", "repository_owner", "event_name",
            "event_path", "actor", "actor_id", "workflow", "job", "run_id", "run_number", "run_attempt",
            "server_url", "api_url", "graphql_url", "workspace",
        )
    }  # fmt: skip
    return {
        **given,
        "PATH": search_path(),
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "CI": "true",
        "GITHUB_ACTIONS": "true",
        "RUNNER_OS": "Linux",
        "RUNNER_ARCH": "X64",
        "RUNNER_TEMP": str(temp),
        "RUNNER_TOOL_CACHE": str(temp),
        "TMPDIR": str(temp),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "PIP_NO_INDEX": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "UV_OFFLINE": "1",
    }
