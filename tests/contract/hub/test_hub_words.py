"""One word for one thing: some that pages, API and documentation had for others are gone."""

import re

import pytest
from flask.testing import FlaskClient

from settings import SOURCE_ROOT

GONE = re.compile(r"quarantin|beside the goal|(?<![/.])\bbase\b(?![/.])", re.IGNORECASE)
DOCS = [SOURCE_ROOT / "README.md", *sorted((SOURCE_ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("path", ["/", "/compare", "/components", "/api/openapi.json"])
def test_pages_and_api_use_no_word_that_is_gone(client: FlaskClient, path: str) -> None:
    text = client.get(path).text
    assert len(text) > 1000
    assert GONE.findall(text) == []


def test_scripts_and_documentation_use_none(client: FlaskClient) -> None:
    scripts = sorted((SOURCE_ROOT / "static" / "js").rglob("*.js"))
    for path in (*DOCS, *scripts):
        if "_build" in path.parts:
            continue
        text = path.read_text()
        if path.suffix == ".js":  # what it may call a variable is no word of the page
            text = re.sub(r"\bconst base\b|\(base\)|base: |\$\{base\}", "", text)
        assert GONE.findall(text) == [], path


def test_both_layers_say_what_they_are(client: FlaskClient) -> None:
    text = client.get("/").text
    for title, subtitle in (
        ("Layer 1: HPC Core Control", "What is hunted: "),
        ("Layer 2: Live Analysis Dashboard", "What is measured: "),
    ):
        assert re.search(rf"{title}</h2>\s*<p[^>]*>{subtitle}", text)
