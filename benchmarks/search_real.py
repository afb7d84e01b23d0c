"""The default sampler against random draws on the real equations, judged on fresh seeds.

    python benchmarks/search_real.py [--seeds 5] [--runs 100] [--homes FOLDER]

N = 128, box_length 20 pi, defaults else: the four targets that such a box can hold apart are
resolved. Each hunt has a home of its own; what it recommends is then run under 20 fresh seeds, as
a given point in another home. One more hunt runs random candidates twice each, which tells the
share of variance that the parameters decide over the box. In a FOLDER homes are kept: a hunt that
ended there is read, one that was cut off goes on. Prints one JSON line a hunt, one for each
sampler and figure with the median and the range over the hunts, and one for the shares:
  fresh_sse, fresh_violation    mean over the fresh seeds of what the hunt recommends
  promised_sse, low, high       what the hunt said of that mean, and its 90% interval
  luckiest_sse                  smallest score of a single run
  hypervolume                   in square decades, of single runs (irer/search/hypervolume.py)
  unscored                      runs that failed or have no score
"""

import argparse
import json
import math
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import core_engine
from irer.base.hunt_records import HuntOrder
from irer.base.records import Sampler
from irer.home import open_home
from irer.home.ledger import LedgerRow, read_rows
from irer.home.registry import load_plan
from irer.search.history import History
from irer.search.recommendation import FRESH_SEEDS, recommend
from settings import DEFAULT_PARAM_SPACE, load

SIMULATION = {"N_grid": 128, "box_length": 20 * math.pi}
POPULATION = 10
FRESH, TWICE = 1000, 2000  # first of their seeds; hunts have those from 0 on
PAIRS = 50
SHOWN = ("fresh_sse", "fresh_violation", "promised_sse", "luckiest_sse", "hypervolume", "unscored")


def rows_of(home: Path, workers: int, **order: Any) -> list[LedgerRow]:
    """Return the runs of the hunt of a home, run as far as it is not there."""
    settings = load(home=home, workers=workers, keep_artifacts="best:1")
    plan = load_plan(open_home(home))
    if plan is None or plan.state != "Completed":
        asked = HuntOrder(simulation=SIMULATION, **order)
        core_engine.execute_hunt(plan=plan, order=asked, settings=settings)
    return list(read_rows(settings.home.ledger_file))


def hunt(folder: Path, sampler: Sampler, seed: int, runs: int, workers: int) -> dict[str, Any]:
    """Run one hunt and what it recommends; return its figures."""
    name = f"{sampler}-{seed}"
    rows = rows_of(
        folder / name,
        workers,
        num_generations=runs // POPULATION,
        population_size=POPULATION,
        seed=seed,
        sampler=sampler,
    )
    history = History()
    for row in rows:
        history.add(row)
    figures = {
        "hypervolume": history.hypervolume,
        "luckiest_sse": min(row.objectives[0] for row in rows if row.objectives),
        "unscored": sum(row.objectives is None for row in rows),
    }
    found = recommend(rows, DEFAULT_PARAM_SPACE).recommended
    if found is None:
        return figures
    point = {name: getattr(found.sncgl_params, name) for name in DEFAULT_PARAM_SPACE}
    fresh = rows_of(
        folder / f"fresh-{name}-{found.candidate}",
        workers,
        num_generations=1,
        population_size=FRESH_SEEDS,
        seed=FRESH + seed,
        sampler="random",
        points=[point],
        seeds_per_candidate=FRESH_SEEDS,
    )
    values = [row.objectives for row in fresh if row.objectives]
    promised = found.expected["log_prime_sse"]
    return figures | {
        "fresh_scored": len(values),
        "fresh_sse": statistics.mean(sse for sse, _ in values),
        "fresh_violation": statistics.mean(violation for _, violation in values),
        "promised_sse": promised.mean,
        "low": promised.low,
        "high": promised.high,
    }


def shares(folder: Path, workers: int) -> dict[str, Any]:
    """Return the share of each error's variance that the parameters decide over the box."""
    rows = rows_of(
        folder / "twice",
        workers,
        num_generations=2 * PAIRS // POPULATION,
        population_size=POPULATION,
        seed=TWICE,
        sampler="random",
        seeds_per_candidate=2,
    )
    found = recommend(rows, DEFAULT_PARAM_SPACE).variance_share
    return {name: share.model_dump() for name, share in found.items()}


def line(**figures: Any) -> None:
    """Print a JSON line, floats with four significant digits."""
    shown = {k: float(f"{v:.4g}") if isinstance(v, float) else v for k, v in figures.items()}
    print(json.dumps({"benchmark": "search_real", **shown}), flush=True)


def compare(folder: Path, samplers: list[str], seeds: int, runs: int, workers: int) -> None:
    """Run all hunts and print."""
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in samplers}
    for seed in range(seeds):
        for sampler in samplers:
            found[sampler].append(hunt(folder, sampler, seed, runs, workers))
            line(sampler=sampler, seed=seed, **found[sampler][-1])
    for sampler, hunts in found.items():
        for name in SHOWN:
            values = [figures[name] for figures in hunts if name in figures]
            if values:
                ends = {"lowest": float(min(values)), "highest": float(max(values))}
                median = float(statistics.median(values))
                line(sampler=sampler, figure=name, hunts=len(values), median=median, **ends)
    line(what="share of the parameters", **shares(folder, workers))


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description="Compare samplers on the real equations.")
    parser.add_argument("--samplers", default="gp,random")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--homes", type=Path, help="where the hunts are kept")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="irer-bench-") as scratch:
        folder = given.homes or Path(scratch)
        compare(folder, given.samplers.split(","), given.seeds, given.runs, given.workers)


if __name__ == "__main__":
    main()
