"""What an event means for workflows: whose files are read, what is checked out, where checks stand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pygit2

from standins.github.actions.workflow import Trigger
from standins.github.events import Event
from standins.github.git import ZERO, GitRepository, Signature
from standins.github.site import Site
from standins.github.store import PullRequest, Repository
from standins.github.webhooks.payloads import payload_of

WORKFLOWS = ".github/workflows"
_MERGER = Signature("GitHub", "noreply@github.com")


@dataclass(frozen=True)
class Occasion:
    """`event` happened: files are read at `sha`, checks stand at `head_sha`, filters look at `branch`."""

    event: str
    action: str | None
    repository: Repository
    actor_id: int
    head_sha: str
    head_branch: str
    sha: str
    ref: str
    base_sha: str
    branch: str | None
    payload: Mapping[str, Any]
    pull_request_id: int | None = None

    def wanted_by(self, trigger: Trigger) -> bool:
        if self.pull_request_id is not None and self.action not in trigger.types:
            return False
        if self.branch is None:
            return not trigger.branches and not trigger.branches_ignore
        named = not trigger.branches or any(_matches(one, self.branch) for one in trigger.branches)
        return named and not any(_matches(one, self.branch) for one in trigger.branches_ignore)


def occasions(site: Site, event: Event) -> Iterator[Occasion]:
    """None for what Actions itself did: its own token starts no workflow, as on GitHub."""
    if event.repository is None or event.sender is None:
        return
    if event.name == "push":
        yield from _push(site, event, event.repository)
    elif event.name == "pull_request":
        git, pull = site.git(event.repository), event.facts["pull_request"]
        base = git.ref(f"refs/heads/{pull.base_ref}")
        if base is not None:
            yield _of_base(site, event, pull, base)
            yield from _of_merge(site, event, pull, base)


def workflow_files(git: GitRepository, sha: str) -> Iterator[tuple[str, bytes]]:
    """Path and content of each workflow file of a commit."""
    tree = git.tree(sha)
    if WORKFLOWS not in tree:
        return
    folder = tree[WORKFLOWS]
    for entry in folder if isinstance(folder, pygit2.Tree) else ():
        if isinstance(entry, pygit2.Blob) and str(entry.name).endswith((".yaml", ".yml")):
            yield f"{WORKFLOWS}/{entry.name}", bytes(entry.data)


def _push(site: Site, event: Event, repository: Repository) -> Iterator[Occasion]:
    ref, after = event.facts["ref"], event.facts["after"]
    if after == ZERO or not ref.startswith(("refs/heads/", "refs/tags/")):
        return
    name = ref.split("/", 2)[2]
    yield Occasion(
        event="push",
        action=None,
        repository=repository,
        actor_id=_actor(event),
        head_sha=after,
        head_branch=name,
        sha=after,
        ref=ref,
        base_sha=after,
        branch=name if ref.startswith("refs/heads/") else None,
        payload=payload_of(site, event),
    )


def _of_base(site: Site, event: Event, pull: PullRequest, base: str) -> Occasion:
    return _of_pull(
        site, event, pull, "pull_request_target", sha=base, ref=f"refs/heads/{pull.base_ref}", base=base
    )


def _of_merge(site: Site, event: Event, pull: PullRequest, base: str) -> Iterator[Occasion]:
    """The head merged with the base; nothing where they conflict, as on GitHub."""
    sha = pull.merge_commit_sha if pull.merged_at else _merge(site.git(_repository(event)), pull, base)
    if sha is not None:
        yield _of_pull(
            site, event, pull, "pull_request", sha=sha, ref=f"refs/pull/{pull.number}/merge", base=base
        )


def _of_pull(
    site: Site, event: Event, pull: PullRequest, name: str, *, sha: str, ref: str, base: str
) -> Occasion:
    return Occasion(
        event=name,
        action=event.action,
        repository=_repository(event),
        actor_id=_actor(event),
        head_sha=pull.head_sha,
        head_branch=pull.head_ref,
        sha=sha,
        ref=ref,
        base_sha=base,
        branch=pull.base_ref,
        payload=payload_of(site, event),
        pull_request_id=pull.id,
    )


def _merge(git: GitRepository, pull: PullRequest, base: str) -> str | None:
    tree = git.try_merge(base, pull.head_sha).tree
    if tree is None:
        return None
    message = f"Merge {pull.head_sha} into {base}"
    sha = git.write_commit(tree, [base, pull.head_sha], message, _MERGER, _MERGER)
    git.move_ref(f"refs/pull/{pull.number}/merge", sha, None)
    return sha


def _repository(event: Event) -> Repository:
    assert event.repository is not None
    return event.repository


def _actor(event: Event) -> int:
    assert event.sender is not None
    return event.sender.id


def _matches(pattern: str, name: str) -> bool:
    """`*` is anything within one part of the name, `**` anything."""
    wild = {"**": ".*", "*": "[^/]*"}
    parts = (wild.get(part, re.escape(part)) for part in re.split(r"(\*\*|\*)", pattern))
    return re.fullmatch("".join(parts), name) is not None
