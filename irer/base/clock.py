"""The time as records have it: UTC, ISO 8601 with its zone, to the millisecond."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import Field

_PATTERN = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00$"

Instant = Annotated[
    str, Field(pattern=_PATTERN, description="UTC, as in 2026-11-27T04:16:11.123+00:00")
]


def now() -> str:
    """Return this moment."""
    return as_text(datetime.now(UTC))


def as_text(moment: datetime) -> str:
    """Return a moment that knows its zone as records have it."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def of_timestamp(seconds: float) -> str:
    """Return the moment so many seconds after the beginning of 1970."""
    return as_text(datetime.fromtimestamp(seconds, UTC))
