"""The demo's own promises: Ctrl-C leaves no process, and started again it goes on where it was."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from tests.services.ports import free_block
from tests.thread.demo import running
from tests.thread.outside import administrator

pytestmark = pytest.mark.timeout(900)


def test_it_stops_without_a_trace_and_goes_on_where_it_was(tmp_path: Path) -> None:
    folder, port = tmp_path / "demo", free_block(7)
    with running(folder, port) as demo:
        names = set(demo.endpoints["pids"])
        assert {"portal-web", "portal-worker", "node-worker", "dagster-daemon", "github"} <= names
        made = commits(administrator(demo))
        demo.stop()
        assert demo.process.returncode == 0
        assert demo.processes() == []
        assert not (folder / "endpoints.json").exists()
    with running(folder, port) as again:
        assert httpx.get(f"{again.portal}/status", trust_env=False).status_code == 200
        assert commits(administrator(again)) == made


def commits(github: object) -> list[str]:
    found = github.call("GET", "/repos/north-health/heart-study/commits")  # type: ignore[attr-defined]
    return [commit["sha"] for commit in found]
