"""What somebody had typed when their session ended is kept, and given back after they sign in again."""

from __future__ import annotations

from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict

SESSION_KEY = "kept"
MOST_CHARACTERS = 200_000
SIGN_IN_AGAIN = "Sign in again; your text is kept."


def ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    """Redirect to sign-in and back to where they were; a form that was sent waits in the session."""
    if request.method == "POST":
        keep(request)
    htmx = getattr(request, "htmx", None)
    if not htmx:
        return HttpResponseRedirect(_sign_in(request.get_full_path()))
    response = HttpResponse(status=204)  # a part of a page: the whole page goes to sign-in
    response["HX-Redirect"] = _sign_in(htmx.current_url_abs_path or "/")
    return response


def _sign_in(back: str) -> str:
    return f"{settings.LOGIN_URL}?{urlencode({'next': back})}"


def keep(request: HttpRequest) -> None:
    """Keep the form that was sent to this path; the newest form is kept, one for a session."""
    form = request.POST.copy()
    form.pop("csrfmiddlewaretoken", None)
    text = form.urlencode()
    if len(text) <= MOST_CHARACTERS:
        request.session[SESSION_KEY] = {"path": request.path, "form": text}


def take(request: HttpRequest) -> QueryDict | None:
    """The form kept for this path, once; None where there is none."""
    kept = request.session.get(SESSION_KEY)
    if not kept or kept["path"] != request.path:
        return None
    del request.session[SESSION_KEY]
    return QueryDict(kept["form"])
