"""Released files in the browser: who finds them, what comes down, and what is written about it."""

from __future__ import annotations

import hashlib
import io
import subprocess
import tracemalloc
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from django.http import StreamingHttpResponse
from django.test import Client
from django.utils import timezone

from governance.models import AuditEvent, Team
from lockgate.messages import ReleaseState
from publications.archive import zipped
from publications.models import Download, Publication
from tests.publications import scene as scenes
from tests.publications.conftest import Visit
from tests.publications.scene import PLOT, PUBLICATION, TABLE, Bytes, Scene
from tests.services.s3 import S3

pytestmark = pytest.mark.django_db
FILE = f"{PUBLICATION}north/incidence.csv"
MEMBERS = ("researcher", "researcher-2", "controller", "maintainer")
ODD = [
    'plots/say "hi".csv',
    "plots/100% of north.csv",
    "plots/Zürich – 2024?.csv",
    "plots/a#b;c=d&e.csv",
    "plots/two  spaces.csv",
]


@pytest.fixture
def stored(scene: Scene, store_keys: S3) -> Scene:
    """The node's publication store is up; nothing is released yet."""
    scenes.store(scene, store_keys, TABLE, PLOT, *(Bytes(path, path.encode()) for path in ODD))
    return scene


@pytest.fixture
def released(stored: Scene) -> Scene:
    stored.node.reports(stored.merge(), ReleaseState.RELEASED, TABLE, PLOT)
    return stored


def unpack(browser: Client, folder: Path) -> zipfile.ZipFile:
    answer = browser.get(f"{PUBLICATION}all.zip")
    assert isinstance(answer, StreamingHttpResponse)
    archive = zipfile.ZipFile(io.BytesIO(answer.getvalue()))
    archive.extractall(folder)
    return archive


@pytest.mark.parametrize("login", MEMBERS)
def test_members_download_a_file_under_its_own_name(login: str, released: Scene, as_: Visit) -> None:
    answer = as_(login).get(FILE)
    assert answer.status_code == 302
    got = httpx.get(answer["Location"], trust_env=False)
    assert got.content == TABLE.content
    assert got.headers["Content-Disposition"] == 'attachment; filename="incidence.csv"'
    assert got.headers["Content-Type"] == "text/csv"
    row = AuditEvent.objects.get(action="file.downloaded")
    assert (row.login, row.subject) == (login, f"{released.request.slug}/north/incidence.csv")
    assert row.details == {"via": "browser", "sha256": TABLE.sha256}
    assert Download.objects.get().person.login == login


@pytest.mark.parametrize("path", ODD)
def test_a_file_of_any_name_comes_down_and_its_name_breaks_no_header(
    path: str, stored: Scene, as_: Visit
) -> None:
    file = Bytes(path, path.encode())
    stored.node.reports(stored.merge(), ReleaseState.RELEASED, file)
    page = as_("researcher").get(PUBLICATION).content.decode()
    address = f"{PUBLICATION}north/{quote(path, safe='/:;=@&$+!*(),~')}"
    assert address.replace("&", "&amp;") in page
    got = httpx.get(as_("researcher").get(address)["Location"], trust_env=False)
    assert got.content == file.content
    said = got.headers["Content-Disposition"]
    assert said.startswith("attachment; filename")
    assert said.isascii()


@pytest.mark.parametrize("address", [FILE, PUBLICATION, f"{PUBLICATION}all.zip", f"{PUBLICATION}SHA256SUMS"])
def test_an_outsider_finds_nothing(address: str, released: Scene, as_: Visit) -> None:
    assert as_("outsider").get(address).status_code == 404
    assert not Download.objects.exists()


@pytest.mark.parametrize("state", [state for state in Publication.State if state != "released"])
def test_a_file_is_found_only_while_it_is_released(state: str, released: Scene, as_: Visit) -> None:
    Publication.objects.update(state=state)
    for address in (FILE, f"{PUBLICATION}all.zip", f"{PUBLICATION}SHA256SUMS"):
        assert as_("researcher").get(address).status_code == 404, address
    assert "Download all" not in as_("researcher").get(PUBLICATION).content.decode()


def test_what_is_not_there_is_not_found(released: Scene, as_: Visit) -> None:
    for address in (
        f"{PUBLICATION}north/missing.csv",
        f"{PUBLICATION}south/incidence.csv",
        FILE.replace("heart_study", "other_study"),
        FILE.replace(released.request.slug, "2026-11-20-other-a1b2"),
    ):
        assert as_("researcher").get(address).status_code == 404, address


def test_permission_older_than_an_hour_opens_no_download(released: Scene, as_: Visit) -> None:
    Team.objects.update(confirmed_at=timezone.now() - timedelta(minutes=61))
    for address in (FILE, f"{PUBLICATION}all.zip", f"{PUBLICATION}SHA256SUMS"):
        assert as_("researcher").get(address).status_code == 503, address
    assert not Download.objects.exists()
    Team.objects.update(confirmed_at=timezone.now() - timedelta(minutes=59))
    assert as_("researcher").get(FILE).status_code == 302


