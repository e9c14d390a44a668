"""One job, run to its end: its steps, what they said, and how it came out."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from standins.github.actions import expressions
from standins.github.actions.checkout import CannotCheckOut, Source, check_out
from standins.github.actions.commands import Annotation
from standins.github.actions.environments import CannotMake, Environments
from standins.github.actions.process import Processes, TimedOut
from standins.github.actions.step_run import Surroundings, run_script
from standins.github.actions.uses import CHECKOUT
from standins.github.actions.workflow import Job, NotUnderstood, Step

REQUIREMENTS = "requirements.txt"


@dataclass(frozen=True)
class Assignment:
    """All that one job needs to know. `github` is the `github` context, its `token` included.

    `requirements` gives a requirement file of the base by its path, or None.
    """

    job: Job
    github: Mapping[str, Any]
    source: Source
    requirements: Callable[[str], bytes | None]
    place: Path
    environments: Environments


@dataclass
class Outcome:
    """How the job came out. `title` is empty for a success."""

    conclusion: str = "success"
    title: str = ""
    summary: str = ""
    annotations: list[Annotation] = field(default_factory=list)
    log: str = ""


class JobRun:
    """Runs the steps in order; a failed step lets only `always()` and `failure()` steps run."""

    def __init__(self, assignment: Assignment, processes: Processes) -> None:
        self._given = assignment
        self._job = assignment.job
        self._around = Surroundings.make(assignment.place, assignment.github, processes)
        self._steps: dict[str, Any] = {}
        self._deadline = time.monotonic() + 60 * self._job.timeout_minutes
        self._outcome = Outcome()

    def run(self) -> Outcome:
        """Raises Stopped where the stand-in is shut down meanwhile."""
        try:
            early = {"github": self._given.github, "secrets": self._secrets}
            for name, value in self._job.env.items():
                self._around.env[name] = expressions.fill(value, early)
            for step in self._job.steps:
                if expressions.holds(step.condition, failed=self._outcome.conclusion != "success"):
                    self._attempt(step)
        except NotUnderstood as error:
            self._fail(f"Not understood: {error}")
        finally:
            self._around.processes.end()
        self._outcome.log = self._around.masked(self._outcome.log)
        self._outcome.summary = self._around.masked(self._outcome.summary)
        return self._outcome

    def _attempt(self, step: Step) -> None:
        self._outcome.log += f"## {step.name}\n"
        failure = ""
        try:
            failure = self._use(step) if step.uses else self._script(step)
        except NotUnderstood as error:
            failure = f"Not understood: {error}"
        except (CannotCheckOut, CannotMake) as error:
            failure = f"{step.uses}: {error}"
        except TimedOut:
            failure = f"{step.name}: still running at its time limit, and ended"
        self._remember(step, "failure" if failure else "success")
        if failure:
            self._fail(failure)

    def _script(self, step: Step) -> str:
        """Why the step failed; empty for a success."""
        env = {**self._around.env, **self._step_env(step)}
        directory = self._around.workspace / self._fill(step.working_directory, env)
        deadline = min(self._deadline, time.monotonic() + 60 * (step.timeout_minutes or float("inf")))
        said = run_script(self._around, self._fill(step.run or "", env), env, directory, deadline)
        self._outcome.log += said.output
        self._outcome.summary += said.summary
        self._outcome.annotations += said.annotations
        self._steps[step.id] = {"outputs": said.outputs}
        if said.failure:
            return said.failure
        if said.exit_code:
            message = f"Process completed with exit code {said.exit_code}."
            self._outcome.annotations.append(Annotation("failure", message))
            return f"{step.name}: exit code {said.exit_code}"
        return ""

    def _use(self, step: Step) -> str:
        inputs = {name: self._fill(value, self._around.env) for name, value in step.inputs.items()}
        if step.uses == CHECKOUT:
            if self._job.permissions.get("contents") is None:
                raise CannotCheckOut("the token may not read contents")
            check_out(self._given.source, self._around.workspace, inputs, self._around.base_env)
        else:
            self._set_up_python(inputs)
        return ""

    def _set_up_python(self, inputs: Mapping[str, str]) -> None:
        path = inputs.get("cache-dependency-path") or REQUIREMENTS
        requirements = self._given.requirements(path)
        if requirements is None:
            raise CannotMake(f"the base has no requirement file {path}")
        made = self._given.environments.prepare(requirements, inputs.get("python-version", ""))
        self._around.paths.insert(0, str(made / "bin"))

    def _step_env(self, step: Step) -> dict[str, str]:
        return {name: self._fill(value, self._around.env) for name, value in step.env.items()}

    def _fill(self, text: str, env: Mapping[str, str]) -> str:
        contexts = {
            "github": self._given.github,
            "env": env,
            "steps": self._steps,
            "runner": self._around.runner,
            "secrets": self._secrets,
        }
        return expressions.fill(text, contexts)

    @property
    def _secrets(self) -> dict[str, str]:
        return {"GITHUB_TOKEN": str(self._given.github["token"])}

    def _remember(self, step: Step, outcome: str) -> None:
        if step.id:
            known = self._steps.get(step.id, {"outputs": {}})
            self._steps[step.id] = {**known, "outcome": outcome, "conclusion": outcome}

    def _fail(self, why: str) -> None:
        self._outcome.conclusion = "failure"
        self._outcome.title = self._outcome.title or self._around.masked(why)
        self._outcome.log += f"{why}\n"


def clear(place: Path) -> None:
    """Remove a job's working folder."""
    shutil.rmtree(place, ignore_errors=True)
