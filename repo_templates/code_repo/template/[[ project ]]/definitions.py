"""What Dagster loads: the jobs that may be requested, and the sensor that runs them."""

from dagster import Definitions

from .job_types import JOB_TYPES
from .sensor import approved_requests

definitions = Definitions(
    jobs=[job_type.job for job_type in JOB_TYPES],
    sensors=[approved_requests],
)
