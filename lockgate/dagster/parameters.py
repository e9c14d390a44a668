"""The parameters of a job type: one Dagster config class, which form, check and run all follow."""

from collections.abc import Mapping
from typing import Any

import dagster
from dagster import Config
from pydantic import ConfigDict, Field


class Parameters(Config):
    """What a request may set. Unknown keys are refused; a job cannot change what was approved.

    Fields are texts, numbers, booleans, dates, `Literal` choices, and lists of these.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)

    @classmethod
    def config_schema(cls) -> Mapping[str, dagster.Field]:
        """Return the config schema of an op that takes these parameters.

        Dagster knows no dates or lists of choices, and would read an environment variable where a text is
        asked for and `{env: NAME}` is given. So it holds the names, and this class alone the values.
        """
        return {
            name: dagster.Field(dagster.Any, description=field.description, is_required=field.is_required())
            for name, field in cls.model_fields.items()
        }


def parameter(
    title: str,
    description: str,
    *,
    default: Any = ...,
    examples: tuple[Any, ...] = (),
    unit: str | None = None,
    widget: str | None = None,
    group: str | None = None,
    at_least: float | None = None,
    at_most: float | None = None,
    min_items: int | None = None,
    max_items: int | None = None,
) -> Any:
    """Declare one parameter as the form shows it.

    `unit`, `widget` and `group` become `x-unit`, `x-widget` and `x-group` of the job type's schema;
    without a `default` the parameter must be given; `at_least` and `at_most` bound a number.
    """
    hints = {"x-unit": unit, "x-widget": widget, "x-group": group}
    return Field(
        default,
        title=title,
        description=description,
        examples=list(examples) or None,
        ge=at_least,
        le=at_most,
        min_length=min_items,
        max_length=max_items,
        json_schema_extra={key: hint for key, hint in hints.items() if hint is not None} or None,
    )
