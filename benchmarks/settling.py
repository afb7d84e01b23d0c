"""How long must a run be to settle? Random draws of a model's space, judged at ever later ends.

A run of length T is the beginning of a longer one, so each draw is simulated once, to the last T,
and `irer.validation.settling` judges the frames up to each T, 50 of them. Prints a JSON line for
each draw that is new and one for each T; with --keep, series are kept and not made again.

usage: python benchmarks/settling.py [--model sncgl_sdg] [--dimensions 2] [--size 256]
           [--box 40] [--draws 60] [--ends 20,40,60] [--seed 7] [--keep FOLDER]
"""

import argparse
import json
import math
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np

from benchmarks.timing import report
from irer.base.models import facts_of
from irer.base.records import SncglParams
from irer.physics import SimulationConfig, simulate
from irer.validation.settling import settled
from settings import DEFAULT_PARAM_SPACE

FRAME = 0.5  # time units between the diagnostics that are kept
JUDGED = 50  # frames that a run is judged by, as many as a default job has
SERIES = ("t", "density_mean", "u_mean", "sdg_h_norm_l2", "tail_ratio", "substeps")


def config(options: argparse.Namespace, index: int) -> SimulationConfig:
    """Return the job of one draw: parameters and seed from its number."""
    space = facts_of(options.model).space or DEFAULT_PARAM_SPACE
    rng = np.random.default_rng([options.seed, index])
    params = {name: float(rng.uniform(*bounds)) for name, bounds in space.items()}
    end = max(options.ends)
    return SimulationConfig(
        model=options.model, dimensions=options.dimensions, N_grid=options.size,
        box_length=options.box * math.pi, T_steps=round(end / 0.1), n_frames=round(end / FRAME),
        n_snapshots=1, global_seed=int(rng.integers(2**32)), sncgl_params=SncglParams(**params),
    )  # fmt: skip


def series(options: argparse.Namespace, index: int) -> dict[str, np.ndarray]:
    """Return the diagnostics of one draw, kept or made."""
    kept = options.keep / f"{index:04d}.npz" if options.keep else None
    if kept and kept.exists():
        with np.load(kept) as file:
            found = {name: file[name] for name in (*SERIES, "outcome")}
        if found["outcome"] != "OK" or found["t"][-1] >= max(options.ends) - 1e-6:
            return found
    begun = time.process_time()
    result = simulate(config(options, index))
    report(
        "settling: a draw", index=index, outcome=result.outcome.name,
        cpu_seconds=time.process_time() - begun,
    )  # fmt: skip
    found = {name: result.diagnostics[name] for name in SERIES}
    found["outcome"] = np.array(result.outcome.name)
    if kept:
        kept.parent.mkdir(parents=True, exist_ok=True)
        np.savez(kept, **found)
    return found


def verdict(found: dict[str, np.ndarray], end: float) -> str | None:
    """Return why a run of length `end` has not settled, None when it has."""
    if found["outcome"] != "OK":
        return str(found["outcome"])
    last = int(np.flatnonzero(found["t"] <= end + 1e-6)[-1])
    step = max(1, round(end / JUDGED / FRAME))
    frames = np.arange(last, -1, -step)[::-1]
    return settled({name: found[name][frames] for name in SERIES})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="sncgl_sdg")
    parser.add_argument("--dimensions", type=int, default=2)
    parser.add_argument("--size", type=int, default=256, help="grid points a side")
    parser.add_argument("--box", type=float, default=40.0, help="its length over pi")
    parser.add_argument("--draws", type=int, default=60)
    parser.add_argument("--ends", type=lambda text: [float(t) for t in text.split(",")],
                        default=[20.0, 40.0, 60.0], metavar="T,T,...")  # fmt: skip
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--keep", type=Path, metavar="FOLDER")
    options = parser.parse_args()
    runs = [series(options, index) for index in range(options.draws)]
    for end in options.ends:
        reasons = {str(i): why for i, run in enumerate(runs) if (why := verdict(run, end))}
        report(
            "settling", model=options.model, dimensions=options.dimensions, size=options.size,
            box_over_pi=options.box, seed=options.seed, end=end, draws=len(runs),
            settled=len(runs) - len(reasons), share=1 - len(reasons) / len(runs),
        )  # fmt: skip
        print(json.dumps({"end": end, "unsettled": reasons}), flush=True)


if __name__ == "__main__":
    main()
