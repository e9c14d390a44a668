"""Publication storage: releases without a merge, objects without a release, files not as released."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from portal.reconciliation.facts import Facts, LostFile, StrayRelease
from portal.reconciliation.findings import Code, Finding
from portal.reconciliation.limits import OBJECT_SETTLES

MERGED = "merged"


def releases_without_merge(facts: Facts, _now: datetime) -> Iterator[Finding]:
    for release in facts.releases.shown:
        if (release.pull_state, release.pull_merge) != (MERGED, release.merge):
            yield Finding(
                Code.RELEASE_WITHOUT_MERGE,
                release.request,
                _merge_of(release),
                f"A release of {release.merge[:7]} was told.",
                "",
                f"{release.node}: {release.state}.",
                release.since,
                release.number,
            )


def _merge_of(release: StrayRelease) -> str:
    if release.pull_state != MERGED:
        return f"#{release.number} is {release.pull_state}."
    return f"#{release.number} is merged as {release.pull_merge[:7]}."


def objects_without_release(facts: Facts, now: datetime) -> Iterator[Finding]:
    """While the node releases something, an object may be of that: then nobody knows yet.

    When it was written is the store's word, and may lie ahead; when it was first listed is ours.
    """
    releasing = {node.name for node in facts.nodes if node.releasing}
    for each in facts.objects.shown:
        settled = now - min(each.modified_at, each.since) > OBJECT_SETTLES
        if each.node not in releasing and settled:
            yield Finding(
                Code.OBJECT_WITHOUT_RELEASE,
                each.key,
                "No pull request names it.",
                "No release names it.",
                "",
                f"{each.node} holds {each.size} bytes of it.",
                each.since,
            )


def objects_untold(facts: Facts, _now: datetime) -> Iterator[Finding]:
    for node in facts.nodes:
        mine = [each for each in facts.objects.shown if each.node == node.name]
        if node.releasing and mine:
            yield Finding(
                Code.STORE_UNTOLD,
                node.name,
                "",
                "A release is under way.",
                "",
                f"{_counted(len(mine))} may be of it.",
                min(each.since for each in mine),
                None,
                node.name,
            )


def _counted(count: int) -> str:
    return f"{count} object" if count == 1 else f"{count} objects"


def files(facts: Facts, _now: datetime) -> Iterator[Finding]:
    for each in facts.files.shown:
        missing = each.seen_size is None
        yield Finding(
            Code.OBJECT_MISSING if missing else Code.OBJECT_DIFFERS,
            f"{each.request}/{each.path}",
            f"#{each.number} is merged.",
            f"Released with {each.size} bytes.",
            "",
            _found(each),
            each.released_at,
            each.number,
            each.node,
        )


def _found(each: LostFile) -> str:
    if each.seen_size is None:
        return f"{each.node} does not hold it."
    return f"{each.node} holds {each.seen_size} bytes."


RULES = (releases_without_merge, objects_without_release, objects_untold, files)
