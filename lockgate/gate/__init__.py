"""The gate: is a pull request of one kind, whole and well-formed? Read from Git alone, nothing is run."""

from lockgate.gate.annotations import annotation, as_json
from lockgate.gate.check import check
from lockgate.gate.recognition import Subject, recognise
from lockgate.gate.verdict import CannotTell, Verdict

__all__ = ["CannotTell", "Subject", "Verdict", "annotation", "as_json", "check", "recognise"]
