"""What is wrong with a request as it was typed, said at the field. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from jobs.fields import PREFIX, Field, NotReadable, Typed, Widget, fields_of
from lockgate.formats import JSON, JobType, ParameterProblem, check_parameters, request_id_problem

TITLE_LENGTH = 120
PURPOSE_LENGTH = 4000
CONTROLS_LENGTH = 1000
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def problems_of(job_type: JobType, typed: Typed, nodes: Sequence[str]) -> dict[str, str]:
    """What is wrong, by the key of the field, in the order of the form."""
    _, wrong = read_parameters(job_type, typed)
    return {
        **_text_problems(typed),
        **{PREFIX + name: words for name, words in wrong.items()},
        **_output_problems(job_type, typed),
        **_node_problems(typed, nodes),
        **_dependency_problems(typed),
    }


def read_parameters(job_type: JobType, typed: Typed) -> tuple[dict[str, JSON], dict[str, str]]:
    """The parameters that could be read, and what is wrong, by parameter."""
    values: dict[str, JSON] = {}
    wrong: dict[str, str] = {}
    for field in fields_of(job_type):
        texts = typed.get(field.key, ())
        if not any(text.strip() for text in texts):
            if field.required:
                wrong[field.name] = _missing(field)
            continue
        try:
            values[field.name] = field.read(texts)
        except NotReadable as error:
            wrong[field.name] = str(error)
    for problem in check_parameters(job_type, values):
        wrong.setdefault(problem.name, _sentence(problem))
    return values, wrong


def _missing(field: Field) -> str:
    if field.widget in (Widget.CHOICE, Widget.BOOLEAN):
        return "Choose one."
    if field.widget is Widget.SEVERAL:
        return "Choose at least one."
    words = {Widget.DATE: "a date", Widget.INTEGER: "a whole number", Widget.NUMBER: "a number"}
    return f"Enter {words.get(field.widget, field.label[:1].lower() + field.label[1:])}."


def _sentence(problem: ParameterProblem) -> str:
    words = problem.reason
    return f"{words.capitalize()}." if words.startswith("entry") else f"This {words}."


def _text_problems(typed: Typed) -> dict[str, str]:
    wrong = {}
    for key, length, missing in (
        ("title", TITLE_LENGTH, "Enter a title: what this asks, in a few words."),
        ("purpose", PURPOSE_LENGTH, "Enter the purpose: why this serves the project. Reviewers read it."),
    ):
        if problem := _text_problem(first(typed, key), length, missing, one_line=key == "title"):
            wrong[key] = problem
    return wrong


def _text_problem(text: str, length: int, missing: str, *, one_line: bool = False) -> str:
    kept = plain(text)
    if not kept:
        return missing
    if len(kept) > length:
        return f"Shorten this to {length} characters; it has {len(kept)}."
    if _CONTROL.search(kept) or (one_line and re.search(r"[\n\t]", kept)):
        return (
            "This holds a character that cannot be kept: type it again." if not one_line else "Use one line."
        )
    return ""


def _output_problems(job_type: JobType, typed: Typed) -> dict[str, str]:
    chosen = [output.name for output in job_type.outputs if output.name in typed.get("outputs", ())]
    if not chosen:
        return {"outputs": "Choose at least one output; nothing else leaves the node."}
    missing = "Say what keeps this output from disclosing anybody, such as: counts under 10 suppressed."
    judged = {
        name: _text_problem(first(typed, f"controls.{name}"), CONTROLS_LENGTH, missing) for name in chosen
    }
    return {f"controls.{name}": problem for name, problem in judged.items() if problem}


def _node_problems(typed: Typed, offered: Sequence[str]) -> dict[str, str]:
    chosen = [node for node in typed.get("nodes", ()) if node]
    if not chosen:
        return {"nodes": "Choose at least one node."}
    foreign = [node for node in chosen if node not in offered]
    return {"nodes": f"This project is not registered on {', '.join(foreign)}."} if foreign else {}


def _dependency_problems(typed: Typed) -> dict[str, str]:
    wrong = [text for text in ids(typed.get("depends_on", ())) if request_id_problem(text)]
    return {"depends_on": f"{wrong[0]} is not the id of a request."} if wrong else {}


def first(typed: Typed, key: str) -> str:
    """The last text that was sent for this key; a form that repeats a field means its last."""
    texts = typed.get(key, ())
    return texts[-1] if texts else ""


def ids(texts: Sequence[str]) -> tuple[str, ...]:
    """Ids of requests, written with spaces, commas or line ends between them."""
    return tuple(dict.fromkeys(part for text in texts for part in re.split(r"[\s,]+", text) if part))


def plain(text: str) -> str:
    """The text as a file keeps it: line ends of one kind, no blanks around it."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()
