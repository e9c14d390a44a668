"""What the page may ask for: to read again, or to write once more what should stand there already.

Each is safe to press twice, happens in the worker, and is an audit row. None launches, releases, merges,
deletes or approves anything. Each raises Conflict where there is nothing of the kind any more.
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from governance import audit, messages, verdicts
from governance.decisions.keeping import WORK as RECORD
from governance.models import DecisionRecord, Node, Outgoing, Person, Project, PullRequest, RemoteAct, Work
from governance.places import subject_of
from governance.waking import wake_soon
from governance.work import ask
from lockgate.errors import Conflict
from lockgate.messages import Look
from portal.reconciliation.findings import Repair
from portal.reconciliation.reading import places, trouble
from publications.inventory import LIST_STORE

UNSETTLED = trouble.UNSETTLED


class NothingLeft(Conflict):
    def __init__(self) -> None:
        super().__init__("There is nothing left to repair here.", next_step="Look at the page again.")


@transaction.atomic
def repair(*, project: Project, repair: Repair, target: str, by: Person) -> str:
    """Ask for one repair of a project; returns the receipt, one sentence."""
    receipt = REPAIRS[repair](project, target)
    _record(project, repair, target, by)
    return receipt


@transaction.atomic
def try_work_of_no_project(*, target: str, by: Person) -> str:
    """The same for failing work that belongs to no project."""
    row = _work(target, "")
    ask(row.kind, row.subject)
    _record(None, Repair.TRY_AGAIN, f"{row.kind} {row.subject}", by)
    return f"{row.subject} is tried again now."


def _record(project: Project | None, repair: Repair, target: str, by: Person) -> None:
    action = f"repair.{repair.replace('-', '_')}"
    audit.record(by=by, action=action, project=project, subject=target, details={})
    transaction.on_commit(wake_soon)


def _read_pull(project: Project, target: str) -> str:
    pull = _pull(project, target)
    ask("look", f"{subject_of(project)}:{pull.number}")
    return f"#{pull.number} is read again now."


def _read_project(project: Project, target: str) -> str:
    if target != project.name:
        raise NothingLeft
    ask("glance", subject_of(project))
    if project.problem or project.confirmed_at is None:
        ask("read_code_repo", project.name)
    return f"{project.name} is read again now."


def _read_node(project: Project, target: str) -> str:
    node = _node(project, target)
    ask("read_node_repo", node.repo)
    return f"The Node Repo of {node.name} is read again now."


def _read_team(project: Project, target: str) -> str:
    if target not in {team.path for team in places.teams([project])[project.pk]}:
        raise NothingLeft
    ask("read_team", target)
    return f"{target} is read again now."


def _look(project: Project, target: str) -> str:
    """The node looks at GitHub and Dagster again, and sends what it has to say."""
    node = _node(project, target)
    messages.send(to=node, body=Look(project=project.name, pull_request=None))
    return f"{node.name} is asked to look again."


def _list_store(project: Project, target: str) -> str:
    node = _node(project, target)
    ask(LIST_STORE, f"{project.name}:{node.name}")
    return f"The store of {node.name} is listed again now."


def _write_record(project: Project, target: str) -> str:
    pull = _pull(project, target)
    pending = DecisionRecord.objects.filter(project=project.name, number=pull.number, state="pending")
    if not pending.exists():
        raise NothingLeft
    ask(RECORD, project.name)
    return f"The record on #{pull.number} is written again now."


def _post_check(project: Project, target: str) -> str:
    pull = _pull(project, target)
    if pull.state != PullRequest.State.OPEN:
        raise NothingLeft  # nothing is ever posted on a head that was merged
    verdicts.wish_to_post(pull)
    return f"The check on #{pull.number} is posted again in its turn."


def _look_up(project: Project, target: str) -> str:
    """The outbox settles what the App did, and the lookup what a person did."""
    acts = RemoteAct.objects.filter(project=project, state__in=UNSETTLED)
    act = acts.filter(pk=target).first() if _is_uuid(target) else None
    if act is None:
        raise NothingLeft
    if act.by_id:
        ask("settle_act", str(act.pk))
    else:
        ask("outbox", _owner(project))
    return "What became of it is looked up now."


def _try_again(project: Project, target: str) -> str:
    row = _work(target, project.name)
    ask(row.kind, row.subject)
    return f"{row.subject} is tried again now."


def _send_again(project: Project, target: str) -> str:
    """At its turn: the pace of the installation holds, and what is written is settled only then."""
    rows = trouble.all_writes().filter(about=project.code_repo)
    row = rows.filter(pk=target).first() if target.isdecimal() and len(target) < 18 else None
    if row is None:
        raise NothingLeft
    Outgoing.objects.filter(pk=row.pk).update(due_at=timezone.now())
    ask("outbox", row.owner)
    return "It is sent again in its turn."


REPAIRS: dict[Repair, Callable[[Project, str], str]] = {
    Repair.READ_PULL: _read_pull,
    Repair.READ_PROJECT: _read_project,
    Repair.READ_NODE: _read_node,
    Repair.READ_TEAM: _read_team,
    Repair.LOOK: _look,
    Repair.LIST_STORE: _list_store,
    Repair.WRITE_RECORD: _write_record,
    Repair.POST_CHECK: _post_check,
    Repair.LOOK_UP: _look_up,
    Repair.TRY_AGAIN: _try_again,
    Repair.SEND_AGAIN: _send_again,
}


def _pull(project: Project, target: str) -> PullRequest:
    rows = project.pull_requests.all()
    found = rows.filter(number=int(target)).first() if target.isdecimal() and len(target) < 9 else None
    if found is None:
        raise NothingLeft
    return found


def _node(project: Project, target: str) -> Node:
    found = project.nodes.filter(name=target).first()
    if found is None:
        raise NothingLeft
    return found


def _work(target: str, about: str) -> Work:
    rows = trouble.all_work().filter(attempts__gt=0, about=about)
    found = rows.filter(pk=target).first() if target.isdecimal() and len(target) < 18 else None
    if found is None:
        raise NothingLeft
    return found


def _owner(project: Project) -> str:
    return project.code_repo.partition("/")[0]


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
