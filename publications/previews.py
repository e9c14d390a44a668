"""Looks at outputs that are not released: a page made on the node for one viewer, and gone after ten minutes.

The portal holds the key pair that the node seals the page to, and keeps only ciphertext.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from governance import messages as exchange
from governance.audit import record
from governance.models import Node, Person
from governance.tokens import decrypt, encrypt
from governance.work import ask
from lockgate import messages
from lockgate.errors import Invalid
from publications.models import Output, Preview

LIFETIME = timedelta(minutes=10)
FORGET = "forget_preview"


@transaction.atomic
def look(*, by: Person, output: Output, page: int) -> Preview:
    """Ask the node for a page of an output, unless this viewer has it. Every look is an audit row."""
    found = _live(by, output, page) or _ask(by, output, page)
    pull_request = output.pull_request
    record(
        by=by,
        action="output.looked_at",
        project=pull_request.project,
        subject=output.path,
        details={"pull_request": pull_request.number, "head": output.head_sha, "page": page},
    )
    return found


def content(preview: Preview) -> messages.Preview:
    """What the node sealed for this viewer. Raises Denied where it was sealed to another key."""
    return messages.open_preview(preview.sealed, decrypt(preview.private_key))


def receive(node: Node, body: messages.PreviewMade) -> None:
    """Keep what the node made; a late, doubled or foreign answer changes nothing."""
    wanted = Preview.objects.filter(
        pk=_key(body.preview),
        state=Preview.State.WANTED,
        expires_at__gt=timezone.now(),
        pull_request__result_node=node.name,
    )
    if body.sealed:
        wanted.update(state=Preview.State.MADE, sealed=body.sealed)
    else:
        wanted.update(state=Preview.State.REFUSED, reason=(body.reason or "The node gave no reason.")[:500])


def _key(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Invalid(f"{text!r:.60} is no preview.") from None


def forget_expired() -> int:
    """Drop what is past its ten minutes, sealed pages and keys alike."""
    return Preview.objects.filter(expires_at__lte=timezone.now()).delete()[0]


def of_viewer(viewer: Person) -> QuerySet[Preview]:
    """The previews that this person may still see."""
    return Preview.objects.filter(viewer=viewer, expires_at__gt=timezone.now())


def _live(by: Person, output: Output, page: int) -> Preview | None:
    return (
        of_viewer(by)
        .exclude(state=Preview.State.REFUSED)
        .filter(pull_request=output.pull_request, head_sha=output.head_sha, path=output.path, page=page)
        .order_by("-created_at")
        .first()
    )


def _ask(by: Person, output: Output, page: int) -> Preview:
    private, public = messages.new_preview_key()
    pull_request = output.pull_request
    assert pull_request.project is not None  # outputs come in pull requests of Code Repos
    preview = Preview.objects.create(
        pull_request=pull_request,
        head_sha=output.head_sha,
        path=output.path,
        page=page,
        viewer=by,
        public_key=public,
        private_key=encrypt(private),
        expires_at=timezone.now() + LIFETIME,
    )
    ask(FORGET, str(preview.pk), at=preview.expires_at)
    exchange.send(
        to=Node.objects.get(name=pull_request.result_node),
        body=messages.PreviewWanted(
            preview=str(preview.pk),
            project=pull_request.project.name,
            pull_request=pull_request.number,
            head=output.head_sha,
            path=output.path,
            page=page,
            viewer=by.account_id,
            public_key=public,
            expires_at=preview.expires_at,
        ),
    )
    return preview
