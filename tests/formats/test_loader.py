"""The strict loader means the same to every reader, and gives a value or a FormatError, nothing else."""

from __future__ import annotations

import json
import time

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from lockgate.formats import FormatError, load, load_document
from lockgate.formats.canonical import dump

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(min_value=-(10**60), max_value=10**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
MARKUP = st.text(
    st.sampled_from("ab01 -:\n[]{}\"'&*!%#|>?,.\\tu@`~\r\t=<e+_\u00e9\u2028\ufeff\x85\x00"), max_size=60
)


def outcome(data: bytes) -> object:
    """Return what loading gives: a value or the FormatError."""
    try:
        return load(data, "x")
    except FormatError as refused:
        return refused


@settings(max_examples=400, deadline=None)
@given(VALUES, st.sampled_from([None, 1, 2]), st.booleans())
def test_every_json_document_loads_as_json_does(value: object, indent: int | None, ascii_only: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    loaded = outcome(text.encode())
    if isinstance(loaded, FormatError):
        # Only raw characters on which readers of YAML disagree are refused; escaped ones never.
        assert not ascii_only
        assert "may not stand here" in loaded.problems[0].reason
    else:
        assert json.dumps(loaded) == json.dumps(json.loads(text))


@settings(max_examples=400, deadline=None)
@given(st.binary(max_size=80) | MARKUP.map(str.encode) | TEXT.map(str.encode))
def test_arbitrary_bytes_give_a_value_or_a_format_error(data: bytes) -> None:
    value = outcome(data)
    if isinstance(value, FormatError):
        assert all(problem.path == "x" and problem.reason for problem in value.problems)
    else:
        assert json.loads(json.dumps(value)) == value


@settings(max_examples=200, deadline=None)
@given(MARKUP)
def test_what_is_loaded_means_no_less_to_another_reader(text: str) -> None:
    """Where the strict loader gives texts and structure, a common YAML reader sees the same structure."""
    value = outcome(text.encode())
    if isinstance(value, FormatError):
        return
    other = yaml.load(text, Loader=yaml.BaseLoader)

    def bare(node: object) -> object:
        if isinstance(node, dict):
            return {key: bare(entry) for key, entry in node.items()}
        return [bare(entry) for entry in node] if isinstance(node, list) else "scalar"

    assert bare(value) == bare(other)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(TEXT.filter(bool), VALUES, min_size=1, max_size=4))
def test_canonical_yaml_reads_back_as_it_was(value: dict[str, object]) -> None:
    assert load(dump(value), "x") == json.loads(json.dumps(value))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"),
        ("~", "~"),
        ("True", "True"),
        ("NULL", "NULL"),
        ("0x1F", "0x1F"),
        ("010", "010"),
        ("1_000", "1_000"),
        ("12:30:45", "12:30:45"),
        (".5", ".5"),
        ("+1", "+1"),
        (".inf", ".inf"),
        ("2026-11-23", "2026-11-23"),
        ("2026-11-23T10:00:00Z", "2026-11-23T10:00:00Z"),
        ("=", "="),
        ("1e3", 1000.0),
        ("-0", 0),
        ("null", None),
        ("true", True),
        ('"1"', "1"),
        ("'null'", "null"),
        ("|\n  two\n  lines\n", "two\nlines\n"),
        (">-\n  folded\n  line\n", "folded line"),
        ('"\\ud83d\\ude00"', "\U0001f600"),
    ],
)
def test_plain_scalars_follow_the_json_schema_of_yaml_1_2(text: str, value: object) -> None:
    assert load(f"key: {text}".encode(), "x") == {"key": value}


@pytest.mark.parametrize(
    ("data", "line", "reason"),
    [
        (b"", None, "empty"),
        (b"# nothing\n", None, "empty"),
        (b"a: 1\nb: \xff", 2, "not UTF-8"),
        ("\ufeffa: 1".encode(), 1, "U+FEFF"),
        (b"a: \x00", 1, "U+0000"),
        (b"a: 1\r\nb: \x85".replace(b"\x85", "\x85".encode()), 2, "U+0085"),
        (b"a: 1\na: 2\n", 2, "twice"),
        (b"{a: 1, 'a': 2}", 1, "twice"),
        (b"a: &x 1\nb: *x\n", 1, "anchors"),
        (b"a: [*x]", 1, "aliases"),
        (b"a: !!str 1", 1, "tags"),
        (b"a: ! 1", 1, "tags"),
        (b"a: !local {}", 1, "tags"),
        (b"%YAML 1.2\n---\na: 1", None, "directives"),
        (b"%TAG ! tag:x,2000:\n---\na: 1", None, "directives"),
        (b"a: 1\n---\nb: 2", 2, "more than one document"),
        (b"a: 1\n...\nb", None, ""),
        (b"1: a", 1, "put it in quotes"),
        (b"null: a", 1, "put it in quotes"),
        (b"true: a", 1, "put it in quotes"),
        (b"? [a]\n: b", 1, "must be a text"),
        (b"a:\nb: 1", None, "a value is missing"),
        (b"a: 1e999", 1, "too large"),
        (b"a: " + b"1" * 101, 1, "more than 100 digits"),
        (b'a: "\\ud800"', 1, "surrogate"),
        (b'a: "\\UFFFFFFFF"', None, "not YAML"),
        (b"a: [1,", None, "not YAML"),
        (b"a:\n\t- b", 2, "not YAML"),
        (b"a: " + b"x" * 262_142, None, "larger than 256 KiB"),
    ],
)
def test_what_readers_could_take_differently_is_refused_with_its_line(
    data: bytes, line: int | None, reason: str
) -> None:
    with pytest.raises(FormatError) as refused:
        load(data, "some.yaml")
    problem = refused.value.problems[0]
    assert problem.path == "some.yaml"
    assert line in (None, problem.line)
    assert reason in problem.reason


@pytest.mark.parametrize("piece", [b"[", b"{a: ", b"- ", b"a: [\n", b"? "])
def test_deep_nesting_is_refused_at_once(piece: bytes) -> None:
    before = time.monotonic()
    with pytest.raises(FormatError):
        load(piece * (200_000 // len(piece)), "x")
    assert time.monotonic() - before < 10


def test_each_place_knows_its_line_and_whether_it_was_quoted() -> None:
    document = load_document(b"a: 1\nb:\n  - c: 'x'\n  - {d: y,\n     e: z}\n", "x")
    lines = {place: document.line(place) for place in (("a",), ("b", 0, "c"), ("b", 1, "e"))}
    assert lines == {("a",): 1, ("b", 0, "c"): 3, ("b", 1, "e"): 5}
    assert ("b", 1, "d") in document.plain
    assert ("b", 0, "c") not in document.plain
    assert document.line(("b", 1, "nothing", "here")) == 4
