"""Tables as HTML, for the rich display of a notebook."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any


def pairs(title: str, values: Mapping[str, Any]) -> str:
    """Return a table of names and values; those that are None are left out."""
    rows = [(name, shown(value)) for name, value in values.items() if value is not None]
    return table(title, ("", ""), rows)


def table(title: str, heading: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table with a title, a heading (empty: none) and rows of text."""
    head = "".join(f"<th>{escape(name)}</th>" for name in heading)
    lines = ["".join(f"<td>{escape(cell)}</td>" for cell in row) for row in rows]
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    top = f"<thead><tr>{head}</tr></thead>" if any(heading) else ""
    return f"<table><caption>{escape(title)}</caption>{top}<tbody>{body}</tbody></table>"


def paragraph(text: str) -> str:
    """Return a paragraph of text."""
    return f"<p>{escape(text)}</p>"


def items(pairs: Iterable[tuple[str, str | None]]) -> str:
    """Return a list of texts, each with a command below it or None."""
    lines = (
        f"<li>{escape(text)}" + (f"<pre>{escape(command)}</pre>" if command else "") + "</li>"
        for text, command in pairs
    )
    return f"<ul>{''.join(lines)}</ul>"


def shown(value: Any) -> str:
    """Return a value as a table shows it: numbers with six digits, objects by their parts."""
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, Mapping):
        parts = (f"{name}={shown(each)}" for name, each in value.items() if each is not None)
        return ", ".join(parts)
    return str(value)
