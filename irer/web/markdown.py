"""A page of the documentation as HTML, where the pages were not built: headings, links, tables.

Anchors are those of the built pages and of GitHub. What only the build can make stands as it is
written: the directives that read docstrings.
"""

import re
from collections.abc import Callable, Sequence
from functools import cache
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

_DIRECTIVE = re.compile(r"\{(\w+)\}\s*(.*)")
_LINK_TO_PAGE = re.compile(r"(?!\w+:)([^#]*)\.md(#.*)?")


class Page(NamedTuple):
    """A rendered page: the text of its first heading, its HTML, the anchors of its headings."""

    title: str
    html: str
    anchors: frozenset[str]


def render(file: Path) -> Page:
    """Return the page in a Markdown file. Raises OSError."""
    tokens = _parser().parse(file.read_text(encoding="utf-8"), {"file": file})
    titles = [
        "".join(part.content for part in tokens[number + 1].children or ())
        for number, token in enumerate(tokens)
        if token.type == "heading_open"
    ]
    anchors = [anchor_of(title) for title in titles]
    unused = iter(anchors)
    for token in tokens:
        if token.type == "heading_open":
            token.attrSet("id", next(unused))
    html = _parser().renderer.render(tokens, _parser().options, {"file": file})
    return Page(titles[0] if titles else file.stem, str(html), frozenset(anchors))


def anchor_of(title: str) -> str:
    """Return the anchor of a heading, as GitHub and the built pages have it.

    >>> anchor_of("`log_prime_sse`, fidelity")
    'log_prime_sse-fidelity'
    """
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


@cache
def _parser() -> Any:
    from markdown_it import MarkdownIt  # not at the hub's start

    parser: Any = MarkdownIt("commonmark").enable("table")
    for name, rule in (
        ("html_block", _nothing),  # comments that mark blocks for the tests
        ("html_inline", _nothing),
        ("fence", _fence),
        ("link_open", _link),
        ("table_open", _table),
        ("table_close", lambda *_: "</table></div>"),
    ):
        parser.renderer.rules[name] = rule
    return parser


def _nothing(*_: Any) -> str:
    return ""


def _table(*_: Any) -> str:
    return '<div class="table-wrap" tabindex="0" role="region" aria-label="Table"><table>'


def _link(tokens: Sequence[Any], index: int, options: Any, _env: Any) -> str:
    """Let a link to a page of the documentation lead to its HTML."""
    token = tokens[index]
    if found := _LINK_TO_PAGE.fullmatch(token.attrGet("href")):
        token.attrSet("href", f"{found[1]}.html{found[2] or ''}")
    return str(_parser().renderer.renderToken(tokens, index, options, {}))


def _fence(tokens: Sequence[Any], index: int, _options: Any, env: Any) -> str:
    token = tokens[index]
    directive = _DIRECTIVE.fullmatch(token.info.strip())
    make = _DIRECTIVES.get(directive[1]) if directive else None
    if directive and make:
        return make(directive[2], token.content, env["file"])
    return _code(token.content)


def _code(text: str) -> str:
    return f'<pre class="mono" tabindex="0"><code>{escape(text)}</code></pre>\n'


def _contents(_argument: str, text: str, file: Path) -> str:
    """Return a list of pages with their titles; a notebook is a file to take along."""
    caption = re.search(r"^:caption: (.+)$", text, re.M)
    listed = [line for line in text.splitlines() if line[:1].isalpha()]
    links = "".join(
        f'<li><a href="{address}">{escape(title)}</a></li>'
        for address, title in (_listed(file.parent, name) for name in listed)
    )
    return f"<h2>{escape(caption[1]) if caption else 'Contents'}</h2><ul>{links}</ul>\n"


def _listed(folder: Path, name: str) -> tuple[str, str]:
    """Return the address and title of a page in a list of contents."""
    page = folder / f"{name}.md"
    if not page.is_file():
        return f"{name}.ipynb", f"{name}.ipynb"
    first = page.read_text(encoding="utf-8").partition("\n")[0]
    return f"{name}.html", first.lstrip("# ").replace("`", "")


def _included(argument: str, _text: str, file: Path) -> str:
    """Return a file that a page includes, by a path from the page's folder."""
    return _code((file.parent / argument).read_text(encoding="utf-8"))


_DIRECTIVES: dict[str, Callable[[str, str, Path], str]] = {
    "toctree": _contents,
    "literalinclude": _included,
}
