"""Pull requests, reviews, comments."""

from __future__ import annotations

from typing import Any

from standins.github.auth.access import role_of
from standins.github.diffs import differ
from standins.github.protection import blocked
from standins.github.pulls.merging import mergeability
from standins.github.pulls.methods import is_linear
from standins.github.pulls.reviewers import reviewers_of
from standins.github.serialisers.accounts import living_user, node_id, simple_team, simple_user, team
from standins.github.serialisers.labels import label, labels_of
from standins.github.serialisers.repositories import repository as write_repository
from standins.github.serialisers.repositories import repository_url
from standins.github.site import Site
from standins.github.store import Comment, Membership, PullRequest, Repository, Review

JSON = dict[str, Any]


def simple_pull(site: Site, repository: Repository, row: PullRequest) -> JSON:
    """As in lists."""
    asked = reviewers_of(site, row)
    url = f"{repository_url(site, repository)}/pulls/{row.number}"
    html = f"{site.url}/{site.full_name(repository)}/pull/{row.number}"
    return {
        "url": url,
        "id": row.id,
        "node_id": node_id("PR", row.id),
        "html_url": html,
        "diff_url": f"{html}.diff",
        "patch_url": f"{html}.patch",
        **_links(site, repository, row),
        "number": row.number,
        "state": row.state,
        "locked": False,
        "title": row.title,
        "user": simple_user(site, site.account(row.author_id)),
        "body": row.body,
        "labels": [label(site, repository, one) for one in labels_of(site, row)],
        "milestone": None,
        "active_lock_reason": None,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "closed_at": row.closed_at,
        "merged_at": row.merged_at,
        "assignees": [],
        "requested_reviewers": [simple_user(site, one) for one in asked.people],
        "requested_teams": [team(site, one) for one in asked.teams],
        "head": _end(site, repository, row.head_ref, row.head_sha),
        "base": _end(site, repository, row.base_ref, row.base_sha),
        "author_association": association(site, repository, row.author_id),
        "auto_merge": None,
        "draft": row.draft,
    }


def full_pull(site: Site, repository: Repository, row: PullRequest) -> JSON:
    base, head = span(site, repository, row)
    git = site.git(repository)
    difference, commits = differ(git, base, head), git.commits_between(base, head)
    return {
        **simple_pull(site, repository, row),
        "requested_teams": [simple_team(site, one) for one in reviewers_of(site, row).teams],
        **_mergeable(site, repository, row, linear=is_linear(git, commits)),
        "merged": row.merged_at is not None,
        "merged_by": simple_user(site, site.account(row.merged_by)) if row.merged_by else None,
        "comments": len(site.store.find(Comment, pull_request_id=row.id)),
        "review_comments": 0,
        "maintainer_can_modify": False,
        "commits": len(commits),
        "additions": difference.additions,
        "deletions": difference.deletions,
        "changed_files": len(difference.files),
    }


def span(site: Site, repository: Repository, row: PullRequest) -> tuple[str, str]:
    """From which commit to which a pull request changes things: merge base and head."""
    git = site.git(repository)
    if row.merged_at and row.merge_commit_sha:
        parents = git.commit(row.merge_commit_sha).parent_ids
        base = str(parents[0]) if parents else row.base_sha
    else:
        base = (row.state == "open" and git.ref(f"refs/heads/{row.base_ref}")) or row.base_sha
    return git.merge_base(base, row.head_sha) or base, row.head_sha


def _mergeable(site: Site, repository: Repository, row: PullRequest, *, linear: bool) -> JSON:
    if row.state != "open":
        return {"mergeable": None, "mergeable_state": "unknown", "rebaseable": None}
    clean = mergeability(site, repository, row).tree is not None
    if not clean:
        state = "dirty"
    elif row.draft:
        state = "draft"
    else:
        state = "blocked" if blocked(site, repository, row) else "clean"
    return {"mergeable": clean, "mergeable_state": state, "rebaseable": clean and linear}


def _links(site: Site, repository: Repository, row: PullRequest) -> JSON:
    url = repository_url(site, repository)
    pull, issue = f"{url}/pulls/{row.number}", f"{url}/issues/{row.number}"
    addresses = {
        "issue": issue,
        "comments": f"{issue}/comments",
        "commits": f"{pull}/commits",
        "review_comments": f"{pull}/comments",
        "review_comment": f"{url}/pulls/comments{{/number}}",
        "statuses": f"{url}/statuses/{row.head_sha}",
    }
    html = f"{site.url}/{site.full_name(repository)}/pull/{row.number}"
    links = {name: {"href": href} for name, href in {**addresses, "self": pull, "html": html}.items()}
    return {**{f"{name}_url": href for name, href in addresses.items()}, "_links": links}


def _end(site: Site, repository: Repository, ref: str, sha: str) -> JSON:
    owner = site.account(repository.owner_id)
    return {
        "label": f"{owner.login}:{ref}",
        "ref": ref,
        "sha": sha,
        "user": simple_user(site, owner),
        "repo": write_repository(site, repository),
    }


def association(site: Site, repository: Repository, account_id: int) -> str:
    if account_id == repository.owner_id:
        return "OWNER"
    if site.store.first(Membership, organization_id=repository.owner_id, account_id=account_id):
        return "MEMBER"
    role = role_of(site, repository, site.account(account_id))
    return "COLLABORATOR" if role in ("push", "maintain", "admin") else "NONE"


def review(site: Site, repository: Repository, pull: PullRequest, row: Review) -> JSON:
    html = f"{site.url}/{site.full_name(repository)}/pull/{pull.number}#pullrequestreview-{row.id}"
    url = f"{repository_url(site, repository)}/pulls/{pull.number}"
    return {
        "id": row.id,
        "node_id": node_id("PRR", row.id),
        "user": living_user(site, row.account_id),
        "body": row.body,
        "state": row.state,
        "html_url": html,
        "pull_request_url": url,
        "author_association": association(site, repository, row.account_id),
        "_links": {"html": {"href": html}, "pull_request": {"href": url}},
        "submitted_at": row.submitted_at,
        "commit_id": row.commit_id,
    }


def comment(site: Site, repository: Repository, pull: PullRequest, row: Comment) -> JSON:
    url = repository_url(site, repository)
    return {
        "id": row.id,
        "node_id": node_id("IC", row.id),
        "url": f"{url}/issues/comments/{row.id}",
        "html_url": f"{site.url}/{site.full_name(repository)}/pull/{pull.number}#issuecomment-{row.id}",
        "issue_url": f"{url}/issues/{pull.number}",
        "user": simple_user(site, site.account(row.account_id)),
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "author_association": association(site, repository, row.account_id),
        "body": row.body,
    }
