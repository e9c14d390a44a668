"""A repository's own workflow files run, and their checks stand on the pull request's head."""

from __future__ import annotations

from pathlib import Path

import psutil

from standins.github.store import CheckRun, WorkflowRun
from tests.standin.world import ORGANIZATION, REPOSITORY, World, commit, first_commit, git, served
from tests.standin_actions.workflows import (
    FOLDER,
    add_to_main,
    check_runs,
    finished,
    log_of,
    wait_for,
    workflow,
)

CHECKOUT = "uses: actions/checkout@v5"
GATE = f"{FOLDER}/gate.yaml"


def test_a_pull_request_runs_the_head_merged_with_the_base(world: World) -> None:
    add_to_main(
        world, {f"{FOLDER}/ci.yaml": workflow("pull_request", CHECKOUT, "run: ls; cat base.txt", job="ci")}
    )
    world.branch("feature", {"new.txt": "new"})
    add_to_main(world, {"base.txt": "later on the base\n"})
    pull = (
        world.person("researcher")
        .pulls.create(ORGANIZATION, REPOSITORY, title="Feature", head="feature", base="main")
        .parsed_data
    )

    check = finished(world, pull.head.sha, "ci")

    assert (check.conclusion, check.app.id) == ("success", 15368)
    assert "later on the base" in log_of(world, check)
    assert "new.txt" in log_of(world, check)


def test_pull_request_target_runs_the_bases_file_on_the_bases_tree(world: World) -> None:
    add_to_main(world, {GATE: workflow("pull_request_target", CHECKOUT, "run: echo of the base; ls")})

    pull = world.pull("evil", {GATE: workflow("pull_request_target", "run: echo of the head"), "x.txt": "x"})

    check = finished(world, pull.head.sha)
    assert check.conclusion == "success"
    assert "of the base" in log_of(world, check)
    assert "x.txt" not in log_of(world, check)
    assert "of the head" not in log_of(world, check)


def test_a_failing_step_fails_the_check_and_its_annotations_are_served(world: World) -> None:
    step = "run: |\n  echo '::error file=jobs/a.yaml,line=3,title=Refused::no, %25 and%0Amore'\n  exit 4"
    add_to_main(world, {GATE: workflow("pull_request_target", step, "run: echo never")})

    check = finished(world, world.pull("bad", {"jobs/a.yaml": "x"}).head.sha)

    assert check.conclusion == "failure"
    assert "exit code 4" in check.output.title
    assert "never" not in log_of(world, check)
    notes = world.person("maintainer").checks.list_annotations(ORGANIZATION, REPOSITORY, check.id).parsed_data
    told = [(note.path, note.start_line, note.annotation_level, note.title, note.message) for note in notes]
    assert told == [
        ("jobs/a.yaml", 3, "failure", "Refused", "no, % and\nmore"),
        (".github", 1, "failure", None, "Process completed with exit code 4."),
    ]


def test_steps_hand_on_outputs_environment_path_and_summary(world: World) -> None:
    first = (
        "id: one\nenv: {HEAD: '${{ github.event.pull_request.head.sha }}'}\nrun: |\n"
        '  echo "sha=$HEAD" >> "$GITHUB_OUTPUT"\n  echo COLOUR=green >> "$GITHUB_ENV"\n'
        "  mkdir tools && printf '#!/bin/sh\\necho my tool' > tools/mine && chmod +x tools/mine\n"
        '  echo "$PWD/tools" >> "$GITHUB_PATH"\n  echo \'### Fine\' >> "$GITHUB_STEP_SUMMARY"'
    )
    second = (
        'run: mine; echo "${{ steps.one.outputs.sha }} $COLOUR ${{ github.base_ref }} ${{ github.head_ref }}"'
    )
    add_to_main(world, {GATE: workflow("pull_request_target", first, second)})

    sha = world.pull("good", {"a.txt": "a"}).head.sha

    check = finished(world, sha)
    assert f"{sha} green main good" in log_of(world, check)
    assert "my tool" in log_of(world, check)
    assert check.output.summary == "### Fine\n"


def test_after_a_failure_only_steps_that_ask_for_it_run(world: World) -> None:
    steps = (
        "run: exit 1",
        "run: echo skipped",
        "if: always()\nrun: echo cleaned",
        "if: failure()\nrun: echo told",
    )
    add_to_main(world, {GATE: workflow("pull_request_target", *steps)})

    log = log_of(world, finished(world, world.pull("bad", {"a.txt": "a"}).head.sha))

    said = [line for line in log.splitlines() if line in ("skipped", "cleaned", "told")]
    assert said == ["cleaned", "told"]


