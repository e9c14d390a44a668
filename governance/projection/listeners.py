"""The apps above governance project their own rows from the same readings; they register here."""

from __future__ import annotations

from collections.abc import Callable

from governance.mirrors import Mirror
from governance.models import Project, PullRequest

CodeRepoListener = Callable[[Project, Mirror], None]
ForgettingListener = Callable[[Project], None]
PullRequestListener = Callable[[PullRequest, Mirror], None]
_code_repo: list[CodeRepoListener] = []
_pull_request: list[PullRequestListener] = []
_forgetting: list[ForgettingListener] = []
_rebuilt: list[CodeRepoListener] = []


def on_forgetting(listener: ForgettingListener) -> ForgettingListener:
    """Called before main of a Code Repo is read to write over everything, in the same transaction."""
    _forgetting.append(listener)
    return listener


def on_rebuilt(listener: CodeRepoListener) -> CodeRepoListener:
    """Called within a transaction once all pull requests of a project were read again."""
    _rebuilt.append(listener)
    return listener


def on_code_repo(listener: CodeRepoListener) -> CodeRepoListener:
    """Called within the transaction that wrote what main of a Code Repo says."""
    _code_repo.append(listener)
    return listener


def on_pull_request(listener: PullRequestListener) -> PullRequestListener:
    """Called within the transaction that wrote a pull request of a Code Repo; its merge base is known."""
    _pull_request.append(listener)
    return listener


def tell_forgetting(project: Project) -> None:
    for listener in _forgetting:
        listener(project)


def tell_rebuilt(project: Project, mirror: Mirror) -> None:
    for listener in _rebuilt:
        listener(project, mirror)


def tell_code_repo(project: Project, mirror: Mirror) -> None:
    for listener in _code_repo:
        listener(project, mirror)


def tell_pull_request(pull_request: PullRequest, mirror: Mirror) -> None:
    for listener in _pull_request:
        listener(pull_request, mirror)
