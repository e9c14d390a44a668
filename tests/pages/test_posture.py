"""Protection on GitHub: on the pages of a project and a node, and among the problems of maintainers."""

from __future__ import annotations

from datetime import timedelta

from governance.models import Node, Project
from governance.posture.findings import Code, Finding
from governance.posture.rows import keep, keep_unread
from tests.pages.conftest import Visit
from tests.pages.world import World

PROJECT, NODE = "/projects/heart_study/", "/nodes/north/"
BYPASS = Finding(Code.ADMINISTRATORS_BYPASS)


def said(as_: Visit, path: str, login: str = "maintainer") -> str:
    return " ".join(as_(login).get(path).content.decode().split())


def read(place: Project | Node, world: World, *found: Finding, minutes_ago: int = 0) -> None:
    keep(place, found, {}, world.now - timedelta(minutes=minutes_ago))


def test_a_clean_repository_is_called_clean(world: World, as_: Visit) -> None:
    for place, page in ((world.project, PROJECT), (world.node, NODE)):
        read(place, world)
        assert "GitHub lets nothing past the gates." in said(as_, page)
    assert "Protection on GitHub" not in said(as_, "/")


def test_what_was_found_says_what_it_means_and_how_to_mend_it(world: World, as_: Visit) -> None:
    untold = Finding(Code.UNTOLD, "Rulesets", "GitHub did not answer.")
    for place, page in ((world.project, PROJECT), (world.node, NODE)):
        read(place, world, BYPASS, untold)
        page_says = said(as_, page)
        assert "Administrators may bypass the protection, and 1 more." in page_says
        assert "An administrator can merge or push without approval" in page_says
        assert "Run “lockgate protect” on this repository." in page_says
        assert "Could not be told: Rulesets" in page_says
        assert "GitHub did not answer." in page_says
        assert "lets nothing past the gates" not in page_says
    assert "/north-health/heart-study/settings/branches" in said(as_, PROJECT)


def test_what_was_never_read_or_long_ago_is_unknown(world: World, as_: Visit) -> None:
    assert "GitHub was not asked yet" in said(as_, PROJECT)
    read(world.project, world, minutes_ago=5)
    assert "lets nothing past the gates" in said(as_, PROJECT)
    read(world.node, world, minutes_ago=120)
    assert "GitHub was not read since. Not known since" in said(as_, NODE)
    assert "lets nothing past the gates" not in said(as_, NODE)


def test_what_cannot_be_read_is_unknown_and_shows_what_was_found_before(world: World, as_: Visit) -> None:
    read(world.project, world, BYPASS, minutes_ago=5)
    keep_unread(world.project, "GitHub did not answer.", world.now)
    page_says = said(as_, PROJECT)
    assert "GitHub could not be read: GitHub did not answer. Not known since" in page_says
    assert "what was found before stands below" in page_says
    assert "Administrators may bypass the protection" in page_says


def test_findings_are_problems_for_maintainers_oldest_first_and_for_nobody_else(
    world: World, as_: Visit
) -> None:
    read(world.project, world, BYPASS, minutes_ago=5)
    read(world.node, world, Finding(Code.FORCE_PUSHES), minutes_ago=10)
    home = said(as_, "/")
    assert f'href="{NODE}#protection">Open the oldest problem' in home
    assert "Protection on GitHub: Administrators may bypass the protection." in home
    assert "Protection on GitHub: The default branch may be force-pushed." in home
    for login in ("researcher", "controller"):
        assert "Protection on GitHub" not in said(as_, "/", login)
