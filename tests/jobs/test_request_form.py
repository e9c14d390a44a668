"""The request form: from a job type's schema to fields, from what was typed to a request or problems."""

from __future__ import annotations

import random
from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.fields import Field, NotReadable, Widget, field_of, fields_of
from jobs.forms import empty_form, read_form, repeat_form, show_form, typed_of
from lockgate.formats import Account, JobType, OutputDeclaration, read_job_request, write_job_request
from tests.pages.said import OUTPUTS, SCHEMA

JOB = JobType(
    "incidence_by_region",
    "Incidence by region",
    "Counts of first events.",
    {**SCHEMA, "x-outputs": OUTPUTS},
    tuple(OutputDeclaration(**output) for output in OUTPUTS),
)
NODES = ["north", "south"]
GOOD: dict[str, list[str]] = {
    "title": ["Incidence by region"],
    "purpose": ["The first figure\r\nof the protocol."],
    "parameters.start": ["2019-01-01"],
    "parameters.end": ["2024-12-31"],
    "parameters.by": ["region"],
    "parameters.min_age": ["40"],
    "parameters.alpha": ["0.05"],
    "parameters.adjusted": ["false"],
    "parameters.sexes": ["female", "male"],
    "parameters.codes": ["I21\r\n\r\n I22 "],
    "outputs": ["incidence.csv"],
    "controls.incidence.csv": ["counts under 10 suppressed"],
    "nodes": ["north"],
}


def typed(**changes: list[str]) -> dict[str, list[str]]:
    return GOOD | {key.replace("__", "."): value for key, value in changes.items()}


def widget(schema: dict[str, Any]) -> Widget:
    return field_of("a", schema, required=True).widget


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "string"}, Widget.TEXT),
        ({"type": "string", "x-widget": "textarea"}, Widget.LONG_TEXT),
        ({"type": "string", "format": "date"}, Widget.DATE),
        ({"type": "string", "enum": ["a", "b"]}, Widget.CHOICE),
        ({"type": "integer", "enum": [1, 2]}, Widget.CHOICE),
        ({"type": "integer"}, Widget.INTEGER),
        ({"type": "number"}, Widget.NUMBER),
        ({"type": "boolean"}, Widget.BOOLEAN),
        ({"type": "array", "items": {"type": "integer"}}, Widget.LINES),
        ({"type": "array", "items": {"type": "string", "enum": ["a"]}}, Widget.SEVERAL),
    ],
)
def test_each_type_has_its_field(schema: dict[str, Any], expected: Widget) -> None:
    assert widget(schema) is expected


def test_fields_keep_the_order_of_the_schema_with_each_group_together() -> None:
    names = [field.name for field in fields_of(JOB)]
    assert names == ["start", "end", "by", "min_age", "alpha", "adjusted", "sexes", "codes"]
    groups = [field.group for field in fields_of(JOB)]
    assert groups[:3] == ["Period", "Period", ""]


def test_a_field_tells_its_bounds_and_unit_before_anything_is_typed() -> None:
    age = next(field for field in fields_of(JOB) if field.name == "min_age")
    assert (age.hint, age.unit, age.default) == ("At least 0 and at most 120.", "years", ("18",))


def test_what_was_typed_well_becomes_exactly_the_file_that_is_sent() -> None:
    form = read_form(JOB, GOOD, NODES)
    assert form.clean
    request = form.request(by=Account(1001, "researcher"), today=date(2026, 11, 23), random=random.Random(1))
    again = read_job_request(write_job_request(request), f"jobs/{request.id}.yaml")
    assert again == request
    assert request.parameters == {
        "start": "2019-01-01",
        "end": "2024-12-31",
        "by": "region",
        "min_age": 40,
        "alpha": 0.05,
        "adjusted": False,
        "sexes": ["female", "male"],
        "codes": ["I21", "I22"],
    }
    assert request.purpose == "The first figure\nof the protocol."
    assert list(request.outputs) == ["incidence.csv"]
    assert request.nodes == ("north",)


