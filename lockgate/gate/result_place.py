"""Where and how the files of a result publication are added."""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.formats import Problem
from lockgate.gate.changes import Change
from lockgate.gate.paths import ResultPath, output_of, result_path

MAX_FILES = 200
MANIFEST = "manifest.yaml"
DVC, LISTING = ".dvc", ".sha256.json"


def place_problems(changes: tuple[Change, ...]) -> Iterator[Problem]:
    """Yield what is wrong with where and how files under results/ change."""
    if len(changes) > MAX_FILES:
        yield Problem(changes[-1].path, None, f"a result has at most {MAX_FILES} files")
    for change in changes:
        place = result_path(change.path)
        if not change.added:
            act = "removed" if change.removed else "edited"
            yield Problem(change.path, None, f"a published result is never {act}; it is withdrawn as a whole")
        elif place is None:
            yield Problem(change.path, None, "a result's files stand in results/<id>/<node>/ and no deeper")
        elif not _is_known(place.file):
            reason = "a result holds manifest.yaml, <output>.dvc and <output>.sha256.json, and nothing else"
            yield Problem(change.path, None, reason)
        elif change.mode_problem:
            yield Problem(change.path, None, change.mode_problem)
    yield from _folder_problems(changes)


def _folder_problems(changes: tuple[Change, ...]) -> Iterator[Problem]:
    places = [(change, place) for change in changes if (place := result_path(change.path))]
    first = places[0][1].folder if places else ""
    for change, place in places:
        if place.folder != first:
            yield Problem(change.path, None, f"a publication adds one result; this is another than {first}")
    if places and f"{first}{MANIFEST}" not in {change.path for change in changes}:
        yield Problem(f"{first}{MANIFEST}", None, "the result has no manifest.yaml")


def place_of(changes: tuple[Change, ...]) -> ResultPath | None:
    """Return request and node of the result, taken from its first well-placed file."""
    return next((place for change in changes if (place := result_path(change.path))), None)


def _is_known(file: str) -> bool:
    return file == MANIFEST or output_of(file, DVC) is not None or output_of(file, LISTING) is not None
