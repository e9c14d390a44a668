"""The demo's own promises: Ctrl-C leaves no process, and started again it goes on where it was."""

from __future__ import annotations

import json
import os
from pathlib import Path

import httpx
import pytest

from standins.github.recording import FOLDER
from tests.thread.demo import RunningDemo
from tests.thread.outside import GitHub, administrator

pytestmark = pytest.mark.timeout(900)


def test_what_its_github_says_is_checked_as_in_any_test(demo: RunningDemo) -> None:
    said = Path(os.environ[FOLDER], f"{demo.endpoints['pids']['github']}.jsonl")
    kinds = {kind for line in said.read_text().splitlines() for kind in json.loads(line)}
    assert {"answered", "event", "document"} <= kinds, "exchanges, webhooks and GraphQL"


def test_it_stops_without_a_trace_and_goes_on_where_it_was(demo: RunningDemo) -> None:
    names = set(demo.endpoints["pids"])
    assert {"portal-web", "portal-worker", "node-worker", "dagster-daemon", "github"} <= names
    made = commits(administrator(demo))
    demo.stop()
    assert demo.process.returncode == 0
    assert demo.processes() == []
    assert not (demo.folder / "endpoints.json").exists()
    demo.start()
    assert httpx.get(f"{demo.portal}/status", trust_env=False).status_code == 200
    assert commits(administrator(demo)) == made


def commits(github: GitHub) -> list[str]:
    found = github.call("GET", "/repos/north-health/heart-study/commits")
    return [commit["sha"] for commit in found]
