"""What a policy change or a code change may bring: files that steer others must at least be readable."""

from __future__ import annotations

import configparser
import re
from collections.abc import Callable, Iterator

from lockgate.formats import FormatError, Problem, read_governance, read_job_type
from lockgate.gate.changes import Change
from lockgate.gate.paths import area, fold
from lockgate.gate.proposal import Proposal

_JOB_TYPE = re.compile(r"job_types/[^/]+\.json")
_DVC_FILES = (".dvc/config", ".dvc/.gitignore")
_DVC_SETTINGS = {
    "core": {"remote", "analytics"},
    "'remote \"publication\"'": {"url", "verify", "auth"},
}


def policy_problems(proposal: Proposal) -> Iterator[Problem]:
    """Yield what would leave the default branch without a readable policy, or DVC with another remote."""
    for change in proposal.changes:
        path = fold(change.path)
        if path == "governance.yaml":
            yield from _readable(proposal, change, read_governance, "governance.yaml")
        elif area(path) == ".dvc" and not change.removed:
            yield from _dvc_problems(proposal, change)


def code_problems(proposal: Proposal) -> Iterator[Problem]:
    """Yield each job type that the forms and the gate could not read after the merge."""
    for change in proposal.changes:
        if area(change.path) == "job_types" and not change.removed:
            if not _JOB_TYPE.fullmatch(change.path):
                if not change.path.endswith("/.gitkeep"):
                    yield Problem(change.path, None, "job_types/ holds files <job>.json and nothing else")
                continue
            yield from _readable(proposal, change, read_job_type, change.path)


def _readable(
    proposal: Proposal, change: Change, read: Callable[[bytes, str], object], exact: str
) -> Iterator[Problem]:
    if change.removed:
        yield Problem(change.path, None, "without this file nobody could decide here")
        return
    if change.path != exact:
        yield Problem(change.path, None, f"the file must be written {exact}")
    if change.mode_problem:
        yield Problem(change.path, None, change.mode_problem)
        return
    data = proposal.brought(change)[change.path]
    if isinstance(data, Problem):
        yield data
        return
    try:
        read(data, change.path)
    except FormatError as error:
        yield from error.problems


def _dvc_problems(proposal: Proposal, change: Change) -> Iterator[Problem]:
    if change.path not in _DVC_FILES:
        yield Problem(change.path, None, "only .dvc/config and .dvc/.gitignore may be in Git")
    elif change.mode_problem:
        yield Problem(change.path, None, change.mode_problem)
    elif change.path == ".dvc/config":
        data = proposal.brought(change)[change.path]
        if isinstance(data, Problem):
            yield data
        else:
            yield from (Problem(change.path, None, reason) for reason in _config_reasons(data))


def _config_reasons(data: bytes) -> Iterator[str]:
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(data.decode("utf-8"))
    except (UnicodeDecodeError, configparser.Error):
        yield "DVC's settings cannot be read"
        return
    for section in ("DEFAULT", *parser.sections()):
        known = _DVC_SETTINGS.get(section, set())
        if section != "DEFAULT" and not known:
            yield "the settings may hold [core] and the remote `publication`, and nothing else"
        elif set(parser[section]) - known - set(parser.defaults() if section != "DEFAULT" else ()):
            yield f"{section} may set {', '.join(sorted(known)) or 'nothing'}, and nothing else"
    remote = "'remote \"publication\"'"
    if parser.get("core", "remote", fallback="") != "publication":
        yield "the remote must be `publication`"
    if not re.fullmatch(
        r"https?://[^\s@?#]+/dvc/[a-z][a-z0-9_]{0,39}", parser.get(remote, "url", fallback="")
    ):
        yield "the remote's url must be the portal's address /dvc/<project>"
    if parser.get(remote, "verify", fallback="") != "true":
        yield "the remote must set verify = true"
