"""Does a run score alike at N x 2, dt / 2, L x 1.5 and in float64? Own fields, paired.

Random draws of the default space from number 1000 on; the first so many that have a score are
taken, and each is simulated again as the groups of a confirmation are. The runs are chaotic, so
pairs differ as seeds do: what is asked is their mean difference. Wanted over 40: its 90% interval
within 0.1, and 0 inside the 95% interval for the precisions. One JSON line a refinement; with
--keep, scores are kept and not made again.
usage: python benchmarks/refinements.py [--fields 40] [--workers 2] [--keep FOLDER]
"""

import argparse
import itertools
import json
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

os.environ.setdefault("PJRT_NPROC", "1")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
from scipy.stats import t

from benchmarks.own_fields import drawn_job, simulated
from benchmarks.timing import report
from irer.base.goals import GROUPS, why_no_score
from irer.base.records import JobConfig
from irer.controls.groups import refined
from settings import usable_cores

FIRST = 1000  # no draw of the library is used again
SMALL = {"N_grid": 64, "box_length": 50.0, "T_steps": 100}


def variants(draw: int, small: bool) -> dict[str, JobConfig]:
    """Return the job of a draw as it is, and in each refinement."""
    job = drawn_job(draw, **SMALL) if small else drawn_job(draw)
    return {
        name: job if name == "own_settings" else job.model_copy(
            update={"simulation": refined(job.simulation, name)}
        )
        for name in GROUPS
    }  # fmt: skip


def score(job: JobConfig) -> float | None:
    """Return the score of a job, None where it has none."""
    import validation_pipeline

    validation_pipeline.N_NULLS = 0
    metrics = validation_pipeline.judge(job, simulated(job)).metrics
    return None if metrics is None or why_no_score(metrics) else metrics.log_prime_sse


def scores(draw: int, small: bool, keep: Path | None) -> dict[str, float | None]:
    """Return the scores of a draw in all variants; only the base's where that has none."""
    kept = keep / f"{draw}.json" if keep else None
    if kept and kept.exists():
        found: dict[str, float | None] = json.loads(kept.read_text())
        return found
    jobs = variants(draw, small)
    found = {"own_settings": score(jobs.pop("own_settings"))}
    if found["own_settings"] is not None or small:
        found |= {name: score(job) for name, job in jobs.items()}
    if kept:
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(found))
    return found


def first_that_count(
    wanted: int, workers: int, keep: Path | None
) -> Iterator[dict[str, float | None]]:
    """Yield the scores of the first draws whose base counts."""
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        taken = 0
        for first in itertools.count(FIRST, workers):
            batch = range(first, first + workers)
            for found in pool.map(partial(scores, small=False, keep=keep), batch):
                if found["own_settings"] is not None and taken < wanted:
                    taken += 1
                    yield found
            if taken >= wanted:
                return


def compare(name: str, found: list[dict[str, float | None]]) -> None:
    """Print the mean difference of a refinement from the base with its intervals."""
    pairs = [(run["own_settings"], run[name]) for run in found]
    differences = np.array([b - a for a, b in pairs if a is not None and b is not None])
    n = len(differences)
    figures: dict[str, object] = {"fields": len(found), "without_a_score": len(found) - n}
    if n > 1:
        error = differences.std(ddof=1) / np.sqrt(n)
        mean = float(differences.mean())
        for level in (0.9, 0.95):
            reach = float(t.ppf((1 + level) / 2, n - 1) * error)
            figures[f"interval_{level:g}"] = [round(mean - reach, 4), round(mean + reach, 4)]
        figures |= {"mean_difference": mean, "standard_deviation": float(differences.std(ddof=1))}
    report("refinement", of=name, **figures)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fields", type=int, default=40)
    parser.add_argument("--workers", type=int, default=usable_cores())
    parser.add_argument("--keep", type=Path, metavar="FOLDER")
    parser.add_argument("--small", action="store_true", help="one draw of a small box")
    given = parser.parse_args()
    if given.small:
        found = [scores(FIRST, small=True, keep=None)]
    else:
        found = list(first_that_count(given.fields, given.workers, given.keep))
    for name in GROUPS[1:]:
        compare(name, found)


if __name__ == "__main__":
    main()
