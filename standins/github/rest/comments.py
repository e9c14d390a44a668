"""`/repos/{owner}/{repo}/issues/.../comments`: the conversation of a pull request."""

from __future__ import annotations

from starlette.responses import Response

from standins.github.clock import now
from standins.github.errors import forbidden, invalid, not_found
from standins.github.events import Event
from standins.github.pulls.touching import touched
from standins.github.rest.call import Call, answer, endpoint, no_content
from standins.github.rest.pulls import pull_of, readable
from standins.github.serialisers.pulls import comment as write_comment
from standins.github.store import Comment, PullRequest, Repository


def list_comments(call: Call) -> Response:
    repository, pull = readable(call)
    since = call.query("since")
    rows = call.site.store.find(Comment, pull_request_id=pull.id)
    rows = [row for row in rows if row.updated_at >= since]
    return call.page(rows, lambda row: write_comment(call.site, repository, pull, row))


def create_comment(call: Call) -> Response:
    repository = call.repository("pull_requests", "write", "pull")
    pull, person = pull_of(call, repository), call.person()
    body = call.field("body", str)
    if not body.strip():
        raise invalid("Validation Failed", {"resource": "IssueComment", "code": "missing", "field": "body"})
    row = call.site.store.insert(Comment(0, pull.id, person.id, body, now(), now()))
    _tell(call, repository, pull, row, "created")
    return answer(write_comment(call.site, repository, pull, row), 201)


def get_comment(call: Call) -> Response:
    repository = call.repository("pull_requests", "read", "pull")
    pull, row = _found(call, repository)
    return answer(write_comment(call.site, repository, pull, row))


def edit_comment(call: Call) -> Response:
    repository = call.repository("pull_requests", "write", "pull")
    pull, row = _own(call, repository)
    edited = call.site.store.update(row, body=call.field("body", str), updated_at=now())
    _tell(call, repository, pull, edited, "edited", former=row)
    return answer(write_comment(call.site, repository, pull, edited))


def delete_comment(call: Call) -> Response:
    repository = call.repository("pull_requests", "write", "pull")
    pull, row = _own(call, repository)
    call.site.store.delete(Comment, id=row.id)
    _tell(call, repository, pull, row, "deleted")
    return no_content()


def _own(call: Call, repository: Repository) -> tuple[PullRequest, Comment]:
    pull, row = _found(call, repository)
    if row.account_id != call.person().id:
        raise forbidden("Must be the author of the comment.")
    return pull, row


def _found(call: Call, repository: Repository) -> tuple[PullRequest, Comment]:
    row = call.site.store.first(Comment, id=call.number("comment_id"))
    pull = row and call.site.store.get(PullRequest, row.pull_request_id)
    if not row or not pull or pull.repository_id != repository.id:
        raise not_found()
    return pull, row


def _tell(
    call: Call, repository: Repository, pull: PullRequest, row: Comment, action: str, **more: Comment
) -> None:
    facts = {"pull_request": touched(call.site, pull), "comment": row, **more}
    sender, app_id = call.person(), call.principal.app_id
    event = Event("issue_comment", action, repository, None, sender, app_id, facts)
    call.site.bus.emit(event)


_ISSUES = "/repos/{owner}/{repo}/issues"
_COMMENT = f"{_ISSUES}/comments/{{comment_id}}"
ROUTES = [
    endpoint("GET", f"{_ISSUES}/{{number}}/comments", list_comments),
    endpoint("POST", f"{_ISSUES}/{{number}}/comments", create_comment),
    endpoint("GET", _COMMENT, get_comment),
    endpoint("PATCH", _COMMENT, edit_comment),
    endpoint("DELETE", _COMMENT, delete_comment),
]
