"""Who is asked to review: by somebody, or as an owner of the code that changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from standins.github.approvals import code_owners
from standins.github.auth.access import role_of
from standins.github.events import Event
from standins.github.site import Site
from standins.github.store import (
    Account,
    PullRequest,
    Repository,
    Review,
    ReviewRequest,
    Team,
    TeamMember,
    TeamRepository,
)


@dataclass(frozen=True)
class Reviewers:
    people: tuple[Account, ...] = ()
    teams: tuple[Team, ...] = ()


@dataclass(frozen=True)
class Asking:
    """Who asks, on which pull request."""

    site: Site
    repository: Repository
    pull: PullRequest
    account_id: int
    app_id: int | None

    def event(self, action: str, row: ReviewRequest) -> Event:
        site = self.site
        if row.team_id:
            named: dict[str, Account | Team] = {"requested_team": site.store.get(Team, row.team_id)}
        else:
            named = {"requested_reviewer": site.account(row.account_id or 0)}
        sender = site.account(self.account_id)
        told = {"pull_request": self.pull, **named}
        return Event("pull_request", action, self.repository, None, sender, self.app_id, told)


def reviewers_of(site: Site, pull: PullRequest) -> Reviewers:
    rows = site.store.find(ReviewRequest, pull_request_id=pull.id)
    people = tuple(site.account(row.account_id) for row in rows if row.account_id)
    return Reviewers(people, tuple(site.store.get(Team, row.team_id) for row in rows if row.team_id))


def may_review(site: Site, repository: Repository, reviewers: Reviewers) -> bool:
    """Whether all of them can see the repository."""
    people = all(role_of(site, repository, person) != "none" for person in reviewers.people)
    grants = {row.team_id for row in site.store.find(TeamRepository, repository_id=repository.id)}
    return people and all(team.id in grants for team in reviewers.teams)


def request_reviews(asking: Asking, reviewers: Reviewers) -> list[Event]:
    """Asks those who are not asked already; returns the events to emit."""
    rows = [ReviewRequest(0, asking.pull.id, account_id=person.id) for person in reviewers.people]
    rows += [ReviewRequest(0, asking.pull.id, team_id=team.id) for team in reviewers.teams]
    store, events = asking.site.store, []
    with store.transaction():
        for row in rows:
            if not _known(asking, row):
                events.append(asking.event("review_requested", store.insert(row)))
    return events


def withdraw_requests(asking: Asking, reviewers: Reviewers) -> list[Event]:
    people = {person.id for person in reviewers.people}
    teams = {team.id for team in reviewers.teams}
    store, events = asking.site.store, []
    for row in store.find(ReviewRequest, pull_request_id=asking.pull.id):
        if row.account_id in people or row.team_id in teams:
            store.delete(ReviewRequest, id=row.id)
            events.append(asking.event("review_request_removed", row))
    return events


def answered(site: Site, pull: PullRequest, account_id: int) -> None:
    """A review answers what its writer, and every team of theirs, was asked."""
    teams = {member.team_id for member in site.store.find(TeamMember, account_id=account_id)}
    for row in site.store.find(ReviewRequest, pull_request_id=pull.id):
        if row.account_id == account_id or row.team_id in teams:
            site.store.delete(ReviewRequest, id=row.id)


def request_code_owners(
    site: Site, repository: Repository, pull: PullRequest, account_id: int, app_id: int | None
) -> list[Event]:
    """Asks the owners of what changes, but its author and those who have reviewed; never for a draft."""
    if pull.draft:
        return []
    found = [owner for each in code_owners(site, repository, pull) for owner in each]
    reviewed = {row.account_id for row in site.store.find(Review, pull_request_id=pull.id)}
    people = [owner.account for owner in found if owner.account]
    done = {*reviewed, pull.author_id}
    wanted = tuple(person for person in people if person.id not in done)
    teams = tuple(owner.team for owner in found if owner.team and not _any(site, owner.team, reviewed))
    asking = Asking(site, repository, pull, account_id, app_id)
    return request_reviews(asking, Reviewers(wanted, teams))


def _any(site: Site, team: Team, accounts: Iterable[int]) -> bool:
    return site.store.first(TeamMember, team_id=team.id, account_id=tuple(accounts)) is not None


def _known(asking: Asking, row: ReviewRequest) -> bool:
    same = {"account_id": row.account_id, "team_id": row.team_id}
    return asking.site.store.first(ReviewRequest, pull_request_id=row.pull_request_id, **same) is not None
