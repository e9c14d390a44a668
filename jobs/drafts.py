"""Drafts: what a researcher typed, kept from the first press on, so that nothing typed is lost."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import date

from django.db import transaction

from governance.models import Person, Project
from jobs import models
from jobs.fields import Typed
from jobs.forms import RequestForm, read_form, show_form, typed_of
from jobs.models import Draft
from lockgate.formats import Account, JobRequest, JobType, OutputDeclaration, write_job_request

PLANNED_ID = "id"
_CHANCE = random.SystemRandom()


def job_type_of(row: models.JobType) -> JobType:
    """The job type as the library knows it."""
    outputs = tuple(OutputDeclaration(**output) for output in row.outputs)
    return JobType(row.name, row.title, row.description, row.schema, outputs)


def node_names(project: Project) -> list[str]:
    """The nodes that a request of this project may name."""
    named = project.governance.get("nodes", {})
    return [node.name for node in project.nodes.all() if node.name in named]


@transaction.atomic
def save_draft(*, by: Person, project: Project, job: str, form: RequestForm, draft: Draft | None) -> Draft:
    """Keep all that was typed, in the draft at hand or in a new one."""
    values: dict[str, Sequence[str]] = dict(typed_of(form))
    if draft is None:
        return Draft.objects.create(owner=by, project=project, job=job, values=values)
    same_title = draft.values.get("title") == values["title"]
    if same_title and PLANNED_ID in draft.values:
        values[PLANNED_ID] = draft.values[PLANNED_ID]
    draft.values = values
    draft.save(update_fields=["values", "saved_at"])
    return draft


def shown(draft: Draft, job_type: JobType, nodes: Sequence[str], *, judged: bool) -> RequestForm:
    """The form of a draft, judged or not."""
    typed: Typed = draft.values
    return read_form(job_type, typed, nodes) if judged else show_form(job_type, typed, nodes)


def plan(draft: Draft, form: RequestForm, *, today: date) -> JobRequest:
    """The request that a clean form asks for; its id is chosen once and kept with the draft."""
    by = Account(draft.owner.account_id, draft.owner.login)
    request = form.request(by=by, today=today, random=_CHANCE)
    planned = draft.values.get(PLANNED_ID)
    if planned:
        return JobRequest(**{**vars(request), "id": planned[0]})
    draft.values = {**draft.values, PLANNED_ID: [request.id]}
    draft.save(update_fields=["values", "saved_at"])
    return request


def file_of(request: JobRequest) -> tuple[str, str]:
    """The path and the exact text of the file that is committed."""
    return f"jobs/{request.id}.yaml", write_job_request(request).decode()


def typed_from(form: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """What was typed, from a form as it was sent, without what is not the researcher's."""
    own = ("csrfmiddlewaretoken", "action", PLANNED_ID)
    return {key: list(texts) for key, texts in form.items() if key not in own}
