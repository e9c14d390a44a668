"""Releases are as the node last reported them; no report of anything but its own moves anything."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from governance.models import AuditEvent, InboundMessage
from jobs.models import Lane
from lockgate.errors import Unavailable
from lockgate.messages import ReleaseState
from publications.models import Publication, PublishedFile
from tests.publications.conftest import Visit
from tests.publications.scene import OUTPUTS, PLOT, RELEASE, TABLE, Bytes, NodeWorker, Scene
from tests.publications.test_looks import another_node

pytestmark = pytest.mark.django_db
S = ReleaseState


def lane(scene: Scene) -> Lane:
    return Lane.objects.get(request=scene.request)


def refused(number: int = 1) -> str:
    """Why the portal refused the node's message, once and for all."""
    message = InboundMessage.objects.get(number=number)
    assert message.applied_at is not None
    return message.problem


def acts() -> list[str]:
    return list(
        AuditEvent.objects.filter(action__startswith="release.")
        .order_by("number")
        .values_list("action", flat=True)
    )


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (S.WAITING, "releasing"),
        (S.RELEASING, "releasing"),
        (S.HELD, "release_held"),
        (S.UNFINISHED, "release_unfinished"),
        (S.RELEASED, "released"),
    ],
)
def test_the_lane_follows_the_release(state: ReleaseState, expected: str, scene: Scene) -> None:
    scene.node.reports(scene.merge(), state, TABLE, reason="Because.")
    assert (lane(scene).state, lane(scene).reason) == (expected, "Because.")
    assert lane(scene).result == scene.change
    publication = Publication.objects.get()
    assert (publication.state, publication.merge_sha) == (state.value, RELEASE)


def test_files_appear_with_the_release_and_never_before(scene: Scene) -> None:
    change = scene.merge()
    for state in (S.WAITING, S.RELEASING, S.UNFINISHED):
        scene.node.reports(change, state, TABLE, PLOT)
        assert not PublishedFile.objects.exists(), state
    scene.node.reports(change, S.RELEASED, TABLE, PLOT)
    assert [(file.path, file.sha256, file.size) for file in PublishedFile.objects.all()] == [
        (TABLE.path, TABLE.sha256, len(TABLE.content)),
        (PLOT.path, PLOT.sha256, len(PLOT.content)),
    ]
    assert Publication.objects.get().released_at is not None


def test_each_change_of_state_is_one_audit_row(scene: Scene) -> None:
    change = scene.merge()
    for state in (S.RELEASING, S.RELEASING, S.UNFINISHED, S.RELEASING, S.RELEASED, S.RELEASED):
        scene.node.reports(change, state, TABLE)
    assert acts() == ["release.releasing", "release.unfinished", "release.releasing", "release.released"]
    event = AuditEvent.objects.get(action="release.released")
    assert (event.project, event.subject) == ("heart_study", f"{scene.request.slug}/north")
    assert event.details["merge"] == RELEASE


def test_progress_moves_and_the_state_keeps_its_time(scene: Scene) -> None:
    change, at = scene.merge(), datetime.now(UTC)
    scene.node.reports(change, S.RELEASING, bytes_done=10, bytes_total=48, at=at)
    scene.node.reports(change, S.RELEASING, bytes_done=31, bytes_total=48, at=at + timedelta(seconds=9))
    publication = Publication.objects.get()
    assert (publication.bytes_done, publication.bytes_total, publication.since) == (31, 48, at)


def test_an_older_report_changes_nothing(scene: Scene) -> None:
    change, at = scene.merge(), datetime.now(UTC)
    scene.node.reports(change, S.UNFINISHED, at=at)
    scene.node.reports(change, S.RELEASING, at=at - timedelta(seconds=5))
    assert Publication.objects.get().state == "unfinished"
    assert lane(scene).state == "release_unfinished"
    assert acts() == ["release.unfinished"]


@pytest.mark.parametrize("later", [state for state in S if state is not S.RELEASED])
def test_released_is_final(later: ReleaseState, scene: Scene) -> None:
    change, at = scene.merge(), datetime.now(UTC)
    scene.node.reports(change, S.RELEASED, TABLE, at=at)
    scene.node.reports(change, later, PLOT, at=at + timedelta(hours=1))
    scene.node.reports(change, S.RELEASED, PLOT, at=at + timedelta(hours=2))
    assert Publication.objects.get().state == "released"
    assert [file.path for file in PublishedFile.objects.all()] == [TABLE.path]
    assert lane(scene).state == "released"


