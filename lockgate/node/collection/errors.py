"""Why outputs are not taken. The reasons leave the node: they hold no value, row or place of an output."""

from lockgate.errors import Invalid


class OutputRefused(Invalid):
    """An output is not what the job type declares, or more than may leave. The run's results stay."""