@pytest.mark.parametrize(
    ("changes", "key", "said"),
    [
        ({"title": [" "]}, "title", "Enter a title"),
        ({"title": ["x" * 121]}, "title", "Shorten this to 120 characters"),
        ({"title": ["a\nb"]}, "title", "Use one line."),
        ({"purpose": [""]}, "purpose", "Enter the purpose"),
        ({"parameters__start": [""]}, "parameters.start", "Enter a date."),
        ({"parameters__start": ["1.1.2019"]}, "parameters.start", "This must be a day as YYYY-MM-DD."),
        ({"parameters__start": ["2019-02-30"]}, "parameters.start", "This must be a day as YYYY-MM-DD."),
        ({"parameters__by": []}, "parameters.by", "Choose one."),
        ({"parameters__by": ["planet"]}, "parameters.by", "Choose one of those offered."),
        ({"parameters__min_age": ["forty"]}, "parameters.min_age", "Enter a whole number"),
        ({"parameters__min_age": ["4.5"]}, "parameters.min_age", "Enter a whole number"),
        ({"parameters__min_age": ["121"]}, "parameters.min_age", "This must be at most 120."),
        ({"parameters__min_age": ["9" * 40]}, "parameters.min_age", "at most 15 digits"),
        ({"parameters__alpha": ["0"]}, "parameters.alpha", "This must be more than 0."),
        ({"parameters__alpha": ["nan"]}, "parameters.alpha", "Enter a number"),
        ({"parameters__adjusted": ["perhaps"]}, "parameters.adjusted", "Choose yes or no."),
        ({"parameters__sexes": ["female", "other"]}, "parameters.sexes", "Choose one of those offered."),
        ({"parameters__codes": ["I21\nheart"]}, "parameters.codes", "Entry 2 must match"),
        ({"outputs": []}, "outputs", "Choose at least one output"),
        ({"controls__incidence__csv": [""]}, "controls.incidence.csv", "Say what keeps this output"),
        ({"nodes": []}, "nodes", "Choose at least one node."),
        ({"nodes": ["east"]}, "nodes", "not registered on east"),
        ({"depends_on": ["yesterday's"]}, "depends_on", "yesterday's is not the id of a request."),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_all_that_was_typed_is_kept(
    changes: dict[str, list[str]], key: str, said: str
) -> None:
    sent = typed(**changes)
    form = read_form(JOB, sent, NODES)
    assert list(form.problems) == [key]
    assert said in form.problems[key]
    assert_kept(sent, typed_of(form))


def assert_kept(sent: dict[str, list[str]], kept: dict[str, list[str]]) -> None:
    for key, texts in sent.items():
        assert kept.get(key, []) in (texts, texts or [""]), key


def test_an_optional_field_left_empty_is_left_out() -> None:
    form = read_form(JOB, typed(parameters__alpha=[""], parameters__sexes=[]), NODES)
    assert form.clean
    assert not {"alpha", "sexes"} & set(form.parameters)


def test_an_output_that_is_not_chosen_needs_no_controls_and_keeps_what_was_typed() -> None:
    form = read_form(JOB, typed(controls__incidence__png=["not now"]), NODES)
    assert form.clean
    assert [output.controls for output in form.outputs] == ["counts under 10 suppressed", "not now"]


def test_a_date_that_is_none_is_shown_as_text_so_that_it_is_kept() -> None:
    form = read_form(JOB, typed(parameters__start=["spring 2019"]), NODES)
    start = form.answers[0]
    assert (start.input_type, start.text) == ("text", "spring 2019")
    assert read_form(JOB, GOOD, NODES).answers[0].input_type == "date"


def test_answers_that_no_longer_fit_are_kept_and_not_sent() -> None:
    form = read_form(JOB, typed(parameters__ward=["7b"], controls__old__csv=["rounded"]), NODES)
    assert form.clean
    assert form.lapsed == {"parameters.ward": ("7b",), "controls.old.csv": ("rounded",)}
    assert "ward" not in form.parameters
    assert typed_of(form)["parameters.ward"] == ["7b"]


def test_the_first_form_has_the_defaults_every_output_and_the_only_node() -> None:
    form = empty_form(JOB, ["north"])
    assert form.clean
    assert form.nodes == ("north",)
    assert all(output.chosen for output in form.outputs)
    assert {a.field.name: a.typed for a in form.answers if a.typed} == {
        "min_age": ("18",),
        "adjusted": ("true",),
    }
    assert empty_form(JOB, NODES).nodes == ()


def test_a_repeat_starts_from_the_earlier_answers_and_names_what_it_repeats() -> None:
    first = read_form(JOB, GOOD, NODES)
    earlier = first.request(by=Account(1001, "researcher"), today=date(2026, 11, 23), random=random.Random(1))
    form = repeat_form(JOB, earlier, NODES)
    assert form.repeats == earlier.id
    assert read_form(JOB, typed_of(form), NODES).parameters == earlier.parameters


def test_shown_but_not_judged_a_form_says_nothing_is_wrong() -> None:
    assert show_form(JOB, {"title": [""]}, NODES).clean


VALUES = {
    Widget.INTEGER: st.integers(-(10**14), 10**14),
    Widget.NUMBER: st.floats(allow_nan=False, allow_infinity=False),
    Widget.BOOLEAN: st.booleans(),
    Widget.TEXT: st.text(min_size=1).filter(lambda text: text == text.strip() and "\r" not in text),
}


@given(st.data(), st.sampled_from(sorted(VALUES)))
def test_what_a_field_shows_it_reads_back(data: st.DataObject, kind: Widget) -> None:
    field = Field("a", "A", "", kind, required=True)
    value = data.draw(VALUES[kind])
    assert field.read(field.show(value)) == value


@given(st.text())
def test_no_text_makes_a_field_fail_in_any_other_way(text: str) -> None:
    for kind in (Widget.INTEGER, Widget.NUMBER, Widget.BOOLEAN, Widget.DATE, Widget.LINES):
        field = Field("a", "A", "", kind, required=True, item=Widget.INTEGER)
        with suppress(NotReadable):
            assert field.read([text]) is not None
