"""The audit page: controllers read of their own projects, administrators everything, others nothing."""

from __future__ import annotations

import pytest
from django.db import transaction

from governance import audit
from governance.models import Project
from tests.pages.conftest import Visit
from tests.pages.world import World

PAGE = "/audit/"


@pytest.fixture
def acts(world: World) -> World:
    """Acts in the project, in one that no controller here decides on, and in none."""
    other = Project.objects.create(name="other_study", code_repo="org/other-study")
    note(world, "controller", "review.approved", world.project, "#1 of heart")
    note(world, "researcher", "file.downloaded", world.project, "incidence.csv of heart")
    note(world, "researcher", "file.downloaded", other, "secret.csv of other")
    note(world, "researcher", "token.created", None, "laptop token")
    return world


@transaction.atomic
def note(world: World, login: str, action: str, project: Project | None, subject: str) -> None:
    audit.record(by=world.people[login], action=action, project=project, subject=subject)


def subjects(as_: Visit, login: str, address: str = PAGE) -> set[str]:
    page = as_(login).get(address).content.decode()
    known = ("#1 of heart", "incidence.csv of heart", "secret.csv of other", "laptop token")
    return {subject for subject in known if subject in page}


@pytest.mark.parametrize("login", ["controller", "controller-2"])
def test_a_controller_reads_what_belongs_to_their_projects(login: str, acts: World, as_: Visit) -> None:
    assert subjects(as_, login) == {"#1 of heart", "incidence.csv of heart"}


def test_no_filter_leads_a_controller_out_of_their_projects(acts: World, as_: Visit) -> None:
    assert subjects(as_, "controller", f"{PAGE}?project=other_study") == set()
    assert subjects(as_, "controller", f"{PAGE}?action=token.created") == set()


def test_an_administrator_reads_everything(acts: World, as_: Visit) -> None:
    assert len(subjects(as_, "maintainer")) == 4  # named in the settings of these tests


@pytest.mark.parametrize("login", ["researcher", "researcher-2", "outsider"])
def test_nobody_else_finds_it(login: str, acts: World, as_: Visit) -> None:
    assert as_(login).get(PAGE).status_code == 404


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("project=heart_study", {"#1 of heart", "incidence.csv of heart"}),
        ("action=token.created", {"laptop token"}),
        ("login=controller", {"#1 of heart"}),
        ("login=researcher&project=other_study", {"secret.csv of other"}),
        ("login=nobody", set()),
    ],
)
def test_filters_narrow_it_and_stay_visible(asked: str, found: set[str], acts: World, as_: Visit) -> None:
    assert subjects(as_, "maintainer", f"{PAGE}?{asked}") == found
    page = as_("maintainer").get(f"{PAGE}?{asked}").content.decode()
    assert f'value="{asked.partition("=")[2].partition("&")[0]}"' in page
    assert "Clear" in page


def test_it_is_read_page_by_page_with_its_filters(acts: World, as_: Visit) -> None:
    for number in range(60):
        note(acts, "controller", "output.looked_at", acts.project, f"look {number}.")
    first = as_("controller").get(f"{PAGE}?login=controller").content.decode()
    assert "look 59." in first
    assert "look 9." not in first
    assert "?login=controller&amp;page=2" in first
    assert "look 9." in as_("controller").get(f"{PAGE}?login=controller&page=2").content.decode()
    assert as_("controller").get(f"{PAGE}?page=no").status_code == 200


def test_a_character_that_no_text_has_is_refused(acts: World, as_: Visit) -> None:
    assert as_("maintainer").get(f"{PAGE}?login=%00").status_code == 422
