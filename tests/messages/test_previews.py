"""Previews: sealed on the node, readable with the viewer's key alone, bounded."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from nacl.public import PrivateKey, SealedBox

from lockgate.errors import Denied, Invalid
from lockgate.messages import (
    Column,
    ImagePreview,
    NoPreview,
    Preview,
    TablePreview,
    TextPreview,
    new_preview_key,
    open_preview,
    preview_to_plain,
    seal_preview,
)

TABLE = TablePreview(
    columns=(Column("region", "text"), Column("count", "number")),
    rows=(("north", 15), ("south", None), ("all", 2.5)),
    total_rows=3,
    first_row=1,
    sha256="a" * 64,
    size=120,
)
PREVIEWS: list[Preview] = [
    TABLE,
    ImagePreview("iVBOR", 640, 480, "a" * 64, 5),
    TextPreview("text", truncated=True, sha256="a" * 64, size=5),
    NoPreview("60,000 × 60,000 image.", "a" * 64, 5),
]


@pytest.mark.parametrize("preview", PREVIEWS, ids=["table", "image", "text", "none"])
def test_the_viewers_key_opens_what_the_node_sealed(preview: Preview) -> None:
    private, public = new_preview_key()
    assert open_preview(seal_preview(preview, public), private) == preview


def test_a_preview_says_what_it_is() -> None:
    assert [preview_to_plain(each)["kind"] for each in PREVIEWS] == ["table", "image", "text", "none"]


def test_another_key_opens_nothing_and_the_sealed_text_shows_nothing() -> None:
    _, public = new_preview_key()
    sealed = seal_preview(TABLE, public)
    assert b"north" not in base64.b64decode(sealed)
    with pytest.raises(Denied):
        open_preview(sealed, new_preview_key()[0])


def test_more_than_one_megabyte_is_not_sealed() -> None:
    with pytest.raises(Invalid, match="1 MB"):
        seal_preview(TextPreview("x" * 1_000_001, truncated=False, sha256="a", size=1), new_preview_key()[1])


@pytest.mark.parametrize("key", ["", "AAAA", "%"])
def test_a_bad_key_is_refused(key: str) -> None:
    with pytest.raises(Invalid):
        seal_preview(TABLE, key)
    with pytest.raises(Denied):
        open_preview(seal_preview(TABLE, new_preview_key()[1]), key)


@pytest.mark.parametrize(
    "value",
    [
        [],
        {},
        {"kind": "html", "html": "<script>"},
        {"kind": ["table"]},
        {**preview_to_plain(TABLE), "rows": [[{"a": 1}]]},
        {**preview_to_plain(TABLE), "more": 1},
    ],
)
def test_what_is_sealed_but_no_known_preview_is_denied(value: Any) -> None:
    private, _ = new_preview_key()
    box = SealedBox(PrivateKey(base64.b64decode(private)).public_key)
    sealed = base64.b64encode(box.encrypt(json.dumps(value).encode())).decode()
    with pytest.raises(Denied):
        open_preview(sealed, private)
