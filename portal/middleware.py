"""Turns the families of errors into pages, once, for every view."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from math import ceil

from django.http import HttpRequest, HttpResponse
from django.template import TemplateDoesNotExist
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html

from governance.github.errors import SignInAgain
from governance.kept import ask_to_sign_in_again
from lockgate.errors import Conflict, Denied, Invalid, LockgateError, Unavailable

logger = logging.getLogger(__name__)
NUL = "\x00"
SOON = 10  # seconds
STATUS = {
    Denied: HTTPStatus.FORBIDDEN,
    Conflict: HTTPStatus.CONFLICT,
    Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}


class ErrorPages:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if _has_nul(request):
            problem = Invalid("There is a character in this that no text has.", next_step="Take it out.")
            return HttpResponse(render_error(request, problem, STATUS[Invalid]), status=STATUS[Invalid])
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, LockgateError):
            return None
        if isinstance(error, SignInAgain):
            return ask_to_sign_in_again(request)
        status = status_of(error)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            logger.warning("%s: %s", request.path, error)
        response = HttpResponse(render_error(request, error, status), status=status)
        if isinstance(error, Unavailable) and error.retryable:
            response["Retry-After"] = str(_seconds_until(error.until))
        return response


def _seconds_until(until: datetime | None) -> int:
    return max(1, ceil((until - timezone.now()).total_seconds())) if until else SOON


def _has_nul(request: HttpRequest) -> bool:
    """Whether the address or a form holds U+0000, which no column of PostgreSQL takes."""
    fields = [values for form in (request.GET, request.POST) for _, values in form.lists()]
    return NUL in request.path_info or any(NUL in str(value) for values in fields for value in values)


def status_of(error: LockgateError) -> HTTPStatus:
    """403, 409, 422 or 503 by the family; 500 for an error without one."""
    for family, status in STATUS.items():
        if isinstance(error, family):
            return status
    return HTTPStatus.INTERNAL_SERVER_ERROR


def render_error(request: HttpRequest, error: LockgateError, status: HTTPStatus) -> str:
    """`errors/<status>.html`, or a bare page where that template is missing."""
    context = {
        "error": error,
        "what": error.what,
        "next_step": error.next_step,
        "retryable": error.retryable,
        "status": int(status),
    }
    try:
        return render_to_string(f"errors/{int(status)}.html", context, request=request)
    except TemplateDoesNotExist:
        return format_html(
            '<!doctype html><html lang="en"><title>{}, Lockgate</title><main><h1>{}</h1><p>{}</p></main>',
            status.phrase,
            error.what,
            error.next_step,
        )
