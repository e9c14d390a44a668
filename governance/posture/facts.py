"""What GitHub says of a repository's protection: frozen, finished, and with what it did not tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from governance.posture.patterns import matches

T = TypeVar("T")


@dataclass(frozen=True)
class Untold:
    """GitHub did not tell this, or the answer could not be read; never taken for clean."""

    reason: str


Told = T | Untold


@dataclass(frozen=True)
class Check:
    """A required check, pinned to an App or (None) to be posted by anybody."""

    name: str
    app_id: int | None


@dataclass(frozen=True)
class Settings:
    """How the repository lets pull requests be merged."""

    merge_commits: bool
    squash: bool
    rebase: bool


@dataclass(frozen=True)
class Protection:
    """Protection of one branch. `teams` (slugs) and `others` may update it; None: whoever can push."""

    checks: frozenset[Check]
    pull_request: bool
    stale_dismissed: bool
    administrators_included: bool
    passing_by: frozenset[str]
    teams: frozenset[str] | None
    others: frozenset[str]
    linear_history: bool
    force_pushes: bool
    deletions: bool


@dataclass(frozen=True)
class Actor:
    """Whom a ruleset lets by: `kind` as GitHub has it (Integration: an App, by its id)."""

    kind: str
    id: int | None


@dataclass(frozen=True)
class Ruleset:
    """An active ruleset for branches. `bypass` None: GitHub does not show it to who asked.

    `rules` are types of rules; `merge_methods` None: not limited here. `updated_at` as GitHub writes it.
    """

    id: int
    name: str
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    rules: frozenset[str]
    merge_methods: frozenset[str] | None
    stale_dismissed: bool
    bypass: frozenset[Actor] | None
    updated_at: str

    def covers(self, branch: str, default_branch: str) -> bool:
        """Whether it applies to this branch, by GitHub's own patterns."""
        ref = f"refs/heads/{branch}"
        return any(_applies(each, ref, branch == default_branch) for each in self.include) and not any(
            _applies(each, ref, branch == default_branch) for each in self.exclude
        )


def _applies(pattern: str, ref: str, is_default: bool) -> bool:
    if pattern.startswith("~"):
        return pattern == "~ALL" or (pattern == "~DEFAULT_BRANCH" and is_default)
    return matches(pattern, ref)


@dataclass(frozen=True)
class App:
    """What an App may do in this repository, and which events it hears."""

    permissions: Mapping[str, str]
    events: frozenset[str]


@dataclass(frozen=True)
class Webhook:
    """Where GitHub delivers; `failing`: a delivery of the last hour reached nobody, nor did a later try."""

    url: str
    is_json: bool
    verifies_tls: bool
    has_secret: bool
    failing: bool


@dataclass(frozen=True)
class Expected:
    """What the portal wants to find. Teams are slugs of the repository's owner; apps by node name."""

    portal_app: int
    node_apps: Mapping[str, int]
    teams: frozenset[str]
    webhook_url: str


@dataclass(frozen=True)
class Facts:
    """All that is judged of one repository; `actions_app` is GitHub's own App that runs workflows."""

    repo: str
    default_branch: str
    is_node_repo: bool
    expected: Expected
    settings: Told[Settings]
    protection: Told[Protection | None]
    rulesets: Told[tuple[Ruleset, ...]]
    codeowners: Told[bool]
    actions_app: Told[int]
    portal: Told[App]
    nodes: Mapping[str, Told[App]]
    webhook: Told[Webhook]

    def rulesets_of(self, branch: str) -> Iterator[Ruleset]:
        """The rulesets that apply to a branch; none where GitHub did not tell."""
        if not isinstance(self.rulesets, Untold):
            yield from (each for each in self.rulesets if each.covers(branch, self.default_branch))
