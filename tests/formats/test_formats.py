"""Each format has a schema and a typed reader; what is written reads back; what is wrong is named."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from lockgate.formats import (
    Approvals,
    Disclosure,
    DvcFile,
    Finding,
    FormatError,
    Kind,
    check_parameters,
    new_request_id,
    read_dvc_file,
    read_governance,
    read_job_request,
    read_job_type,
    read_manifest,
    read_node,
    read_project,
    request_id_problem,
    write_dvc_file,
    write_job_request,
    write_manifest,
)
from tests.gate.study import GOVERNANCE, JOB_TYPE, REQUEST, WAITING, manifest_of

KEY = base64.b64encode(bytes(32)).decode()
NODE = f"""version: 1
name: north
app: {{id: 3002, slug: lockgate-north, account: 4002}}
message_key: {KEY}
portal: {{app_id: 3001, message_key: {KEY}}}
controllers: [north-health/north-controllers]
maintainers: [north-health/maintainers]
addresses: {{dagster: "http://127.0.0.1:8402"}}
storage:
  internal: {{endpoint: "http://127.0.0.1:8404", bucket: internal, keys: NORTH_INTERNAL}}
  publication:
    endpoint: http://127.0.0.1:8404
    read_endpoint: http://127.0.0.1:8405
    bucket: publication
    keys: NORTH_PUBLICATION
