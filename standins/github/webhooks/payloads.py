"""What a delivery says, in the shape of GitHub's webhooks; also the `github.event` of workflows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from standins.github.clock import to_epoch
from standins.github.events import Event
from standins.github.git import ZERO
from standins.github.serialisers import accounts, checks, pulls, statuses
from standins.github.serialisers.branches import short_branch
from standins.github.serialisers.commits import commit
from standins.github.serialisers.labels import label
from standins.github.serialisers.repositories import repository as write_repository
from standins.github.serialisers.repositories import repository_url
from standins.github.serialisers.rulesets import ruleset
from standins.github.site import Site
from standins.github.store import Account, CommitStatus, PullRequest, Repository
from standins.github.webhooks import retold
from standins.github.webhooks.audience import organization_of
from standins.github.webhooks.commits import push_commit
from standins.github.webhooks.edited import changes, changes_of_pull
from standins.github.webhooks.places import OF_PLACES
from standins.github.webhooks.protection import branch_protection_rule

JSON = dict[str, Any]


def payload_of(site: Site, event: Event) -> JSON:
    """The whole payload but for `installation`, which differs by App."""
    content: JSON = {"action": event.action} if event.action else {}
    content |= _WRITERS[event.name](site, event)
    if event.repository is not None:
        content["repository"] = _repository(site, event)
    organization = organization_of(site, event)
    if organization is not None:
        content["organization"] = accounts.simple_organization(site, organization)
    if event.sender is not None:
        content["sender"] = accounts.simple_user(site, event.sender)
    return content


def _repository(site: Site, event: Event) -> JSON:
    repository = _of(event)
    written = {**retold.repository(write_repository(site, repository)), "custom_properties": {}}
    if event.name == "team":
        return retold.repository_of_team(written)
    if event.name != "push":
        return written
    # As GitHub: only in a push these are numbers, and the branch is named twice.
    numbers = {name: to_epoch(written[name]) for name in ("created_at", "pushed_at")}
    return {**written, **numbers, "stargazers": 0, "master_branch": repository.default_branch}


def _push(site: Site, event: Event) -> JSON:
    repository, git = _of(event), site.git(_of(event))
    ref, before, after = event.facts["ref"], event.facts["before"], event.facts["after"]
    pusher = event.sender.login if event.sender else ""
    gone, new = after == ZERO, before == ZERO
    span = (
        []
        if gone
        else git.run("rev-list", "--reverse", "--max-count=2048", after, *_known(git, ref, before)).split()
    )
    commits = [push_commit(site, repository, sha) for sha in span]
    return {
        "ref": ref,
        "before": before,
        "after": after,
        "base_ref": None,
        "created": new,
        "deleted": gone,
        "forced": event.facts["forced"],
        "compare": f"{site.url}/{site.full_name(repository)}/compare/{before[:12]}...{after[:12]}",
        "commits": commits,
        "head_commit": None if gone else push_commit(site, repository, after),
        "pusher": {"name": pusher, "email": f"{pusher}@users.noreply.github.com"},
    }


def _known(git: Any, ref: str, before: str) -> list[str]:
    """Commits that were there before: the old tip, or for a new branch all other branches."""
    if before != ZERO:
        return [f"^{before}"]
    return [f"^{sha}" for name, sha in git.refs("refs/heads/").items() if name != ref]


def _pull_request(site: Site, event: Event) -> JSON:
    pull: PullRequest = event.facts["pull_request"]
    moved = {name: event.facts[name] for name in ("before", "after") if name in event.facts}
    return {
        "number": pull.number,
        "pull_request": _pull(site, event),
        **moved,
        **changes_of_pull(event),
        **_named(site, event),
    }


def _named(site: Site, event: Event) -> JSON:
    """Whom or what the action is about, beside the pull request itself."""
    named: JSON = {}
    if "requested_reviewer" in event.facts:
        named["requested_reviewer"] = accounts.simple_user(site, event.facts["requested_reviewer"])
    if "requested_team" in event.facts:
        named["requested_team"] = retold.requested_team(accounts.team(site, event.facts["requested_team"]))
    if "label" in event.facts:
        named |= _label(site, event)
    return named


def _pull(site: Site, event: Event) -> JSON:
    pull: PullRequest = event.facts["pull_request"]
    return retold.pull(pulls.full_pull(site, _of(event), pull), event.action, pull.merge_commit_sha)


def _review(site: Site, event: Event) -> JSON:
    repository, pull = _of(event), event.facts["pull_request"]
    written = pulls.simple_pull(site, repository, pull)
    review = pulls.review(site, repository, pull, event.facts["review"])
    return {
        "review": {**review, "state": review["state"].lower(), "updated_at": review["submitted_at"]},
        "pull_request": retold.pull(written, event.action, pull.merge_commit_sha),
    }


def _comment(site: Site, event: Event) -> JSON:
    repository, pull = _of(event), event.facts["pull_request"]
    comment = pulls.comment(site, repository, pull, event.facts["comment"])
    return {
        "issue": _issue(site, repository, pull),
        "comment": {**comment, "performed_via_github_app": None, "reactions": _no_reactions(comment["url"])},
        **changes(event, "comment", "body"),
    }


def _issue(site: Site, repository: Repository, pull: PullRequest) -> JSON:
    """A pull request as the issue that it also is."""
    written = pulls.simple_pull(site, repository, pull)
    url = f"{repository_url(site, repository)}/issues/{pull.number}"
    return {
        **{name: written[name] for name in _OF_ISSUES},
        "labels": [retold.label(one) for one in written["labels"]],
        "url": url,
        "repository_url": repository_url(site, repository),
        "labels_url": f"{url}/labels{{/name}}",
        "comments_url": f"{url}/comments",
        "events_url": f"{url}/events",
        "comments": 0,
        "assignee": None,
        "reactions": _no_reactions(url),
        "pull_request": {
            name: written[name] for name in ("url", "html_url", "diff_url", "patch_url", "merged_at")
        },
    }


def _no_reactions(url: str) -> JSON:
    names = ("+1", "-1", "laugh", "confused", "heart", "hooray", "eyes", "rocket", "total_count")
    return {"url": f"{url}/reactions", **dict.fromkeys(names, 0)}


def _check_run(site: Site, event: Event) -> JSON:
    return {"check_run": checks.check_run(site, _of(event), event.facts["check_run"])}


def _check_suite(site: Site, event: Event) -> JSON:
    written = checks.check_suite(site, _of(event), event.facts["check_suite"])
    return {"check_suite": retold.check_suite(written)}


def _status(site: Site, event: Event) -> JSON:
    row: CommitStatus = event.facts["status"]
    repository = _of(event)
    heads = site.git(repository).refs("refs/heads/").items()
    tips = [name.removeprefix("refs/heads/") for name, tip in heads if tip == row.sha]
    written = statuses.simple_status(site, repository, row)
    same = ("id", "avatar_url", "state", "description", "target_url", "context", "created_at", "updated_at")
    return {
        **{name: written[name] for name in same},
        "sha": row.sha,
        "name": site.full_name(repository),
        "commit": commit(site, repository, row.sha),
        "branches": [short_branch(site, repository, name, row.sha) for name in tips],
    }


def _label(site: Site, event: Event) -> JSON:
    told = changes(event, "label", "name", "color", "description")
    return {"label": retold.label(label(site, _of(event), event.facts["label"])), **told}


def _ruleset(site: Site, event: Event) -> JSON:
    return {"repository_ruleset": ruleset(site, _of(event), event.facts["ruleset"])}


def _membership(site: Site, event: Event) -> JSON:
    member = accounts.simple_user(site, event.facts["member"])
    return {"scope": "team", "member": member, "team": accounts.team(site, event.facts["team"])}


def _organization(site: Site, event: Event) -> JSON:
    if event.action == "renamed":
        return {"changes": event.facts["changes"]}
    member: Account = event.facts["member"]
    organization = organization_of(site, event)
    login = organization.login if organization else ""
    return {
        "membership": {
            "url": f"{site.api}/orgs/{login}/memberships/{member.login}",
            "state": "active",
            "role": "member",
            "organization_url": f"{site.api}/orgs/{login}",
            "user": accounts.simple_user(site, member),
        }
    }


def _member(site: Site, event: Event) -> JSON:
    return {"member": accounts.simple_user(site, event.facts["member"])}


def _team(site: Site, event: Event) -> JSON:
    renamed = {"changes": event.facts["changes"]} if "changes" in event.facts else {}
    return {"team": accounts.team(site, event.facts["team"]), **renamed}


def _of(event: Event) -> Repository:
    assert event.repository is not None
    return event.repository


_OF_ISSUES = (
    *("id", "node_id", "number", "title", "user", "body", "labels", "state", "locked", "assignees"),
    *("milestone", "created_at", "updated_at", "closed_at", "author_association", "active_lock_reason"),
    *("draft", "html_url"),
)
_WRITERS: Mapping[str, Callable[[Site, Event], JSON]] = {
    "push": _push,
    "pull_request": _pull_request,
    "pull_request_review": _review,
    "issue_comment": _comment,
    "check_run": _check_run,
    "check_suite": _check_suite,
    "status": _status,
    "label": _label,
    "branch_protection_rule": branch_protection_rule,
    "repository_ruleset": _ruleset,
    "membership": _membership,
    "organization": _organization,
    "member": _member,
    "team": _team,
    **OF_PLACES,
}
