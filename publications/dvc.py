"""The DVC address of a project: stock `dvc pull` against the portal, with a personal token.

HEAD is answered from rows; GET with a Bearer token is a redirect to a signed address. A listing is not
found, which DVC accepts (dvc 3.67: HTTP remote).
"""

from __future__ import annotations

import base64
import binascii
import re

from django.contrib.auth.models import User
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotFound,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.views.decorators.http import require_safe

from governance.access import NOT_FOUND, OPENS_DOWNLOADS, project_or_404, require_fresh
from governance.models import Person
from publications import downloads, tokens
from publications.models import Download, PublishedFile

PLAIN = "text/plain; charset=utf-8"
CONTENT = re.compile(r"files/md5/([0-9a-f]{2})/([0-9a-f]{30}(?:\.dir)?)")


@require_safe
def serve(request: HttpRequest, project: str, path: str) -> HttpResponse | StreamingHttpResponse:
    header = request.headers.get("Authorization", "")
    person = _person(header)
    if person is None or person.user is None:
        return _ask_for_token()
    try:
        file = _file(person.user, project, path)
    except Http404:
        return HttpResponseNotFound(f"{NOT_FOUND}\n", content_type=PLAIN)
    if request.method == "HEAD":
        return HttpResponse(headers={"Content-Length": str(file.size)})
    return _bytes(person, file, redirect=_scheme(header) == "bearer")


def _bytes(person: Person, file: PublishedFile, *, redirect: bool) -> HttpResponse | StreamingHttpResponse:
    """A redirect to the store, or the bytes themselves for Basic: DVC's client (aiohttp 3.14) would send
    the user's password on to where it is redirected, and the store would refuse the request for it.
    """
    if redirect:
        return HttpResponseRedirect(downloads.open_file(by=person, file=file, via=Download.Via.DVC))
    content = downloads.stream(by=person, file=file, via=Download.Via.DVC)
    return StreamingHttpResponse(
        content, content_type="application/octet-stream", headers={"Content-Length": str(file.size)}
    )


def _file(user: User, name: str, path: str) -> PublishedFile:
    """The live file at this address that the user may have; else Http404, or StalePermission."""
    project = project_or_404(user, name)
    require_fresh(user, "view_project", project, within=OPENS_DOWNLOADS)
    found = CONTENT.fullmatch(path)
    file = downloads.file_at(project, found[1] + found[2]) if found else None
    if file is None:
        raise Http404(NOT_FOUND)
    return file


def _person(header: str) -> Person | None:
    """Whose token an Authorization header carries: Basic with it as password, or Bearer."""
    word = header.partition(" ")[2].strip()
    match _scheme(header):
        case "bearer":
            return tokens.owner_of(word)
        case "basic":
            return tokens.owner_of(_password(word))
    return None


def _scheme(header: str) -> str:
    return header.partition(" ")[0].lower()


def _password(word: str) -> str:
    try:
        return base64.b64decode(word, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _ask_for_token() -> HttpResponse:
    return HttpResponse(
        "A personal token of the portal is needed as the password; make one on your account page.\n",
        status=401,
        content_type=PLAIN,
        headers={"WWW-Authenticate": 'Basic realm="Lockgate", charset="UTF-8"'},
    )
