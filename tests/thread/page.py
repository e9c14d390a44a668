"""A page of the portal as somebody reads it who has no browser: its words, links and forms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import httpx

WITH_TEXT = frozenset({"a", "button", "textarea", "title", "h1", "main"})


@dataclass(frozen=True)
class Button:
    words: str
    name: str
    value: str


@dataclass
class Form:
    """`fields` are sent as they stand; `boxes` are those that are not ticked."""

    action: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    boxes: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[Button] = field(default_factory=list)

    def ticks(self, name: str) -> list[str]:
        """Tick every box of this name; what they all stand for."""
        self.fields[name] = self.fields.get(name, []) + self.boxes.pop(name, [])
        return self.fields[name]


@dataclass
class Page:
    url: str
    status: int
    title: str = ""
    heading: str = ""
    words: str = ""
    links: list[tuple[str, str]] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)

    @classmethod
    def of(cls, answer: httpx.Response) -> Page:
        page = cls(str(answer.url), answer.status_code)
        reader = _Reader(page)
        reader.feed(answer.text)
        reader.close()
        return page

    def link(self, words: str) -> str | None:
        """Where the first link leads whose words begin so."""
        return next((href for said, href in self.links if said.startswith(words)), None)

    def form(self, button: str) -> tuple[Form, Button] | None:
        """The form that has a button whose words begin so, and that button."""
        found = ((form, each) for form in self.forms for each in form.buttons)
        return next((pair for pair in found if pair[1].words.startswith(button)), None)


class _Reader(HTMLParser):
    """Fills a page; the text of an element is known when it ends."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self._page = page
        self._open: list[tuple[str, dict[str, str], list[str]]] = []
        self._select = ""

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag in WITH_TEXT:
            self._open.append((tag, said, []))
        elif tag == "form":
            self._page.forms.append(Form(urljoin(self._page.url, said.get("action", ""))))
        elif tag == "input" and "name" in said:
            self._input(said)
        elif tag == "select":
            self._select = said["name"]
        elif tag == "option" and self._select:
            chosen = self._page.forms[-1].fields
            if "selected" in said or self._select not in chosen:
                chosen[self._select] = [said.get("value", "")]

    def _input(self, said: dict[str, str]) -> None:
        form, name, value = self._page.forms[-1], said["name"], said.get("value", "on")
        unticked = said.get("type") in ("checkbox", "radio") and "checked" not in said
        held = form.boxes if unticked else form.fields
        held.setdefault(name, []).append(value if said.get("type") else said.get("value", ""))

    def handle_data(self, data: str) -> None:
        for _, _, texts in self._open:
            texts.append(data)

    def handle_endtag(self, tag: str) -> None:
        if self._open and self._open[-1][0] == tag:
            _, said, texts = self._open.pop()
            self._ended(tag, said, "".join(texts))

    def _ended(self, tag: str, said: dict[str, str], text: str) -> None:
        words = " ".join(text.split())
        match tag:
            case "a":
                self._page.links.append((words, urljoin(self._page.url, said.get("href", ""))))
            case "button" if self._page.forms:
                button = Button(words, said.get("name", ""), said.get("value", ""))
                self._page.forms[-1].buttons.append(button)
            case "textarea":
                self._page.forms[-1].fields[said["name"]] = [text.removeprefix("\n")]
            case "title":
                self._page.title = words
            case "h1":
                self._page.heading = words
            case "main":
                self._page.words = words
