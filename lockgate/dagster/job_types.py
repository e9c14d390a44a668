"""A job type: a Dagster job that people may request, with the parameters and outputs that it declares."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, get_type_hints

from dagster import JobDefinition, OpDefinition, OpExecutionContext, graph, op
from pydantic import ValidationError

from lockgate.dagster.outputs import Output, Outputs
from lockgate.dagster.parameters import Parameters
from lockgate.errors import Invalid

DIALECT = "https://json-schema.org/draft/2020-12/schema"
P = TypeVar("P", bound=Parameters)


class ParametersRefused(Invalid):
    """The parameters do not fit the config class that this code location has loaded."""


@dataclass(frozen=True)
class JobType:
    """One kind of analysis that may be requested.

    `job` takes its parameters as the config of its op `op`. Use the decorator `job_type` for a job of one
    step; build a `JobType` yourself around a job of several.
    """

    title: str
    description: str
    job: JobDefinition
    op: str
    parameters: type[Parameters]
    outputs: tuple[Output, ...]

    @property
    def name(self) -> str:
        """The name by which requests call it."""
        return self.job.name

    def run_config(self, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return Dagster's run config for approved parameters.

        Raises `ParametersRefused`, which names fields and never values.
        """
        try:
            self.parameters(**parameters)
        except ValidationError as refused:
            fields = sorted({".".join(map(str, error["loc"])) for error in refused.errors()})
            raise ParametersRefused(
                f"The loaded code refuses {', '.join(fields)} of {self.name}.",
                next_step="Deploy the code that the request was made for, or send a new request.",
            ) from None
        return {"ops": {self.op: {"config": dict(parameters)}}}

    def document(self) -> dict[str, Any]:
        """Return the job type as `job_types/<name>.json` holds it (JSON Schema 2020-12)."""
        schema = self.parameters.model_json_schema()
        shared = schema.get("$defs", {})
        return {
            "$schema": DIALECT,
            "title": self.title,
            "description": self.description,
            "type": "object",
            "properties": {name: _plain(field, shared) for name, field in schema["properties"].items()},
            "required": schema.get("required", []),
            "additionalProperties": False,
            "x-outputs": [
                {
                    "name": output.name,
                    "kind": output.kind,
                    "media_type": output.media_type,
                    "description": output.description,
                }
                for output in self.outputs
            ],
        }


def job_type(
    *, title: str, description: str, outputs: tuple[Output, ...]
) -> Callable[[Callable[[P, Outputs], None]], JobType]:
    """Make a job type of a function `(parameters, outputs) -> None` whose parameters are typed.

    The job bears the function's name, its one op that name with `_analysis`. When the function returns,
    the run is marked complete.
    """

    def wrap(analyse: Callable[[P, Outputs], None]) -> JobType:
        parameters = next(iter(get_type_hints(analyse).values()))
        step = _step(analyse, parameters, outputs)

        @graph(name=analyse.__name__)
        def steps() -> None:
            step()

        job = steps.to_job(description=description)
        return JobType(title, description, job, step.name, parameters, outputs)

    return wrap


def _step(
    analyse: Callable[[P, Outputs], None], parameters: type[P], declared: tuple[Output, ...]
) -> OpDefinition:
    def compute(context: OpExecutionContext) -> None:
        outputs = Outputs.of_run(context.run_id, declared)
        analyse(parameters(**context.op_config), outputs)
        outputs.complete()

    return op(name=f"{analyse.__name__}_analysis", config_schema=parameters.config_schema())(compute)


def _plain(field: Mapping[str, Any], shared: Mapping[str, Any]) -> dict[str, Any]:
    """Write a field's schema out in full: a form should not have to follow references."""
    own = {key: value for key, value in field.items() if key != "$ref"}
    if "items" in own:
        own["items"] = {key: value for key, value in _plain(own["items"], shared).items() if key != "title"}
    if "$ref" not in field:
        return own
    return {**shared[field["$ref"].removeprefix("#/$defs/")], **own}
