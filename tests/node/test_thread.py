"""A merged request's outputs, from scratch to publication, on the node's own evidence."""

from __future__ import annotations

import hashlib

from lockgate.formats import read_dvc_file, read_manifest
from lockgate.messages import CollectionReported, HealthReported, Look, ReleaseReported, RunsReported
from tests.gate.study import REQUEST
from tests.node.world import PROJECT, TABLE, NodeWorld


def test_an_approved_run_becomes_a_result_pull_request_of_the_nodes_app(node: NodeWorld) -> None:
    number = node.collected()
    (pull,) = node.github.open_pulls()
    assert pull["user"]["login"] == "lockgate-north[bot]"
    node.github.fetch(node.code)
    folder = f"results/{REQUEST.id}/north"
    head = pull["head"]["sha"]
    listed = node.code.git("diff", "--name-only", f"main...{head}").split()
    assert listed == [f"{folder}/counts.csv.dvc", f"{folder}/manifest.yaml"]
    manifest = read_manifest(node.code.git("show", f"{head}:{folder}/manifest.yaml").encode() + b"\n")
    assert manifest.disclosure is None
    assert manifest.outputs[0].sha256 == hashlib.sha256(TABLE).hexdigest()
    pointer = read_dvc_file(node.code.git("show", f"{head}:{folder}/counts.csv.dvc").encode() + b"\n", "x")
    assert pointer.md5 == hashlib.md5(TABLE).hexdigest()
    assert node.portal.said(CollectionReported)[-1].pull_request == number


def test_an_approved_result_is_published_in_dvcs_layout_and_reported_released(node: NodeWorld) -> None:
    number = node.collected()
    node.github.approve(number)
    merge = node.github.merge(number)
    node.turn()
    md5 = hashlib.md5(TABLE).hexdigest()
    assert node.published() == {f"{PROJECT}/files/md5/{md5[:2]}/{md5[2:]}": TABLE}
    told = node.portal.said(ReleaseReported)[-1]
    assert (told.state, told.merge, told.pull_request) == ("released", merge, number)
    assert [(file.path, file.sha256) for file in told.files] == [
        ("counts.csv", hashlib.sha256(TABLE).hexdigest())
    ]


def test_the_portal_is_told_of_runs_and_of_the_nodes_health(node: NodeWorld) -> None:
    node.collected()
    assert [run.status for run in node.portal.said(RunsReported)[-1].runs] == ["SUCCESS"]
    states = {each.name: each.state for each in node.portal.said(HealthReported)[-1].services}
    assert states == dict.fromkeys(
        ("configuration", "daemon", "dagster", "github", "sensor", "storage"), "ok"
    )


def test_a_hint_of_the_portal_brings_again_what_it_could_not_take_before(node: NodeWorld) -> None:
    """A report of a merge that the portal has not read is refused; its pause ends with the portal's hint."""
    number = node.collected()
    node.github.approve(number)
    node.github.merge(number)
    node.turn()
    with node.database.transaction() as connection:
        connection.execute("UPDATE outbound_message SET due_at = now() + interval '1 minute'")
    told = node.portal.said(ReleaseReported)
    node.turn()
    assert node.portal.said(ReleaseReported) == told
    node.inbox.receive(node.portal.wire(Look(PROJECT, number)))
    node.turn()
    assert node.portal.said(ReleaseReported) == [*told, told[-1]]
