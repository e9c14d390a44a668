"""Labels of a repository, and those that pull requests wear."""

from __future__ import annotations

from typing import Any

import pytest

from tests.standin.seeded import FULL_NAME, HERE
from tests.standin.world import World, refused


def worn(world: World, number: int) -> set[str]:
    return {one.name for one in world.person("researcher").pulls.get(*HERE, number).parsed_data.labels}


def test_a_label_is_made_changed_and_deleted(world: World) -> None:
    rest = world.person("researcher").issues
    made = rest.create_label(
        *HERE, data={"name": "Held", "color": "d73a4a", "description": "Waits"}
    ).parsed_data
    assert rest.get_label(*HERE, "held").parsed_data == made
    assert refused(lambda: rest.create_label(*HERE, data={"name": "HELD"})).status_code == 422
    changed = rest.update_label(*HERE, "Held", data={"new_name": "On hold"}).parsed_data
    assert (changed.id, changed.color) == (made.id, "d73a4a")
    assert rest.delete_label(*HERE, "On hold").status_code == 204
    assert rest.list_labels_for_repo(*HERE).parsed_data == []


def test_a_pull_request_wears_labels(world: World) -> None:
    number = world.pull("change", {"new.txt": "fresh\n"}).number
    rest = world.person("controller").issues
    rest.add_labels(*HERE, number, data={"labels": ["urgent", "held"]})
    assert worn(world, number) == {"urgent", "held"}
    rest.remove_label(*HERE, number, "held")
    assert refused(lambda: rest.remove_label(*HERE, number, "held")).status_code == 404
    rest.set_labels(*HERE, number, data={"labels": ["done"]})
    assert [one.name for one in rest.list_labels_on_issue(*HERE, number).parsed_data] == ["done"]
    rest.remove_all_labels(*HERE, number)
    assert worn(world, number) == set()


def test_a_deleted_label_is_worn_no_more(world: World) -> None:
    number = world.pull("change", {"new.txt": "fresh\n"}).number
    rest = world.person("controller").issues
    rest.add_labels(*HERE, number, data={"labels": ["urgent"]})
    rest.delete_label(*HERE, "urgent")
    assert worn(world, number) == set()


@pytest.mark.parametrize("data", [{"name": "x", "color": "red"}, {"name": "", "color": 1}, {}])
def test_a_label_that_makes_no_sense_is_refused(world: World, data: dict[str, Any]) -> None:
    answer = world.http("researcher").post(f"/api/v3/repos/{FULL_NAME}/labels", json=data)
    assert answer.status_code == 422


def test_one_who_may_only_read_labels_nothing(world: World) -> None:
    number = world.pull("change", {"new.txt": "fresh\n"}).number
    world.reader("outsider")
    rest = world.person("outsider").issues
    assert refused(lambda: rest.add_labels(*HERE, number, data={"labels": ["x"]})).status_code == 403
