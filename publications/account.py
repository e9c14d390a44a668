"""The page of a person's own tokens for `dvc pull`."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from governance import kept
from governance.access import person_of, signed_in, visible_projects
from governance.models import Person
from publications import tokens

NAME_LENGTH = 100


@require_http_methods(["GET", "POST"])
@signed_in
@never_cache
def tokens_page(request: HttpRequest) -> HttpResponse:
    """The person's tokens; a new one is shown on the answer to its making, and never again."""
    person = person_of(request.user)
    assert person is not None  # `signed_in` has seen to it
    typed = request.POST if request.method == "POST" else kept.take(request)
    name = typed.get("name", "").strip() if typed else ""
    if request.method != "POST":
        return _page(request, person, name=name)
    problem = _problem(name)
    if problem:
        return _page(request, person, name=name, problem=problem, status=422)
    made, text = tokens.create(by=person, name=name)
    return _page(request, person, made=made, text=text)


@require_POST
@signed_in
def revoke_token(request: HttpRequest, token: int) -> HttpResponse:
    person = person_of(request.user)
    assert person is not None
    tokens.revoke(by=person, token=token)
    messages.success(request, "The token is revoked. What used it gets nothing any more.", "green")
    return redirect("tokens")


def _problem(name: str) -> str:
    if not name:
        return "Say where you will use it, for example: laptop."
    return f"Shorten this to {NAME_LENGTH} characters." if len(name) > NAME_LENGTH else ""


def _page(request: HttpRequest, person: Person, *, status: int = 200, **context: object) -> HttpResponse:
    context |= {"tokens": tokens.live(person), "projects": visible_projects(request.user)}
    return render(request, "publications/tokens.html", context, status=status)
