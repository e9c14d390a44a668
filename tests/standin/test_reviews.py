"""Reviews and comments."""

from __future__ import annotations

import pytest

from tests.standin.seeded import HERE, NODE_APP
from tests.standin.world import World, refused


def test_a_review_binds_the_head_that_it_is_about(world: World) -> None:
    pull = world.pull("change", {"new.txt": "fresh\n"})
    rest = world.person("controller").pulls
    given = rest.create_review(*HERE, pull.number, event="APPROVE", commit_id=pull.head.sha).parsed_data
    assert (given.state, given.commit_id, given.user.id) == ("APPROVED", pull.head.sha, 1003)
    listed = rest.list_reviews(*HERE, pull.number).parsed_data
    assert [one.id for one in listed] == [given.id]
    assert rest.get_review(*HERE, pull.number, given.id).parsed_data.state == "APPROVED"


def test_a_review_is_about_a_commit_of_the_pull_request(world: World) -> None:
    pull = world.pull("change", {"new.txt": "fresh\n"})
    rest = world.person("controller").pulls
    elsewhere = {"event": "APPROVE", "commit_id": pull.base.sha}
    assert refused(lambda: rest.create_review(*HERE, pull.number, **elsewhere)).status_code == 422


@pytest.mark.parametrize("event", ["APPROVE", "REQUEST_CHANGES"])
def test_nobody_reviews_their_own_pull_request(world: World, event: str) -> None:
    pull = world.pull("change", {"new.txt": "fresh\n"})
    rest = world.person("researcher").pulls
    answer = refused(lambda: rest.create_review(*HERE, pull.number, event=event, body="Fine"))
    assert answer.status_code == 422
    assert "your own pull request" in answer.json()["errors"][0]
    assert (
        rest.create_review(*HERE, pull.number, event="COMMENT", body="See").parsed_data.state == "COMMENTED"
    )


def test_nobody_reviews_their_own_pull_request_through_an_app_either(world: World) -> None:
    pull = world.pull("change", {"new.txt": "fresh\n"})
    rest = world.token(world.user_token("researcher")).pulls
    assert refused(lambda: rest.create_review(*HERE, pull.number, event="APPROVE")).status_code == 422


def test_a_pending_review_is_submitted_later_by_the_same_person(world: World) -> None:
    pull = world.pull("change", {"new.txt": "fresh\n"})
    rest = world.person("controller").pulls
    draft = rest.create_review(*HERE, pull.number, body="Soon").parsed_data
    assert draft.state == "PENDING"
    other = world.person("controller-2").pulls
    assert (
        refused(lambda: other.submit_review(*HERE, pull.number, draft.id, event="APPROVE")).status_code == 404
    )
    assert rest.submit_review(*HERE, pull.number, draft.id, event="APPROVE").parsed_data.state == "APPROVED"


def test_a_pending_review_is_seen_by_its_writer_alone(world: World) -> None:
    pull = world.pull("change", {"new.txt": "fresh\n"})
    draft = world.person("controller").pulls.create_review(*HERE, pull.number, body="Soon").parsed_data
    other = world.person("researcher").pulls
    assert other.list_reviews(*HERE, pull.number).parsed_data == []
    assert refused(lambda: other.get_review(*HERE, pull.number, draft.id)).status_code == 404


def test_a_review_can_be_dismissed_by_writers(world: World) -> None:
    pull = world.pull("change", {"new.txt": "fresh\n"})
    given = world.person("controller").pulls.create_review(*HERE, pull.number, event="APPROVE").parsed_data
    rest = world.person("controller-2").pulls
    assert rest.dismiss_review(*HERE, pull.number, given.id, message="Old").parsed_data.state == "DISMISSED"


def test_a_request_for_changes_says_which(world: World) -> None:
    pull = world.pull("change", {"new.txt": "fresh\n"})
    rest = world.person("controller").pulls
    assert refused(lambda: rest.create_review(*HERE, pull.number, event="REQUEST_CHANGES")).status_code == 422


def test_comments_are_written_edited_and_removed_by_their_writer(world: World) -> None:
    pull = world.pull("change", {"new.txt": "fresh\n"})
    rest = world.person("controller").issues
    made = rest.create_comment(*HERE, pull.number, body="Why?").parsed_data
    assert (made.user.id, made.body) == (1003, "Why?")
    assert rest.update_comment(*HERE, made.id, body="How?").parsed_data.body == "How?"
    other = world.person("researcher").issues
    assert [c.body for c in other.list_comments(*HERE, pull.number).parsed_data] == ["How?"]
    assert refused(lambda: other.delete_comment(*HERE, made.id)).status_code == 403
    assert rest.delete_comment(*HERE, made.id).status_code == 204
    assert other.list_comments(*HERE, pull.number).parsed_data == []


def test_an_app_comments_as_its_bot(world: World) -> None:
    pull = world.pull("change", {"new.txt": "fresh\n"})
    made = world.installation(NODE_APP).issues.create_comment(*HERE, pull.number, body="Done").parsed_data
    assert made.user.login == "lockgate-north[bot]"