def test_a_withdrawn_publication_does_not_come_back(scene: Scene) -> None:
    change = scene.merge()
    scene.node.reports(change, S.RELEASED, TABLE)
    Publication.objects.update(state="withdrawn")
    scene.node.reports(change, S.RELEASED, TABLE)
    assert Publication.objects.get().state == "withdrawn"


def test_a_report_about_another_nodes_result_is_refused(scene: Scene) -> None:
    NodeWorker(another_node()).reports(scene.merge(), S.RELEASED, TABLE)
    assert "no result of its own" in refused()
    assert not Publication.objects.exists()
    assert lane(scene).state == "in_review"


def test_a_report_about_what_is_no_result_is_refused(scene: Scene) -> None:
    change = scene.merge()
    assert scene.request.pull_request is not None
    wrong: list[dict[str, object]] = [
        {"pull_request": scene.request.pull_request.number},
        {"request": "2026-11-20-other-a1b2"},
        {"project": "other_study"},
        {"merge": "5" * 40},
    ]
    for number, said in enumerate(wrong, start=1):
        scene.node.reports(change, S.RELEASED, TABLE, **said)
        assert refused(number), said
    assert not Publication.objects.exists()
    assert acts() == []


def test_a_report_about_a_pull_request_that_was_not_read_yet_comes_again(scene: Scene) -> None:
    with pytest.raises(Unavailable, match="#4711 is not read yet"):
        scene.node.reports(scene.merge(), S.RELEASED, TABLE, pull_request=4711)
    assert not Publication.objects.exists()
    assert not InboundMessage.objects.filter(applied_at__isnull=False).exists()


def test_a_report_waits_until_the_portal_has_read_the_merge_itself(scene: Scene) -> None:
    with pytest.raises(Unavailable, match="not read yet"):
        scene.node.reports(scene.change, S.RELEASED, TABLE, merge=RELEASE)
    assert not Publication.objects.exists()
    assert not InboundMessage.objects.filter(applied_at__isnull=False).exists(), "so the node sends it again"
    scene.node.number = 0
    scene.node.reports(scene.merge(), S.RELEASED, TABLE)
    assert Publication.objects.get().state == "released"


Change = Callable[[Bytes], Bytes]
BAD_FILES: list[Change] = [
    lambda file: replace(file, path="../other_study/secret.csv"),
    lambda file: replace(file, path="/etc/passwd"),
    lambda file: replace(file, path="plots//one.png"),
    lambda file: replace(file, path="one\r\nSet-Cookie: a=b"),
    lambda file: replace(file, path="a\\b"),
    lambda file: replace(file, path="x" * 301),
    lambda file: replace(file, ending="/../../other_study"),
    lambda file: replace(file, media_type="text/csv\r\nX: y"),
]


@pytest.mark.parametrize("bad", BAD_FILES)
def test_a_file_that_could_not_be_one_is_refused_with_the_whole_report(bad: Change, scene: Scene) -> None:
    scene.node.reports(scene.merge(), S.RELEASED, PLOT, bad(TABLE))
    assert refused()
    assert not PublishedFile.objects.exists()
    assert not Publication.objects.exists()


def test_a_path_in_the_results_folder_is_shown_without_it(scene: Scene) -> None:
    folder = f"results/{scene.request.slug}/north"
    scene.node.reports(scene.merge(), S.RELEASED, replace(TABLE, path=f"{folder}/incidence.csv"))
    assert PublishedFile.objects.get().path == "incidence.csv"


def test_earlier_releases_of_the_job_stand_beside_the_decision_also_withdrawn_ones(
    scene: Scene, as_: Visit
) -> None:
    scene.node.reports(scene.merge(), S.RELEASED, TABLE)
    first = Publication.objects.get()
    later = repeat(scene)
    page = OUTPUTS.replace(scene.request.slug, later)
    assert "None of this job" not in as_("controller").get(page).content.decode()
    assert first.request.title in earlier(as_, page)
    Publication.objects.update(state="withdrawn")
    assert first.request.title in earlier(as_, page)
    Publication.objects.update(state="held")
    assert "None of this job" in earlier(as_, page)


def earlier(as_: Visit, page: str) -> str:
    return as_("controller").get(page).content.decode().partition("Earlier releases")[2]


def repeat(scene: Scene) -> str:
    """The same job once more, proposed by the node."""
    from tests.pages import world as pages
    from tests.pages.said import APPROVED

    row = pages.request(
        scene.world, "2026-11-24-again-a1b2", "Again", state="merged", decision=APPROVED, at=timezone.now()
    )
    pages.result(scene.world, row)
    return row.slug
