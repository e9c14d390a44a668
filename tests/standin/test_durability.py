"""What was said stays said: over a restart, and over a crash between a ref and its consequences."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from standins.github.auth.principal import Principal
from standins.github.recovery import recover
from standins.github.store import RefUpdate
from standins.github.updates import Move, intend
from tests.standin.seeded import HERE, seed
from tests.standin.world import World, first_commit, git, served


def test_everything_survives_a_restart(tmp_path: Path) -> None:
    with served(tmp_path) as world:
        first_commit(world)
        world.protect()
        pull = world.pull("change", {"new.txt": "fresh\n"})
        world.check(pull.head.sha)
        world.person("controller").pulls.create_review(*HERE, pull.number, event="APPROVE")
        world.person("maintainer").teams.remove_membership_for_user_in_org(
            HERE[0], "heart-researchers", "researcher-2"
        )
        token = world.user_token("researcher")
        before = world.person("controller").pulls.get(*HERE, pull.number).json()
    with served(tmp_path) as again:
        rest = again.person("controller")
        after = rest.pulls.get(*HERE, pull.number).json()
        assert json.dumps(after).replace(again.url, "") == json.dumps(before).replace(world.url, "")
        assert rest.pulls.list_reviews(*HERE, pull.number).parsed_data[0].state == "APPROVED"
        assert rest.checks.list_for_ref(*HERE, pull.head.sha).parsed_data.total_count == 1
        assert again.token(token).users.get_authenticated().parsed_data.id == 1001
        members = rest.teams.list_members_in_org(HERE[0], "heart-researchers").parsed_data
        assert [one.login for one in members] == ["researcher"]
        assert rest.pulls.merge(*HERE, pull.number, sha=pull.head.sha).parsed_data.merged


def _as(world: World, login: str) -> Principal:
    return Principal("personal", world.site.account_named(login), scopes=("repo",))


def test_a_merge_cut_off_after_the_ref_moved_is_finished_at_the_start(world: World) -> None:
    pull = world.pull("change", {"new.txt": "fresh\n"})
    repository = world.site.repository_named(*HERE)
    assert repository is not None
    row = world.pull_row(pull.number)
    inside = world.site.git(repository)
    tree = inside.try_merge(pull.base.sha, pull.head.sha).tree
    clone = world.clone("controller")
    merge = git(
        clone, "commit-tree", pull.head.sha + "^{tree}", "-p", pull.base.sha, "-p", pull.head.sha, "-m", "M"
    )
    git(clone, "push", "-q", "origin", f"{merge}:refs/heads/kept")
    assert tree == inside.commit(merge).tree.id
    intend(
        world.site, repository, _as(world, "controller"), [Move("refs/heads/main", pull.base.sha, merge)], row
    )
    inside.move_ref("refs/heads/main", merge, pull.base.sha)
    assert not world.person("researcher").pulls.get(*HERE, pull.number).parsed_data.merged
    recover(world.site)
    after = world.person("researcher").pulls.get(*HERE, pull.number).parsed_data
    assert (after.merged, after.merged_by.login) == (True, "controller")
    assert world.activity_of("main")[0].activity_type == "pr_merge"


def test_a_move_that_did_not_happen_leaves_nothing(world: World) -> None:
    pull = world.pull("change", {"new.txt": "fresh\n"})
    repository = world.site.repository_named(*HERE)
    assert repository is not None
    before = len(world.activity_of("main"))
    move = Move("refs/heads/main", pull.base.sha, pull.head.sha)
    intend(world.site, repository, _as(world, "controller"), [move], world.pull_row(pull.number))
    recover(world.site)
    assert world.person("researcher").pulls.get(*HERE, pull.number).parsed_data.state == "open"
    assert len(world.activity_of("main")) == before
    assert world.site.store.find(RefUpdate) == []


def test_it_runs_as_a_command_and_says_where(tmp_path: Path) -> None:
    inside = seed(tmp_path)
    file = tmp_path / "seed.json"
    file.write_text(json.dumps({**vars(inside)}))
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "standins.github",
            "--data",
            str(tmp_path / "d"),
            "--port",
            "0",
            "--seed",
            str(file),
        ],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    with process.stdout:
        line = process.stdout.readline()
        assert line.startswith("listening on http://127.0.0.1:")
        assert _ended(process) in (0, -signal.SIGTERM)


def _ended(process: subprocess.Popen[str]) -> int:
    """How it ended. It is told again as by whoever waits for it: told while it begins, it may not hear."""
    for _ in range(30):
        process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            return process.wait(2)
    process.kill()
    return process.wait()
