"""The job types of this project, all of them: a job that is not listed here cannot be requested."""

from .outcomes_by_group import outcomes_by_group
from .survival_curve import survival_curve

JOB_TYPES = (outcomes_by_group, survival_curve)
