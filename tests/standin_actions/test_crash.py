"""Killed at once and started again, the local GitHub goes on where it was."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, cast

from standins.github import Site
from tests.standin.world import PORTAL_APP, World, first_commit, seed
from tests.standin_actions.ears import SECRET, Ear
from tests.standin_actions.workflows import (
    FOLDER,
    add_to_main,
    check_runs,
    finished,
    log_of,
    wait_for,
    workflow,
)

ROOT = Path(__file__).parents[2]


@contextmanager
def running(folder: Path, webhook_url: str = "") -> Iterator[World]:
    """The stand-in as a process of its own, killed at the end of the block."""
    content: dict[str, Any] = dict(vars(seed(folder)))
    for app in content["apps"]:
        if app["id"] == PORTAL_APP:
            app |= {"webhook_url": webhook_url, "webhook_secret": SECRET, "events": ["pull_request"]}
    (folder / "seed.json").write_text(json.dumps(content))
    command = [sys.executable, "-m", "standins.github", "--port", "0"]
    command += ["--data", str(folder / "data"), "--seed", str(folder / "seed.json")]
    with (
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process,
        ExitStack() as clients,
    ):
        assert process.stdout is not None
        url = process.stdout.readline().split()[-1]
        try:
            yield World(folder, cast(Site, None), url, clients)
        finally:
            process.kill()


def test_a_job_in_the_middle_is_run_again_from_its_beginning(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    step = f"run: test -e {mark} || {{ touch {mark}; sleep 5; }}; echo second time"
    with running(tmp_path) as world:
        first_commit(world)
        add_to_main(world, {f"{FOLDER}/gate.yaml": workflow("pull_request_target", step)})
        sha = world.pull("crash", {"a.txt": "a"}).head.sha
        wait_for(mark.exists, "the first run's mark")

    with running(tmp_path) as world:
        check = finished(world, sha)
        assert check.conclusion == "success"
        assert "second time" in log_of(world, check)
        assert len(check_runs(world, sha)) == 1


def test_a_delivery_without_answer_is_sent_again_under_its_own_guid(tmp_path: Path, ear: Ear) -> None:
    ear.hold.clear()
    with running(tmp_path, ear.url) as world:
        first_commit(world)
        world.pull("feature", {"a.txt": "a"})
        wait_for(lambda: ear.waiting, "a delivery under way")
    ear.hold.set()
    first = ear.wait("pull_request opened")

    with running(tmp_path, ear.url):
        again = ear.wait("pull_request opened", 2)

    assert again.headers["x-github-delivery"] == first.headers["x-github-delivery"]
