"""What lies in a real store, held against what was released."""

from __future__ import annotations

import os
import shutil
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import timezone

from governance.models import Node, Registration, Work
from governance.passes import ask_for_what_is_due
from governance.work import Gone
from portal.reconciliation.findings import Code
from portal.reconciliation.reading import read_facts
from portal.reconciliation.rules import judge
from publications import inventory
from publications import store as port
from publications.inventory import list_store
from publications.models import Publication, PublishedFile, StoreObject, StoreReading
from publications.store import StoreUnavailable, key_of
from tests.publications import arrange
from tests.publications.arrange import Bytes
from tests.services.s3 import S3, s3

pytestmark = pytest.mark.django_db
SUBJECT = "heart_study:north"
TABLE, PLOT = Bytes("incidence.csv", b"region,n\nnorth,20\n"), Bytes("incidence.png", b"\x89PNG", "image/png")
LISTING = Bytes("model", b'[{"md5": "x"}]', ending=".dir")
STORED = {Code.OBJECT_WITHOUT_RELEASE, Code.OBJECT_MISSING, Code.OBJECT_DIFFERS, Code.STORE_UNTOLD}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    """A store as the portal sees it, which looks into its folder anew for each question."""
    root = tmp_path_factory.mktemp("listed-store") / "store"
    root.mkdir()
    options = ("--read-only", "--dir-cache-time", "1ms")
    with s3(root, buckets=["publication"], options=options) as server:
        yield server


@pytest.fixture
def released(store_keys: S3) -> Iterator[Publication]:
    """Three files that were released and lie in the store."""
    node = arrange.node(store_keys.endpoint)
    project = arrange.project(node)
    people = arrange.person("researcher", 1), arrange.person("north[bot]", 4002)
    publication = arrange.release(arrange.result(project, *people), TABLE, PLOT, LISTING)
    for each in (TABLE, PLOT, LISTING):
        put(store_keys, key_of("heart_study", each.md5), each.content)
    yield publication
    shutil.rmtree(store_keys.root / "publication")
    (store_keys.root / "publication").mkdir()


def put(server: S3, key: str, content: bytes = b"x", *, hours_ago: float = 2) -> Path:
    path = server.root / "publication" / key
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    at = time.time() - hours_ago * 3600
    os.utime(path, (at, at))
    return path


def stored() -> dict[Code, list[str]]:
    """What the page would say of storage."""
    registration = Registration.objects.get()
    (facts,) = read_facts([registration.project], timezone.now())
    found: dict[Code, list[str]] = {}
    for finding in judge(facts, timezone.now()):
        if finding.code in STORED:
            found.setdefault(finding.code, []).append(finding.about)
    return found


def test_what_was_released_and_is_there_agrees(released: Publication) -> None:
    list_store(SUBJECT)
    reading = StoreReading.objects.get()
    assert (reading.objects_there, reading.strangers, reading.problem) == (3, 0, "")
    assert reading.read_at is not None
    assert stored() == {}


def test_what_no_release_names_is_found_wherever_it_lies(released: Publication, store_keys: S3) -> None:
    keys = [key_of("heart_study", "0" * 32), "heart_study/files/md5/short", "heart_study/notes.txt"]
    for key in keys:
        put(store_keys, key)
    put(store_keys, "other_study/files/md5/ab/not-of-this-project")
    list_store(SUBJECT)
    assert stored() == {Code.OBJECT_WITHOUT_RELEASE: sorted(keys)}
    since = StoreObject.objects.earliest("pk").since
    list_store(SUBJECT)
    assert StoreObject.objects.earliest("pk").since == since
    (store_keys.root / "publication" / keys[0]).unlink()
    list_store(SUBJECT)
    assert set(StoreObject.objects.values_list("key", flat=True)) == set(keys[1:])


def test_what_is_out_no_more_is_found_as_without_a_release(released: Publication) -> None:
    Publication.objects.update(state="withdrawn")
    list_store(SUBJECT)
    keys = [key_of("heart_study", each.md5) for each in (TABLE, PLOT, LISTING)]
    assert set(StoreObject.objects.values_list("key", flat=True)) == set(keys)


def test_a_file_that_is_gone_or_of_another_size_is_found(released: Publication, store_keys: S3) -> None:
    (store_keys.root / "publication" / key_of("heart_study", TABLE.md5)).unlink()
    put(store_keys, key_of("heart_study", PLOT.md5), b"longer than it was")
    list_store(SUBJECT)
    slug = released.request.slug
    assert stored() == {
        Code.OBJECT_MISSING: [f"{slug}/incidence.csv"],
        Code.OBJECT_DIFFERS: [f"{slug}/incidence.png"],
    }


def test_while_something_is_released_nobody_is_accused(released: Publication, store_keys: S3) -> None:
    """Its objects come before the node tells of it; then the store is listed again."""
    put(store_keys, key_of("heart_study", "0" * 32))
    list_store(SUBJECT)
    Publication.objects.update(released_at=timezone.now())
    assert stored() == {Code.STORE_UNTOLD: ["north"]}
    list_store(SUBJECT)
    assert list(stored()) == [Code.OBJECT_WITHOUT_RELEASE]


def test_what_was_written_just_now_may_belong_to_something(released: Publication, store_keys: S3) -> None:
    put(store_keys, key_of("heart_study", "0" * 32), hours_ago=0)
    list_store(SUBJECT)
    assert stored() == {}
    assert StoreReading.objects.get().strangers == 1


