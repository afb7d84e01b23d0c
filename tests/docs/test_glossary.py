"""The glossary: its terms are used, and the words it retires are not."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from functools import cache

import pytest

from tests.docs.blocks import PAGES, ROOT

GLOSSARY = ROOT / "docs" / "glossary.md"
HISTORY = ROOT / "CHANGELOG.md"  # says things as they were called
_CODE = re.compile(r"^```.*?^```$|`[^`\n]*`", re.M | re.S)
_LABEL = re.compile(r"(?<!\*)\*(?!\*)[^*\n]+\*(?!\*)")  # a word on the page or of the verdict
_SOURCES = [*ROOT.glob("*.py"), *(ROOT / "irer").rglob("*.py"), *ROOT.glob("components/*/*.py")]


def terms() -> list[str]:
    """The bold words of the glossary's entries."""
    entries = re.findall(r"^- (.+)$", GLOSSARY.read_text(), re.M)
    return [term for entry in entries for term in re.findall(r"\*\*(.+?)\*\*", entry)]


def retired() -> list[str]:
    """The words of the last table's first column."""
    _, table = GLOSSARY.read_text().split("\n## Words that are not used\n")
    rows = re.findall(r"^\| (.+) \| .+ \|$", table, re.M)
    return [word for row in rows[1:] for word in row.split(", ")]


@cache
def pages() -> dict[str, str]:
    """Every page but the glossary and the history, without code and the labels of the program."""
    return {
        str(page.relative_to(ROOT)): _LABEL.sub("", _CODE.sub("", page.read_text()))
        for page in PAGES
        if page not in (GLOSSARY, HISTORY)
    }


@cache
def sources() -> dict[str, str]:
    """The docstrings and comments of the program's Python files, by path."""
    return {
        str(path.relative_to(ROOT)): "\n\n".join(prose_of(path.read_text())) for path in _SOURCES
    }


def prose_of(source: str) -> Iterator[str]:
    """The docstrings and comments of a Python file."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield ast.get_docstring(node) or ""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.string


def uses(word: str, text: str) -> bool:
    """Say whether a text has a word, in any case and over the end of a line."""
    pattern = r"\s+".join(re.escape(part) for part in word.split())
    return bool(re.search(rf"\b{pattern}\b", text, re.I))


def test_the_glossary_is_read_whole() -> None:
    assert {"run", "decoy hunt", "constraint_violation", "level"} <= set(terms())
    assert {"teeth", "hand-over", "first trial"} <= set(retired())
    assert len(set(terms())) == len(terms())


@pytest.mark.parametrize("term", terms())
def test_every_term_is_used_in_the_documentation(term: str) -> None:
    stem = term.removesuffix("s")
    forms = (stem, f"{stem}s", re.sub("y$", "ies", stem))
    texts = [page.read_text() for page in PAGES if page not in (GLOSSARY, HISTORY)]
    assert any(uses(form, text) for form in forms for text in texts)


@pytest.mark.parametrize("word", retired())
def test_no_retired_word_is_used(word: str) -> None:
    found = [path for path, text in (pages() | sources()).items() if uses(word, text)]
    assert not found, f"say {GLOSSARY.name}'s word instead of {word!r} in {found}"


@pytest.mark.parametrize(
    ("text", "used"),
    [("The Winner is", True), ("the first\n    trial of", True), ("a winnerless hunt", False)],
)
def test_a_word_is_found_in_any_case_and_over_a_line_but_not_inside_another(
    text: str, used: bool
) -> None:
    assert any(uses(word, text) for word in ("winner", "first trial")) is used
