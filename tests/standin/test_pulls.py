"""Pull requests: opened, following their branches, closed; their files, patches and commits."""

from __future__ import annotations

import pytest

from standins.github import clock
from tests.standin.seeded import HERE, PERSONAL
from tests.standin.world import World, commit, git, refused


def test_a_pull_request_shows_its_true_files_and_patch(world: World) -> None:
    pull = world.pull("change", {"data/numbers.txt": "one\n2\nthree\n", "new.txt": "fresh\n"})
    files = world.person("controller").pulls.list_files(*HERE, pull.number).parsed_data
    assert {(f.filename, f.status, f.additions, f.deletions) for f in files} == {
        ("data/numbers.txt", "modified", 1, 1),
        ("new.txt", "added", 1, 0),
    }
    patch = next(f.patch for f in files if f.filename == "data/numbers.txt")
    assert patch == "@@ -1,3 +1,3 @@\n one\n-two\n+2\n three"
    assert (pull.commits, pull.changed_files, pull.additions, pull.deletions) == (1, 2, 2, 1)


def test_a_file_that_was_renamed_says_what_it_was_called(world: World) -> None:
    clone = world.clone("researcher")
    git(clone, "checkout", "-q", "-b", "rename")
    git(clone, "mv", "data/numbers.txt", "data/figures.txt")
    commit(clone, {})
    git(clone, "push", "-q", "origin", "rename")
    pull = world.open_pull("rename")
    (file,) = world.person("controller").pulls.list_files(*HERE, pull.number).parsed_data
    assert (file.status, file.previous_filename) == ("renamed", "data/numbers.txt")


def test_files_are_those_since_the_branches_parted_whatever_came_to_main_since(world: World) -> None:
    pull = world.pull("change", {"new.txt": "fresh\n"})
    world.push_to_main({"other.txt": "other\n"})
    files = world.person("controller").pulls.list_files(*HERE, pull.number).parsed_data
    assert [f.filename for f in files] == ["new.txt"]


@pytest.mark.parametrize(("kind", "start"), [("diff", "diff --git a/new.txt"), ("patch", "From ")])
def test_the_media_types_diff_and_patch_give_text_that_git_applies(
    world: World, kind: str, start: str
) -> None:
    pull = world.pull("change", {"new.txt": "fresh\n"})
    accept = {"accept": f"application/vnd.github.{kind}"}
    text = (
        world.http("controller")
        .get(f"/api/v3/repos/{'/'.join(HERE)}/pulls/{pull.number}", headers=accept)
        .text
    )
    assert text.startswith(start)
    clone = world.clone("controller")
    (clone / "it.patch").write_text(text)
    git(clone, "apply", "it.patch")
    assert (clone / "new.txt").read_text() == "fresh\n"


def test_the_head_follows_its_branch_and_the_ref_of_the_pull_request_follows_too(world: World) -> None:
    pull = world.pull("change", {"new.txt": "fresh\n"})
    clone = world.clone("researcher")
    git(clone, "checkout", "-q", "change")
    newer = commit(clone, {"new.txt": "fresher\n"})
    git(clone, "push", "-q", "origin", "change")
    assert world.person("researcher").pulls.get(*HERE, pull.number).parsed_data.head.sha == newer
    listed = git(clone, "ls-remote", "origin", f"refs/pull/{pull.number}/head")
    assert listed.split()[0] == newer


def test_the_head_of_a_closed_pull_request_stays_reachable_when_its_branch_goes(world: World) -> None:
    pull = world.pull("change", {"new.txt": "fresh\n"})
    world.person("researcher").git.delete_ref(*HERE, "heads/change")
    after = world.person("researcher").pulls.get(*HERE, pull.number).parsed_data
    assert (after.state, after.merged) == ("closed", False)
    clone = world.clone("controller")
    git(clone, "fetch", "-q", "origin", f"refs/pull/{pull.number}/head")
    assert git(clone, "rev-parse", "FETCH_HEAD") == pull.head.sha


def test_a_closed_pull_request_neither_follows_its_branch_nor_merges(world: World) -> None:
    pull = world.pull("change", {"new.txt": "fresh\n"})
    world.person("researcher").pulls.update(*HERE, pull.number, state="closed")
    world.branch("more", {"more.txt": "more\n"}, base="change")
    git(world.clone("researcher"), "push", "-q", "origin", "origin/more:refs/heads/change")
    assert world.person("researcher").pulls.get(*HERE, pull.number).parsed_data.head.sha == pull.head.sha
    assert refused(lambda: world.person("controller").pulls.merge(*HERE, pull.number)).status_code == 405


