"""The DVC address of a project: stock `dvc pull` against the portal, with a personal token.

HEAD is answered from rows; GET is a redirect to a signed address. A listing is not found, which
DVC accepts (dvc 3.67: HTTP remote).
"""

from __future__ import annotations

import base64
import binascii
import re

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_safe

from governance.access import OPENS_DOWNLOADS, project_or_404, require_fresh
from governance.models import Person
from publications import downloads, tokens
from publications.models import Download

CONTENT = re.compile(r"files/md5/([0-9a-f]{2})/([0-9a-f]{30}(?:\.dir)?)")


@require_safe
def serve(request: HttpRequest, project: str, path: str) -> HttpResponse:
    person = _person(request.headers.get("Authorization", ""))
    if person is None or person.user is None:
        return _ask_for_token()
    place = project_or_404(person.user, project)
    require_fresh(person.user, "view_project", place, within=OPENS_DOWNLOADS)
    found = CONTENT.fullmatch(path)
    file = downloads.file_at(place, found[1] + found[2]) if found else None
    if file is None:
        raise Http404
    if request.method == "HEAD":
        return HttpResponse(headers={"Content-Length": str(file.size)})
    return HttpResponseRedirect(downloads.open_file(by=person, file=file, via=Download.Via.DVC))


def _person(header: str) -> Person | None:
    """Whose token an Authorization header carries: Basic with it as password, or Bearer."""
    scheme, _, word = header.partition(" ")
    if scheme.lower() == "bearer":
        return tokens.owner_of(word.strip())
    if scheme.lower() == "basic":
        return tokens.owner_of(_password(word))
    return None


def _password(word: str) -> str:
    try:
        return base64.b64decode(word, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _ask_for_token() -> HttpResponse:
    return HttpResponse(
        "A personal token of the portal is needed as the password; make one on your account page.\n",
        status=401,
        content_type="text/plain; charset=utf-8",
        headers={"WWW-Authenticate": 'Basic realm="Lockgate", charset="UTF-8"'},
    )
