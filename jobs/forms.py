"""The request form: what was typed becomes a request, or problems, each at its field. Pure.

All that was typed is kept as it is, whatever is wrong with it, and so is what no field asks for
any more (the job may have changed since it was typed).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from jobs.fields import PREFIX, Field, Typed, Widget, fields_of
from jobs.problems import first, ids, plain, problems_of, read_parameters
from lockgate.formats import (
    JSON,
    Account,
    JobRequest,
    JobType,
    OutputChoice,
    OutputDeclaration,
    new_request_id,
)
from lockgate.formats.names import Chooser


@dataclass(frozen=True)
class Offered:
    text: str
    label: str
    chosen: bool


@dataclass(frozen=True)
class Answer:
    """A field with what was typed in it and what is wrong with that (empty: nothing)."""

    field: Field
    typed: tuple[str, ...]
    problem: str = ""

    @property
    def text(self) -> str:
        return self.typed[-1] if self.typed else ""

    @property
    def choices(self) -> tuple[Offered, ...]:
        """What is offered, and whether it is chosen; yes and no for a boolean."""
        if self.field.widget is Widget.BOOLEAN:
            offered = [("true", "Yes"), ("false", "No")]
        else:
            offered = [(choice.text, choice.text.replace("_", " ")) for choice in self.field.choices]
        return tuple(Offered(text, label, text in self.typed) for text, label in offered)

    @property
    def input_type(self) -> str:
        """A browser's date field shows dates only: what is none is shown as text, so that it is kept."""
        if self.field.widget is not Widget.DATE:
            return "text"
        return "date" if not self.text or _is_day(self.text) else "text"

    @property
    def input_mode(self) -> str:
        return {Widget.INTEGER: "numeric", Widget.NUMBER: "decimal"}.get(self.field.widget, "")


@dataclass(frozen=True)
class OutputAnswer:
    """An output that the job declares: whether it is asked for, and its controls as typed."""

    declared: OutputDeclaration
    chosen: bool
    controls: str
    problem: str = ""

    @property
    def key(self) -> str:
        return f"controls.{self.declared.name}"


@dataclass(frozen=True)
class RequestForm:
    """The form with all that was typed. `problems` are empty where nothing was sent yet."""

    job_type: JobType
    title: str
    purpose: str
    answers: tuple[Answer, ...]
    outputs: tuple[OutputAnswer, ...]
    nodes: tuple[str, ...]
    offered_nodes: tuple[str, ...]
    repeats: str
    depends_on: tuple[str, ...]
    problems: Mapping[str, str]
    lapsed: Mapping[str, tuple[str, ...]]

    @property
    def depends_on_text(self) -> str:
        return " ".join(self.depends_on)

    @property
    def clean(self) -> bool:
        return not self.problems

    @property
    def to_fix(self) -> tuple[tuple[str, str], ...]:
        """Each problem by the key of its field, with the field's label where it does not name itself."""
        labels = {answer.field.key: answer.field.label for answer in self.answers}
        labels |= {output.key: output.declared.name for output in self.outputs}
        return tuple(
            (key, f"{labels[key]}: {words[:1].lower()}{words[1:]}" if key in labels else words)
            for key, words in self.problems.items()
        )

    @property
    def parameters(self) -> dict[str, JSON]:
        """The parameters; only of a clean form."""
        values, _ = read_parameters(self.job_type, {a.field.key: a.typed for a in self.answers})
        return values

    def request(self, *, by: Account, today: date, random: Chooser) -> JobRequest:
        """The request that this form asks for; only of a clean form."""
        return JobRequest(
            version=1,
            id=new_request_id(today, self.title, random),
            job=self.job_type.name,
            title=self.title.strip(),
            purpose=plain(self.purpose),
            requested_by=by,
            nodes=self.nodes,
            parameters=self.parameters,
            outputs={o.declared.name: OutputChoice(plain(o.controls)) for o in self.outputs if o.chosen},
            repeats=self.repeats or None,
            depends_on=self.depends_on,
        )