def test_only_one_open_pull_request_for_the_same_branches(world: World) -> None:
    world.pull("change", {"new.txt": "fresh\n"})
    answer = refused(lambda: world.open_pull("change"))
    assert answer.status_code == 422
    assert "already exists" in answer.json()["errors"][0]["message"]


@pytest.mark.parametrize("head", ["nowhere", "main", "someone-else:change"])
def test_no_pull_request_without_a_branch_that_has_something_new(world: World, head: str) -> None:
    assert refused(lambda: world.open_pull(head)).status_code == 422


def test_pull_requests_are_listed_by_state_head_and_base(world: World) -> None:
    one = world.pull("one", {"one.txt": "1\n"})
    two = world.pull("two", {"two.txt": "2\n"})
    rest = world.person("researcher").pulls
    rest.update(*HERE, one.number, state="closed")
    assert [p.number for p in rest.list(*HERE).parsed_data] == [two.number]
    assert [p.number for p in rest.list(*HERE, state="all").parsed_data] == [two.number, one.number]
    by_head = rest.list(*HERE, state="all", head=f"{HERE[0]}:one").parsed_data
    assert [p.number for p in by_head] == [one.number]
    assert rest.list(*HERE, state="all", base="other").parsed_data == []


def test_pull_requests_of_a_commit(world: World) -> None:
    pull = world.pull("change", {"new.txt": "fresh\n"})
    rest = world.person("controller")
    merge = rest.pulls.merge(*HERE, pull.number).parsed_data.sha
    for sha in (pull.head.sha, merge):
        found = rest.repos.list_pull_requests_associated_with_commit(*HERE, sha).parsed_data
        assert [(p.number, p.merged_at is not None) for p in found] == [(pull.number, True)]
    assert rest.repos.list_pull_requests_associated_with_commit(*HERE, pull.base.sha).parsed_data == []


def test_the_commits_of_a_pull_request_name_their_authors_accounts(world: World) -> None:
    pull = world.pull("change", {"new.txt": "fresh\n"})
    (one,) = world.person("controller").pulls.list_commits(*HERE, pull.number).parsed_data
    assert (one.sha, one.author.id, one.commit.author.name) == (pull.head.sha, 1001, "researcher")


def test_title_body_and_state_can_be_edited_by_the_author_and_by_writers_alone(world: World) -> None:
    pull = world.pull("change", {"new.txt": "fresh\n"})
    edited = world.person("controller").pulls.update(*HERE, pull.number, title="Better").parsed_data
    assert edited.title == "Better"
    world.reader("outsider")
    outsider = world.person("outsider").pulls
    assert refused(lambda: outsider.update(*HERE, pull.number, title="Mine")).status_code == 403


def test_the_page_of_a_pull_request_is_for_those_who_may_read_it(world: World) -> None:
    pull = world.pull("change", {"new.txt": "<b>fresh</b>\n"})
    path = f"/{'/'.join(HERE)}/pull/{pull.number}"
    browser = world.http()
    assert browser.get(path).headers["location"].startswith("/login?return_to=")
    assert browser.post("/login", data={"login": "outsider", "return_to": path}).status_code == 303
    assert browser.get(path).status_code == 404
    browser.post("/login", data={"login": "controller", "return_to": path})
    page = browser.get(path).text
    assert "Propose change #1" in page
    assert "&lt;b&gt;fresh" in page
    assert PERSONAL["researcher"] not in page


def test_what_is_said_on_a_pull_request_moves_its_time_of_change(world: World) -> None:
    number = world.pull("said", {"note.txt": "x"}).number
    issues, pulls = world.person("maintainer").issues, world.person("maintainer").pulls
    acts = (
        lambda: issues.create_comment(*HERE, number, body="First."),
        lambda: issues.update_comment(*HERE, 1, body="First, and better."),
        lambda: issues.delete_comment(*HERE, 1),
        lambda: issues.add_labels(*HERE, number, labels=["urgent"]),
        lambda: pulls.create_review(*HERE, number, event="APPROVE"),
        lambda: pulls.dismiss_review(*HERE, number, 1, message="No longer."),
    )
    times = [world.pull_row(number).updated_at]
    for act in acts:
        clock.advance(5)
        act()
        times.append(world.pull_row(number).updated_at)
    assert times == sorted(set(times))
