"""The end of a history: everything comes to rest, and projection, rebuild and oracle are compared."""

from __future__ import annotations

from governance.models import RemoteAct
from governance.rebuild import Rebuild
from tests.governance.dropped import drop
from tests.governance.projected import differences, projected
from tests.governance.seed import CODE_REPO, NODE_REPO
from tests.histories.oracle import Oracle
from tests.histories.shown import shown
from tests.histories.stage import Stage
from tests.histories.truth import Truth, apart

A_WHILE, A_MOMENT = 240, 31  # seconds: longer than any period of the worker but posture's, and than a pass
MOST_ROUNDS = 4


def reckon(stage: Stage, *, lost: bool) -> Truth:
    """Raises AssertionError with every difference, a line each.

    `lost`: the rebuild begins with the projection dropped. Else it has nothing to do, and must leave alone
    also what only the portal knows.
    """
    come_to_rest(stage)
    true, before = truth(stage), projected(lost=lost)
    _same(true, shown(), "The projection is not what GitHub holds")
    if lost:
        drop()
    rebuild = Rebuild("history", None, lambda _: None)
    rebuild.run(None)
    assert not rebuild.problems, rebuild.problems
    changed = differences(before, projected(lost=lost))
    assert not changed, "\n".join(["A rebuild gives other rows than there were:", *changed])
    _same(truth(stage), shown(), "What was rebuilt is not what GitHub holds")
    return true


def come_to_rest(stage: Stage) -> None:
    """The worker goes round as time goes by, until a round tries and settles no act: what one of them posts,
    or finds to have been posted, is read by the next."""
    stage.pass_time(A_WHILE)
    for _ in range(MOST_ROUNDS):
        before = _acts()
        stage.pass_time(A_MOMENT)
        if _acts() == before:
            return
    raise AssertionError("The portal does not come to rest: it goes on posting.")


def _acts() -> list[tuple[object, ...]]:
    return list(RemoteAct.objects.order_by("pk").values_list("pk", "state", "settled_at"))


def truth(stage: Stage) -> Truth:
    code, node = (name.rpartition("/")[2] for name in (CODE_REPO, NODE_REPO))
    return Oracle(stage.data, code=code, node=node).truth()


def _same(true: Truth, seen: Truth, otherwise: str) -> None:
    lines = list(apart(true, seen))
    assert not lines, "\n".join([f"{otherwise}:", *lines])