def test_a_step_sees_nothing_of_the_servers_environment(world: World) -> None:
    add_to_main(
        world, {GATE: workflow("pull_request_target", "run: env; command -v lockgate || echo no lockgate")}
    )

    log = log_of(world, finished(world, world.pull("look", {"a.txt": "a"}).head.sha))

    names = {line.partition("=")[0] for line in log.splitlines() if "=" in line}
    inherited = {name for name in names if not name.startswith(("GITHUB_", "RUNNER_", "PIP_", "GIT_", "UV_"))}
    assert inherited <= {"PATH", "HOME", "LANG", "CI", "TMPDIR", "PWD", "SHLVL", "_"}
    assert "no lockgate" in log


def test_the_head_can_be_fetched_as_objects_with_the_workflows_token(world: World) -> None:
    fetch = (
        "env: {NUMBER: '${{ github.event.pull_request.number }}', TOKEN: '${{ github.token }}'}\nrun: |\n"
        '  basic="$(printf \'x-access-token:%s\' "$TOKEN" | base64 --wrap=0)"\n'
        '  git -c "http.extraheader=Authorization: Basic $basic" fetch -q origin "refs/pull/$NUMBER/head"\n'
        "  git show --stat --format=%s FETCH_HEAD\n  echo token=$TOKEN"
    )
    checkout = "uses: actions/checkout@v5\nwith: {fetch-depth: 0, persist-credentials: false}"
    add_to_main(world, {GATE: workflow("pull_request_target", checkout, fetch)})

    log = log_of(world, finished(world, world.pull("theirs", {"theirs.txt": "t"}).head.sha))

    assert "theirs.txt" in log
    assert "token=***" in log


def test_permissions_are_honoured_a_reader_cannot_post_a_check(world: World) -> None:
    post = (
        "env: {TOKEN: '${{ secrets.GITHUB_TOKEN }}', HEAD: '${{ github.event.pull_request.head.sha }}'}\n"
        "run: |\n  curl -s -o /dev/null -w 'status %{http_code}' -X POST -H \"Authorization: Bearer $TOKEN\""
        ' -d "{\\"name\\":\\"forged\\",\\"head_sha\\":\\"$HEAD\\",\\"conclusion\\":\\"success\\"}"'
        ' "$GITHUB_API_URL/repos/$GITHUB_REPOSITORY/check-runs"'
    )
    writer = workflow("pull_request_target", post, permissions="{checks: write}", job="writer")
    reader = workflow("pull_request_target", post, job="reader")
    add_to_main(world, {f"{FOLDER}/reader.yaml": reader, f"{FOLDER}/writer.yaml": writer})

    sha = world.pull("forge", {"a.txt": "a"}).head.sha

    assert "status 403" in log_of(world, finished(world, sha, "reader"))
    assert "status 201" in log_of(world, finished(world, sha, "writer"))


def test_without_permission_for_contents_nothing_is_checked_out(world: World) -> None:
    add_to_main(world, {GATE: workflow("pull_request_target", CHECKOUT, permissions="{checks: read}")})

    check = finished(world, world.pull("blind", {"a.txt": "a"}).head.sha)

    assert check.conclusion == "failure"
    assert "may not read contents" in check.output.title


def test_a_push_runs_the_pushed_file_where_its_branch_is_wanted(world: World) -> None:
    push = workflow("{push: {branches: ['release/*']}}", "run: echo pushed $GITHUB_REF_NAME")
    add_to_main(world, {GATE: push})

    released = world.branch("release/1", {"a.txt": "a"})
    other = world.branch("other", {"b.txt": "b"})

    assert "pushed release/1" in log_of(world, finished(world, released))
    assert check_runs(world, other) == []


def test_types_and_branches_decide_what_starts(world: World) -> None:
    edited = workflow("{pull_request_target: {types: [edited], branches: [main]}}", "run: echo edited")
    elsewhere = workflow("{pull_request_target: {branches: [stable]}}", "run: echo no", job="elsewhere")
    add_to_main(world, {GATE: edited, f"{FOLDER}/elsewhere.yaml": elsewhere})

    pull = world.pull("edit", {"a.txt": "a"})
    assert check_runs(world, pull.head.sha) == []
    world.person("researcher").pulls.update(ORGANIZATION, REPOSITORY, pull.number, title="Better")

    finished(world, pull.head.sha)
    assert [run.name for run in check_runs(world, pull.head.sha)] == ["gate"]


