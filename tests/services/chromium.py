"""Debian's Chromium; its headless shell where that is there, which takes half the time for the same pages."""

from __future__ import annotations

import shutil

GET_IT = "apt-get install chromium-headless-shell"


def chromium_here() -> str | None:
    return shutil.which("chromium-headless-shell") or shutil.which("chromium")
