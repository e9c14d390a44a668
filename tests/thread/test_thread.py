"""The whole thread, on real parts: from the form through both gates to files on the researcher's disk."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
import yaml

from tests.services.ports import wait_until
from tests.thread.conftest import People
from tests.thread.demo import RunningDemo
from tests.thread.outside import REPOSITORY, GitHub, administrator, pull_with_dvc, runs_of
from tests.thread.people import Request

ACTIONS_APP, PORTAL_APP = 15368, 3001
JOBS = ("outcomes_by_group", "survival_curve")

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]


@pytest.fixture(scope="module", params=JOBS)
def released(request: pytest.FixtureRequest, people: People, demo: RunningDemo) -> Request:
    """A request of each job type, walked to its release by the people whose part each step is."""
    researcher, controller, second = people("researcher"), people("controller"), people("controller-2")
    asked = researcher.asks_for(request.param, title=f"Thread of {request.param}")
    outputs = f"{asked.path}outputs/north/"
    controller.approves(f"{asked.path}review/")
    controller.merges(f"{asked.path}review/")
    controller.sees(asked, "Outputs in review")
    controller.approves(outputs)
    second.approves(outputs)
    second.merges(outputs)
    researcher.sees(asked, "Released")
    return asked


def test_it_ran_once(released: Request, demo: RunningDemo) -> None:
    assert [run["status"] for run in runs_of(demo, released.slug)] == ["SUCCESS"]


def test_the_gate_was_the_repositorys_own_workflow_and_the_policy_the_portals(
    released: Request, demo: RunningDemo
) -> None:
    github = administrator(demo)
    head = github.pull_of(f"request/{released.slug}")["head"]["sha"]
    checks = sorted(github.checks_of(head), key=lambda check: check["id"])  # the newest of a name counts
    by_app = {(check["name"], check["app"]["id"]): check["conclusion"] for check in checks}
    assert by_app[("gate", ACTIONS_APP)] == "success"
    assert by_app[("ci", ACTIONS_APP)] == "success"
    assert by_app[("lockgate/policy", PORTAL_APP)] == "success"


def test_the_request_is_the_researchers_and_the_result_the_nodes(
    released: Request, demo: RunningDemo
) -> None:
    github = administrator(demo)
    assert github.pull_of(f"request/{released.slug}")["user"]["login"] == "researcher"
    assert github.pull_of(f"results/{released.slug}/north/")["user"]["login"] == "lockgate-north[bot]"


def test_requester_and_outsider_are_refused_every_look(
    released: Request, people: People, demo: RunningDemo
) -> None:
    outputs = f"{released.path}outputs/north/"
    for login in ("researcher", "researcher-2", "outsider"):
        for path in (outputs, f"{outputs}preview/outcomes.csv/", f"{outputs}preview/survival.png/"):
            assert people(login).opens(path) == 404, (login, path)


def test_the_browser_gets_what_the_manifest_says(
    released: Request, people: People, demo: RunningDemo, tmp_path: Path
) -> None:
    promised = manifest_of(released, demo, tmp_path)
    researcher = people("researcher")
    researcher.opens(f"/projects/{released.project}/publications/{released.slug}/")
    for name, sha256 in promised.items():
        with researcher.page.expect_download() as download:
            researcher.page.get_by_role("link", name=name, exact=True).click()
        assert download.value.suggested_filename == name
        assert hashlib.sha256(Path(download.value.path()).read_bytes()).hexdigest() == sha256


def test_a_clean_clone_and_stock_dvc_give_the_same_bytes(
    released: Request, people: People, demo: RunningDemo, tmp_path: Path
) -> None:
    promised = manifest_of(released, demo, tmp_path)
    clone = tmp_path / "clone"
    github = GitHub(demo, demo.secrets["researcher_token"])
    assert github.clone(clone).returncode == 0
    token = people("researcher").makes_token("laptop")
    pulled = pull_with_dvc(clone, user="researcher", token=token)
    assert pulled.returncode == 0, pulled.stderr
    folder = clone / "results" / released.slug / "north"
    for name, sha256 in promised.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == sha256


def test_every_act_look_and_download_is_on_record(released: Request, people: People) -> None:
    controller = people("controller")
    controller.opens(f"/audit/?project={released.project}")
    shown = controller.page.locator("main").inner_text()
    assert "file.downloaded" in shown


def test_leaving_the_team_ends_access(people: People, demo: RunningDemo, tmp_path: Path) -> None:
    """Of the portal and of GitHub alike; joining again gives it back."""
    github = administrator(demo)
    member = "/orgs/north-health/teams/heart-researchers/memberships/researcher-2"
    leaver = people("researcher-2")
    assert leaver.opens("/projects/heart_study/") == 200
    github.call("DELETE", member)
    try:
        wait_until(
            lambda: leaver.opens("/projects/heart_study/") == 404, what="the end of access", seconds=60
        )
    finally:
        github.call("PUT", member, role="member")
    wait_until(lambda: leaver.opens("/projects/heart_study/") == 200, what="access again", seconds=60)


def test_every_page_of_the_thread_holds_at_every_width_by_day_and_by_night(
    released: Request, people: People
) -> None:
    """Looked at by axe here, and by people after `make screenshots`; nothing is wider than its window."""
    publication = f"/projects/{released.project}/publications/{released.slug}/"
    outputs = f"{released.path}outputs/north/"
    pages = {
        "researcher": {
            "home": "/",
            "thread": released.path,
            "publication": publication,
            "tokens": "/account/tokens/",
        },
        "controller": {"reviews": "/reviews/", "outputs": outputs, "audit": "/audit/", "status": "/status"},
        "maintainer": {"project": "/projects/heart_study/", "node": "/nodes/north/", "nodes": "/nodes/"},
        "outsider": {"nothing-yours": "/", "not-found": released.path},
    }
    for login, shown in pages.items():
        for name, path in shown.items():
            wrong = people(login).shows(path, f"{released.slug[11:-5]}-{name}")
            assert wrong == [], (login, path)


def manifest_of(asked: Request, demo: RunningDemo, folder: Path) -> dict[str, str]:
    """The sha256 of each output, as the merged manifest on GitHub says."""
    clone = folder / "for-manifest"
    assert administrator(demo).clone(clone, REPOSITORY).returncode == 0
    text = (clone / "results" / asked.slug / "north" / "manifest.yaml").read_text()
    return {output["name"]: output["sha256"] for output in yaml.safe_load(text)["outputs"]}
