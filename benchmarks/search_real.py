"""The default sampler against random draws on the real equations, with equal budgets.

    python benchmarks/search_real.py [--seeds 5] [--generations 10] [--population 10]

N = 64, box_length 50 (4 of the 8 targets are resolved), 400 steps. Each hunt has a home of its
own; both samplers of a seed start one after the other, on `--workers` cores. Prints one JSON
line a hunt and one for each sampler with the medians and the range over the seeds:
  hypervolume  in square decades (irer/search/hypervolume.py), larger is better
  best_sse, best_h_norm  the smallest of each; fitness: the largest
  unscored     runs that failed or were under-resolved
"""

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import core_engine
from irer.base.hunt_records import HuntOrder
from irer.base.records import Sampler
from irer.home.ledger import read_rows
from irer.search.history import History
from settings import load

SIMULATION = {"N_grid": 64, "box_length": 50.0, "T_steps": 400}
SHOWN = ("hypervolume", "best_sse", "best_h_norm", "fitness", "unscored")


def hunt(
    home: Path, sampler: Sampler, seed: int, generations: int, population: int, workers: int
) -> dict[str, Any]:
    """Run one hunt and return its figures."""
    settings = load(home=home, workers=workers)
    order = HuntOrder(
        num_generations=generations,
        population_size=population,
        seed=seed,
        sampler=sampler,
        simulation=SIMULATION,
    )
    best = core_engine.execute_hunt(order=order, settings=settings)
    history, scored, unscored = History(), [], 0
    for row in read_rows(settings.home.ledger_file):
        history.add(row)
        if row.objectives is None:
            unscored += 1
        else:
            scored.append(row.objectives)
    return {
        "hypervolume": history.hypervolume,
        "best_sse": min(sse for sse, _ in scored),
        "best_h_norm": min(h_norm for _, h_norm in scored),
        "fitness": best["fitness"],
        "unscored": unscored,
    }


def line(**figures: Any) -> None:
    """Print a JSON line, floats with four significant digits."""
    shown = {k: float(f"{v:.4g}") if isinstance(v, float) else v for k, v in figures.items()}
    print(json.dumps({"benchmark": "search_real", **shown}), flush=True)


def main() -> None:
    """Run all hunts and print."""
    parser = argparse.ArgumentParser(description="Compare samplers on the real equations.")
    parser.add_argument("--samplers", default="gp,random")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--generations", type=int, default=10)
    parser.add_argument("--population", type=int, default=10)
    parser.add_argument("--workers", type=int, default=1)
    given = parser.parse_args()
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in given.samplers.split(",")}
    with tempfile.TemporaryDirectory(prefix="irer-bench-") as scratch:
        for seed in range(given.seeds):
            for sampler in found:
                home = Path(scratch) / f"{sampler}-{seed}"
                figures = hunt(
                    home, sampler, seed, given.generations, given.population, given.workers
                )
                found[sampler].append(figures)
                line(sampler=sampler, seed=seed, **figures)
    for sampler, hunts in found.items():
        for name in SHOWN:
            values = [figures[name] for figures in hunts]
            line(
                sampler=sampler,
                figure=name,
                seeds=len(values),
                median=float(statistics.median(values)),
                lowest=float(min(values)),
                highest=float(max(values)),
            )


if __name__ == "__main__":
    main()
