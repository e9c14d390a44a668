"""A worker killed between any two effects goes on where it was: one pull request, one release."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest

from lockgate.messages import CollectionReported, ReleaseReported
from lockgate.node.storage import StorageUnavailable
from tests.gate.study import REQUEST
from tests.node.world import NodeWorld


class Killed(BaseException):
    """Ends the worker as `kill -9` does: nothing of ours runs after it."""


class Fuse:
    """Lets a number of effects happen and kills at the next, before or after it took place."""

    def __init__(self, left: int, *, after: bool) -> None:
        self.left, self.after, self.burnt = left, after, False

    def wrap(self, owner: Any, *names: str) -> None:
        for name in names:
            setattr(owner, name, self._fused(getattr(owner, name)))

    def _fused(self, effect: Any) -> Any:
        def run(*arguments: Any, **named: Any) -> Any:
            self.left -= 1
            last = self.left < 0 and not self.burnt
            if last and not self.after:
                self.burnt = True
                raise Killed
            result = effect(*arguments, **named)
            if last:
                self.burnt = True
                raise Killed
            return result

        return run


FILES = {"counts.csv": b"age,count\nunder 40,25\n"}


@pytest.mark.parametrize(
    ("effect", "after"),
    [(0, False), (0, True), (1, True), (2, False), (2, True), (3, True), (4, False), (4, True)],
)
def test_a_kill_at_any_effect_of_the_collector_leaves_one_pull_request(
    node: NodeWorld, effect: int, after: bool
) -> None:
    run = node.runs.add(REQUEST, node.request())
    node.runs.write(run, FILES)
    node.worker._read_configuration()
    fuse = Fuse(effect, after=after)
    for on in node.worker.registry.projects.values():
        fuse.wrap(on.internal, "put")
    app = node.worker.registry.app
    fuse.wrap(app, "commit", "create_branch", "open_pull_request")
    fuse.wrap(node.portal, "send")
    _until_killed(node)
    node.restart()
    node.turn(2)
    (pull,) = node.github.open_pulls()
    told = node.portal.said(CollectionReported)[-1]
    assert (told.state, told.pull_request) == ("proposed", pull["number"])


@pytest.mark.parametrize(("effect", "after"), [(0, True), (1, False), (1, True), (2, True), (3, False)])
def test_a_kill_at_any_effect_of_the_releaser_ends_complete_after_a_restart(
    node: NodeWorld, effect: int, after: bool
) -> None:
    number = node.collected(FILES)
    node.github.approve(number)
    node.github.merge(number)
    fuse = Fuse(effect, after=after)
    for on in node.worker.registry.projects.values():
        fuse.wrap(on.publication, "copy_from", "look")
    fuse.wrap(node.portal, "send")
    _until_killed(node)
    node.restart()
    node.turn(2)
    told = node.portal.said(ReleaseReported)[-1]
    assert (told.state, told.bytes_done) == ("released", told.bytes_total)
    assert list(node.published().values()) == list(FILES.values())


def test_a_release_whose_storage_fails_is_visibly_unfinished_and_then_finished(node: NodeWorld) -> None:
    number = node.collected(FILES)
    node.github.approve(number)
    node.github.merge(number)
    (on,) = node.worker.registry.projects.values()

    def fail(*_: object) -> None:
        raise StorageUnavailable("The storage did not answer.")

    on.publication.copy_from = fail  # type: ignore[method-assign]
    node.turn()
    assert node.portal.said(ReleaseReported)[-1].state == "unfinished"
    assert node.published() == {}
    del on.publication.copy_from
    node.restart()
    node.turn(2)
    assert node.portal.said(ReleaseReported)[-1].state == "released"


def _until_killed(node: NodeWorld) -> None:
    """Turns until the fuse burns, or all is done."""
    with suppress(Killed):
        node.turn(3)
