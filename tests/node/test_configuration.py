"""The Node Repo describes the node; where it does not fit the node's own settings, all work is held."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from nacl.signing import SigningKey

from lockgate.messages import HealthReported, write_verify_key
from tests.node.github import CODE_REPO, NODE_ACCOUNT, PORTAL_APP
from tests.node.world import PROJECT, TABLE, NodeWorld


def effect(node: NodeWorld, service: str = "configuration") -> str:
    services = {each.name: each for each in node.portal.said(HealthReported)[-1].services}
    return services[service].effect


OTHER_KEY = write_verify_key(SigningKey.generate())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"portal": {"app_id": PORTAL_APP, "message_key": OTHER_KEY}}, "message key for the portal"),
        ({"app": {"id": 9, "slug": "other", "account": 9}}, "another App for this node"),
        ({"name": "south"}, "another node"),
    ],
    ids=["portal", "app", "name"],
)
def test_all_work_is_held_where_node_yaml_differs_from_the_nodes_settings(
    node: NodeWorld, change: dict[str, Any], said: str
) -> None:
    node.turn()
    assert (node.settings.sensor_dir / PROJECT / "token").exists()
    number = node.collected()
    node.github.approve(number)
    node.describe(**change)
    node.github.merge(number)
    node.turn(2)
    assert said in effect(node)
    assert node.published() == {}
    assert not (node.settings.sensor_dir / PROJECT).exists(), "its sensor can launch nothing"
    node.describe()
    node.turn(2)
    assert effect(node) == ""
    assert list(node.published().values()) == [TABLE]


def test_storage_at_an_address_that_is_not_allowed_holds_all_work(node: NodeWorld) -> None:
    node.describe(
        storage={
            name: {"endpoint": "http://elsewhere.example.org", "bucket": name, "keys": "NORTH_INTERNAL"}
            for name in ("internal", "publication")
        }
    )
    node.turn()
    assert "an address that this node does not allow" in effect(node)


def test_a_project_that_would_publish_in_internal_storage_stands_still_alone(node: NodeWorld) -> None:
    node.describe(project={"publication": "internal"})
    node.turn()
    assert "published in the internal storage" in effect(node)
    assert node.worker.registry.projects == {}


def test_the_sensor_gets_its_settings_and_a_token_that_can_only_read(node: NodeWorld) -> None:
    node.turn()
    folder = node.settings.sensor_dir / PROJECT
    settings = json.loads((folder / "settings.json").read_text())
    assert settings["repository"] == CODE_REPO
    assert settings["since"] == node.since
    assert settings["portal_app_id"] == PORTAL_APP
    assert settings["node_accounts"] == {"north": NODE_ACCOUNT}
    token = (folder / "token").read_text()
    assert (folder / "token").stat().st_mode & 0o007 == 0
    api = httpx.Client(
        base_url=f"{node.github.url}/api/v3/repos/{CODE_REPO}", headers={"authorization": f"Bearer {token}"}
    )
    with api:
        assert api.get("/pulls").status_code == 200
        assert api.post("/git/blobs", json={"content": "x", "encoding": "utf-8"}).status_code == 403
        assert api.get(f"{node.github.url}/api/v3/repos/north-health/north-node/pulls").status_code == 404
