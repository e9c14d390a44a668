"""What the paths of a repository mean, and which of them no pull request may bring."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from lockgate.formats import is_name, is_output_name, request_id_problem

_JOB = re.compile(r"jobs/(?P<id>[^/]+)\.yaml")
_RESULT = re.compile(r"results/(?P<id>[^/]+)/(?P<node>[^/]+)/(?P<file>[^/]+)")
# Code points that some file systems drop from names.
_IGNORED = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")


@dataclass(frozen=True)
class ResultPath:
    """A file of a result."""

    request: str
    node: str
    file: str

    @property
    def folder(self) -> str:
        """The folder of the whole result, with a closing slash."""
        return f"results/{self.request}/{self.node}/"


def fold(path: str) -> str:
    """Return what a file system that knows neither case nor composition makes of `path`."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


def area(path: str) -> str:
    """Return the folded first part of `path`, such as jobs or results."""
    return fold(path).split("/", 1)[0]


def job_id(path: str) -> str | None:
    """Return the request's id where `path` is exactly jobs/<id>.yaml."""
    match = _JOB.fullmatch(path)
    return match["id"] if match and request_id_problem(match["id"]) is None else None


def result_path(path: str) -> ResultPath | None:
    """Return the parts of results/<id>/<node>/<file>, where id and node are well-formed."""
    match = _RESULT.fullmatch(path)
    if match is None or request_id_problem(match["id"]) is not None or not is_name(match["node"]):
        return None
    return ResultPath(match["id"], match["node"], match["file"])


def output_of(file: str, ending: str) -> str | None:
    """Return the output whose file with `ending` this is."""
    name = file.removesuffix(ending)
    return name if file.endswith(ending) and is_output_name(name) else None


def name_problem(name: bytes) -> str | None:
    """Return why one name in a tree is refused, wherever it stands."""
    if name == b"":
        return "a path has an empty part"
    if b"/" in name:
        return "one name of the tree holds a slash, which hides where the file is"
    if name in (b".", b".."):
        return "the path climbs out of its folder"
    try:
        text = name.decode("utf-8")
    except UnicodeDecodeError:
        return "the path is not UTF-8"
    if any(unicodedata.category(letter) == "Cc" for letter in text) or "\\" in text:
        return "the path holds a control character or a backslash"
    if _is_git_folder(text):
        return "the path goes into a .git folder"
    return None


def _is_git_folder(name: str) -> bool:
    plain = _IGNORED.sub("", fold(name)).split(":", 1)[0].rstrip(" .")
    return plain in (".git", "git~1")
