"""What the portal does with its App's own key and token."""

from __future__ import annotations

import shutil
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from governance.github import connection, writer
from governance.github.asking import LARGEST
from governance.github.installation import Installations
from governance.github.port import NewCheck, Reader
from governance.github.posture import PostureReader
from governance.mirrors import mirror
from governance.models import Team
from governance.trial import decisions, deliveries
from governance.trial.calls import Calls
from governance.trial.record import Trial
from governance.trial.scratch import Scratch, new_mark

CHECK = "lockgate/check_github"
MEMBERS, LARGE_TEAM = "GraphQL organization.team.members", "GET /orgs/{org}/teams/{team}/members"
UNSEEN = timedelta(hours=1)
NO_TEAM = "Lockgate knows no team of this organization yet. Register a node, then try again."


def find(trial: Trial, installations: Installations, reader: Reader, repo: str) -> Scratch:
    """Sign in as the App and find the repository. Raises Stopped."""
    owner = repo.partition("/")[0]
    trial.need("GET /app", "who the App is", installations.app, needs="the App's id and private key")
    trial.need(
        "GET /orgs/{org}/installation, POST /app/installations/{id}/access_tokens",
        "a token for the organization's repositories",
        lambda: installations.token(owner),
        needs="the App installed on the organization",
    )
    found = trial.need(
        "GraphQL repository",
        "the default branch, its tip, and which checks are required",
        lambda: reader.repository(repo),
        needs="contents: read and administration: read, and this repository among those it is installed on",
    )
    return Scratch(repo, found.default_branch, found.main_sha, new_mark())


def read(trial: Trial, reader: Reader, scratch: Scratch) -> None:
    """Readings from which the pages are made."""
    _read_changes(trial, reader, scratch.repo)
    trial.try_(
        "GET /repos/{owner}/{repo}/activity",
        "who pushed to a branch",
        lambda: reader.pushers(scratch.repo, scratch.branch),
        needs="contents: read",
    )
    trial.try_("GET /users/{app}[bot]", "the App's own account", reader.app_account)
    _read_team(trial, reader, scratch)
    _fetch(trial, reader, scratch.repo)


def _read_changes(trial: Trial, reader: Reader, repo: str) -> None:
    trial.try_(
        "GraphQL repository (several at once)",
        "what changed last in all repositories",
        lambda: reader.overviews([repo]),
        needs="contents: read, pull_requests: read and administration: read",
    )
    trial.try_(
        "GraphQL repository.pullRequests(orderBy: UPDATED_AT)",
        "what changed unseen",
        lambda: reader.updated(repo, timezone.now() - UNSEEN),
        needs="pull_requests: read",
    )
    trial.try_(
        "GraphQL repository.pullRequests(orderBy: CREATED_AT)",
        "all pull requests, with reviews, comments and checks",
        lambda: reader.history(repo, None, LARGEST),
        needs="pull_requests: read and checks: read",
    )


def _read_team(trial: Trial, reader: Reader, scratch: Scratch) -> None:
    team = Team.objects.filter(path__istartswith=f"{scratch.owner}/").order_by("path").first()
    if team is None:
        trial.skip(f"{MEMBERS}, {LARGE_TEAM}", "who is in a team", NO_TEAM)
        return
    trial.try_(
        MEMBERS,
        "who may request, decide and maintain",
        lambda: reader.teams_members([team.path]),
        needs="members: read",
    )
    trial.try_(
        LARGE_TEAM,
        "who is in a large team",
        lambda: reader.team_members(team.path),
        needs="members: read",
    )


def _fetch(trial: Trial, reader: Reader, repo: str) -> None:
    here = mirror(repo)
    trial.try_(
        "git fetch",
        "files are read in a mirror",
        lambda: here.fetch(reader.git_token(repo)),
        needs="contents: read",
    )
    shutil.rmtree(here.path, ignore_errors=True)
    for beside in (".lock", ".slow"):
        here.path.with_suffix(beside).unlink(missing_ok=True)


def read_posture(trial: Trial, posture: PostureReader, scratch: Scratch) -> None:
    """Readings from which the posture is judged."""
    repo, branch = scratch.repo, scratch.branch
    trial.try_(
        "GET /repos/{owner}/{repo}",
        "which ways of merging are allowed",
        lambda: posture.settings(repo),
        needs="contents: write, without which GitHub does not show them",
    )
    trial.try_(
        "GET /repos/{owner}/{repo}/branches/{branch}/protection",
        "how the default branch is protected",
        lambda: posture.protection(repo, branch),
        needs="administration: read",
    )
    trial.try_(
        "GET /repos/{owner}/{repo}/rulesets",
        "who may write branches of results and decisions",
        lambda: posture.rulesets(repo),
        needs="metadata: read",
    )
    trial.try_("GET /apps/{slug}", "what other Apps may do", lambda: posture.actions_app(repo))
    trial.try_("GET /repos/{owner}/{repo}/installation", "what it was granted", lambda: posture.portal(repo))
    trial.try_(
        "GET /app/hook/config, GET /app/hook/deliveries",
        "whether events arrive",
        lambda: posture.webhook(timezone.now()),
        needs="a webhook in the App's settings",
    )


def write(trial: Trial, installations: Installations, reader: Reader, scratch: Scratch) -> None:
    """What the App writes. A check run cannot be taken away again."""
    _post_check(trial, reader, scratch)
    with trial.group("app"):
        deliveries.act(trial, installations, reader)
    with trial.group("app"):
        calls = Calls(trial, connection(), scratch, reader.git_token(scratch.repo))
        decisions.record(calls, writer())


def _post_check(trial: Trial, reader: Reader, scratch: Scratch) -> None:
    repo, head = scratch.repo, scratch.head
    check = NewCheck(
        name=CHECK,
        head_sha=head,
        status="completed",
        conclusion="success",
        title="Lockgate can post checks here",
        summary="Posted by `manage.py check_github`.",
        details_url=settings.LOCKGATE.url,
        external_id=scratch.mark,
    )
    trial.try_(
        "POST /repos/{owner}/{repo}/check-runs",
        "lockgate/policy on a pull request",
        lambda: reader.post_check(repo, check),
        needs="checks: write",
    )
    trial.try_(
        "GET /repos/{owner}/{repo}/commits/{sha}/check-runs",
        "whether it was posted",
        lambda: reader.find_check(repo, head, CHECK, scratch.mark),
        needs="checks: read",
    )
