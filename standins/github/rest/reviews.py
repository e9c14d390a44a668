"""`/repos/{owner}/{repo}/pulls/{number}/reviews`."""

from __future__ import annotations

from starlette.responses import Response

from standins.github.clock import now
from standins.github.errors import forbidden, invalid, not_found
from standins.github.events import Event
from standins.github.protection import may_dismiss
from standins.github.pulls.reviewers import answered
from standins.github.pulls.touching import touched
from standins.github.rest.call import Call, answer, endpoint
from standins.github.rest.pulls import pull_of, readable
from standins.github.serialisers.pulls import review as write_review
from standins.github.store import PullRequest, Repository, Review

STATES = {"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED"}


def list_reviews(call: Call) -> Response:
    repository, pull = readable(call)
    rows = call.site.store.find(Review, pull_request_id=pull.id)
    rows = [row for row in rows if _seen(call, row)]
    return call.page(rows, lambda row: write_review(call.site, repository, pull, row))


def get_review(call: Call) -> Response:
    repository, pull = readable(call)
    return answer(write_review(call.site, repository, pull, _review(call, pull)))


def create_review(call: Call) -> Response:
    """A review, at once or pending; the author may only comment."""
    repository = call.repository("pull_requests", "write", "pull")
    pull, person = pull_of(call, repository), call.person()
    event = call.field("event", str, "PENDING")
    if event != "PENDING" and event not in STATES:
        raise invalid("Invalid request.", f"{event} is not a member of {sorted(STATES)}")
    _demand_fit(pull, person.id, event, call.json.get("body"))
    if call.json.get("comments"):
        raise invalid("Review comments on lines are not implemented here")
    commit = call.field("commit_id", str, pull.head_sha)
    if commit not in call.git(repository).commits_between(pull.base_sha, pull.head_sha):
        raise invalid("Validation Failed", "commit_id is not part of the pull request")
    state = STATES.get(event, "PENDING")
    row = Review(0, pull.id, person.id, state, call.json.get("body") or "", commit, now())
    row = call.site.store.insert(row)
    if state != "PENDING":
        answered(call.site, pull, person.id)
        _tell(call, repository, pull, row, "submitted")
    return answer(write_review(call.site, repository, pull, row))


def submit_review(call: Call) -> Response:
    repository = call.repository("pull_requests", "write", "pull")
    pull = pull_of(call, repository)
    row, event = _review(call, pull), call.field("event", str)
    if row.state != "PENDING" or row.account_id != call.person().id or event not in STATES:
        raise invalid("Could not submit this review")
    body = call.json.get("body") or row.body
    _demand_fit(pull, row.account_id, event, body)
    row = call.site.store.update(row, state=STATES[event], body=body, submitted_at=now())
    answered(call.site, pull, row.account_id)
    _tell(call, repository, pull, row, "submitted")
    return answer(write_review(call.site, repository, pull, row))


def dismiss_review(call: Call) -> Response:
    repository = call.repository("pull_requests", "write", "push")
    pull = pull_of(call, repository)
    row = _review(call, pull)
    call.field("message", str)
    if not may_dismiss(call.site, repository, call.principal, pull.base_ref):
        raise forbidden("You must be an administrator, or named as one who can dismiss reviews.")
    if row.state not in ("APPROVED", "CHANGES_REQUESTED"):
        raise invalid("Can not dismiss a commented or pending pull request review")
    row = call.site.store.update(row, state="DISMISSED")
    _tell(call, repository, pull, row, "dismissed")
    return answer(write_review(call.site, repository, pull, row))


def _demand_fit(pull: PullRequest, account_id: int, event: str, body: str | None) -> None:
    if account_id == pull.author_id and event == "APPROVE":
        raise invalid("Unprocessable Entity", "Can not approve your own pull request")
    if account_id == pull.author_id and event == "REQUEST_CHANGES":
        raise invalid("Unprocessable Entity", "Can not request changes on your own pull request")
    if event in ("REQUEST_CHANGES", "COMMENT") and not body:
        raise invalid("Unprocessable Entity", "Body is required")


def _review(call: Call, pull: PullRequest) -> Review:
    found = call.site.store.first(Review, id=call.number("review_id"), pull_request_id=pull.id)
    if found is None or not _seen(call, found):
        raise not_found()
    return found


def _seen(call: Call, row: Review) -> bool:
    """A pending review is its writer's alone."""
    account = call.principal.account
    return row.state != "PENDING" or (account is not None and account.id == row.account_id)


def _tell(call: Call, repository: Repository, pull: PullRequest, row: Review, action: str) -> None:
    facts = {"pull_request": touched(call.site, pull), "review": row}
    sender, app_id = call.person(), call.principal.app_id
    event = Event("pull_request_review", action, repository, None, sender, app_id, facts)
    call.site.bus.emit(event)


_REVIEWS = "/repos/{owner}/{repo}/pulls/{number}/reviews"
ROUTES = [
    endpoint("GET", _REVIEWS, list_reviews),
    endpoint("POST", _REVIEWS, create_review),
    endpoint("GET", f"{_REVIEWS}/{{review_id}}", get_review),
    endpoint("POST", f"{_REVIEWS}/{{review_id}}/events", submit_review),
    endpoint("PUT", f"{_REVIEWS}/{{review_id}}/dismissals", dismiss_review),
]
