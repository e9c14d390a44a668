"""What was merged past the gate never runs and never leaves; what the parts cannot reach, they cannot."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import psycopg
import pytest

from tests.services.ports import wait_until
from tests.thread.conftest import People
from tests.thread.demo import RunningDemo
from tests.thread.outside import REPOSITORY, GitHub, administrator, runs_of
from tests.thread.test_crashes import database

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
PROTECTION = f"/repos/{REPOSITORY}/branches/main/protection"


@contextmanager
def unprotected(github: GitHub) -> Iterator[None]:
    """An administrator takes main's protection away for a moment."""
    from lockgate.cli import main

    github.call("DELETE", PROTECTION)
    try:
        yield
    finally:
        teams = "maintainers,heart-controllers,north-controllers"
        arguments = ["protect", REPOSITORY, "--github", github.demo.github, "--token-env", "ADMINISTRATOR"]
        assert main([*arguments, "--app-id", "3001", "--teams", teams]) == 0


def test_a_request_merged_without_approval_is_held_and_never_runs(
    people: People, demo: RunningDemo, monkeypatch: pytest.MonkeyPatch
) -> None:
    github = administrator(demo)
    monkeypatch.setenv("ADMINISTRATOR", github.token)
    asked = people("researcher").asks_for("outcomes_by_group", title="Merged without approval")
    number = github.pull_of(f"request/{asked.slug}")["number"]
    with unprotected(github):
        github.call("PUT", f"/repos/{REPOSITORY}/pulls/{number}/merge", merge_method="merge")
    people("controller").sees(asked, "Held: merged without approval")
    assert runs_of(demo, asked.slug) == []


def test_a_result_merged_without_approval_is_held_and_never_leaves(
    people: People, demo: RunningDemo, monkeypatch: pytest.MonkeyPatch
) -> None:
    github = administrator(demo)
    monkeypatch.setenv("ADMINISTRATOR", github.token)
    controller = people("controller")
    asked = people("researcher").asks_for("outcomes_by_group", title="Released without approval")
    controller.approves(f"{asked.path}review/")
    controller.merges(f"{asked.path}review/")
    controller.sees(asked, "Outputs in review")
    number = github.pull_of(f"results/{asked.slug}/")["number"]
    with unprotected(github):
        github.call("PUT", f"/repos/{REPOSITORY}/pulls/{number}/merge", merge_method="merge")
    controller.sees(asked, "Held: merged without approval")
    with psycopg.connect(database(demo, "node")) as connection:
        found = connection.execute("SELECT state FROM release WHERE request = %s", [asked.slug]).fetchall()
    assert found == [("held",)]


def test_the_nodes_role_cannot_connect_to_the_portals_database(demo: RunningDemo) -> None:
    as_node = database(demo, "node")
    with psycopg.connect(as_node) as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("node",)
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(as_node.rpartition("/")[0] + "/portal")


def test_the_portals_store_gives_publications_alone_and_takes_nothing(demo: RunningDemo) -> None:
    """Its key opens neither the internal bucket nor the node's own server, and writes nothing."""
    import boto3
    from botocore.config import Config
    from botocore.exceptions import ClientError

    def client(port: int) -> object:
        return boto3.client(
            "s3",
            endpoint_url=f"http://127.0.0.1:{port}",
            aws_access_key_id=demo.secrets["portal_store_key"],
            aws_secret_access_key=demo.secrets["portal_store_secret"],
            region_name="us-east-1",
            config=Config(
                signature_version="s3v4", s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}
            ),
        )

    window, node = client(demo.port + 5), client(demo.port + 4)
    assert [bucket["Name"] for bucket in window.list_buckets()["Buckets"]] == ["publication"]  # type: ignore[attr-defined]
    for refused in (
        lambda: window.put_object(Bucket="publication", Key="x", Body=b"x"),  # type: ignore[attr-defined]
        lambda: window.list_objects_v2(Bucket="internal"),  # type: ignore[attr-defined]
        lambda: node.list_buckets(),  # type: ignore[attr-defined]
    ):
        with pytest.raises(ClientError):
            refused()


def test_a_forged_webhook_is_refused(demo: RunningDemo) -> None:
    headers = {"X-GitHub-Event": "push", "X-GitHub-Delivery": "1", "X-Hub-Signature-256": "sha256=00"}
    answer = httpx.post(f"{demo.portal}/webhooks/github", json={}, headers=headers, trust_env=False)
    assert answer.status_code in (401, 403)
    wait_until(lambda: httpx.get(f"{demo.portal}/status", trust_env=False).status_code == 200, what="status")
