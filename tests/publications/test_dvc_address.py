"""The DVC address: stock `dvc pull` gets released files, for members alone, and each is on record."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from governance.models import AuditEvent, Person, Project, Team
from publications import tokens
from publications.models import Download, Publication
from publications.store import key_of
from tests.publications import arrange
from tests.publications.arrange import Bytes
from tests.services.s3 import S3

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("publications.urls")]

TABLE = Bytes("table.csv", b"region,n\nnorth,20\n")
PART = Bytes("plots/one.txt", b"one", "text/plain")
LISTING = Bytes("plots", json.dumps([{"md5": PART.md5, "relpath": "one.txt"}]).encode(), "", ".dir")


@dataclass(frozen=True)
class World:
    project: Project
    publication: Publication
    members: Team
    researcher: Person
    token: str
    outsider_token: str


@pytest.fixture
def world(store_keys: S3) -> World:
    researcher, outsider = arrange.person("researcher", 1001), arrange.person("outsider", 1006)
    project = arrange.project(arrange.node(store_keys.endpoint))
    members = arrange.team("org/researchers", researcher)
    arrange.permit(members, project, "view_project", "request_job")
    change = arrange.result(project, researcher, arrange.person("north[bot]", 4002))
    publication = arrange.release(change, TABLE, PART, LISTING)
    for file in (TABLE, PART, LISTING):
        store_keys.client().put_object(
            Bucket="publication", Key=key_of(project.name, file.md5), Body=file.content
        )
    _, token = tokens.create(by=researcher, name="laptop")
    _, outsider_token = tokens.create(by=outsider, name="laptop")
    return World(project, publication, members, researcher, token, outsider_token)


def address(file: Bytes, project: str = "heart_study") -> str:
    return f"/dvc/{project}/files/md5/{file.md5[:2]}/{file.md5[2:]}"


def basic(token: str) -> dict[str, str]:
    word = base64.b64encode(f"anything:{token}".encode()).decode()
    return {"Authorization": f"Basic {word}"}


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_stock_dvc_pull_brings_files_and_directories_with_the_same_bytes(
    world: World, live_server: object, tmp_path: Path
) -> None:
    clone = clean_clone(tmp_path, live_server.url, world.token)  # type: ignore[attr-defined]
    done = subprocess.run([sys.executable, "-m", "dvc", "pull"], cwd=clone, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (clone / "table.csv").read_bytes() == TABLE.content
    assert (clone / "plots" / "one.txt").read_bytes() == PART.content
    assert Download.objects.filter(person=world.researcher, via="dvc").count() == 3
    assert AuditEvent.objects.filter(action="file.downloaded", login="researcher").count() == 3


def clean_clone(folder: Path, portal: str, token: str) -> Path:
    """What a fresh clone holds, with the reader's own token beside it as `dvc remote modify --local` does."""
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    (folder / ".dvc").mkdir()
    (folder / ".dvc" / "config").write_text(
        f"""[core]
    remote = publication
['remote "publication"']
    url = {portal}/dvc/heart_study
    verify = true
    auth = basic
"""
    )
    (folder / ".dvc" / "config.local").write_text(
        f"['remote \"publication\"']\n    user = researcher\n    password = {token}\n"
    )
    (folder / "table.csv.dvc").write_text(pointer(TABLE, "table.csv"))
    (folder / "plots.dvc").write_text(pointer(LISTING, "plots"))
    return folder


def pointer(file: Bytes, path: str) -> str:
    return f"outs:\n- md5: {file.md5}\n  size: {len(file.content)}\n  hash: md5\n  path: {path}\n"


def test_a_head_request_is_answered_from_rows(world: World, client: Client) -> None:
    answer = client.head(address(TABLE), headers=basic(world.token))
    assert (answer.status_code, answer["Content-Length"]) == (200, str(len(TABLE.content)))
    assert not Download.objects.exists()


def test_a_bearer_token_is_taken_too_and_redirected(world: World, client: Client) -> None:
    answer = client.get(address(TABLE), headers=bearer(world.token))
    assert answer.status_code == 302


@pytest.mark.parametrize("headers", [{}, basic("lgp_wrong"), {"Authorization": "Basic %%%"}])
def test_nobody_gets_anything_without_a_token(world: World, client: Client, headers: dict[str, str]) -> None:
    answer = client.get(address(TABLE), headers=headers)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Basic")


def test_an_outsider_finds_nothing(world: World, client: Client) -> None:
    assert client.get(address(TABLE), headers=basic(world.outsider_token)).status_code == 404


def test_leaving_the_team_ends_access(world: World, client: Client) -> None:
    world.researcher.user.groups.remove(world.members.group)
    assert client.get(address(TABLE), headers=basic(world.token)).status_code == 404


def test_a_revoked_or_expired_token_opens_nothing(world: World, client: Client) -> None:
    token = world.researcher.personal_tokens.get()
    world.researcher.personal_tokens.update(expires_at=timezone.now())
    assert client.get(address(TABLE), headers=basic(world.token)).status_code == 401
    world.researcher.personal_tokens.update(expires_at=timezone.now() + timedelta(days=1))
    tokens.revoke(by=world.researcher, token=token.pk)
    assert client.get(address(TABLE), headers=basic(world.token)).status_code == 401


def test_permission_that_github_did_not_confirm_for_an_hour_opens_nothing(
    world: World, client: Client
) -> None:
    Team.objects.update(confirmed_at=timezone.now() - timedelta(minutes=61))
    assert client.get(address(TABLE), headers=basic(world.token)).status_code == 503
    Team.objects.update(confirmed_at=timezone.now() - timedelta(minutes=59))
    assert client.get(address(TABLE), headers=bearer(world.token)).status_code == 302


@pytest.mark.parametrize("state", [state for state in Publication.State if state != "released"])
def test_only_what_is_released_is_found(world: World, client: Client, state: str) -> None:
    Publication.objects.update(state=state)
    assert client.get(address(TABLE), headers=basic(world.token)).status_code == 404


def test_a_listing_and_another_projects_file_are_not_found(world: World, client: Client) -> None:
    other = arrange.project(world.publication.node, "other_study")
    arrange.permit(world.members, other, "view_project")
    assert client.get("/dvc/heart_study/files/md5", headers=basic(world.token)).status_code == 404
    assert client.get(address(TABLE, "other_study"), headers=basic(world.token)).status_code == 404


def test_the_signed_address_gives_this_object_and_no_other(world: World, client: Client) -> None:
    import httpx

    signed = client.get(address(TABLE), headers=bearer(world.token))["Location"]
    assert httpx.get(signed, trust_env=False).content == TABLE.content
    other = signed.replace(TABLE.md5[2:], PART.md5[2:])
    assert httpx.get(other, trust_env=False).status_code == 403
