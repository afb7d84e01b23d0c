"""The costs of a confirmation and of a hunt, estimated before they start."""

import math
from collections.abc import Mapping

from irer.base.goals import GROUPS, GroupName
from irer.base.records import Provenance, SimulationOptions
from irer.controls.files import missing_runs
from irer.controls.groups import RUNS, TOTAL, refined
from settings import Settings


def relative_cost(options: SimulationOptions, base: SimulationOptions) -> float:
    """Return the cost of a run with `options` over that of one with `base`.

    Transforms, N^d ln N a step, and twice the time in float64. With controlled steps dt is only
    the largest step, so half of it costs at most twice as much. benchmarks/confirmation_cost.py
    compares the estimate with measurements.
    """
    return _work(options) / _work(base)


def _work(options: SimulationOptions) -> float:
    width = 2 if options.precision == "float64" else 1
    points = float(options.N_grid) ** options.dimensions
    return options.T_steps * points * math.log(options.N_grid) * width


def estimated_seconds(
    record: Provenance, missing: Mapping[GroupName, int], workers: int
) -> float | None:
    """Return how long the `missing` runs of each group will take, from the run's own seconds.

    Wall time with `workers` runs at once; None if the run's record has no time.
    Raises ConfigError when a refinement would pass the limits of the grid.
    """
    own = record.seconds.total
    if not own:
        return None
    base = record.simulation
    costs = {name: relative_cost(refined(base, name), base) for name in GROUPS}
    return own * sum(costs[name] * n for name, n in missing.items()) / workers


def hunt_seconds(generations: int, population: int, workers: int, job_s: float) -> float:
    """Return how long a hunt will take; each generation is rounds of `workers` jobs at once."""
    return generations * math.ceil(population / workers) * job_s


def announcement(record: Provenance, settings: Settings) -> str:
    """Say in one line what a confirmation, or the rest of one, will take."""
    missing = missing_runs(settings.home, record.job_uuid)
    left = sum(missing.values())
    runs = f"{left} runs" if left == TOTAL else f"{left} of {TOTAL} runs left"
    seconds = estimated_seconds(record, missing, settings.workers)
    time = f", about {in_words(seconds)}" if seconds is not None else ""
    return f"confirmation: {runs}, {RUNS} fresh seeds in each of {len(GROUPS)} groups{time}"


def in_words(seconds: float) -> str:
    """Return a time in words, as the pages do."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    if seconds < 5400:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3600:.1f} h"
