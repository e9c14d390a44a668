"""What somebody had typed when their session ended is kept, and given back after they sign in again."""

from __future__ import annotations

from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict

from governance.access import person_of
from governance.models import Person

SESSION_KEY = "kept"
MOST_CHARACTERS = 200_000
SIGN_IN_AGAIN = "Sign in again; your text is kept."


def ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    """Redirect to sign-in and back to where they were; a form that was sent waits in the session."""
    if request.method == "POST":
        keep(request)
    return _to_sign_in(request)


def ask_to_sign_in_again(request: HttpRequest) -> HttpResponse:
    """The same for who is signed in here, and whom GitHub no longer takes; nobody else gets the form."""
    person = person_of(request.user)
    logout(request)
    if request.method == "POST":
        keep(request, by=person)
    return _to_sign_in(request)


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    htmx = getattr(request, "htmx", None)
    if not htmx:
        return HttpResponseRedirect(_sign_in(request.get_full_path()))
    response = HttpResponse(status=204)  # a part of a page: the whole page goes to sign-in
    response["HX-Redirect"] = _sign_in(htmx.current_url_abs_path or "/")
    return response


def _sign_in(back: str) -> str:
    return f"{settings.LOGIN_URL}?{urlencode({'next': back})}"


def keep(request: HttpRequest, *, by: Person | None = None) -> None:
    """Keep the form that was sent to this path, for `by` alone; the newest is kept, one for a session."""
    form = request.POST.copy()
    form.pop("csrfmiddlewaretoken", None)
    text = form.urlencode()
    if len(text) <= MOST_CHARACTERS:
        account = by.account_id if by else None
        request.session[SESSION_KEY] = {"path": request.path, "form": text, "by": account}


def take(request: HttpRequest) -> QueryDict | None:
    """The form kept for this path, once; None where there is none."""
    kept = request.session.get(SESSION_KEY)
    if not kept or kept["path"] != request.path:
        return None
    del request.session[SESSION_KEY]
    person = person_of(request.user) if kept.get("by") else None
    if kept.get("by") and (person is None or person.account_id != kept["by"]):
        return None
    return QueryDict(kept["form"])
