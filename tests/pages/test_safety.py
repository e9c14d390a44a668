"""What a page may load and hold: nothing inline, nothing from elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.pages import world as arrange
from tests.pages.conftest import Visit
from tests.pages.world import SLUG, World

TEMPLATES = sorted(Path("templates").rglob("*.html"))
OWN = sorted(path for path in Path("static").rglob("*") if path.suffix in (".css", ".js", ".svg"))


@pytest.mark.parametrize("path", TEMPLATES, ids=str)
def test_a_template_holds_no_script_style_or_handler_of_its_own(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"<style\b", text)
    assert not re.search(r"\sstyle\s*=", text)
    assert not re.search(r"\son[a-z]+\s*=", text)
    assert not re.search(r"javascript:", text)
    assert not re.search(r"\shx-on\b|\shx-vals\s*=\s*['\"]js:", text)
    for script in re.findall(r"<script\b[^>]*>.*?</script>", text, re.DOTALL):
        assert re.fullmatch(r'<script src="\{% static [^>]*defer></script>', script), script


@pytest.mark.parametrize("path", [*TEMPLATES, *OWN], ids=str)
def test_nothing_is_loaded_from_another_host(path: Path) -> None:
    text = path.read_text().replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"(src|href|url)\s*[=(]\s*[\"']?https?://", text)
    assert "@import" not in text


@pytest.mark.parametrize("path", [path for path in OWN if path.suffix == ".css"], ids=str)
def test_the_stylesheet_has_no_shadow_font_of_others_or_spinner(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"box-shadow|text-shadow|drop-shadow|@font-face|@keyframes", text)


@pytest.mark.parametrize("path", [*TEMPLATES, *OWN], ids=str)
def test_no_file_grows_out_of_sight(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 400


def test_the_policy_of_every_page_forbids_inline_code_and_foreign_hosts(world: World, as_: Visit) -> None:
    arrange.request(world)
    for login, path in (
        ("researcher", f"/projects/heart_study/requests/{SLUG}/"),
        (None, "/accounts/login/"),
        ("outsider", "/projects/heart_study/"),
    ):
        policy = as_(login).get(path).headers["Content-Security-Policy"]
        rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";") if rule.strip())
        assert "unsafe" not in policy
        assert rules["default-src"] == "'none'"
        assert rules["script-src"] == rules["style-src"] == "'self'"
        assert rules["frame-ancestors"] == rules["base-uri"] == "'none'"


def test_htmx_evaluates_nothing_and_adds_no_style(world: World, as_: Visit) -> None:
    page = as_("researcher").get("/").content.decode()
    found = re.search(r'<meta name="htmx-config"\s+content=\'([^\']*)\'', page)
    assert found
    assert '"allowEval": false' in found[1]
    assert '"includeIndicatorStyles": false' in found[1]
