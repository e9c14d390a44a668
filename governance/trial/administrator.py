"""What `lockgate protect` does with an administrator's token; here with a branch of the trial."""

from __future__ import annotations

from typing import Any

from governance.trial.calls import Calls
from lockgate.policy import POLICY_CHECK

ADMINISTERS = "an administrator's token"
PROTECTION = "/repos/{owner}/{repo}/branches/{branch}/protection"


def protect(calls: Calls, *, app_id: int) -> None:
    """Protect a new branch, read that back, and take both away again."""
    branch = calls.scratch.name("protected")
    calls.try_("GET /repos/{owner}/{repo}", "the default branch")
    calls.need(
        "POST /repos/{owner}/{repo}/git/refs",
        "a branch for this trial",
        body={"ref": f"refs/heads/{branch}", "sha": calls.scratch.head},
        needs=ADMINISTERS,
    )
    calls.undo_later("DELETE /repos/{owner}/{repo}/git/refs/{ref}", ref=f"heads/{branch}")
    calls.need(
        f"PUT {PROTECTION}",
        "protection as Lockgate asks for it",
        branch=branch,
        body=_wanted(app_id),
        needs=ADMINISTERS,
    )
    calls.undo_later(f"DELETE {PROTECTION}", branch=branch)
    calls.try_(f"GET {PROTECTION}", "whether GitHub kept it", branch=branch, needs=ADMINISTERS)


def _wanted(app_id: int) -> dict[str, Any]:
    """No restriction to teams: a scratch repository of a person has none."""
    return {
        "required_status_checks": {
            "strict": False,
            "checks": [{"context": POLICY_CHECK, "app_id": app_id}],
        },
        "enforce_admins": True,
        "required_pull_request_reviews": {"required_approving_review_count": 0},
        "restrictions": None,
    }
