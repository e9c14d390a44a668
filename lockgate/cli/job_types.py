"""`lockgate job-types`: write job_types/*.json from the jobs' config classes, or hold the two in step."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lockgate.errors import Invalid
from lockgate.formats import FormatError, load, read_job_type


class CannotImport(Invalid):
    """The code location could not be imported, or names no job types."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `lockgate job-types` takes."""
    parser.add_argument("--check", action="store_true", help="write nothing; name what differs")
    parser.add_argument(
        "--module", metavar="NAME", help="what Dagster loads (as in pyproject.toml, tool.dagster.module_name)"
    )
    parser.add_argument("--folder", type=Path, default=Path("job_types"), metavar="DIR", help="job_types")


def run(arguments: argparse.Namespace) -> int:
    """Write or check; returns 0 when files and config classes agree, 1 when they do not."""
    documents = job_type_documents(arguments.module or _module_of_project(Path("pyproject.toml")))
    refused = [line for name, document in documents.items() for line in _invalid(name, document)]
    if not refused and not arguments.check:
        for name, document in documents.items():
            path = arguments.folder / f"{name}.json"
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(_written(document))
            print(f"Wrote {path}.")
    differences = refused or list(_differences(arguments.folder, documents))
    for line in differences:
        print(line)
    if arguments.check and not differences:
        print(f"In step: {', '.join(sorted(documents))}.")
    return 1 if differences else 0


def job_type_documents(module: str) -> Mapping[str, dict[str, Any]]:
    """Import `module` and return the document of each job type found in it, by name.

    Job types are the module's own names and the members of its tuples and lists. Raises CannotImport.
    """
    sys.path.insert(0, str(Path.cwd()))
    try:
        loaded = importlib.import_module(module)
    except ImportError as error:
        raise CannotImport(
            f"{module} cannot be imported: {error}",
            next_step="Run this in the Code Repo's folder, with its requirements installed.",
        ) from error
    finally:
        sys.path.remove(str(Path.cwd()))
    documents = {job_type.name: job_type.document() for job_type in _found(vars(loaded))}
    if not documents:
        raise CannotImport(
            f"{module} names no job types.", next_step="Import the tuple of the project's job types there."
        )
    return documents


def _found(names: Mapping[str, Any]) -> Iterator[Any]:
    from lockgate.dagster import JobType

    for value in names.values():
        # Dagster's own records are tuples too, but refuse to be walked through.
        members = value if type(value) in (tuple, list) else (value,)
        yield from (member for member in members if isinstance(member, JobType))


def _module_of_project(path: Path) -> str:
    try:
        return str(tomllib.loads(path.read_text(encoding="utf-8"))["tool"]["dagster"]["module_name"])
    except (OSError, KeyError, TypeError, ValueError):
        raise CannotImport(
            "pyproject.toml names no module for Dagster (tool.dagster.module_name).",
            next_step="Give --module, or run this in the Code Repo's folder.",
        ) from None


def _written(document: Mapping[str, Any]) -> bytes:
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode("utf-8")


def _invalid(name: str, document: Mapping[str, Any]) -> Iterator[str]:
    """Yield why a config class says what no form and no gate could read."""
    try:
        read_job_type(_written(document), f"job_types/{name}.json")
    except FormatError as error:
        yield from (f"{name}: the config class makes a job type in which {p.reason}" for p in error.problems)


def _differences(folder: Path, documents: Mapping[str, dict[str, Any]]) -> Iterator[str]:
    files = {path.stem: path for path in sorted(folder.glob("*.json"))}
    for name in sorted(files.keys() - documents.keys()):
        yield f"{files[name]}: no job of this name can be requested; remove the file"
    for name in sorted(documents):
        path = files.get(name)
        if path is None:
            yield f"{folder / name}.json: is missing; run lockgate job-types"
            continue
        try:
            found = load(path.read_bytes(), str(path))
        except FormatError as error:
            yield from (f"{problem.path}: {problem.reason}" for problem in error.problems)
            continue
        yield from (f"{path}: {line}" for line in _compare(found, json.loads(_written(documents[name]))))


def _compare(file: Any, code: Any, place: str = "") -> Iterator[str]:
    """Yield each place at which the file and the config class differ; the order of keys is no difference."""
    if isinstance(file, dict) and isinstance(code, dict):
        for key in sorted(file.keys() | code.keys()):
            inner = f"{place}.{key}" if place else key
            if key not in file:
                yield f"`{inner}` is missing; the config class has {_shown(code[key])}"
            elif key not in code:
                yield f"`{inner}` is not in the config class"
            else:
                yield from _compare(file[key], code[key], inner)
    elif type(file) is not type(code) or file != code:
        yield f"`{place}` is {_shown(file)}, but {_shown(code)} in the config class"


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:77]}..."
