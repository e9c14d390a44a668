"""Merging: at the head that was seen, onto main as it is, or not at all; and no update is lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx

from tests.standin.seeded import HERE, PERSONAL
from tests.standin.world import World, commit, git, refused


def _merge(world: World, login: str, number: int, sha: str) -> httpx.Response:
    path = f"/api/v3/repos/{'/'.join(HERE)}/pulls/{number}/merge"
    headers = {"authorization": f"Bearer {PERSONAL[login]}"}
    return httpx.put(world.url + path, json={"sha": sha}, headers=headers, timeout=30)


def test_a_merge_brings_the_change_to_main_with_the_head_as_second_parent(world: World) -> None:
    pull = world.pull("change", {"new.txt": "fresh\n"})
    rest = world.person("controller")
    merged = rest.pulls.merge(*HERE, pull.number, sha=pull.head.sha).parsed_data
    assert merged.merged
    commit = rest.git.get_commit(*HERE, merged.sha).parsed_data
    assert [parent.sha for parent in commit.parents] == [pull.base.sha, pull.head.sha]
    after = rest.pulls.get(*HERE, pull.number).parsed_data
    assert (after.state, after.merged, after.merged_by.login) == ("closed", True, "controller")
    assert (world.clone("researcher") / "new.txt").read_text() == "fresh\n"


def test_a_merge_is_attributed_to_the_person_whose_token_made_it(world: World) -> None:
    pull = world.pull("change", {"new.txt": "fresh\n"})
    rest = world.person("controller")
    sha = rest.pulls.merge(*HERE, pull.number).parsed_data.sha
    found = rest.repos.get_commit(*HERE, sha).parsed_data
    assert (found.author.id, found.commit.committer.name) == (1003, "GitHub")


def test_a_head_that_moved_since_it_was_seen_is_not_merged(world: World) -> None:
    """One of emulate's faults: there a stale `sha` still merges."""
    pull = world.pull("change", {"new.txt": "fresh\n"})
    clone = world.clone("researcher")
    git(clone, "checkout", "-q", "change")
    commit(clone, {"new.txt": "another\n"})
    git(clone, "push", "-q", "origin", "change")
    rest = world.person("controller").pulls
    assert refused(lambda: rest.merge(*HERE, pull.number, sha=pull.head.sha)).status_code == 409
    assert not rest.get(*HERE, pull.number).parsed_data.merged


def test_a_true_conflict_is_not_mergeable_and_changes_nothing(world: World) -> None:
    pull = world.pull("change", {"data/numbers.txt": "one\nmine\nthree\n"})
    main = world.push_to_main({"data/numbers.txt": "one\nyours\nthree\n"})
    rest = world.person("controller")
    shown = rest.pulls.get(*HERE, pull.number).parsed_data
    assert (shown.mergeable, shown.mergeable_state) == (False, "dirty")
    assert refused(lambda: rest.pulls.merge(*HERE, pull.number)).status_code == 405
    assert rest.git.get_ref(*HERE, "heads/main").parsed_data.object_.sha == main


def test_changes_to_different_lines_of_a_file_are_both_kept(world: World) -> None:
    """One of emulate's faults: there the later merge overwrites what the earlier one brought."""
    one = world.pull("one", {"data/numbers.txt": "ONE\ntwo\nthree\n"})
    two = world.pull("two", {"data/numbers.txt": "one\ntwo\nTHREE\n"})
    rest = world.person("controller").pulls
    rest.merge(*HERE, one.number, sha=one.head.sha)
    rest.merge(*HERE, two.number, sha=two.head.sha)
    assert (world.clone("controller") / "data/numbers.txt").read_text() == "ONE\ntwo\nTHREE\n"


