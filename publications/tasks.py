"""What publications does by the clock."""

from __future__ import annotations

from datetime import timedelta

from governance.work import does
from publications import previews

FORGET = "forget_previews"


@does(FORGET, every=timedelta(minutes=1))
def forget_previews(subject: str) -> None:  # noqa: ARG001 (there is one subject)
    previews.forget_expired()
