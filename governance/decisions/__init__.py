"""Decisions in Git: kept with their facts until the merge, written to `lockgate/decisions`, read back.

`keep` and `bind` are called where decisions are made and merges pressed, `read_back` by a rebuild. That a
pull request merged is heard from the projection, and the worker writes.
"""

from governance.decisions.keeping import bind, keep
from governance.decisions.reading import ReadBack, read_back
from governance.decisions.shown import Shown, shown
from governance.decisions.writing import record_decisions

__all__ = ["ReadBack", "Shown", "bind", "keep", "read_back", "record_decisions", "shown"]
