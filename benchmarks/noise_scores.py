"""Does noise score alike whatever the grid and the box? Welch's test between small groups.

White noise of variance 0.3^2 about a density of 1, one snapshot a field; a pool of scores for each
setting, and pairs of groups of five drawn from two pools without replacement. Wanted: 3 to 7% of
the pairs rejected at 5% between the default grid and each other. One JSON line for each setting
and for each pair of settings.
usage: python benchmarks/noise_scores.py [--pool 2000] [--pairs 2000] [--workers 2]
"""

import argparse
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
from numpy.typing import NDArray
from scipy.stats import ttest_ind

from benchmarks.timing import report
from irer.validation import log_prime_fidelity
from settings import usable_cores

Array = NDArray[np.float64]
GROUP = 5
L = 40 * np.pi
SETTINGS = {  # grid points a side, box length
    "N = 256": (256, L),
    "N = 512": (512, L),
    "N = 1024": (1024, L),
    "L x 1.5": (384, 1.5 * L),
}


def score(name: str, draw: int) -> float:
    """Return log_prime_sse of one field of noise."""
    n_grid, box_length = SETTINGS[name]
    rng = np.random.default_rng([2027, list(SETTINGS).index(name), draw])
    rho = 1 + 0.3 * rng.standard_normal((n_grid, n_grid))
    return log_prime_fidelity(rho, box_length, 0).sse


def rejected(first: Array, second: Array, pairs: int) -> float:
    """Return the share of pairs of groups whose means differ at 5% after Welch."""
    rng = np.random.default_rng(5)
    groups = [
        np.array([rng.choice(pool, GROUP, replace=False) for _ in range(pairs)])
        for pool in (first, second)
    ]
    p: Array = ttest_ind(*groups, axis=1, equal_var=False).pvalue
    return float(np.mean(p <= 0.05))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pool", type=int, default=2000, help="fields of each setting")
    parser.add_argument("--pairs", type=int, default=2000)
    parser.add_argument("--workers", type=int, default=usable_cores())
    parser.add_argument("--small", action="store_true", help="a pool of 10 fields, 40 pairs")
    given = parser.parse_args()
    pool, pairs = (10, 40) if given.small else (given.pool, given.pairs)
    scores = {}
    with ProcessPoolExecutor(given.workers, get_context("spawn")) as processes:
        for name in SETTINGS:
            found = np.array(list(processes.map(partial(score, name), range(pool), chunksize=4)))
            error = float(found.std(ddof=1) / np.sqrt(pool))
            report("noise", of=name, fields=pool, mean=float(found.mean()), standard_error=error,
                   standard_deviation=float(found.std(ddof=1)))  # fmt: skip
            scores[name] = found
    base, *others = SETTINGS
    for other in others:
        report("noise: Welch", pair=f"{base}, {other}", pairs=pairs,
               rejected=rejected(scores[base], scores[other], pairs))  # fmt: skip


if __name__ == "__main__":
    main()
