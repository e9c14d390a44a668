"""What the checks are made from: the newest description of GitHub, pinned, from nowhere in particular."""

from __future__ import annotations

import re

from tests.conformance.prepare import PACKAGES, ROOT, VERSION


def test_the_newest_version_that_is_described_is_applied() -> None:
    text = (PACKAGES / "openapi" / "generated" / "api.github.com.json").read_text()
    changes = re.findall(r'"version": "(\d{4}-\d\d-\d\d)"', text)
    assert max(changes) == VERSION


def test_no_lock_says_where_packages_come_from() -> None:
    lock = (ROOT / "package-lock.json").read_text()
    assert '"integrity"' in lock
    assert '"resolved"' not in lock
    assert "http" not in lock
