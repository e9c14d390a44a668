"""What a change that is over was about is told as the gate told it, without judging it again."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from lockgate.formats import write_job_request
from lockgate.gate import recognise
from tests.gate.conftest import Gate
from tests.gate.repository import Repository
from tests.gate.study import NODE_APP, PUBLISHED, REQUEST, REQUEST_PATH, WAITING, result_of

CHANGES: dict[str, Mapping[str, bytes | None]] = {
    "a job request": {REQUEST_PATH: write_job_request(REQUEST)},
    "an unreadable request": {REQUEST_PATH: b"version: 1\n"},
    "a result": result_of(WAITING),
    "a withdrawal": dict.fromkeys(result_of(PUBLISHED)),
    "code": {"README.md": b"# Newer\n"},
    "policy": {"governance.yaml": b"version: 1\n"},
    "a mixture": {"README.md": b"# Newer\n", REQUEST_PATH: write_job_request(REQUEST)},
}


@pytest.mark.parametrize("changes", CHANGES.values(), ids=CHANGES.keys())
def test_it_is_recognised_as_what_the_gate_called_it(
    study: Repository, gate: Gate, changes: Mapping[str, bytes | None]
) -> None:
    head = study.commit(changes)  # type: ignore[arg-type]
    said = gate(head, author=NODE_APP)
    subject = recognise(study.path, merge_base=study.tip(), head=head, in_code_repo=True)
    assert (subject.kind, subject.request, subject.nodes) == (said.kind, said.request, said.nodes)
