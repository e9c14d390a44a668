"""`/repos/{owner}/{repo}/codeowners/errors`: what GitHub makes nothing of in the file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from starlette.responses import Response

from standins.github.codeowners import File, Line, find_owner, is_malformed, is_owner, read_code_owners
from standins.github.errors import not_found
from standins.github.rest.call import Call, answer, endpoint
from standins.github.store import Repository


def errors(call: Call) -> Response:
    """404 where the commit has no such file."""
    repository = call.repository("contents", "read", "pull")
    commit = call.git(repository).resolve(call.query("ref") or repository.default_branch)
    file = read_code_owners(call.git(repository), commit) if commit else None
    if file is None:
        raise not_found()
    return answer({"errors": list(_errors(call, repository, file))})


def _errors(call: Call, repository: Repository, file: File) -> Iterator[dict[str, Any]]:
    for line in file.lines:
        if is_malformed(line.pattern):
            yield _error(file, line, line.pattern, "Invalid pattern")
        for word in line.owners:
            if not is_owner(word):
                yield _error(file, line, word, "Invalid owner")
            elif find_owner(call.site, repository, word) is None:
                yield _error(file, line, word, "Unknown owner")


_SUGGESTIONS = {"Unknown owner": "make sure {} exists and has write access to the repository"}


def _error(file: File, line: Line, word: str, kind: str) -> dict[str, Any]:
    column = line.text.index(word) + 1
    suggestion = _SUGGESTIONS[kind].format(word) if kind in _SUGGESTIONS else None
    told = f": {suggestion}" if suggestion else ""
    return {
        "line": line.number,
        "column": column,
        "kind": kind,
        "source": line.text,
        "suggestion": suggestion,
        "message": f"{kind} on line {line.number}{told}:\n\n  {line.text}\n  {' ' * (column - 1)}^",
        "path": file.path,
    }


ROUTES = [endpoint("GET", "/repos/{owner}/{repo}/codeowners/errors", errors)]
