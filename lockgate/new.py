"""Makes a Code Repo or a Node Repo from the templates that come with Lockgate."""

from __future__ import annotations

import base64
import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nacl.signing import SigningKey

from lockgate.errors import Invalid
from lockgate.formats import read_governance, read_job_type, read_node, read_project

_WHEEL = re.compile(r"lockgate-(?P<version>[0-9][0-9A-Za-z.!+]*)-py3-none-any\.whl")
_REGISTRATION = re.compile(
    r"(?P<name>[a-z][a-z0-9_]{0,39})=(?P<code_repo>[^@\s]+)@(?P<since>[0-9a-f]{40,64})"
)


class CannotGenerate(Invalid):
    """The repository cannot be made of what was given."""


@dataclass(frozen=True)
class Wheel:
    """The lockgate that the new repository pins."""

    version: str
    sha256: str


@dataclass(frozen=True)
class Registration:
    """A Code Repo that the new node takes on: `since` is its first commit, from which requests count."""

    name: str
    code_repo: str
    since: str


def read_wheel(path: Path) -> Wheel:
    """Return the version and sha256 of a wheel of lockgate; raises `CannotGenerate` where it is none."""
    named = _WHEEL.fullmatch(path.name)
    if named is None or not path.is_file():
        raise CannotGenerate(
            f"{path} is no wheel of lockgate.",
            next_step="Build one with `uv build --wheel` in Lockgate's checkout and name that file.",
        )
    return Wheel(named["version"], hashlib.sha256(path.read_bytes()).hexdigest())


def read_registration(text: str) -> Registration:
    """Read `NAME=OWNER/REPO@SHA`; raises `CannotGenerate`."""
    read = _REGISTRATION.fullmatch(text)
    if read is None:
        raise CannotGenerate(
            f"{text!r} registers no project.",
            next_step="Write it as NAME=OWNER/REPO@SHA, SHA being the Code Repo's first commit.",
        )
    return Registration(**read.groupdict())


def new_code_repo(directory: Path, answers: Mapping[str, str], *, wheel: Wheel, defaults: bool) -> None:
    """Make a Code Repo in `directory`, which must be empty or absent.

    `answers` are given ahead; what is missing is asked for, or with `defaults` taken as the template says.
    """
    pinned = {"lockgate_version": wheel.version, "lockgate_sha256": wheel.sha256}
    _render("code_repo", directory, {**answers, **pinned}, defaults=defaults)
    read_governance(_read(directory / "governance.yaml"), "governance.yaml")
    for path in sorted(directory.glob("job_types/*.json")):
        read_job_type(_read(path), f"job_types/{path.name}")


def new_node_repo(
    directory: Path,
    answers: Mapping[str, str],
    registrations: tuple[Registration, ...],
    *,
    wheel: Wheel,
    defaults: bool,
) -> tuple[Path, ...]:
    """Make a Node Repo in `directory`, which must be empty or absent, with its first projects registered.

    Where a message key is not given, a new pair is made: its public half goes into node.yaml, its private
    half into a file beside `directory`. Returns the private files made.
    """
    pinned = {"lockgate_version": wheel.version, "lockgate_sha256": wheel.sha256}
    owners = ("message_key", "portal_message_key")
    pairs = {owner: SigningKey.generate() for owner in owners if owner not in answers}
    public = {owner: _base64(bytes(pair.verify_key)) for owner, pair in pairs.items()}
    _render("node_repo", directory, {**answers, **public, **pinned}, defaults=defaults)
    read_node(_read(directory / "node.yaml"))
    for registration in registrations:
        _register(directory, registration)
    return tuple(_keep_private(directory, owner, pair) for owner, pair in pairs.items())


def _render(template: str, directory: Path, answers: Mapping[str, str], *, defaults: bool) -> None:
    from copier import run_copy
    from copier.errors import CopierError

    if directory.exists() and any(path.name != ".git" for path in directory.iterdir()):
        raise CannotGenerate(f"{directory} is not empty.", next_step="Name a new directory.")
    source = str(_templates() / template)
    try:
        run_copy(source, str(directory), data=dict(answers), defaults=defaults, quiet=True)
    except (CopierError, ValueError) as error:
        raise CannotGenerate(f"The answers do not make a repository: {error}") from error


def _templates() -> Path:
    """Beside the package in a checkout, inside it where it is installed from a wheel."""
    package = Path(__file__).parent
    inside = package / "repo_templates"
    return inside if inside.is_dir() else package.parent / "repo_templates"


def _register(directory: Path, registration: Registration) -> None:
    path = directory / "projects" / f"{registration.name}.yaml"
    path.write_text(
        "version: 1\n"
        f"name: {registration.name}\n"
        f"code_repo: {registration.code_repo}\n"
        f"since: {registration.since}\n"
        f"code_location: {registration.name}\n"
        "publication: publication\n"
        "minimums:\n"
        "  job_request: {quorum: 1, per_node: true}\n"
        "  result_publication: {quorum: 2, per_node: true}\n"
        "approved_before: []\n"
    )
    read_project(_read(path), f"projects/{path.name}")


def _keep_private(directory: Path, owner: str, pair: SigningKey) -> Path:
    path = directory.with_name(f"{directory.name}.{owner.replace('_', '-')}")
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(_base64(bytes(pair)))
    return path


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _read(path: Path) -> bytes:
    return path.read_bytes()
