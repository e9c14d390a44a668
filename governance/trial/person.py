"""What people do on GitHub through the portal, each with their own token."""

from __future__ import annotations

from collections.abc import Callable

from governance.github.actor import PersonActor
from governance.github.errors import SignInAgain
from governance.github.port import Actor, Reader
from governance.trial import pull_request
from governance.trial.calls import Calls
from governance.trial.record import Stopped, Trial
from governance.trial.scratch import Scratch

WRITES = "contents: write for the App, and write access for the person"
REVIEWS = "pull_requests: write for the App, and access for the person"


def act(calls: Calls, reader: Reader, *, reviewer: str) -> str:
    """Open, comment, review where there is a second person, and merge; all between branches of the trial.

    Returns the merge commit, "" where GitHub did not merge. Raises Stopped.
    """
    trial, scratch, repo = calls.trial, calls.scratch, calls.scratch.repo
    actor = PersonActor(calls.connection, calls.token, _no_other)
    calls.try_("GET /user", "who signs in")
    base, head = scratch.name("base"), scratch.name("request")
    for branch in (base, head):
        _branch(calls, actor, branch)
    sha = _commit(trial, actor, scratch, head, scratch.file)
    number = _open(trial, actor, scratch, base=base, head=head)
    _read_back(trial, actor, scratch, head)
    with trial.group("app"):
        pull_request.read(trial, reader, scratch, number)
    trial.try_(
        "POST /repos/{owner}/{repo}/issues/{number}/comments",
        "a comment",
        lambda: actor.comment(repo, number, "Lockgate can comment here."),
        needs=REVIEWS,
    )
    if reviewer:
        _review(trial, PersonActor(calls.connection, reviewer, _no_other), repo, number, sha)
    else:
        trial.skip_group("reviewer", "no token of a second person was given", "Give --reviewer-env NAME.")
    merge = _merge(trial, actor, scratch, number, sha)
    with trial.group("person"):
        _catch_up(calls, actor, reader, sha)
    return merge


def _no_other(_: str) -> str:
    """A token that was given to the trial is the only one."""
    raise SignInAgain


def _branch(calls: Calls, actor: Actor, branch: str) -> None:
    calls.trial.need(
        "POST /repos/{owner}/{repo}/git/refs",
        "a branch for a request",
        lambda: actor.create_branch(calls.scratch.repo, branch, calls.scratch.head),
        needs=WRITES,
    )
    calls.undo_later("DELETE /repos/{owner}/{repo}/git/refs/{ref}", ref=f"heads/{branch}")


def _commit(trial: Trial, actor: Actor, scratch: Scratch, branch: str, file: str) -> str:
    return trial.need(
        "GraphQL createCommitOnBranch",
        "the request's file, if the branch has not moved",
        lambda: actor.commit_file(
            scratch.repo, branch, scratch.head, file, scratch.mark.encode(), "Try a commit"
        ),
        needs=WRITES,
    )


def _open(trial: Trial, actor: Actor, scratch: Scratch, *, base: str, head: str) -> int:
    title, body = "Try Lockgate's calls", "Opened by `manage.py check_github`, which closes it again."
    return trial.need(
        "POST /repos/{owner}/{repo}/pulls",
        "a request in the person's own name",
        lambda: actor.open_pull_request(scratch.repo, head, base, title, body),
        needs=REVIEWS,
    )


def _read_back(trial: Trial, actor: Actor, scratch: Scratch, branch: str) -> None:
    """What is looked up after a time-out."""
    repo = scratch.repo
    at = "/repos/{owner}/{repo}"
    reads: dict[str, tuple[str, Callable[[], object]]] = {
        f"GET {at}/git/ref/{{ref}}": ("whether a branch is there", lambda: actor.branch_head(repo, branch)),
        f"GET {at}/contents/{{path}}": (
            "whether a file is there",
            lambda: actor.read_file(repo, branch, scratch.file),
        ),
        f"GET {at}/pulls": ("whether it was opened", lambda: actor.find_pull_request(repo, branch)),
    }
    for call, (why, do) in reads.items():
        trial.try_(call, why, do, needs="contents: read and pull_requests: read")


def _review(trial: Trial, actor: Actor, repo: str, number: int, sha: str) -> None:
    for event, why in (("REQUEST_CHANGES", "a wish for changes"), ("APPROVE", "an approval")):
        trial.try_(
            f"POST /repos/{{owner}}/{{repo}}/pulls/{{number}}/reviews ({event})",
            f"{why}, bound to the head that was seen",
            lambda event=event: actor.review(repo, number, sha, event, "Lockgate tries its calls."),
            needs=REVIEWS,
        )


def _merge(trial: Trial, actor: Actor, scratch: Scratch, number: int, sha: str) -> str:
    """The merge commit; what was not merged is closed."""
    try:
        return trial.need(
            "PUT /repos/{owner}/{repo}/pulls/{number}/merge",
            "a merge at the head that was reviewed",
            lambda: actor.merge(scratch.repo, number, sha, "Try a merge"),
            needs=WRITES,
        )
    except Stopped:
        _close(trial, actor, scratch, number)
        return ""


def _catch_up(calls: Calls, actor: Actor, reader: Reader, sha: str) -> None:
    """Another pull request, whose base has a commit more; nothing waits for its new head, it is closed."""
    trial, scratch = calls.trial, calls.scratch
    ahead = scratch.name("ahead")
    _branch(calls, actor, ahead)
    _commit(trial, actor, scratch, ahead, ahead)
    number = _open(trial, actor, scratch, base=ahead, head=scratch.name("request"))
    with trial.group("app"):
        pull_request.catch_up(trial, reader, scratch, number, sha)
    _close(trial, actor, scratch, number)


def _close(trial: Trial, actor: Actor, scratch: Scratch, number: int) -> None:
    trial.try_(
        "PATCH /repos/{owner}/{repo}/pulls/{number}",
        "a request that is withdrawn",
        lambda: actor.close(scratch.repo, number),
        needs=REVIEWS,
    )
