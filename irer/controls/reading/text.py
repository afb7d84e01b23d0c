"""A reading as lines for a terminal."""

from collections.abc import Iterator

from irer.controls.cost import in_words
from irer.controls.reading.reading_records import (
    Action,
    Reading,
    recommended_lines,
    share_lines,
)


def lines_of(reading: Reading) -> Iterator[str]:
    """Yield the sentence, what is expected, then each finding with its command."""
    yield reading.sentence
    yield from recommended_lines(reading)
    yield from share_lines(reading)
    for finding in reading.findings:
        yield f"- {finding.words}"
        if finding.command is not None:
            yield f"    {finding.command}{_time(finding.action)}"


def _time(action: Action | None) -> str:
    if action is None or action.seconds is None:
        return ""
    return f"   ({in_words(action.seconds)})"
