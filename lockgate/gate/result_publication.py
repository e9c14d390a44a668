"""The rules of a result publication: what the node's App proposes answers a request, and no more."""

from __future__ import annotations

from collections.abc import Iterator

from lockgate.formats import Problem, read_job_request
from lockgate.gate.history import reappearance_problems
from lockgate.gate.paths import ResultPath
from lockgate.gate.proposal import Proposal
from lockgate.gate.result import Result, read_result
from lockgate.gate.result_outputs import output_problems
from lockgate.gate.result_place import MANIFEST
from lockgate.gate.verdict import CannotTell


def publication_problems(proposal: Proposal, place: ResultPath) -> Iterator[Problem]:
    """Yield why the result at `place` may not be published as it is."""
    yield from _author_problems(proposal, place)
    yield from reappearance_problems(proposal)
    request = proposal.on_base(f"jobs/{place.request}.yaml", read_job_request)
    if request is None:
        reason = f"the base has no request {place.request} that this could answer"
        yield Problem(place.folder + MANIFEST, None, reason)
        return
    if place.node not in request.nodes:
        yield Problem(place.folder + MANIFEST, None, f"the request does not name the node `{place.node}`")
    result = read_result(proposal, place)
    if not isinstance(result, Result):
        yield from result
        return
    yield from _origin_problems(proposal, result)
    yield from output_problems(proposal, request, result)


def _author_problems(proposal: Proposal, place: ResultPath) -> Iterator[Problem]:
    manifest = place.folder + MANIFEST
    if place.node not in proposal.governance.nodes:
        yield Problem(manifest, None, f"the node `{place.node}` is not in the base's governance.yaml")
        return
    account = proposal.node_accounts.get(place.node)
    if account is None:
        raise CannotTell(
            f"The gate was not told the account of the node `{place.node}`.",
            next_step=f"Give --node-account {place.node}=ID with the number of its App's bot.",
        )
    if proposal.known_author != account:
        yield Problem(manifest, None, f"only the App of the node `{place.node}` may propose its results")


def _origin_problems(proposal: Proposal, result: Result) -> Iterator[Problem]:
    path, manifest, line = result.manifest_path, result.manifest, result.document.line
    if manifest.request != result.place.request:
        yield Problem(path, line(("request",)), "`request` is not the request of this folder")
    if manifest.node != result.place.node:
        yield Problem(path, line(("node",)), "`node` is not the node of this folder")
    entry = proposal.objects.entry(proposal.base, f"jobs/{result.place.request}.yaml")
    if entry is None or manifest.blob != entry.sha:
        yield Problem(path, line(("blob",)), "`blob` is not the request as it stands on the base")
