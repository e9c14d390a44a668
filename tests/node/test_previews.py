"""A look at an output that is not released: one bounded page, for one key, of the node's own results."""

from __future__ import annotations

import base64
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from PIL import Image

from lockgate.errors import Denied
from lockgate.messages import (
    MAX_PREVIEW,
    ImagePreview,
    PreviewMade,
    PreviewWanted,
    TablePreview,
    TextPreview,
    new_preview_key,
    open_preview,
    preview_to_plain,
)
from lockgate.node.collection.outputs import TakenFile
from lockgate.node.previews.page import make_page
from tests.gate.study import REQUEST, result_of
from tests.node.world import PROJECT, NodeWorld

PATH = f"results/{REQUEST.id}/north/counts.csv"


def taken(media_type: str, content: bytes) -> TakenFile:
    return TakenFile("out", "out", media_type, len(content), "0" * 32, "1" * 64)


def page(media_type: str, content: bytes, number: int = 1) -> Any:
    return make_page(content, taken(media_type, content), number)


def test_a_table_is_shown_in_windows_with_typed_columns() -> None:
    rows = b"".join(b"region %d,%d,%d.50\n" % (i, i, i) for i in range(250))
    shown = page("text/csv", b"region,count,rate\n" + rows, 3)
    assert isinstance(shown, TablePreview)
    assert [column.type for column in shown.columns] == ["text", "number", "number"]
    assert (shown.first_row, shown.total_rows, len(shown.rows)) == (201, 250, 50)
    assert shown.rows[0] == ("region 200", 200, "200.50"), (
        "a number that a float would change stays as written"
    )


def test_a_wide_table_is_cut_at_fifty_columns_and_a_long_cell_is_shortened() -> None:
    shown = page("text/csv", b",".join(b"c%d" % i for i in range(80)) + b"\n" + b",".join([b"x" * 900] * 80))
    assert len(shown.columns) == len(shown.rows[0]) == 50
    assert all(len(cell) <= 200 for cell in shown.rows[0])


def test_a_picture_is_encoded_anew_and_scaled() -> None:
    source = io.BytesIO()
    meta = Image.effect_noise((2000, 500), 80)
    meta.save(source, "PNG", pnginfo=_text_chunk("patient 17"))
    shown = page("image/png", source.getvalue())
    assert isinstance(shown, ImagePreview)
    made = base64.b64decode(shown.png)
    assert max(shown.width, shown.height) <= 1600
    assert b"patient 17" in source.getvalue()
    assert b"patient 17" not in made
    assert len(str(preview_to_plain(shown))) < MAX_PREVIEW


def test_a_decompression_bomb_is_not_unpacked() -> None:
    bomb = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(bomb, "PNG")
    assert "could not be read" in page("image/png", bomb.getvalue()).reason


def test_text_is_shown_in_bounded_pieces() -> None:
    shown = page("text/plain", b"a" * 150_000)
    assert isinstance(shown, TextPreview)
    assert (len(shown.text), shown.truncated) == (100_000, True)
    assert page("text/plain", b"a" * 150_000, 2).truncated is False


@pytest.mark.parametrize("content", [b"\xff\xfe", b'a,b\n"unclosed'])
def test_what_cannot_be_parsed_is_not_shown(content: bytes) -> None:
    assert "could not be read" in page("text/csv", content).reason


def _text_chunk(text: str) -> Any:
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text("Comment", text)
    return info


def ask(node: NodeWorld, **other: Any) -> tuple[PreviewMade, str]:
    """What the node answers to a viewer, and the viewer's private key."""
    private, public = new_preview_key()
    (pull,) = node.github.open_pulls()
    wanted: dict[str, Any] = {
        "preview": f"00000000-0000-4000-8000-{node.portal.number:012}",
        "project": PROJECT,
        "pull_request": pull["number"],
        "head": pull["head"]["sha"],
        "path": PATH,
        "page": 1,
        "viewer": 1003,
        "public_key": public,
        "expires_at": datetime.now(UTC) + timedelta(minutes=10),
    }
    node.inbox.receive(node.portal.wire(PreviewWanted(**{**wanted, **other})))
    node.turn()
    return node.portal.said(PreviewMade)[-1], private


def test_a_preview_opens_only_with_the_key_of_the_request(node: NodeWorld) -> None:
    node.collected()
    made, private = ask(node)
    shown = open_preview(made.sealed or "", private)
    assert isinstance(shown, TablePreview)
    assert shown.rows == (("under 40", 25), ("over 40", 30))
    assert "under 40" not in "".join(node.portal.wires)
    with pytest.raises(Denied):
        open_preview(made.sealed or "", new_preview_key()[0])


def test_only_outputs_of_the_nodes_own_result_at_that_head_are_shown(node: NodeWorld) -> None:
    node.collected()
    (pull,) = node.github.open_pulls()
    node.github.fetch(node.code)
    forged = node.code.commit(result_of(REQUEST), branch="forged")
    node.github.push(node.code, "forged:forged", login="researcher")
    others: list[dict[str, Any]] = [
        {"pull_request": pull["number"] + 1},
        {"head": forged},
        {"head": "--upload-pack=x"},
        {"path": "results/other/north/counts.csv"},
        {"path": "../../../etc/passwd"},
        {"project": "other"},
        {"expires_at": datetime.now(UTC) + timedelta(seconds=1)},
    ]
    for other in others[:-1]:
        made, _ = ask(node, **other)
        assert (made.sealed, bool(made.reason)) == (None, True), other


def test_a_preview_asked_for_too_long_ago_is_not_made(node: NodeWorld) -> None:
    node.collected()
    (pull,) = node.github.open_pulls()
    wanted = PreviewWanted(
        "p1",
        PROJECT,
        pull["number"],
        pull["head"]["sha"],
        PATH,
        1,
        1003,
        new_preview_key()[1],
        datetime.now(UTC),
    )
    node.inbox.receive(node.portal.wire(wanted))
    node.turn()
    assert all(made.sealed is None for made in node.portal.said(PreviewMade))
