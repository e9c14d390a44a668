"""`/repos/{owner}/{repo}/pulls/{number}/requested_reviewers`."""

from __future__ import annotations

from starlette.responses import Response

from standins.github.errors import invalid
from standins.github.pulls.reviewers import (
    Asking,
    Reviewers,
    may_review,
    request_reviews,
    reviewers_of,
    withdraw_requests,
)
from standins.github.rest.call import Call, answer, endpoint
from standins.github.rest.pulls import pull_of, readable
from standins.github.serialisers.accounts import simple_user, team
from standins.github.serialisers.pulls import simple_pull
from standins.github.store import Repository, Team

STRANGERS = (
    "Reviews may only be requested from collaborators. One or more of the users or teams you specified "
    "is not a collaborator of the {} repository."
)


def list_reviewers(call: Call) -> Response:
    _, pull = readable(call)
    found = reviewers_of(call.site, pull)
    people = [simple_user(call.site, one) for one in found.people]
    return answer({"users": people, "teams": [team(call.site, one) for one in found.teams]})


def request(call: Call) -> Response:
    asking, wanted = _asked(call)
    if any(person.id == asking.pull.author_id for person in wanted.people):
        raise invalid("Review cannot be requested from pull request author.")
    if not may_review(call.site, asking.repository, wanted):
        raise invalid(STRANGERS.format(call.site.full_name(asking.repository)))
    call.site.bus.emit(*request_reviews(asking, wanted))
    return answer(simple_pull(call.site, asking.repository, asking.pull), 201)


def withdraw(call: Call) -> Response:
    call.field("reviewers", list)
    asking, wanted = _asked(call)
    call.site.bus.emit(*withdraw_requests(asking, wanted))
    return answer(simple_pull(call.site, asking.repository, asking.pull))


def _asked(call: Call) -> tuple[Asking, Reviewers]:
    repository = call.repository("pull_requests", "write", "push")
    pull, person = pull_of(call, repository), call.person()
    return Asking(call.site, repository, pull, person.id, call.principal.app_id), _named(call, repository)


def _named(call: Call, repository: Repository) -> Reviewers:
    store, owner = call.site.store, repository.owner_id
    people = [call.site.account_named(login) for login in call.field("reviewers", list, [])]
    slugs = call.field("team_reviewers", list, [])
    teams = [store.first(Team, organization_id=owner, slug=slug) for slug in slugs]
    if None in people or None in teams:
        raise invalid(STRANGERS.format(call.site.full_name(repository)))
    return Reviewers(tuple(one for one in people if one), tuple(one for one in teams if one))


_REVIEWERS = "/repos/{owner}/{repo}/pulls/{number}/requested_reviewers"
ROUTES = [
    endpoint("GET", _REVIEWERS, list_reviewers),
    endpoint("POST", _REVIEWERS, request),
    endpoint("DELETE", _REVIEWERS, withdraw),
]
