"""The message for an unknown name: the nearest known name, and all that are allowed."""

import difflib
from collections.abc import Iterable


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that `name` is most like, capitals or not; None if none is near.

    Of a dotted name the last part alone is compared, unless `name` is dotted too.
    """
    by_likeness: dict[str, str] = {}
    for each in known:
        by_likeness.setdefault((each if "." in name else each.rpartition(".")[2]).lower(), each)
    found = difflib.get_close_matches(name.lower(), by_likeness, n=1)
    return by_likeness[found[0]] if found else None


def unknown_name(
    what: str, name: str, allowed: Iterable[str], elsewhere: Iterable[str] = ()
) -> str:
    """Say that `what` is unknown, which name was meant, and which are allowed.

    `elsewhere` are names that are allowed in another place, as they would be written there.
    """
    allowed = list(allowed)
    near = nearest(name, [*allowed, *elsewhere])
    meant = f"; did you mean {near}?" if near else ""
    known = f"allowed are {', '.join(allowed)}" if allowed else "none is allowed here"
    return f"unknown {what}{meant or ';'} {known}"