def test_the_archive_holds_every_file_and_its_sums_check_out(
    released: Scene, as_: Visit, tmp_path: Path
) -> None:
    archive = unpack(as_("researcher"), tmp_path)
    folder = f"{released.request.slug}/north"
    assert archive.namelist() == [f"{folder}/incidence.csv", f"{folder}/incidence.png", "SHA256SUMS"]
    assert (tmp_path / folder / "incidence.png").read_bytes() == PLOT.content
    check = ["sha256sum", "--check", "--strict", "SHA256SUMS"]
    done = subprocess.run(check, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert Download.objects.filter(person__login="researcher").count() == 2
    sums = as_("researcher").get(f"{PUBLICATION}SHA256SUMS").content
    assert sums == (tmp_path / "SHA256SUMS").read_bytes()


def test_the_archive_takes_odd_names_too(stored: Scene, as_: Visit, tmp_path: Path) -> None:
    files = [Bytes(path, path.encode()) for path in ODD]
    stored.node.reports(stored.merge(), ReleaseState.RELEASED, *files)
    unpack(as_("researcher"), tmp_path)
    for file in files:
        found = tmp_path / stored.request.slug / "north" / file.path
        assert hashlib.sha256(found.read_bytes()).hexdigest() == file.sha256
    done = subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=tmp_path, check=False)
    assert done.returncode == 0


def test_a_directorys_own_listing_is_no_file_for_people(stored: Scene, as_: Visit, tmp_path: Path) -> None:
    listing = Bytes("plots", b"[]", "application/vnd.dvc.directory+json", ".dir")
    stored.node.reports(stored.merge(), ReleaseState.RELEASED, replace(TABLE, path="plots/a.csv"), listing)
    assert unpack(as_("researcher"), tmp_path).namelist() == [
        f"{stored.request.slug}/north/plots/a.csv",
        "SHA256SUMS",
    ]
    assert "1 file," in as_("researcher").get(PUBLICATION).content.decode()


def test_an_archive_of_any_size_is_made_in_little_memory() -> None:
    chunk, chunks, read = b"\0" * 65536, 1024, []

    def content() -> Iterator[bytes]:
        for number in range(chunks):
            read.append(number)
            yield chunk

    parts = zipped([("large.csv", timezone.now(), content())])
    next(parts)
    assert len(read) == 1, "a file is read only as fast as its reader takes it"
    tracemalloc.start()
    for _ in parts:
        pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(read) == chunks
    assert peak < 2_000_000, f"{peak} bytes at most for {chunks * len(chunk)}"


def test_a_store_that_is_down_is_said_on_a_page_and_nothing_is_recorded(released: Scene, as_: Visit) -> None:
    node = released.node.row
    node.storage = {"publication": node.storage["publication"] | {"read_endpoint": "http://127.0.0.1:1"}}
    node.save()
    answer = as_("researcher").get(f"{PUBLICATION}all.zip")
    assert answer.status_code == 503
    assert "did not give the file" in answer.content.decode()
    assert not Download.objects.exists()


def test_a_store_that_is_not_set_up_says_who_can_help(
    released: Scene, as_: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NORTH_PUBLICATION_SECRET_ACCESS_KEY")
    answer = as_("researcher").get(FILE)
    assert answer.status_code == 503
    assert "Tell a maintainer of the node" in answer.content.decode()


def test_the_list_shows_what_is_released_to_ones_own_projects(released: Scene, as_: Visit) -> None:
    page = as_("researcher").get("/publications/").content.decode()
    assert released.request.title in page
    assert "Released" in page
    assert released.request.title not in as_("outsider").get("/publications/").content.decode()
    Publication.objects.update(state="withdrawn")
    assert "Nothing is released yet" in as_("researcher").get("/publications/").content.decode()


@pytest.mark.parametrize(
    ("state", "said", "words"),
    [
        (ReleaseState.RELEASING, {"bytes_done": 31_000_000, "bytes_total": 48_000_000}, "Copying 31"),
        (ReleaseState.UNFINISHED, {"reason": "Stopped while verifying."}, "Stopped while verifying."),
        (ReleaseState.HELD, {"reason": "Merged without approval."}, "Merged without approval."),
        (ReleaseState.WAITING, {}, "The node has it"),
    ],
)
def test_a_release_on_its_way_says_how_it_stands(
    state: ReleaseState, said: dict[str, object], words: str, stored: Scene, as_: Visit
) -> None:
    stored.node.reports(stored.merge(), state, **said)
    page = as_("researcher").get(PUBLICATION).content.decode()
    assert words in page
    assert "There is nothing to download yet." in page
