"""What the runner does not understand fails aloud: the check is red and its title says why."""

from __future__ import annotations

import pytest

from standins.github.actions.reading import read_workflow
from standins.github.actions.workflow import NotUnderstood
from tests.standin.world import World
from tests.standin_actions.workflows import FOLDER, add_to_main, check_runs, finished, workflow

GATE = f"{FOLDER}/gate.yaml"
HEAD = "on: push\njobs:\n  gate:\n    runs-on: ubuntu-24.04\n"
STEPS = HEAD + "    steps:\n      - "


def test_a_workflow_that_asks_for_a_secret_fails_before_any_step(world: World) -> None:
    add_to_main(world, {GATE: workflow("pull_request_target", "run: echo ${{ secrets.NODE_KEY }}")})

    check = finished(world, world.pull("steal", {"a.txt": "a"}).head.sha)

    assert check.conclusion == "failure"
    assert "Not understood" in check.output.title
    assert "secrets.NODE_KEY" in check.output.title


def test_an_unknown_action_fails_the_check(world: World) -> None:
    add_to_main(world, {GATE: workflow("pull_request_target", "uses: evil/action@v1")})

    check = finished(world, world.pull("act", {"a.txt": "a"}).head.sha)

    assert check.conclusion == "failure"
    assert "evil/action is not among" in check.output.title


def test_a_head_that_breaks_its_own_workflow_is_told_so(world: World) -> None:
    add_to_main(world, {f"{FOLDER}/ci.yaml": workflow("pull_request", "run: echo", job="ci")})

    pull = world.pull("broken", {f"{FOLDER}/ci.yaml": "on: [pull_request\njobs: {}\n"})

    check = finished(world, pull.head.sha, f"{FOLDER}/ci.yaml")
    assert check.conclusion == "failure"
    assert "no YAML" in check.output.title
    assert len(check_runs(world, pull.head.sha)) == 1, "said once, not once for each trigger"


def test_what_is_missing_in_the_event_fails_the_step(world: World) -> None:
    add_to_main(world, {GATE: workflow("pull_request_target", "run: echo ${{ github.event.nothing.here }}")})

    check = finished(world, world.pull("miss", {"a.txt": "a"}).head.sha)

    assert check.conclusion == "failure"
    assert "github.event.nothing.here" in check.output.title


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("jobs: {}", "no `on`"),
        ("on: issues\njobs: {}", "only pull_request, pull_request_target, push are run here"),
        ("on: {push: {paths: ['a/**']}}\njobs: {}", "on.push: paths is not known here"),
        ("on: {push: {branches: ['!main']}}\njobs: {}", "only names, * and ** are known"),
        ("on: push\non: push\njobs: {}", "the key on stands twice"),
        ("on: &a push\nname: *a\njobs: {}", "aliases are not used"),
        ("on: push\nconcurrency: one\njobs: {}", "concurrency is not known here"),
        (HEAD + "    strategy: {matrix: {a: [1]}}\n    steps: [{run: ls}]", "strategy is not known here"),
        (HEAD + "    container: alpine\n    steps: [{run: ls}]", "container is not known here"),
        (HEAD + "    needs: other\n    steps: [{run: ls}]", "there is no job other"),
        (HEAD + "    needs: gate\n    steps: [{run: ls}]", "some need each other"),
        (HEAD.replace("ubuntu-24.04", "self-hosted") + "    steps: [{run: ls}]", "only an ubuntu runner"),
        (HEAD + "    permissions: {id-token: write}\n    steps: [{run: ls}]", "id-token is not known here"),
        (HEAD + "    permissions: {contents: admin}\n    steps: [{run: ls}]", "expected read, write or none"),
        (HEAD + "    steps: []", "expected a list of steps"),
        (STEPS + "name: neither", "expected either run or uses"),
        (STEPS + "{run: ls, shell: pwsh}", "only bash is known"),
        (STEPS + "{run: ls, continue-on-error: true}", "continue-on-error is not known here"),
        (STEPS + "{run: ls, if: github.actor == 'me'}", "only always(), success() and failure()"),
        (STEPS + "{run: ls, if: true}", "only always(), success() and failure()"),
        (STEPS + "uses: actions/checkout@main", "needs a version"),
        (STEPS + "uses: ./local", "./local is not among"),
        (STEPS + "uses: docker://alpine", "is not among"),
        (STEPS + "{uses: actions/checkout@v5, with: {ssh-key: x}}", "ssh-key is not known here"),
        (STEPS + "run: echo ${{ toJSON(github) }}", "only plain look-ups"),
        (STEPS + "run: echo ${{ github.event['x'] }}", "only plain look-ups"),
        (STEPS + "run: echo ${{ matrix.python }}", "there is no such context here"),
        (STEPS + "run: echo ${{ vars.NAME }}", "there is no such context here"),
        (STEPS + "run: echo ${{ github.sha", "an expression has no end"),
        (STEPS + "{run: ls, env: {A: '${{ secrets.PASSWORD }}'}}", "secrets.PASSWORD"),
    ],
)
def test_a_file_with_anything_unknown_is_refused_whole(text: str, reason: str) -> None:
    with pytest.raises(NotUnderstood) as refused:
        read_workflow(text.encode(), GATE)

    assert reason in str(refused.value)


def test_a_plain_file_is_understood_with_its_defaults() -> None:
    read = read_workflow((STEPS + "run: echo ${{ github.sha }}").encode(), GATE)

    (job,) = read.jobs
    assert (read.name, job.name, dict(job.permissions)) == (GATE, "gate", {"contents": "read"})
    assert job.steps[0].condition == "success()"


def test_permissions_of_a_job_replace_those_of_the_file() -> None:
    text = "permissions: read-all\n" + HEAD + "    permissions: {pull-requests: write, contents: none}\n"
    read = read_workflow((text + "    steps: [{run: ls}]").encode(), GATE)

    assert dict(read.jobs[0].permissions) == {"pull_requests": "write"}
