"""Uuids as people give them: whole, or by a beginning that no other has."""

import re
from collections.abc import Iterable
from typing import Any

from irer.base.errors import ConfigError, NotFoundError
from irer.base.records import canonical_uuid

FEWEST = 4  # characters of a beginning
NAMED_SO = f"a UUID or the beginning of one, at least {FEWEST} characters"
# For the whole text; a beginning may lack its hyphens, a whole uuid may not.
PATTERN = (
    "^([0-9a-f]{4,31}|[0-9a-f]{8}(-([0-9a-f]{0,3}|[0-9a-f]{4}(-([0-9a-f]{0,3}|[0-9a-f]{4}"
    "(-([0-9a-f]{0,3}|[0-9a-f]{4}(-[0-9a-f]{0,12})?))?))?))?)$"
)


def is_uuid(text: Any) -> bool:
    """Say whether `text` is a whole uuid in canonical form."""
    try:
        canonical_uuid(text)
    except ValueError:
        return False
    return True


def named_uuid(text: Any) -> str:
    """Return `text` with its hyphens if it is a uuid or may begin one. Raises ValueError."""
    if not isinstance(text, str) or re.fullmatch(PATTERN, text) is None:
        raise ValueError(f"must be {NAMED_SO}, got {text!r:.60}")
    if "-" in text:
        return text
    parts = text[:8], text[8:12], text[12:16], text[16:20], text[20:]
    return "-".join(part for part in parts if part)


def whole_uuid(text: Any, known: Iterable[str], *, what: str, field: str) -> str:
    """Return the uuid among `known` that `text` begins; one that is whole as it is.

    `what` names such a thing ("run"), `field` where it was asked for. Raises ConfigError for what
    can begin no uuid, or begins several; NotFoundError for what begins none.
    """
    try:
        text = named_uuid(text)
    except ValueError as error:
        raise ConfigError.of_field(field, str(error)) from error
    if is_uuid(text):
        return str(text)
    found = [uuid for uuid in known if uuid.startswith(text)]
    if not found:
        raise NotFoundError(f"there is no {what} {text}")
    if len(found) > 1:
        message = f"{text} begins {len(found)} {what}s, {', '.join(found[:2])} among them"
        raise ConfigError.of_field(field, message)
    return found[0]
