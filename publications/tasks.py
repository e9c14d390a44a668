"""What publications does by the clock."""

from __future__ import annotations

from governance.work import does
from publications import previews


@does(previews.FORGET)
def forget_preview(subject: str) -> None:  # noqa: ARG001 (what has expired goes, whoever asked)
    """Asked for with each preview, for the moment when it expires."""
    previews.forget_expired()
