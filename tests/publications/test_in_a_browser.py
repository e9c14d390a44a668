"""Outputs in review, publications, tokens, status and audit in Chromium, in every state, narrow and wide."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.utils import timezone
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, expect

from governance.models import ServiceState
from lockgate.messages import Column, ImagePreview, Preview, PreviewMade, ReleaseState, TablePreview
from tests.browser import (
    SHOTS,
    See,
    chromium_beside_rows,
    is_good,
    keep,
    needs_chromium,
    seeing,
)
from tests.pages import world as pages
from tests.pages.said import APPROVED
from tests.pages.world import World
from tests.publications import scene as scenes
from tests.publications.scene import OUTPUTS, PLOT, PUBLICATION, TABLE, Bytes, Scene

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    needs_chromium,
]
LONG = Bytes("yearly_counts_by_region_and_hospital.csv", b"n\n1\n")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium_beside_rows() as started:
        yield started


@pytest.fixture
def see(browser: Browser, live_server: Any, people: World) -> Iterator[See]:
    with seeing(browser, live_server.url, lambda login: people.people[login].user) as sees:
        yield sees


def answered(scene: Scene, name: str, preview: Preview) -> None:
    """The controller has looked at the output, and the node has answered."""
    client = Client()
    user = scene.world.people["controller"].user
    assert user is not None
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    client.get(f"{OUTPUTS}preview/{name}/")
    scene.node.shows(preview)


def rows(count: int) -> TablePreview:
    columns = [("region", "string"), ("year", "integer"), ("sex", "string"), ("events", "integer")]
    columns += [("person_years", "number"), ("incidence_per_100_000", "number")]
    cells = tuple(
        (f"Region {n % 7}", 2010 + n // 7, ("female", "male")[n % 2], 15 + n * 5, 1000.5 + n, 12.25 + n)
        for n in range(count)
    )
    made = tuple(Column(*each) for each in columns)
    return TablePreview(made, cells, 4_321, 1, TABLE.sha256, len(TABLE.content))


def picture() -> ImagePreview:
    image = Image.new("RGB", (900, 540), "white")
    draw = ImageDraw.Draw(image)
    for n in range(12):
        draw.rectangle((60 + n * 68, 480 - n * 33, 104 + n * 68, 480), fill="#0B5A6F")
    draw.line((40, 480, 880, 480), fill="black")
    file = io.BytesIO()
    image.save(file, "PNG")
    png = base64.b64encode(file.getvalue()).decode()
    return ImagePreview(png, 900, 540, PLOT.sha256, len(PLOT.content))


def test_outputs_in_review(see: See, people: World) -> None:
    scene = scenes.propose(people, TABLE, PLOT, LONG)
    answered(scene, TABLE.path, rows(40))
    is_good(see, "outputs-table", "controller", OUTPUTS, "Region 3")
    without = {"java_script_enabled": False}
    is_good(see, "preview-without-js", "controller", f"{OUTPUTS}preview/{TABLE.path}/", "Region 3", **without)
    answered(scene, PLOT.path, picture())
    is_good(see, "outputs-picture", "controller", f"{OUTPUTS}?file={PLOT.path}", "SHA-256")
    is_good(see, "outputs-waiting", "controller", f"{OUTPUTS}?file={LONG.path}", "Controls promised")


def test_a_preview_arrives_by_itself(see: See, people: World) -> None:
    scene = scenes.propose(people)
    page = see("controller", OUTPUTS, viewport={"width": 1440, "height": 900})
    expect(page.get_by_text("Loading rows")).to_be_visible()
    scene.node.shows(rows(3))
    expect(page.get_by_role("cell", name="Region 2")).to_be_visible()
    page.get_by_role("link", name="incidence.png").click()
    expect(page.get_by_text("Loading picture")).to_be_visible()
    wanted = scene.node.was_asked()[-1]
    scene.node.says(PreviewMade(wanted.preview, None, "60,000 by 60,000 pixels are too many to show."))
    expect(page.get_by_text("No preview: 60,000 by 60,000 pixels")).to_be_visible()
    assert Axe().run(page).violations_count == 0


def test_the_outputs_page_says_what_is_amiss(see: See, people: World) -> None:
    scene = scenes.propose(people)
    earlier = pages.request(people, "2026-11-20-earlier-a1b2", "Earlier", state="merged", decision=APPROVED)
    told = scenes.Scene(people, scene.node, earlier, pages.result(people, earlier))
    scene.node.reports(told.merge(), ReleaseState.RELEASED, TABLE)
    people.project.governance = people.project.governance | {"disclosure": {"max_bytes": 5}}
    people.project.save()
    scenes.read_head(scene, scenes.manifest_file(scene.request, TABLE, PLOT, controls="none applied"))
    answered(scene, TABLE.path, TablePreview((), (), 0, 1, "0" * 64, 1))
    is_good(see, "outputs-amiss", "controller", OUTPUTS, "Bytes differ from the manifest")
    scenes.read_head(scene, b"version: 2\n")
    is_good(see, "outputs-unreadable", "controller", OUTPUTS, "nothing to look at")


def test_publications(see: See, people: World) -> None:
    is_good(see, "publications-empty", "researcher", "/publications/", "Nothing is released yet")
    title = "Incidence of first events by region, hospital and year, 2019 to 2024, adjusted for age and sex"
    scene = scenes.propose(people, title=title)
    change = scene.merge()
    for state, said, shows in (
        (ReleaseState.WAITING, {}, "The node has it"),
        (ReleaseState.RELEASING, {"bytes_done": 31_000_000, "bytes_total": 48_000_000}, "Copying"),
        (ReleaseState.UNFINISHED, {"reason": "Stopped while verifying. Retry at 14:10."}, "Retry at"),
        (ReleaseState.HELD, {"reason": "Merged without approval: 1 of 2 votes."}, "1 of 2 votes"),
    ):
        scene.node.reports(change, state, **said)  # type: ignore[arg-type]
        if SHOTS:
            is_good(see, f"publication-{state}", "researcher", PUBLICATION, shows)
    scene.node.reports(change, ReleaseState.RELEASED, TABLE, PLOT, Bytes(f"{'long/' * 20}name.csv", b"n"))
    is_good(see, "publication-released", "researcher", PUBLICATION, "Download all (3 files")
    is_good(see, "publications", "researcher", "/publications/", "Released")


def test_tokens_status_and_audit(see: See, people: World) -> None:
    for place, name, state in ((None, "github", "ok"), (people.node, "dagster", "ok")):
        at = timezone.now()
        ServiceState.objects.create(node=place, name=name, state=state, since=at, checked=at)
    is_good(see, "status-ok", "researcher", "/status", "Every part answers")
    pages.service(people, "sensor", "down", "Sensor stopped: nothing starts. Merged requests wait.")
    pages.service(people, "storage", "late", "Collecting takes longer than usual.")
    is_good(see, "status-down", "researcher", "/status", "Sensor stopped")
    is_good(see, "status-nobody", None, "/status", "Sign in")
    is_good(see, "tokens-empty", "researcher", "/account/tokens/", "You have no token")
    page = see("researcher", "/account/tokens/", viewport={"width": 360, "height": 800})
    page.get_by_role("button", name="Make a token").click()
    expect(page.get_by_text("Say where you will use it")).to_be_visible()
    page.get_by_label("Where will you use it?").fill("The login node of the cluster in the north " * 2)
    page.get_by_role("button", name="Make a token").click()
    expect(page.locator("pre.command").first).to_contain_text("lgp_")
    assert Axe().run(page).violations_count == 0
    keep(page, "tokens-made-360-light")
    page.set_viewport_size({"width": 1440, "height": 900})
    keep(page, "tokens-made-1440-light")
    is_good(see, "tokens", "researcher", "/account/tokens/", "The login node")
    is_good(see, "audit", "maintainer", "/audit/", "token.created")
    is_good(see, "audit-nothing", "maintainer", "/audit/?login=nobody", "Nothing fits these filters")
