"""Good changes pass, and the verdict names their kind, request and nodes."""

from __future__ import annotations

from dataclasses import replace

from lockgate.formats import Kind, OutputChoice, write_job_request
from tests.gate.conftest import Gate
from tests.gate.repository import Repository
from tests.gate.study import (
    NODE_APP,
    PUBLISHED,
    REQUEST,
    REQUEST_PATH,
    WAITING,
    base_files,
    folder,
    result_of,
)


def test_a_job_request_in_its_authors_name_is_clean(study: Repository, gate: Gate) -> None:
    verdict = gate(study.commit({REQUEST_PATH: write_job_request(REQUEST)}))
    assert verdict.problems == ()
    assert (verdict.kind, verdict.request, verdict.nodes) == (Kind.JOB_REQUEST, REQUEST.id, ("north",))


def test_a_request_may_build_on_published_results_and_repeat_a_request(study: Repository, gate: Gate) -> None:
    request = replace(REQUEST, depends_on=(PUBLISHED.id,), repeats=PUBLISHED.id, nodes=("north",))
    assert gate(study.commit({REQUEST_PATH: write_job_request(request)})).clean


def test_a_request_may_be_corrected_before_it_is_merged(study: Repository, gate: Gate) -> None:
    first = study.commit({REQUEST_PATH: write_job_request(replace(REQUEST, title="Sruvival"))})
    assert gate(study.commit({REQUEST_PATH: write_job_request(REQUEST)}, parents=(first,))).clean


def test_a_branch_may_be_brought_up_to_date_with_its_base(study: Repository, gate: Gate) -> None:
    request = {REQUEST_PATH: write_job_request(REQUEST)}
    branch = study.commit(request)
    newer = study.commit({"README.md": b"# Newer\n"}, branch="main")
    merge = study.commit({"README.md": b"# Newer\n"}, parents=(branch, newer))
    assert gate(merge).clean


def test_a_base_that_moved_on_changes_nothing_for_the_branch(study: Repository, gate: Gate) -> None:
    branch = study.commit({REQUEST_PATH: write_job_request(REQUEST)})
    study.commit({"README.md": b"# Newer\n"}, branch="main")
    assert gate(branch).kind is Kind.JOB_REQUEST


def test_a_result_by_the_nodes_app_is_clean_with_files_and_directories(study: Repository, gate: Gate) -> None:
    verdict = gate(study.commit(result_of(WAITING)), author=NODE_APP)
    assert verdict.problems == ()
    assert (verdict.kind, verdict.request) == (Kind.RESULT_PUBLICATION, WAITING.id)


def test_a_whole_result_may_be_withdrawn(study: Repository, gate: Gate) -> None:
    verdict = gate(study.commit(dict.fromkeys(result_of(PUBLISHED))))
    assert verdict.problems == ()
    assert (verdict.kind, verdict.nodes) == (Kind.WITHDRAWAL, ("north",))


def test_policy_and_code_may_change_apart(study: Repository, gate: Gate) -> None:
    policy = base_files()["governance.yaml"].replace(b"quorum: 2", b"quorum: 3")
    files = {"governance.yaml": policy, ".github/workflows/ci.yaml": b"name: ci\n", "CODEOWNERS": None}
    assert gate(study.commit(files)).kind is Kind.POLICY_CHANGE
    code = {"heart_study/jobs.py": b"y = 2\n", "bin/run": b"#!/bin/sh\n", "README.md": None}
    verdict = gate(study.commit(code))
    assert verdict.clean
    assert verdict.kind is Kind.CODE_CHANGE


def test_the_pin_of_lockgate_and_the_sensors_lines_are_policy_and_their_neighbours_code(
    study: Repository, gate: Gate
) -> None:
    files = base_files()
    pin = {"requirements.txt": files["requirements.txt"].replace(b"0.1.0", b"0.2.0")}
    other = {"requirements.txt": files["requirements.txt"].replace(b"2.3.0", b"2.4.0")}
    wiring = {"heart_study/definitions.py": b"x = 1\n"}
    beside = {"heart_study/definitions.py": files["heart_study/definitions.py"] + b"z = 3\n"}
    kinds = [gate(study.commit(change)).kind for change in (pin, wiring, other, beside)]
    assert kinds == [Kind.POLICY_CHANGE, Kind.POLICY_CHANGE, Kind.CODE_CHANGE, Kind.CODE_CHANGE]


def test_a_request_may_choose_several_declared_outputs(study: Repository, gate: Gate) -> None:
    chosen = {name: OutputChoice("none needed") for name in ("counts.csv", "curve.png", "tables")}
    assert gate(study.commit({REQUEST_PATH: write_job_request(replace(REQUEST, outputs=chosen))})).clean


def test_a_merged_range_is_judged_by_the_same_rules(study: Repository, gate: Gate) -> None:
    files = result_of(WAITING)
    head = study.commit(files)
    merge = study.commit(files, parents=(study.tip(), head), branch="main")
    assert gate(f"{merge}^2", base=f"{merge}^1", author=NODE_APP).clean
    assert folder(WAITING) in study.git("ls-tree", "-r", "--name-only", merge)
