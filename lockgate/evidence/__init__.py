"""What GitHub and Git say of a merge, read and judged by the node for itself."""

from lockgate.evidence.client import GitHubClient, Token
from lockgate.evidence.errors import (
    GitHubDenied,
    GitHubMissing,
    GitHubMoved,
    GitHubRefused,
    GitHubUnavailable,
    GitHubUnreadable,
    HistoryRewritten,
    MirrorUnavailable,
)
from lockgate.evidence.examine import examine_merge
from lockgate.evidence.merge import (
    SETTLES_WITHIN,
    Approved,
    Expected,
    GateResult,
    Held,
    Judgement,
    MergeFacts,
    PolicyRun,
    PullRequest,
    Undecided,
    judge_merge,
)
from lockgate.evidence.mirror import HEADS, HEADS_AND_PULLS, Commit, Mirror
from lockgate.evidence.reader import GitHubReader

__all__ = [
    "HEADS",
    "HEADS_AND_PULLS",
    "SETTLES_WITHIN",
    "Approved",
    "Commit",
    "Expected",
    "GateResult",
    "GitHubClient",
    "GitHubDenied",
    "GitHubMissing",
    "GitHubMoved",
    "GitHubReader",
    "GitHubRefused",
    "GitHubUnavailable",
    "GitHubUnreadable",
    "Held",
    "HistoryRewritten",
    "Judgement",
    "MergeFacts",
    "Mirror",
    "MirrorUnavailable",
    "PolicyRun",
    "PullRequest",
    "Token",
    "Undecided",
    "examine_merge",
    "judge_merge",
]
