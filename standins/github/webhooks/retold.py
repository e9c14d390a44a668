"""Where webhooks say a thing otherwise than REST does in its newest version."""

from __future__ import annotations

from typing import Any

JSON = dict[str, Any]

# Of these actions the teams that are asked are told as in REST; of all others in an older, shorter way.
_NEWER = ("opened", "edited", "closed", "reopened")


def repository(written: JSON) -> JSON:
    """With a field that is gone from REST."""
    return {**written, "has_downloads": False}


def repository_of_team(written: JSON) -> JSON:
    return _without(written, "has_discussions", "web_commit_signoff_required")


def pull(written: JSON, action: str | None, merge_commit_sha: str | None) -> JSON:
    """With fields that are gone from REST, and what it names in the words of webhooks."""
    teams = written["requested_teams"]
    ends = {name: {**written[name], "repo": repository(written[name]["repo"])} for name in ("head", "base")}
    return {
        **written,
        **ends,
        "labels": [label(one) for one in written["labels"]],
        "requested_teams": teams if action in _NEWER else [requested_team(one) for one in teams],
        "merge_commit_sha": merge_commit_sha,
        "assignee": None,
    }


def requested_team(written: JSON) -> JSON:
    return _without(written, "notification_setting", "organization_id", "type")


def label(written: JSON) -> JSON:
    return _without(written, "archived_at", "archived_by")


def check_suite(written: JSON) -> JSON:
    """Its repository stands beside it."""
    return _without(written, "repository")


def _without(written: JSON, *names: str) -> JSON:
    return {name: value for name, value in written.items() if name not in names}
