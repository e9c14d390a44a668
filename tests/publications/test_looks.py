"""A look at an output: recorded, made on the node for one viewer, sealed to one key, gone in ten minutes."""

from __future__ import annotations

import base64
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from governance import audit
from governance.models import AuditEvent, InboundMessage, Node, Work
from governance.work import run_due
from lockgate.messages import (
    Column,
    ImagePreview,
    NoPreview,
    PreviewMade,
    ReleaseState,
    TablePreview,
    new_preview_key,
    seal_preview,
)
from publications.models import Preview
from tests.pages.world import MERGE
from tests.publications import scene as scenes
from tests.publications.conftest import Visit
from tests.publications.scene import OUTPUTS, PLOT, TABLE, NodeWorker, Scene

pytestmark = pytest.mark.django_db
LOOK = f"{OUTPUTS}preview/incidence.csv/"
ROWS = TablePreview(
    columns=(Column("region", "string"), Column("n", "integer")),
    rows=(("Northland", 20), ("Southland", 35)),
    total_rows=2,
    first_row=1,
    sha256=TABLE.sha256,
    size=len(TABLE.content),
)
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
PICTURE = ImagePreview(base64.b64encode(PNG).decode(), 1, 1, PLOT.sha256, len(PLOT.content))


def look(browser: Client, address: str = LOOK) -> str:
    """Open the preview; the address at which the same one is looked for again."""
    browser.get(address)
    return f"{address.partition('?')[0]}?preview={Preview.objects.latest('created_at').pk}"


def shown(browser: Client, address: str) -> str:
    return browser.get(address).content.decode()


def test_every_look_is_an_audit_row_and_asking_again_for_the_same_is_none(scene: Scene, as_: Visit) -> None:
    again = look(as_("controller"))
    as_("controller").get(again)
    scene.node.shows(ROWS)
    as_("controller").get(again)
    rows = AuditEvent.objects.filter(action="output.looked_at")
    assert [(row.login, row.subject, row.project) for row in rows] == [
        ("controller", f"results/{scene.request.slug}/north/incidence.csv", "heart_study")
    ]
    assert rows[0].details == {"pull_request": scene.change.number, "head": scene.change.head_sha, "page": 1}
    look(as_("controller"))
    assert AuditEvent.objects.filter(action="output.looked_at").count() == 2
    assert audit.verify() is None


def test_the_node_is_asked_for_this_page_of_this_output_at_this_head(scene: Scene, as_: Visit) -> None:
    as_("controller").get(f"{LOOK}?page=3")
    wanted = scene.node.was_asked()[0]
    assert (wanted.project, wanted.pull_request) == ("heart_study", scene.change.number)
    assert (wanted.head, wanted.path, wanted.page) == (
        scene.change.head_sha,
        f"results/{scene.request.slug}/north/incidence.csv",
        3,
    )
    assert wanted.viewer == 1003
    assert timedelta(0) < wanted.expires_at - timezone.now() <= timedelta(minutes=10)


def test_the_node_is_asked_once_while_the_viewer_has_the_page(scene: Scene, as_: Visit) -> None:
    look(as_("controller"))
    scene.node.shows(ROWS)
    assert "Northland" in shown(as_("controller"), LOOK)
    assert len(scene.node.was_asked()) == 1


def test_what_the_node_made_is_shown(scene: Scene, as_: Visit) -> None:
    again = look(as_("controller"))
    assert "Loading rows" in shown(as_("controller"), again)
    scene.node.shows(ROWS)
    page = shown(as_("controller"), again)
    assert "Northland" in page
    assert "Loading" not in page


def test_each_viewer_has_a_preview_of_their_own(scene: Scene, as_: Visit) -> None:
    first = look(as_("controller"))
    scene.node.shows(ROWS)
    theirs = as_("controller-2").get(first)
    assert theirs.status_code == 404
    assert "Northland" not in theirs.content.decode()
    look(as_("controller-2"))
    keys = {wanted.public_key for wanted in scene.node.was_asked()}
    assert len(keys) == 2