def test_a_conflict_starts_no_pull_request_workflow_as_on_github(world: World) -> None:
    add_to_main(world, {f"{FOLDER}/ci.yaml": workflow("pull_request", "run: echo", job="ci")})
    world.branch("mine", {"README.md": "mine"})
    add_to_main(world, {"README.md": "theirs"})
    pull = (
        world.person("researcher")
        .pulls.create(ORGANIZATION, REPOSITORY, title="Mine", head="mine", base="main")
        .parsed_data
    )

    assert check_runs(world, pull.head.sha) == []


def test_jobs_wait_for_those_that_they_need(world: World) -> None:
    text = (
        "name: two\non: pull_request_target\njobs:\n"
        "  after: {runs-on: ubuntu-24.04, needs: before, steps: [{run: 'true'}]}\n"
        "  before: {runs-on: ubuntu-24.04, steps: [{run: exit 1}]}\n"
        "  anyway: {runs-on: ubuntu-24.04, needs: [before], if: always(), steps: [{run: 'true'}]}\n"
    )
    add_to_main(world, {GATE: text})

    sha = world.pull("two", {"a.txt": "a"}).head.sha

    ends = {name: finished(world, sha, name).conclusion for name in ("before", "after", "anyway")}
    assert ends == {"before": "failure", "after": "skipped", "anyway": "success"}


def test_a_new_head_is_checked_again(world: World) -> None:
    add_to_main(world, {GATE: workflow("pull_request_target", "run: echo")})
    first = world.pull("again", {"a.txt": "a"}).head.sha
    finished(world, first)

    clone = world.clone("researcher", "-b", "again")
    second = commit(clone, {"b.txt": "b"})
    git(clone, "push", "-q", "origin", "again")

    assert finished(world, second).head_sha == second


def ended(pid: int) -> bool:
    """Gone, or dead and not yet taken note of by its new parent."""
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_a_job_past_its_time_is_ended_with_its_children(world: World, tmp_path: Path) -> None:
    child = tmp_path / "child"
    step = f"timeout-minutes: 0.01\nrun: sleep 60 & echo $! > {child}; wait"
    add_to_main(world, {GATE: workflow("pull_request_target", step)})

    check = finished(world, world.pull("slow", {"a.txt": "a"}).head.sha)

    assert check.conclusion == "failure"
    assert "time limit" in check.output.title
    wait_for(lambda: ended(int(child.read_text())), "the end of the step's own child")


def test_what_a_crash_kept_from_starting_is_started_later(tmp_path: Path) -> None:
    with served(tmp_path) as world:
        first_commit(world)
        add_to_main(world, {GATE: workflow("pull_request_target", "run: echo")})
        sha = world.pull("lost", {"a.txt": "a"}).head.sha
        finished(world, sha)
        for row in (WorkflowRun, CheckRun):
            world.site.store.delete(row, head_sha=sha)

    with served(tmp_path) as world:
        assert finished(world, sha).conclusion == "success"


def test_actions_own_token_starts_no_workflow(world: World) -> None:
    push = (
        "env: {TOKEN: '${{ github.token }}'}\nrun: |\n  git checkout -q -b made-by-actions\n"
        "  git -c user.name=a -c user.email=a@example.org commit -q --allow-empty -m Made\n"
        "  git push -q origin made-by-actions\n  git rev-parse HEAD"
    )
    add_to_main(
        world,
        {
            GATE: workflow("pull_request_target", CHECKOUT, push, permissions="{contents: write}"),
            f"{FOLDER}/push.yaml": workflow("push", "run: echo", job="pushed"),
        },
    )

    check = finished(world, world.pull("trigger", {"a.txt": "a"}).head.sha)

    assert check.conclusion == "success", log_of(world, check)
    made = log_of(world, check).splitlines()[-1]
    assert check_runs(world, made) == []


def test_a_checks_details_are_a_page_for_those_who_may_read_it(world: World) -> None:
    add_to_main(world, {GATE: workflow("pull_request_target", "run: echo '<b>seen</b>'")})
    check = finished(world, world.pull("page", {"a.txt": "a"}).head.sha)
    reader, stranger = (world.http(follow_redirects=True) for _ in range(2))
    reader.post("/login", data={"login": "controller", "return_to": "/"})
    stranger.post("/login", data={"login": "outsider", "return_to": "/"})

    assert "&lt;b&gt;seen&lt;/b&gt;" in reader.get(check.details_url).text
    assert stranger.get(check.details_url).status_code == 404
    assert "Sign in" in world.http(follow_redirects=True).get(check.details_url).text
