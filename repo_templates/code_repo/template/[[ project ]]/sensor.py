"""Runs each approved request once. Its name is part of how runs are told apart: never rename it."""

from lockgate.dagster import build_sensor

from .job_types import JOB_TYPES

approved_requests = build_sensor(JOB_TYPES, name="approved_requests")
