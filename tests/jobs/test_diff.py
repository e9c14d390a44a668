"""What a page shows of a change is what it changes."""

from __future__ import annotations

import pytest

from jobs.diff import REST, Line, patch_files, patch_lines

HEADER = "diff --git a/x.py b/x.py\n--- a/x.py\n+++ b/x.py\n@@ -1 +1,2 @@\n"


@pytest.mark.parametrize("ending", ["\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028"])
def test_an_added_line_cannot_pose_as_an_unchanged_one(ending: str) -> None:
    """Git ends lines with a newline alone; Python ends them with a carriage return too, and runs the next."""
    patch = f"{HEADER} same\n+harmless(){ending} everything_else()\n"
    kinds = [line.kind for line in patch_lines(patch)]
    assert kinds == ["hunk", "same", "added"]


def test_what_would_not_be_seen_is_written_out() -> None:
    lines = patch_lines(f"{HEADER}+if ok:\u202e }} //\tplain\n")
    assert lines[-1] == Line("added", "if ok:\\u202e } //\tplain")


@pytest.mark.parametrize("letter", ["m", "\u00e9"])
def test_a_change_that_is_shown_in_part_says_so(letter: str) -> None:
    patch = f"{HEADER} same\n+{letter}ore\n"
    most = len(patch.encode()) - 2
    assert patch_files(patch.encode()[:most].decode(), most=most)[-1] == REST
    assert REST not in patch_files(patch, most=len(patch.encode()) + 1)
