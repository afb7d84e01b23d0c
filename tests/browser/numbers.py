"""Every number in the text of a page, and every number that the records can vouch for."""

import csv
import json
import re
from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Page

from irer.base.goals import constraint_violation, why_no_score
from irer.base.records import Metrics
from irer.controls.cost import in_words
from irer.home.artifacts import read_artifact
from irer.search.hypervolume import hypervolumes, in_decades
from irer.search.importance import FEWEST
from irer.validation import PRIMES, TARGETS, log_prime_fidelity
from irer.validation.matching import CONFIDENT_EXCESS, UNMATCHED_COST
from irer.web.figures.parameter_map import FEWEST as FEWEST_OF_A_MAP
from tests.browser.conftest import Finished

# Left out are ids, moments as the reader's clock shows them, the scales of charts (their points'
# numbers stand in the tables beside them, which are read), what may be typed, and words that the
# page has before there is any run.
_TEXTS = """() => {
  const out = [];
  const walk = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
  const out_of_it = 'svg, form, select, dialog, time, #command, #log';
  const ids = 'a.mono, button.mono, span.mono, .uuid, #status-event';
  const words = '.measure .note, caption, .section-head > h2, .card > h2';
  while (walk.nextNode()) {
    const parent = walk.currentNode.parentElement, text = walk.currentNode.textContent.trim();
    if (!/\\d/.test(text) || parent.matches(words)) continue;
    if (parent.closest(`${out_of_it}, ${ids}`)) continue;
    out.push([text, parent.closest('[id]').id]);
  }
  return out;
}"""
_NUMBER = re.compile(r"(?<![\w.-])[-−]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?(?![\w-])")


def shown_numbers(page: Page) -> list[tuple[str, str]]:
    """Return every number in the page's text, as it is written, with where it stands."""
    for table in page.locator(".chart-table:not([hidden]) summary").all():
        table.click()
    return [
        (number, where) for text, where in page.evaluate(_TEXTS) for number in _NUMBER.findall(text)
    ]


class Known:
    """Numbers that may be shown, to the digits that they are shown with."""

    def __init__(self, values: list[float]) -> None:
        self._values = values

    def holds(self, text: str) -> bool:
        """Say whether a value written with as many digits as `text` reads the same."""
        mantissa = text.split("e")[0].replace("−", "-")
        decimals = len(mantissa.partition(".")[2])
        form = f".{decimals}e" if "e" in text else f".{decimals}f"
        shown = float(text.replace("−", "-"))
        if "." not in text and "e" not in text:  # nothing is rounded to a whole number
            return shown in self._values
        return any(
            float(format(value, form)) == shown or float(f"{value:.7g}") == shown
            for value in self._values
        )


def known_numbers(finished: Finished) -> Known:
    """Return all numbers of provenance files, ledger and reports, and what follows from them."""
    folder = finished.home / "provenance_reports"
    records = [json.loads(path.read_text()) for path in folder.glob("provenance_*.json")]
    hunted = [record for record in records if record["job_uuid"] != finished.failed]
    hunted.sort(key=lambda record: (record["generation"], record["index"]))
    with (finished.home / "simulation_ledger.csv").open(newline="") as file:
        cells = [cell for row in csv.DictReader(file) for cell in row.values()]
    reports = [json.loads(p.read_text()) for p in finished.home.glob("confirmations/*/*.json")]
    readings = [json.loads(p.read_text()) for p in finished.home.glob("hunts/*/reading.json")]
    values = [*_numbers(records), *_numbers(cells), *_numbers(reports), *_numbers(readings)]
    actions = [f["action"] for reading in readings for f in reading["findings"] if f["action"]]
    values += _numbers([in_words(each["seconds"]) for each in actions if each["seconds"]])
    values += [sum(record["seconds"].values()) for record in records]
    measured = [Metrics(**record["metrics"]) if record["metrics"] else None for record in hunted]
    values += [constraint_violation(metrics) for metrics in measured if metrics]
    values += hypervolumes(_scored(metrics) for metrics in measured)
    values += [*_counts(records, hunted), *_of_artifact(finished)]
    return Known([*values, *(-value for value in values)])  # fidelity is the SSE's negative


def _scored(metrics: Metrics | None) -> tuple[float, float] | None:
    """Return the two errors of a run that counts."""
    if metrics is None or why_no_score(metrics) is not None:
        return None
    return in_decades(metrics.log_prime_sse, constraint_violation(metrics))


def _counts(records: list[Any], hunted: list[Any]) -> list[float]:
    """Counts of runs, places in the order of runs, and the whole of anything in percent."""
    failed = sum(record["state"] == "FAILED" for record in records)
    return [0, *range(1, len(hunted) + 1), len(records), failed, 100, FEWEST, FEWEST_OF_A_MAP]


def _of_artifact(finished: Finished) -> list[float]:
    """What the best run's fields say: its peaks, what matched, and the diagnostics."""
    artifact = read_artifact(
        finished.home / "simulation_data" / f"simulation_{finished.best}.h5", finished.best
    )
    found = log_prime_fidelity(artifact.snapshot_rho, artifact.job.simulation.box_length, 0)
    assert found.peaks is not None
    assert found.spectrum is not None
    values = [value for match in found.matches for value in (match.k, match.excess, match.cost)]
    values += [*PRIMES, *TARGETS, UNMATCHED_COST, *found.peaks.k, *found.peaks.excess]
    values += [*found.spectrum.k, *found.spectrum.power, *found.spectrum.background]
    values += [*found.spectrum.excess, CONFIDENT_EXCESS, *artifact.snapshot_t]
    values += range(1, len(artifact.snapshot_t) + 1)
    return values + [float(x) for series in artifact.diagnostics.values() for x in series]


def _numbers(value: Any) -> Iterator[float]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _numbers(item)
    elif isinstance(value, int | float):
        yield float(value)
    elif isinstance(value, str):  # versions, and the ledger's cells
        yield from map(float, _NUMBER.findall(value))