def test_other_bytes_under_the_sum_of_another_nodes_release_are_no_part_of_it(
    released: Publication, store_keys: S3
) -> None:
    """What the node itself released is told of the file; here nobody else would tell."""
    there = Node.objects.create(
        name="south", repo="s/s", app_id=9, app_slug="s", app_account=9, message_key="A" * 44, portal_app_id=1
    )
    Publication.objects.update(node=there)
    put(store_keys, key_of("heart_study", PLOT.md5), b"longer than it was")
    list_store(SUBJECT)
    assert stored()[Code.OBJECT_WITHOUT_RELEASE] == [key_of("heart_study", PLOT.md5)]


def test_a_worker_that_was_overtaken_writes_nothing_of_what_it_had_listed(
    released: Publication, store_keys: S3, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger, whole = put(store_keys, key_of("heart_study", "0" * 32)), port.list_page

    def slow(where: port.Store, prefix: str, cursor: str = "") -> port.Page:
        """Meanwhile the object is removed, and another worker lists the store to its end."""
        page = whole(where, prefix, cursor)
        monkeypatch.setattr(inventory, "list_page", whole)
        stranger.unlink()
        list_store(SUBJECT)
        return page

    monkeypatch.setattr(inventory, "list_page", slow)
    list_store(SUBJECT)
    assert not StoreObject.objects.exists()
    assert StoreReading.objects.get().objects_there == 3


def test_a_store_that_hangs_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """So a page takes less time than the lease of the work."""
    monkeypatch.setattr(port, "LISTS_WITHIN", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as hangs:
        hangs.settimeout(0)
        address = f"http://127.0.0.1:{hangs.getsockname()[1]}"
        with pytest.raises(StoreUnavailable):
            port.list_page(port.Store(address, "publication", "key", "secret"), "heart_study/")
        hangs.accept()[0].close()
        with pytest.raises(BlockingIOError):
            hangs.accept()


def test_a_store_is_listed_page_by_page_and_goes_on_where_it_was(
    released: Publication, store_keys: S3, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(6):
        put(store_keys, key_of("heart_study", f"{number:032}"))
    seen = paged(monkeypatch, 4)
    with monkeypatch.context() as hurried:
        hurried.setattr(inventory, "LONGEST_STEP", -1.0)
        list_store(SUBJECT)
    assert seen == [4]
    assert Work.objects.filter(kind="list_store", subject=SUBJECT).exists()
    assert StoreReading.objects.get().read_at is None
    list_store(SUBJECT)
    assert seen == [4, 4, 1]
    reading = StoreReading.objects.get()
    assert (reading.objects_there, reading.strangers) == (9, 6)


def paged(monkeypatch: pytest.MonkeyPatch, size: int) -> list[int]:
    """Pages of so many objects; gives how many each held."""
    seen: list[int] = []
    whole = port.list_page

    def small(where: port.Store, prefix: str, cursor: str = "") -> port.Page:
        page = whole(where, prefix, cursor)
        seen.append(len(page.objects))
        return page

    monkeypatch.setattr(port, "AT_ONCE", size)
    monkeypatch.setattr(inventory, "list_page", small)
    return seen


def test_of_very_many_strangers_all_are_counted_and_the_first_are_kept(
    released: Publication, store_keys: S3, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inventory, "KEPT", 2)
    for number in range(5):
        put(store_keys, key_of("heart_study", f"{number:032}"))
    list_store(SUBJECT)
    assert StoreReading.objects.get().strangers == 5
    assert StoreObject.objects.count() == 2


def test_a_store_that_cannot_be_listed_is_not_told_and_keeps_what_was_found(
    released: Publication, store_keys: S3, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store_keys, key_of("heart_study", "0" * 32))
    list_store(SUBJECT)
    monkeypatch.delenv("NORTH_PUBLICATION_ACCESS_KEY_ID")
    for _ in range(2):
        list_store(SUBJECT)
    assert set(stored()) == {Code.OBJECT_WITHOUT_RELEASE, Code.STORE_UNTOLD}
    assert "the portal holds no key for it" in StoreReading.objects.get().problem


def test_a_store_that_does_not_answer_is_asked_again_soon(released: Publication) -> None:
    away = {"endpoint": "http://127.0.0.1:9", "bucket": "publication", "keys": "NORTH_PUBLICATION"}
    Node.objects.update(storage={"publication": away})
    with pytest.raises(StoreUnavailable):
        list_store(SUBJECT)
    assert StoreReading.objects.get().unread_since is not None


def test_files_that_were_released_after_a_listing_are_not_missed(released: Publication) -> None:
    PublishedFile.objects.all().delete()
    list_store(SUBJECT)
    late = PublishedFile.objects.create(
        publication=released, path="late.csv", md5="9" * 32, sha256="9" * 64, size=1
    )
    Publication.objects.update(released_at=timezone.now())
    assert Code.OBJECT_MISSING not in stored()
    list_store(SUBJECT)
    assert stored()[Code.OBJECT_MISSING] == [f"{released.request.slug}/{late.path}"]


def test_every_store_has_its_row_of_work_and_loses_it_with_its_registration(released: Publication) -> None:
    ask_for_what_is_due()
    assert Work.objects.filter(kind="list_store", subject=SUBJECT).exists()
    Registration.objects.all().delete()
    with pytest.raises(Gone):
        list_store(SUBJECT)
