"""The request form on its pages: problems at the field, and all that was typed kept."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client

from jobs.models import Draft
from lockgate.formats import read_job_request
from tests.pages.conftest import Visit
from tests.pages.world import World

FORM = "/projects/heart_study/requests/new/incidence_by_region/"
GOOD: dict[str, Any] = {
    "title": "Incidence by region",
    "purpose": "The first figure of the protocol.",
    "parameters.start": "2019-01-01",
    "parameters.end": "2024-12-31",
    "parameters.by": "region",
    "outputs": ["incidence.csv"],
    "controls.incidence.csv": "counts under 10 suppressed",
    "nodes": ["north"],
}
BAD: dict[str, Any] = GOOD | {"title": "", "parameters.start": "spring 2019", "parameters.min_age": "forty"}


def text_of(page: Any) -> str:
    return unescape(page.content.decode())


def field(page: str, key: str) -> str:
    """The markup of the field that is sent as this key."""
    found = re.search(rf'<(?:input|textarea|select)[^>]*name="{re.escape(key)}"[^>]*>', page)
    assert found, key
    return found[0]


@pytest.fixture
def researcher(as_: Visit) -> Client:
    return as_("researcher")


def test_the_form_says_at_each_field_what_is_wrong_and_keeps_all_that_was_typed(researcher: Client) -> None:
    answer = researcher.post(FORM, BAD)
    page = text_of(answer)
    assert answer.status_code == 422
    assert "3 things to fix" in page
    for key, said in (
        ("title", "Enter a title"),
        ("parameters.start", "This must be a day as YYYY-MM-DD."),
        ("parameters.min_age", "Enter a whole number"),
    ):
        name = "id-" + key.replace(".", "-")
        assert f'href="#{name}"' in page
        assert re.search(rf'id="{name}-error">.*?{re.escape(said)}', page, re.DOTALL)
        assert 'aria-invalid="true"' in field(page, key)
        assert f"{name}-error" in field(page, key)
    assert 'value="spring 2019"' in field(page, "parameters.start")
    assert 'value="forty"' in field(page, "parameters.min_age")
    assert "The first figure of the protocol.</textarea>" in page
    assert 'value="counts under 10 suppressed"' in field(page, "controls.incidence.csv")


def test_what_was_typed_is_a_draft_from_the_first_press_on(researcher: Client, world: World) -> None:
    researcher.post(FORM, BAD)
    draft = Draft.objects.get(owner=world.people["researcher"])
    again = text_of(researcher.get(f"/drafts/{draft.pk}/"))
    assert 'value="spring 2019"' in field(again, "parameters.start")
    assert str(draft.pk) in text_of(researcher.get("/"))


def test_the_preview_shows_the_exact_file_and_sending_it_needs_that_very_file(researcher: Client) -> None:
    answer = researcher.post(FORM, GOOD)
    draft = Draft.objects.get()
    assert answer.headers["Location"] == f"/drafts/{draft.pk}/preview/"
    page = text_of(researcher.get(answer.headers["Location"]))
    shown = re.search(r"<pre[^>]*>(.*?)</pre>", page, re.DOTALL)
    assert shown
    draft.refresh_from_db()
    planned = draft.values["id"][0]
    assert f"jobs/{planned}.yaml" in page
    assert read_job_request(shown[1].encode(), f"jobs/{planned}.yaml").title == "Incidence by region"
    other = researcher.post(f"/drafts/{draft.pk}/send/", {"file": "another file"})
    assert other.headers["Location"] == f"/drafts/{draft.pk}/preview/"


def test_the_id_stays_while_the_title_stays(researcher: Client) -> None:
    researcher.post(FORM, GOOD)
    draft = Draft.objects.get()
    researcher.get(f"/drafts/{draft.pk}/preview/")
    draft.refresh_from_db()
    first = draft.values["id"]
    researcher.post(f"/drafts/{draft.pk}/", GOOD | {"purpose": "Another purpose."})
    researcher.get(f"/drafts/{draft.pk}/preview/")
    draft.refresh_from_db()
    assert draft.values["id"] == first


def test_a_session_that_ended_in_between_loses_nothing(as_: Visit, world: World) -> None:
    browser = as_(None)
    answer = browser.post(FORM, BAD)
    assert answer.status_code == 302
    assert "Sign in again; your text is kept." in text_of(browser.get(answer.headers["Location"]))
    user = world.people["researcher"].user
    assert user is not None
    browser.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    page = text_of(browser.get(FORM))
    assert 'value="spring 2019"' in field(page, "parameters.start")
    assert "The first figure of the protocol.</textarea>" in page


def test_a_job_that_changed_keeps_the_answers_that_no_longer_fit(researcher: Client, world: World) -> None:
    researcher.post(FORM, BAD | {"parameters.codes": "I21"})
    job = world.project.job_types.get()
    job.schema["properties"].pop("codes")
    job.save()
    page = text_of(researcher.get(f"/drafts/{Draft.objects.get().pk}/"))
    assert "1 answer no longer fits" in page
    assert 'value="I21"' in field(page, "parameters.codes")


def test_a_job_that_is_no_longer_offered_is_not_sent(researcher: Client, world: World) -> None:
    researcher.post(FORM, GOOD)
    world.project.job_types.update(current=False)
    draft = Draft.objects.get()
    page = text_of(researcher.get(f"/drafts/{draft.pk}/preview/"))
    assert "This job is no longer offered" in page
    assert "Send request" not in page


def test_saving_a_draft_asks_nothing(researcher: Client) -> None:
    answer = researcher.post(FORM, {"title": "Half", "action": "save"})
    assert answer.status_code == 302
    assert "things to fix" not in text_of(researcher.get(answer.headers["Location"]))


def test_a_draft_is_its_owners_alone(researcher: Client, as_: Visit) -> None:
    researcher.post(FORM, BAD)
    draft = Draft.objects.get()
    for login in ("researcher-2", "controller", "maintainer", "outsider"):
        assert as_(login).get(f"/drafts/{draft.pk}/").status_code == 404
