"""The index of components, with each in every state; only with debug on."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from governance.decisions import Shown
from jobs.acting import act_line
from jobs.diff import compare
from jobs.states import State
from lockgate.policy import Decision, Status
from portal.pages.timeline import Event

DECISION = Decision(
    Status.WAITING,
    "policy",
    "1 of 2 approvals by controllers of north.",
    (
        Decision(Status.APPROVED, "gate", "The gate found nothing to refuse at 3f9c2ab."),
        Decision(
            Status.WAITING,
            "quorum",
            "1 of 2 approvals by controllers of north.",
            (Decision(Status.APPROVED, "vote", "controller approved 3f9c2ab."),),
            "controllers of north",
        ),
    ),
)


def components(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    since = now - timedelta(hours=2)
    events = [
        Event(since, "sent the request as pull request #41", "researcher"),
        Event(since, "Check gate passed at 3f9c2ab", role="green", icon="tick", machine=True),
        Event(now, "approved 3f9c2ab", "controller", "green", "tick", "Counts are suppressed; fine with me."),
    ]
    table = {
        "columns": [{"name": "region", "type": "text"}, {"name": "count", "type": "integer"}],
        "rows": [["North", 120], ["South", 95]],
        "first_row": 1,
        "total_rows": 2,
    }
    context = {
        "states": list(State),
        "act": act_line(State.AWAITING_REVIEW, now=now, since=since, decision=DECISION, days=5),
        "over": act_line(State.OUTPUTS_IN_REVIEW, now=now, since=now - timedelta(days=6), days=5),
        "decision": DECISION,
        "record": Shown(
            "Merged past Lockgate, whose last word was: waiting.", DECISION, "decisions/41.json", "#record"
        ),
        "events": events,
        "lines": compare("start: 2019\nby: region\n", "start: 2020\nby: region\n"),
        "table": table,
        "facts": {"Job": "incidence_by_region", "Commit": "3f9c2ab", "Node": "north"},
        "problems": [("title", "Enter a title: what this asks, in a few words.")],
    }
    return render(request, "portal/components.html", context)