def test_no_change_is_lost_when_pull_requests_are_merged_at_the_same_moment(world: World) -> None:
    pulls = [world.pull(f"change-{n}", {f"file-{n}.txt": f"{n}\n"}) for n in range(6)]
    logins = ["controller", "controller-2"] * 3

    def merge(order: tuple[Any, str]) -> int:
        pull, login = order
        return _merge(world, login, pull.number, pull.head.sha).status_code

    with ThreadPoolExecutor(6) as pool:
        codes = list(pool.map(merge, zip(pulls, logins, strict=True)))
    assert set(codes) <= {200, 405, 409}
    assert 200 in codes
    clone = world.clone("controller")
    for number, code in enumerate(codes):
        assert (clone / f"file-{number}.txt").exists() == (code == 200)


def test_a_merge_pressed_many_times_at_once_merges_once(world: World) -> None:
    pull = world.pull("change", {"new.txt": "fresh\n"})
    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda _: _merge(world, "controller", pull.number, pull.head.sha), range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 405, 405, 405, 405]
    assert git(world.clone("controller"), "rev-list", "--merges", "--count", "main") == "1"


def test_a_push_and_merges_at_the_same_moment_lose_nothing(world: World) -> None:
    pull = world.pull("change", {"new.txt": "fresh\n"})
    clone = world.clone("maintainer")
    commit(clone, {"pushed.txt": "pushed\n"})
    with ThreadPoolExecutor(2) as pool:
        push = pool.submit(git, clone, "push", "-q", "origin", "main", either=True)
        merge = pool.submit(_merge, world, "controller", pull.number, pull.head.sha)
    fresh = world.clone("controller")
    assert (fresh / "new.txt").exists() == (merge.result().status_code == 200)
    assert (fresh / "pushed.txt").exists() == (push.result() == "")


def test_a_head_that_reaches_main_by_a_push_closes_its_pull_request_as_merged(world: World) -> None:
    pull = world.pull("change", {"new.txt": "fresh\n"})
    clone = world.clone("maintainer")
    git(clone, "merge", "-q", "--no-ff", "-m", "By hand", "origin/change")
    merge = git(clone, "rev-parse", "HEAD")
    git(clone, "push", "-q", "origin", "main")
    after = world.person("researcher").pulls.get(*HERE, pull.number).parsed_data
    assert (after.state, after.merged, after.merged_by.login) == ("closed", True, "maintainer")
    found = world.person("researcher").repos.list_pull_requests_associated_with_commit(*HERE, merge)
    assert [p.number for p in found.parsed_data] == [pull.number]


def test_a_branch_is_brought_up_to_date_only_from_the_head_that_was_seen(world: World) -> None:
    pull = world.pull("change", {"new.txt": "fresh\n"})
    world.push_to_main({"other.txt": "other\n"})
    rest = world.installation().pulls
    stale = refused(lambda: rest.update_branch(*HERE, pull.number, expected_head_sha="0" * 40))
    assert stale.status_code == 422
    assert rest.update_branch(*HERE, pull.number, expected_head_sha=pull.head.sha).status_code == 202
    after = rest.get(*HERE, pull.number).parsed_data
    assert after.head.sha != pull.head.sha
    assert [f.filename for f in rest.list_files(*HERE, pull.number).parsed_data] == ["new.txt"]


def test_merging_a_branch_into_another_by_the_api(world: World) -> None:
    world.branch("one", {"one.txt": "1\n"})
    world.branch("two", {"two.txt": "2\n"})
    rest = world.person("researcher").repos
    assert rest.merge(*HERE, base="one", head="two").status_code == 201
    assert rest.merge(*HERE, base="one", head="two").status_code == 204


def test_a_squash_has_one_parent(world: World) -> None:
    pull = world.pull("change", {"new.txt": "fresh\n"})
    rest = world.person("controller")
    sha = rest.pulls.merge(*HERE, pull.number, merge_method="squash").parsed_data.sha
    assert [p.sha for p in rest.git.get_commit(*HERE, sha).parsed_data.parents] == [pull.base.sha]


def test_one_who_may_only_read_cannot_merge(world: World) -> None:
    pull = world.pull("change", {"new.txt": "fresh\n"})
    world.reader("outsider")
    answer = refused(lambda: world.person("outsider").pulls.merge(*HERE, pull.number))
    assert answer.status_code == 403