def test_a_picture_is_given_to_its_one_viewer_alone(scene: Scene, as_: Visit) -> None:
    look(as_("controller"), f"{OUTPUTS}preview/incidence.png/")
    scene.node.shows(PICTURE)
    address = f"/previews/{Preview.objects.get().pk}/image"
    assert address in shown(as_("controller"), f"{OUTPUTS}preview/incidence.png/")
    answer = as_("controller").get(address)
    assert (answer.content, answer["Content-Type"]) == (PNG, "image/png")
    assert "no-store" in answer["Cache-Control"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    for login in ("controller-2", "researcher", "maintainer", "outsider"):
        assert as_(login).get(address).status_code == 404, login


def test_a_viewer_who_is_no_controller_any_more_does_not_get_the_picture(scene: Scene, as_: Visit) -> None:
    look(as_("controller"), f"{OUTPUTS}preview/incidence.png/")
    scene.node.shows(PICTURE)
    Node.objects.update(confirmed_at=timezone.now() - timedelta(minutes=6))
    address = f"/previews/{Preview.objects.get().pk}/image"
    assert as_("controller").get(address).status_code == 503
    Node.objects.update(confirmed_at=timezone.now(), controllers=["north-health/others"])
    assert as_("controller").get(address).status_code == 404


def test_a_preview_sealed_to_another_key_shows_nothing(scene: Scene, as_: Visit) -> None:
    again = look(as_("controller"))
    _, another = new_preview_key()
    scene.node.shows(ROWS, key=another)
    page = shown(as_("controller"), again)
    assert "The preview was not sealed to this key." in page
    assert "Northland" not in page
    assert as_("controller").get(f"/previews/{Preview.objects.get().pk}/image").status_code == 404


def test_the_portal_keeps_ciphertext_and_no_bare_key(scene: Scene, as_: Visit) -> None:
    look(as_("controller"))
    scene.node.shows(ROWS)
    kept = Preview.objects.get()
    assert "Northland" not in kept.sealed + base64.b64decode(kept.sealed).decode("latin-1")
    key = bytes(kept.private_key)
    assert len(key) > 60  # a Fernet token, and no base64 of 32 bytes
    assert "Northland" not in str(InboundMessage.objects.get().body)


def test_after_ten_minutes_a_preview_is_refused_and_forgotten(scene: Scene, as_: Visit) -> None:
    again = look(as_("controller"), f"{OUTPUTS}preview/incidence.png/")
    scene.node.shows(PICTURE)
    image = f"/previews/{Preview.objects.get().pk}/image"
    let_expire()
    assert as_("controller").get(again).status_code == 404
    assert as_("controller").get(image).status_code == 404
    part = as_("controller").get(again, headers={"HX-Request": "true"})
    assert "Look again" in part.content.decode()
    run_due()
    assert not Preview.objects.exists()


def let_expire() -> None:
    """Ten minutes pass for every preview."""
    assert Work.objects.filter(
        kind="forget_preview", due_at__gt=timezone.now() + timedelta(minutes=9)
    ).exists()
    Preview.objects.update(expires_at=timezone.now())
    Work.objects.update(due_at=timezone.now())


def test_a_preview_that_is_not_over_is_kept(scene: Scene, as_: Visit) -> None:
    look(as_("controller"))
    let_expire()
    look(as_("controller-2"))
    run_due()
    assert [row.viewer.login for row in Preview.objects.all()] == ["controller-2"]


def test_a_late_answer_changes_nothing(scene: Scene, as_: Visit) -> None:
    look(as_("controller"))
    let_expire()
    scene.node.shows(ROWS)
    assert (Preview.objects.get().state, Preview.objects.get().sealed) == ("wanted", "")


def test_a_doubled_answer_changes_nothing(scene: Scene, as_: Visit) -> None:
    again = look(as_("controller"))
    scene.node.shows(ROWS)
    wanted = scene.node.was_asked()[0]
    scene.node.says(PreviewMade(wanted.preview, None, "Something else."))
    scene.node.shows(TablePreview(ROWS.columns, (("Elsewhere", 1),), 1, 1, ROWS.sha256, ROWS.size))
    page = shown(as_("controller"), again)
    assert "Northland" in page
    assert "Elsewhere" not in page


def test_an_answer_that_nobody_asked_for_changes_nothing(scene: Scene, as_: Visit) -> None:
    look(as_("controller"))
    sealed = seal_preview(ROWS, scene.node.was_asked()[0].public_key)
    scene.node.says(PreviewMade("5a0b5a4e-58b5-4f5c-9d7e-3f1f53a2f001", sealed, None))
    scene.node.says(PreviewMade("no such thing", sealed, None))
    assert Preview.objects.get().state == "wanted"
    assert "is no preview" in InboundMessage.objects.get(number=2).problem


def test_another_nodes_answer_changes_nothing(scene: Scene, as_: Visit) -> None:
    look(as_("controller"))
    wanted = scene.node.was_asked()[0]
    south = NodeWorker(another_node())
    south.says(PreviewMade(wanted.preview, seal_preview(ROWS, wanted.public_key), None))
    south.says(PreviewMade(wanted.preview, None, "South says no."))
    assert Preview.objects.get().state == "wanted"


def another_node() -> Node:
    return Node.objects.create(
        name="south",
        repo="south-health/south-node",
        app_id=3003,
        app_slug="south",
        app_account=4003,
        message_key="",
        portal_app_id=3001,
        main_sha=MERGE,
        confirmed_at=timezone.now(),
    )


def test_the_page_says_why_there_is_no_preview(scene: Scene, as_: Visit) -> None:
    again = look(as_("controller"))
    wanted = scene.node.was_asked()[0]
    scene.node.says(PreviewMade(wanted.preview, None, "The object is not in internal storage."))
    assert "No preview: The object is not in internal storage." in shown(as_("controller"), again)
    look(as_("controller"))
    assert len(scene.node.was_asked()) == 2, "a look after a refusal asks the node again"
    scene.node.shows(NoPreview("60,000 by 60,000 image.", TABLE.sha256, len(TABLE.content)))
    assert "No preview: 60,000 by 60,000 image." in shown(as_("controller"), LOOK)


def test_bytes_that_differ_from_the_manifest_are_said_aloud(scene: Scene, as_: Visit) -> None:
    again = look(as_("controller"))
    scene.node.shows(TablePreview(ROWS.columns, ROWS.rows, 2, 1, "0" * 64, ROWS.size))
    assert "Bytes differ from the manifest. Cannot release." in shown(as_("controller"), again)


def test_without_javascript_the_page_asks_again_by_itself(scene: Scene, as_: Visit) -> None:
    answer = as_("controller").get(LOOK)
    key = Preview.objects.get().pk
    assert answer["Refresh"] == f"2; url=?preview={key}"
    scene.node.shows(ROWS)
    assert "Refresh" not in as_("controller").get(f"{LOOK}?preview={key}").headers


def test_a_node_that_does_not_answer_is_named(scene: Scene, as_: Visit) -> None:
    again = look(as_("controller"))
    Preview.objects.update(created_at=timezone.now() - timedelta(seconds=90))
    assert re.search(r"north has not answered for 1 min", shown(as_("controller"), again))


def test_a_preview_of_an_older_head_is_not_shown_as_one_of_the_new(scene: Scene, as_: Visit) -> None:
    again = look(as_("controller"))
    scene.node.shows(ROWS)
    changed = scenes.Bytes("incidence.csv", b"region,n\nnorth,25\n")
    scenes.read_head(scene, scenes.manifest_file(scene.request, changed, PLOT))
    assert as_("controller").get(again).status_code == 404
    look(as_("controller"))
    assert scene.node.was_asked()[-1].head == scene.change.head_sha


def test_a_longer_table_is_walked_page_by_page(scene: Scene, as_: Visit) -> None:
    look(as_("controller"), f"{LOOK}?page=2")
    scene.node.shows(TablePreview(ROWS.columns, ROWS.rows, 300, 101, ROWS.sha256, ROWS.size))
    page = shown(as_("controller"), f"{LOOK}?page=2")
    assert "?file=incidence.csv&amp;page=1" in page
    assert "?file=incidence.csv&amp;page=3" in page


def test_after_the_release_the_page_says_what_the_node_says(scene: Scene, as_: Visit) -> None:
    change = scene.merge()
    scene.node.reports(change, ReleaseState.UNFINISHED, reason="Stopped while verifying.")
    shown = as_("controller").get(OUTPUTS).content.decode()
    assert "Release unfinished" in shown
    assert "Stopped while verifying." in shown
    scene.node.reports(change, ReleaseState.RELEASED, TABLE, PLOT)
    shown = as_("controller").get(OUTPUTS).content.decode()
    assert "Released" in shown
    assert "Releasing" not in shown
