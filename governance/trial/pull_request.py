"""What the App reads of a pull request, and how it brings one up to date."""

from __future__ import annotations

from governance.github.errors import GitHubNotFound
from governance.github.port import PullRequestReading, Reader
from governance.trial.record import Trial
from governance.trial.scratch import Scratch

READS = "pull_requests: read and checks: read"
PULLS = "/repos/{owner}/{repo}/pulls"


def read(trial: Trial, reader: Reader, scratch: Scratch, number: int) -> None:
    """All of an open pull request of the trial. Raises Stopped."""
    repo, owner, branch = scratch.repo, scratch.owner, scratch.name("request")
    trial.try_(
        f"GET {PULLS}",
        "whether a request was opened",
        lambda: reader.find_pull_request(repo, branch),
        needs="pull_requests: read",
    )
    trial.try_(
        f"GET {PULLS}/{{number}}/commits",
        "who wrote it",
        lambda: reader.commit_authors(repo, number),
        needs="contents: read and pull_requests: read",
    )
    found = trial.need(
        "GraphQL repository.pullRequest",
        "all of it, with reviews, comments and checks",
        lambda: _shown(reader, repo, number),
        needs=READS,
    )
    trial.try_(
        "GraphQL nodes(ids: PullRequest).checkSuites",
        "whether checks of open pull requests moved",
        lambda: reader.marks(owner, [found.graphql_id]),
        needs=READS,
    )
    trial.try_(
        "GraphQL nodes(ids: PullRequest)",
        "all of those that changed",
        lambda: reader.pull_requests(owner, [found.graphql_id]),
        needs=READS,
    )


def catch_up(trial: Trial, reader: Reader, scratch: Scratch, number: int, head: str) -> None:
    """Its base is ahead of it, else GitHub refuses."""
    trial.try_(
        f"PUT {PULLS}/{{number}}/update-branch",
        "the base is merged into a branch that fell behind",
        lambda: reader.update_branch(scratch.repo, number, head),
        needs="contents: write and pull_requests: write",
    )


def _shown(reader: Reader, repo: str, number: int) -> PullRequestReading:
    found = reader.pull_request(repo, number)
    if found is None:
        raise GitHubNotFound(f"GitHub does not show pull request {number} to Lockgate's App.")
    return found
