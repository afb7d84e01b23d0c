"""A reading as lines for a terminal."""

from collections.abc import Iterator

from irer.controls.cost import in_words
from irer.controls.reading.reading_records import Action, Reading


def lines_of(reading: Reading) -> Iterator[str]:
    """Yield the sentence, then each finding with its command."""
    yield reading.sentence
    for finding in reading.findings:
        yield f"- {finding.words}"
        if finding.action is not None and finding.action.can_succeed:
            yield f"    {_command(finding.action)}"


def _command(action: Action) -> str:
    if action.seconds is None:
        return action.command
    return f"{action.command}   ({in_words(action.seconds)})"
