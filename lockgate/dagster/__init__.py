"""What a Code Repo takes from Lockgate: job types, their parameters and outputs, and the sensor."""

from lockgate.dagster.job_types import JobType, ParametersRefused, job_type
from lockgate.dagster.outputs import Output, OutputError, Outputs
from lockgate.dagster.parameters import Parameters, parameter
from lockgate.dagster.sensor import build_sensor

__all__ = [
    "JobType",
    "Output",
    "OutputError",
    "Outputs",
    "Parameters",
    "ParametersRefused",
    "build_sensor",
    "job_type",
    "parameter",
]