def empty_form(job_type: JobType, nodes: Sequence[str]) -> RequestForm:
    """The form as it is first shown: defaults filled in, every output asked for, a single node chosen."""
    typed: dict[str, Sequence[str]] = {field.key: field.default for field in fields_of(job_type)}
    typed["outputs"] = [output.name for output in job_type.outputs]
    typed["nodes"] = list(nodes) if len(nodes) == 1 else []
    return show_form(job_type, typed, nodes)


def repeat_form(job_type: JobType, earlier: JobRequest, nodes: Sequence[str]) -> RequestForm:
    """The form filled with an earlier request's answers, so that some can be changed."""
    fields = fields_of(job_type)
    known = {field.name for field in fields}
    typed: dict[str, Sequence[str]] = {
        field.key: field.show(earlier.parameters[field.name])
        for field in fields
        if field.name in earlier.parameters
    }
    typed |= {PREFIX + name: [str(v)] for name, v in earlier.parameters.items() if name not in known}
    typed |= {f"controls.{name}": [choice.controls] for name, choice in earlier.outputs.items()}
    typed |= {"title": [earlier.title], "purpose": [earlier.purpose], "repeats": [earlier.id]}
    typed |= {"outputs": list(earlier.outputs), "nodes": list(earlier.nodes)}
    typed["depends_on"] = list(earlier.depends_on)
    return show_form(job_type, typed, nodes)


def show_form(job_type: JobType, typed: Typed, nodes: Sequence[str]) -> RequestForm:
    """The form with what was typed, not judged."""
    return _form(job_type, typed, nodes, {})


def read_form(job_type: JobType, typed: Typed, nodes: Sequence[str]) -> RequestForm:
    """The form with what was typed, judged: each problem by the key of its field."""
    return _form(job_type, typed, nodes, problems_of(job_type, typed, nodes))


def typed_of(form: RequestForm) -> dict[str, list[str]]:
    """All that was typed, as it was sent: what a draft keeps."""
    typed = {answer.field.key: list(answer.typed) for answer in form.answers}
    typed |= {output.key: [output.controls] for output in form.outputs}
    typed |= {"title": [form.title], "purpose": [form.purpose], "repeats": [form.repeats]}
    typed["outputs"] = [output.declared.name for output in form.outputs if output.chosen]
    typed |= {"nodes": list(form.nodes), "depends_on": list(form.depends_on)}
    return typed | {key: list(texts) for key, texts in form.lapsed.items()}


def _form(job_type: JobType, typed: Typed, nodes: Sequence[str], problems: Mapping[str, str]) -> RequestForm:
    fields = fields_of(job_type)
    chosen = set(typed.get("outputs", ()))
    return RequestForm(
        job_type=job_type,
        title=first(typed, "title"),
        purpose=first(typed, "purpose"),
        answers=tuple(
            Answer(field, tuple(typed.get(field.key, ())), problems.get(field.key, "")) for field in fields
        ),
        outputs=tuple(
            OutputAnswer(output, output.name in chosen, first(typed, key), problems.get(key, ""))
            for output in job_type.outputs
            for key in [f"controls.{output.name}"]
        ),
        nodes=tuple(dict.fromkeys(node for node in typed.get("nodes", ()) if node)),
        offered_nodes=tuple(nodes),
        repeats=first(typed, "repeats"),
        depends_on=ids(typed.get("depends_on", ())),
        problems=problems,
        lapsed=_lapsed(job_type, fields, typed),
    )


def _lapsed(job_type: JobType, fields: Iterable[Field], typed: Typed) -> dict[str, tuple[str, ...]]:
    """Answers that no field asks for any more."""
    known = {field.key for field in fields} | {f"controls.{output.name}" for output in job_type.outputs}
    return {
        key: tuple(texts)
        for key, texts in typed.items()
        if key.startswith((PREFIX, "controls.")) and key not in known and any(texts)
    }


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
