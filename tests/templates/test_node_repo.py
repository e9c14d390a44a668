"""A generated Node Repo says who the node is, and registers its first project in its first commit."""

import base64
import stat
from pathlib import Path

import pytest
from nacl.signing import SigningKey

from lockgate.formats import Kind, read_node, read_project
from tests.templates.conftest import SINCE, run


def test_the_node_can_be_read_and_names_no_secret(node_repo: Path) -> None:
    node = read_node((node_repo / "node.yaml").read_bytes())
    assert (node.name, node.app.slug, node.app.account) == ("north", "lockgate-north", 4002)
    assert node.portal.app_id == 3001
    assert node.controllers == ("north-health/north-controllers",)
    assert set(node.storage) == {"internal", "publication"}
    assert node.storage["internal"].read_endpoint is None
    assert node.storage["publication"].read_endpoint == "http://127.0.0.1:8405"
    assert node.storage["publication"].keys == "NORTH_PUBLICATION"
    assert "No secret" in (node_repo / "node.yaml").read_text()


def test_the_first_project_is_registered_from_its_first_commit_on(node_repo: Path) -> None:
    path = node_repo / "projects" / "heart_study.yaml"
    project = read_project(path.read_bytes(), "projects/heart_study.yaml")
    assert project.code_repo == "north-health/heart-study"
    assert project.since == SINCE
    assert project.publication == "publication"
    assert project.minimums[Kind.RESULT_PUBLICATION].quorum == 2


def test_a_message_key_that_was_not_given_is_made_and_kept_beside_the_repository(node_repo: Path) -> None:
    node = read_node((node_repo / "node.yaml").read_bytes())
    for kind, public in (("message-key", node.message_key), ("portal-message-key", node.portal.message_key)):
        private = node_repo.with_name(f"{node_repo.name}.{kind}")
        assert stat.S_IMODE(private.stat().st_mode) == 0o600
        pair = SigningKey(base64.b64decode(private.read_text()))
        assert base64.b64encode(bytes(pair.verify_key)).decode() == public


def test_keys_that_were_given_are_taken_and_none_are_made(made: Path, wheel: Path, tmp_path: Path) -> None:
    key = base64.b64encode(bytes(SigningKey.generate().verify_key)).decode()
    data = ("--data", f"message_key={key}", "--data", f"portal_message_key={key}")
    new = ("lockgate", "new", "node-repo", str(tmp_path / "node"), "--defaults", "--wheel", str(wheel))
    run(*new, *data, folder=made)
    assert read_node((tmp_path / "node" / "node.yaml").read_bytes()).message_key == key
    assert [path.name for path in tmp_path.iterdir()] == ["node"]


def test_its_ci_reads_the_node_and_its_projects(node_repo: Path, tmp_path: Path) -> None:
    assert "can be read" in run("python", "checks/formats.py", folder=node_repo)
    for name in ("projects", "checks"):
        (tmp_path / name).mkdir()
    (tmp_path / "node.yaml").write_bytes((node_repo / "node.yaml").read_bytes())
    (tmp_path / "checks" / "formats.py").write_bytes((node_repo / "checks" / "formats.py").read_bytes())
    (tmp_path / "projects" / "heart_study.yaml").write_text("version: 1\nname: other\n")
    told = run("python", "checks/formats.py", folder=tmp_path, fails=True)
    assert "projects/heart_study.yaml" in told


@pytest.mark.parametrize(
    "registration",
    [
        "heart_study",
        "heart_study=north-health/heart-study",
        "heart_study=north-health/heart-study@main",
        "Heart=north-health/heart-study@" + SINCE,
        "heart_study=heart-study@" + SINCE,
    ],
)
def test_a_registration_that_names_no_commit_or_repository_is_refused(
    made: Path, wheel: Path, tmp_path: Path, registration: str
) -> None:
    new = ("lockgate", "new", "node-repo", str(tmp_path / "node"), "--defaults", "--wheel", str(wheel))
    told = run(*new, "--project", registration, folder=made, fails=True)
    assert registration.split("=")[0] in told
