"""Outputs in review are what the manifest at the pull request's head says, and nothing else."""

from __future__ import annotations

import pytest

from lockgate.formats import Disclosure, Finding, read_manifest, write_manifest
from publications.models import Output, ResultManifest
from tests.pages import world as pages
from tests.publications import scene as scenes
from tests.publications.conftest import Visit
from tests.publications.scene import CONTROLS, OUTPUTS, PLOT, TABLE, Scene

pytestmark = pytest.mark.django_db
LOOK = f"{OUTPUTS}preview/incidence.csv/"


def test_each_output_of_the_manifest_is_a_row(scene: Scene) -> None:
    table, plot = Output.objects.all()
    assert (table.name, plot.name) == ("incidence.csv", "incidence.png")
    assert (table.sha256, table.md5, table.size) == (TABLE.sha256, TABLE.md5, len(TABLE.content))
    assert table.path == f"results/{scene.request.slug}/north/incidence.csv"
    assert (table.controls, table.head_sha) == (CONTROLS, scene.change.head_sha)


def test_a_new_head_replaces_what_the_old_one_said(scene: Scene) -> None:
    changed = scenes.Bytes("incidence.csv", b"region,n\nnorth,25\n")
    head = scenes.read_head(scene, scenes.manifest_file(scene.request, changed))
    assert [(row.name, row.sha256, row.head_sha) for row in Output.objects.all()] == [
        ("incidence.csv", changed.sha256, head)
    ]
    assert ResultManifest.objects.get().head_sha == head


def test_what_is_no_result_any_more_has_nothing_to_look_at(scene: Scene) -> None:
    scene.change.kind = ""
    scenes.read_head(scene, scenes.manifest_file(scene.request, TABLE, PLOT))
    assert not Output.objects.exists()
    assert not ResultManifest.objects.exists()


def test_reading_it_again_changes_nothing(scene: Scene) -> None:
    before = list(Output.objects.values())
    scenes.read_head(scene, scenes.manifest_file(scene.request, TABLE, PLOT))
    assert list(Output.objects.values()) == before


@pytest.mark.parametrize(
    "manifest", [b"", b"version: 2\n", b"\xff\xfe", b"outputs: &a [*a]\n", b"version: 1\nrequest: x\n"]
)
def test_an_unreadable_manifest_leaves_nothing_to_look_at(manifest: bytes, scene: Scene, as_: Visit) -> None:
    scenes.read_head(scene, manifest)
    assert not Output.objects.exists()
    assert not ResultManifest.objects.exists()
    page = as_("controller").get(OUTPUTS)
    assert page.status_code == 200
    assert "there is nothing to look at" in page.content.decode()
    assert as_("controller").get(LOOK).status_code == 404


def test_a_head_that_was_not_read_yet_shows_nothing_of_the_one_before(scene: Scene, as_: Visit) -> None:
    scene.change.head_sha = "9" * 40
    scene.change.save()
    assert as_("controller").get(LOOK).status_code == 404
    assert "incidence.csv" not in as_("controller").get(OUTPUTS).content.decode()


def test_what_a_scanner_found_is_kept_by_rule_and_count_alone(scene: Scene, as_: Visit) -> None:
    assert ResultManifest.objects.get().disclosure is None
    assert "Not checked by a scanner" in as_("controller").get(OUTPUTS).content.decode()
    plain = read_manifest(scenes.manifest_file(scene.request, TABLE))
    found = Disclosure("lockgate 1", (Finding("small_count", "warning", 3),))
    scenes.read_head(scene, write_manifest(type(plain)(**(vars(plain) | {"disclosure": found}))))
    assert ResultManifest.objects.get().disclosure == {
        "scanner": "lockgate 1",
        "findings": [{"rule": "small_count", "level": "warning", "count": 3}],
    }
    assert "Not checked by a scanner" not in as_("controller").get(OUTPUTS).content.decode()


def test_other_changes_have_no_outputs(scene: Scene) -> None:
    request = pages.request(scene.world, "2026-11-20-other-a1b2", "Another")
    assert request.pull_request is not None
    assert not request.pull_request.outputs.exists()


def test_the_page_sets_what_was_promised_beside_what_the_run_states(scene: Scene, as_: Visit) -> None:
    page = as_("controller").get(OUTPUTS).content.decode()
    assert page.count(CONTROLS) == 2
    assert "not what the request promised" not in page
    stated = scenes.manifest_file(scene.request, TABLE, controls="none applied")
    scenes.read_head(scene, stated)
    page = as_("controller").get(OUTPUTS).content.decode()
    assert (page.count(CONTROLS), page.count("none applied")) == (1, 1)
    assert "not what the request promised" in page


def test_a_file_over_the_projects_limit_is_marked(scene: Scene, as_: Visit) -> None:
    assert "Larger than the project allows" not in as_("controller").get(OUTPUTS).content.decode()
    project = scene.world.project
    project.governance = project.governance | {"disclosure": {"max_bytes": 5}}
    project.save()
    assert "Larger than the project allows" in as_("controller").get(OUTPUTS).content.decode()
