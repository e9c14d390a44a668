"""`make bench`: one JSON line for each figure."""

from __future__ import annotations

from benchmarks import thread

if __name__ == "__main__":
    thread.run()
