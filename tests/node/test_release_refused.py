"""What is never released, however it came to main or into the storage."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from lockgate.formats import read_manifest, write_dvc_file, write_manifest
from lockgate.messages import ReleaseReported
from lockgate.node.storage import object_key
from tests.gate.study import REQUEST, pointer_of, result_of
from tests.node.world import PROJECT, TABLE, NodeWorld

FOLDER = f"results/{REQUEST.id}/north"


def test_a_merge_without_the_portals_approval_is_held_for_good(node: NodeWorld) -> None:
    number = node.collected()
    node.github.merge(number)
    node.turn()
    told = node.portal.said(ReleaseReported)[-1]
    assert (told.state, told.pull_request) == ("held", number)
    assert "without approval" in (told.reason or "")
    node.github.approve(number)
    node.turn(3)
    assert node.portal.said(ReleaseReported)[-1].state == "held"
    assert node.published() == {}


def test_an_approval_that_was_taken_back_before_the_merge_is_none(node: NodeWorld) -> None:
    number = node.collected()
    node.github.approve(number)
    node.github.approve(number, "failure")
    node.github.merge(number)
    node.turn()
    assert node.portal.said(ReleaseReported)[-1].state == "held"
    assert node.published() == {}


def test_a_result_pull_request_made_by_hand_is_never_released(node: NodeWorld) -> None:
    node.request()
    node.github.fetch(node.code)
    number = node.github.propose(node.code, "by-hand", result_of(REQUEST))
    node.github.approve(number)
    node.github.merge(number)
    node.turn(2)
    told = node.portal.said(ReleaseReported)[-1]
    assert (told.state, told.files) == ("held", ())
    assert node.published() == {}


def test_a_result_that_names_the_hash_of_another_object_is_never_released(node: NodeWorld) -> None:
    number = node.collected()
    secret = b"patient,age\n1,30\n"
    client = node.s3.client()
    client.put_object(
        Bucket="internal", Key=object_key(PROJECT, hashlib.md5(secret).hexdigest()), Body=secret
    )
    client.close()
    _add_to_branch(node, number, secret)
    node.github.approve(number)
    node.github.merge(number)
    node.turn(2)
    told = node.portal.said(ReleaseReported)[-1]
    assert told.state == "held"
    assert node.published() == {}


@pytest.mark.parametrize("size", ["same", "other"])
def test_an_object_swapped_after_the_review_is_never_released(node: NodeWorld, size: str) -> None:
    number = node.collected()
    forged = TABLE.replace(b"25", b"99") if size == "same" else TABLE + b"50 to 60,3\n"
    _put(node, "internal", TABLE, forged)
    node.github.approve(number)
    node.github.merge(number)
    node.turn(2)
    told = node.portal.said(ReleaseReported)[-1]
    assert told.state == "held"
    assert "not the object that was reviewed" in (told.reason or "")
    assert node.published() == {}


def test_an_object_of_the_same_md5_that_is_published_already_is_not_overwritten(node: NodeWorld) -> None:
    """Two files of one md5 can be made at will: the one that readers have stays, the other is held."""
    number = node.collected()
    _put(node, "publication", TABLE, b"published before")
    node.github.approve(number)
    node.github.merge(number)
    node.turn(2)
    assert node.portal.said(ReleaseReported)[-1].state == "held"
    assert list(node.published().values()) == [b"published before"]


def test_an_object_that_changes_on_its_way_is_taken_away_again(node: NodeWorld) -> None:
    number = node.collected()
    node.github.approve(number)
    node.github.merge(number)
    store = node.worker.registry.projects[PROJECT].publication
    copy = store.copy_from

    def copy_after_a_swap(source: object, key: str) -> None:
        _put(node, "internal", TABLE, b"swapped while it was copied")
        copy(source, key)  # type: ignore[arg-type]

    store.copy_from = copy_after_a_swap  # type: ignore[method-assign]
    node.turn(2)
    assert node.portal.said(ReleaseReported)[-1].state == "held"
    assert node.published() == {}


def test_when_main_is_rewritten_everything_stops_until_since_is_reset(node: NodeWorld) -> None:
    number = node.collected()
    node.github.approve(number)
    node.turn()
    rewritten = node.code.commit({"README.md": b"# Rewritten\n"}, parents=(), branch="rewritten")
    node.github.push(node.code, "rewritten:main")
    node.turn(2)
    assert "rewritten" in node.worker.stopped[PROJECT]
    node.describe(project={"since": rewritten})
    node.turn(2)
    assert node.worker.stopped == {}


def _put(node: NodeWorld, bucket: str, known: bytes, content: bytes) -> None:
    client = node.s3.client()
    client.put_object(Bucket=bucket, Key=object_key(PROJECT, hashlib.md5(known).hexdigest()), Body=content)
    client.close()


def _add_to_branch(node: NodeWorld, number: int, secret: bytes) -> None:
    """Somebody with write access lets the node's own branch name another object."""
    node.github.fetch(node.code)
    branch = str(node.github.code("GET", f"/pulls/{number}")["head"]["ref"])
    text = node.code.git("show", f"{branch}:{FOLDER}/manifest.yaml").encode() + b"\n"
    manifest = read_manifest(text)
    (output,) = manifest.outputs
    foreign = replace(
        output,
        size=len(secret),
        md5=hashlib.md5(secret).hexdigest(),
        sha256=hashlib.sha256(secret).hexdigest(),
    )
    files = {
        f"{FOLDER}/manifest.yaml": write_manifest(replace(manifest, outputs=(foreign,))),
        f"{FOLDER}/counts.csv.dvc": write_dvc_file(pointer_of(foreign)),
    }
    node.code.commit(files, parents=[node.code.tip(branch)], branch=branch)
    node.github.push(node.code, f"{branch}:{branch}", login="researcher")
