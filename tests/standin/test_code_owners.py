"""CODEOWNERS: read from the base branch, the last match decides, owners are asked and, if so said, needed."""

from __future__ import annotations

from typing import Any

import pytest

from standins.github.codeowners import Line
from tests.standin.rules import govern, pull_request
from tests.standin.seeded import FULL_NAME, HERE, ORGANIZATION
from tests.standin.world import World, refused

CONTROLLERS, MAINTAINERS = f"@{ORGANIZATION}/heart-controllers", f"@{ORGANIZATION}/maintainers"
OWNERS = f"""# Who is asked.
*            {CONTROLLERS}
/deploy/     {MAINTAINERS}  # the machine
/notes.txt
"""


@pytest.fixture
def owned(world: World) -> World:
    world.push_to_main({"CODEOWNERS": OWNERS})
    reviews = {"required_approving_review_count": 1, "require_code_owner_reviews": True}
    world.protect(required_pull_request_reviews=reviews)
    return world


def merge(world: World, number: int) -> Any:
    return world.person("controller").pulls.merge(*HERE, number)


def approve(world: World, login: str, number: int) -> None:
    world.person(login).pulls.create_review(*HERE, number, event="APPROVE")


def test_a_merge_waits_for_an_owner_of_what_changes(owned: World) -> None:
    pull = owned.pull("change", {"deploy/chart.yaml": "a: 1\n"})
    approve(owned, "controller-2", pull.number)
    said = refused(lambda: merge(owned, pull.number))
    assert said.status_code == 405
    assert f"Waiting on code owner review from {MAINTAINERS[1:]}." in said.json()["message"]
    approve(owned, "maintainer", pull.number)
    assert merge(owned, pull.number).parsed_data.merged


def test_each_part_that_changes_needs_its_own_owner(owned: World) -> None:
    pull = owned.pull("change", {"deploy/chart.yaml": "a: 1\n", "code.py": "a = 1\n"})
    approve(owned, "maintainer", pull.number)
    assert CONTROLLERS[1:] in refused(lambda: merge(owned, pull.number)).json()["message"]
    approve(owned, "controller-2", pull.number)
    assert merge(owned, pull.number).parsed_data.merged


def test_what_a_line_leaves_without_owner_needs_none(owned: World) -> None:
    pull = owned.pull("change", {"notes.txt": "fresh\n"})
    assert pull.requested_teams == []
    approve(owned, "researcher-2", pull.number)
    assert merge(owned, pull.number).parsed_data.merged


def test_the_file_of_the_head_changes_nothing(owned: World) -> None:
    pull = owned.pull("change", {"CODEOWNERS": "* @researcher-2\n"})
    approve(owned, "researcher-2", pull.number)
    assert refused(lambda: merge(owned, pull.number)).status_code == 405


def test_a_rule_can_demand_the_owners_too(world: World) -> None:
    world.push_to_main({"docs/CODEOWNERS": f"* {MAINTAINERS}\n"})
    govern(world, "~DEFAULT_BRANCH", rules=[pull_request(require_code_owner_review=True)])
    pull = world.pull("change", {"code.py": "a = 1\n"})
    assert "code owner" in refused(lambda: merge(world, pull.number)).json()["message"]
    approve(world, "maintainer", pull.number)
    assert merge(world, pull.number).parsed_data.merged


def test_owners_are_asked_to_review_until_one_has(owned: World) -> None:
    pull = owned.pull("change", {"code.py": "a = 1\n"})
    rest = owned.person("researcher").pulls
    (asked,) = rest.list_requested_reviewers(*HERE, pull.number).parsed_data.teams
    assert asked.slug == "heart-controllers"
    approve(owned, "controller-2", pull.number)
    assert rest.get(*HERE, pull.number).parsed_data.requested_teams == []


def test_an_owner_who_is_the_author_is_not_asked(world: World) -> None:
    world.push_to_main({".github/CODEOWNERS": "* @researcher @controller\n", "CODEOWNERS": "* @maintainer\n"})
    pull = world.pull("change", {"code.py": "a = 1\n"})
    asked = world.person("researcher").pulls.get(*HERE, pull.number).parsed_data.requested_reviewers
    assert [one.login for one in asked] == ["controller"]


def test_what_is_wrong_in_the_file_is_told_by_line(world: World) -> None:
    rest = world.person("researcher").repos
    assert refused(lambda: rest.codeowners_errors(*HERE)).status_code == 404
    world.reader("outsider")
    text = f"* {CONTROLLERS}\n!no.txt {CONTROLLERS}\n/a.txt @nobody\n/b.txt docs@\n/c.txt @outsider\n"
    world.push_to_main({"CODEOWNERS": text})
    found = rest.codeowners_errors(*HERE).parsed_data.errors
    assert [(one.line, one.column, one.kind) for one in found] == [
        (2, 1, "Invalid pattern"),
        (3, 8, "Unknown owner"),
        (4, 8, "Invalid owner"),
        (5, 8, "Unknown owner"),
    ]
    assert {one.path for one in found} == {"CODEOWNERS"}


def test_only_who_may_read_the_code_reads_its_owners(owned: World) -> None:
    path = f"/api/v3/repos/{FULL_NAME}/codeowners/errors"
    assert owned.http("outsider").get(path).status_code == 404


@pytest.mark.parametrize(
    ("pattern", "path", "matched"),
    [
        ("*", "a/b.txt", True),
        ("*.js", "a/b/c.js", True),
        ("*.js", "a/b/c.jsx", False),
        ("/build/logs/", "build/logs/a/b", True),
        ("/build/logs/", "x/build/logs/a", False),
        ("docs/*", "docs/a.md", True),
        ("docs/*", "docs/a/b.md", False),
        ("apps/", "x/apps/a/b", True),
        ("/apps/github", "apps/github/a", True),
        ("/apps/github", "apps/github2", False),
        ("**/logs", "build/x/logs/a", True),
        ("a/**", "a/b/c", True),
        ("a/**/z.txt", "a/b/c/z.txt", True),
        ("a/**/z.txt", "a/z.txt", True),
    ],
)
def test_patterns_follow_gitignore(pattern: str, path: str, matched: bool) -> None:
    assert Line(1, pattern, pattern, ()).matches(path) is matched
