"""`make bench`: one JSON line for each figure. Names (`python -m benchmarks intake`) choose some."""

from __future__ import annotations

import sys
from importlib import import_module

FIGURES = ("intake", "idle", "rebuild", "freshness", "thread")

if __name__ == "__main__":
    for name in sys.argv[1:] or FIGURES:
        import_module(f"benchmarks.{name}").run()
