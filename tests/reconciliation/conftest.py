from __future__ import annotations

from tests.pages.conftest import as_, world

__all__ = ["as_", "world"]