"""
PROJECT = f"""version: 1
name: heart_study
code_repo: north-health/heart-study
since: {"a" * 40}
code_location: heart_study
publication: publication
minimums: {{result_publication: {{quorum: 2, per_node: true}}}}
"""


def refusal(read: Callable[[], object]) -> str:
    """Return the reasons with which something is refused."""
    with pytest.raises(FormatError) as refused:
        read()
    return "; ".join(f"{problem.line}: {problem.reason}" for problem in refused.value.problems)


def test_every_schema_is_json_schema_2020_12_and_closed() -> None:
    schemas = [
        path for path in (files("lockgate.formats") / "schemas").iterdir() if path.name.endswith(".json")
    ]
    assert len(schemas) == 9
    for path in schemas:
        schema = json.loads(path.read_text())
        Draft202012Validator.check_schema(schema)
        assert schema["additionalProperties"] is False


def test_governance_reads_quorum_by_kind_teams_and_limits() -> None:
    policy = read_governance(GOVERNANCE)
    assert policy.approvals[Kind.RESULT_PUBLICATION] == Approvals(quorum=2, per_node=True, blinded=False)
    assert policy.approvals[Kind.WITHDRAWAL] == Approvals(quorum=1, per_node=False)
    assert policy.nodes["north"].controllers == ("north-health/north-controllers",)
    assert policy.disclosure.media_types == ("text/csv", "image/png")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("quorum: 2", "quorum: 0", "must be at least 1"),
        ("quorum: 2", "quorum: true", "must be a whole number"),
        ("  withdrawal: {quorum: 1}\n", "", "lacks `withdrawal`"),
        ("withdrawal: {quorum: 1}", "withdrawal: {quorum: 1, blinded: true}", "`blinded` is no key"),
        ("[north-health/heart-controllers]", "[]", "at least 1 entries"),
        ("north-health/heart-controllers", "heart-controllers", "a team as organisation/team"),
        ("decide_within_days: 5", "decide_within_days: 0.5", "must be a whole number"),
    ],
)
def test_a_policy_that_is_not_whole_is_refused(old: str, new: str, reason: str) -> None:
    assert old.encode() in GOVERNANCE
    assert reason in refusal(lambda: read_governance(GOVERNANCE.replace(old.encode(), new.encode(), 1)))


def test_a_node_names_its_app_keys_people_and_storage() -> None:
    node = read_node(NODE.encode())
    assert (node.app.account, node.portal.app_id) == (4002, 3001)
    assert node.storage["internal"].read_endpoint is None
    assert node.storage["publication"].read_endpoint == "http://127.0.0.1:8405"


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (KEY, "short", "base64 of a 32 byte public key"),
        ("  internal: {", "  other: {", "lacks `internal`"),
        ('"http://127.0.0.1:8404"', '"http://me:secret@host"', "without user, query or fragment"),
        ("keys: NORTH_INTERNAL", "keys: secret-key", "the prefix of environment variables"),
    ],
)
def test_a_node_with_a_secret_or_a_gap_is_refused(old: str, new: str, reason: str) -> None:
    assert reason in refusal(lambda: read_node(NODE.replace(old, new, 1).encode()))


def test_a_project_bears_its_files_name_and_its_minimums() -> None:
    project = read_project(PROJECT.encode(), "projects/heart_study.yaml")
    assert project.minimums == {Kind.RESULT_PUBLICATION: Approvals(2, per_node=True)}
    assert project.approved_before == ()
    assert "name of the file" in refusal(lambda: read_project(PROJECT.encode(), "projects/other.yaml"))


LINES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40)


@settings(max_examples=200, deadline=None)
@given(LINES, st.lists(LINES, min_size=1, max_size=4).map("\n".join), LINES | st.integers() | st.booleans())
def test_the_request_that_is_written_is_the_request_that_is_read(
    title: str, purpose: str, value: str | int | bool
) -> None:
    request = replace(REQUEST, title=title, purpose=purpose, parameters={"value": value, "list": [value]})
    written = write_job_request(request)
    assert read_job_request(written, "x") == request
    assert write_job_request(read_job_request(written, "x")) == written


def test_a_request_that_could_not_be_read_back_is_not_written() -> None:
    assert "control characters" in refusal(lambda: write_job_request(replace(REQUEST, title="a\x1b[2Jb")))
    assert "1 to 120 characters" in refusal(lambda: write_job_request(replace(REQUEST, title="x" * 121)))


def test_manifests_and_dvc_files_read_back_as_they_were() -> None:
    manifest = replace(
        manifest_of(WAITING),
        disclosure=Disclosure("acro 1.0.2", (Finding("min_count", "error", 3),)),
        image="registry.example.org/heart@sha256:" + "a" * 64,
        finished=datetime(2027, 1, 1, 0, 0, 0, 5, tzinfo=UTC),
    )
    assert read_manifest(write_manifest(manifest)) == manifest
    for file in (DvcFile("a.csv", "1" * 32, 0), DvcFile("a", "2" * 32 + ".dir", 5, 2, "3" * 64)):
        assert read_dvc_file(write_dvc_file(file), "a.dvc") == file


def test_a_manifest_that_is_untrue_in_itself_is_not_written() -> None:
    manifest = manifest_of(WAITING)
    early = replace(manifest, finished=manifest.started - timedelta(seconds=1))
    assert "ends before it starts" in refusal(lambda: write_manifest(early))
    twice = replace(manifest, outputs=manifest.outputs[:1] * 2)
    assert "listed twice" in refusal(lambda: write_manifest(twice))


def test_hashes_of_digits_are_quoted_when_written_and_refused_when_not() -> None:
    file = DvcFile("a.csv", "12345678901234567890123456789012", 3)
    data = write_dvc_file(file)
    assert b'md5: "1234' in data
    assert "in quotes" in refusal(lambda: read_dvc_file(data.replace(b'"', b""), "a.csv.dvc"))


@settings(max_examples=200)
@given(st.dates(date(2020, 1, 1), date(9999, 1, 1)), st.text(max_size=200), st.randoms())
def test_every_new_id_is_one_that_the_gate_accepts(day: date, title: str, chance: random.Random) -> None:
    found = new_request_id(day, title, chance)
    assert request_id_problem(found) is None
    assert found.startswith(day.isoformat())


def test_ids_tell_the_title_and_differ() -> None:
    first = new_request_id(date(2026, 11, 23), "Überleben nach Alter, 1967 bis 1974!", random.SystemRandom())
    assert first.startswith("2026-11-23-uberleben-nach-alter-1967-bis-1974-")
    ids = {new_request_id(date(2026, 11, 23), "x", random.SystemRandom()) for _ in range(50)}
    assert len(ids) > 45


def test_parameters_are_told_in_plain_words_by_name() -> None:
    job_type = read_job_type(json.dumps(JOB_TYPE).encode(), "job_types/survival.json")
    given_ = {"by": "postcode", "bins": 50, "ages": [1, -1], "other": 1}
    told = {problem.name: problem.reason for problem in check_parameters(job_type, given_)}
    assert told == {
        "start": "is missing",
        "by": "must be one of age, sex",
        "bins": "must be at most 20",
        "ages": "entry 2 must be at least 0",
        "other": "is no parameter of this job",
    }
    assert check_parameters(job_type, {"start": "2026-01-01"}) == ()


def test_a_pattern_holds_to_the_very_end() -> None:
    schema = {**JOB_TYPE, "properties": {"start": {"type": "string", "pattern": "^[0-9]+$"}}}
    job_type = read_job_type(json.dumps(schema).encode(), "job_types/survival.json")
    assert check_parameters(job_type, {"start": "12"}) == ()
    assert check_parameters(job_type, {"start": "12\n"})
    assert check_parameters(job_type, {"start": "١٢"})
