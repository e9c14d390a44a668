"""`projects/<name>.yaml` of a Node Repo: a Code Repo that a node runs jobs for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lockgate.formats.governance import Approvals, read_approvals
from lockgate.formats.kinds import Kind
from lockgate.formats.problems import FormatError, Problem
from lockgate.formats.schema import read_shape


@dataclass(frozen=True)
class Project:
    """A project on a node.

    `code_repo` is owner/name, `since` the commit from which requests count, `publication` the name of a
    storage in node.yaml, `minimums` what the Code Repo's policy cannot go under, `approved_before` merge
    commits that maintainers take as approved although no check run can show it.
    """

    name: str
    code_repo: str
    since: str
    code_location: str
    publication: str
    minimums: Mapping[Kind, Approvals]
    approved_before: tuple[str, ...]


def read_project(data: bytes, source: str) -> Project:
    """Read a project, whose file must bear its name; raises FormatError with every problem found."""
    value, document = read_shape("project", data, source)
    if source.rsplit("/", 1)[-1] != f"{value['name']}.yaml":
        line = document.line(("name",))
        raise FormatError([Problem(source, line, "`name` must be the name of the file without .yaml")])
    return Project(
        name=value["name"],
        code_repo=value["code_repo"],
        since=value["since"],
        code_location=value["code_location"],
        publication=value["publication"],
        minimums=read_approvals(value.get("minimums", {})),
        approved_before=tuple(value.get("approved_before", [])),
    )
