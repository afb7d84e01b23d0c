"""Times in records: UTC, ISO 8601 with the zone, to the millisecond."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import Field

_PATTERN = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00$"

Instant = Annotated[
    str, Field(pattern=_PATTERN, description="UTC, as in 2026-11-27T04:16:11.123+00:00")
]


def now() -> str:
    """Return the present time as records write it."""
    return as_text(datetime.now(UTC))


def as_text(moment: datetime) -> str:
    """Return a moment with a time zone as records write it."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def of_timestamp(seconds: float) -> str:
    """Return a Unix time, in seconds, as records write it."""
    return as_text(datetime.fromtimestamp(seconds, UTC))
