"""Do a hunt's objective and its verdict agree? Whole default hunts, each in a home of its own.

For each: whether its best run by fitness is dominated in (log_prime_sse, constraint_violation),
the median violation and the settled runs of its first and last generation, targets matched in a
floor-limited shell, and the largest change of the ten best scores when their densities pass
through float32 storage. At the end the settled shares, pooled, by Fisher's exact test (one-sided:
is the last generation's lower?). One JSON line a home and one for all.
usage: python benchmarks/default_hunts.py HOME [HOME ...]
   (a home is made by: python core_engine.py --home HOME --seed SEED)
"""

import argparse
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
from scipy.stats import fisher_exact

import settings
from benchmarks.timing import report
from irer.artifacts import read_artifact
from irer.goals import constraint_violation
from irer.provenance import read_provenance
from irer.records import Metrics, Provenance, RunState
from irer.search.fitness import fitness, is_pareto, objectives
from irer.validation import Fidelity, fidelity_of

BEST = 10  # runs whose densities are stored again, in float32


def complete(records: list[Provenance], generation: int) -> list[Metrics]:
    """Return the metrics of the complete runs of a generation."""
    return [
        record.metrics
        for record in records
        if record.generation == generation and record.metrics is not None
    ]


def read_again(home: settings.Settings, record: Provenance) -> tuple[float, int]:
    """Return how much float32 storage moves a score, and the matches in floor-limited shells."""
    artifact = read_artifact(home.artifact_file(record.job_uuid), record.job_uuid)
    rho = artifact.snapshot_rho
    stored, single = (
        fidelity_of(each, record.simulation) for each in (rho, rho.astype(np.float32))
    )
    return abs(stored.sse - single.sse), floor_matches(stored)


def floor_matches(found: Fidelity) -> int:
    """Return how many targets are matched by a peak whose shell lies in the noise floor."""
    if found.spectrum is None:
        return 0
    shells = [round(match.k / found.spectrum.width) - 1 for match in found.matches]
    return sum(not found.spectrum.usable[shell] for shell in shells)


def measure(folder: Path) -> tuple[list[Metrics], list[Metrics]]:
    """Print one hunt's line; return the complete runs of its first and last generation."""
    home = settings.load(home=folder)
    records = [read_provenance(path) for path in home.provenance_dir.iterdir()]
    counted = [record for record in records if fitness(record.metrics) is not None]
    counted.sort(key=lambda record: fitness(record.metrics) or 0.0, reverse=True)
    front = is_pareto([objectives(record.metrics) or () for record in counted])
    again = [read_again(home, record) for record in counted[:BEST]]
    others = [read_again(home, record) for record in counted[BEST:]]
    first, last = (complete(records, n) for n in (1, max(r.generation for r in records)))
    report(
        "a default hunt", home=folder.name, runs=len(records),
        failed=sum(record.state is not RunState.COMPLETE for record in records),
        without_a_score=len(records) - len(counted),
        best_sse=min(r.metrics.log_prime_sse for r in counted if r.metrics),
        best_by_fitness_is_dominated=not bool(front[0]),
        median_violation_first=statistics.median(constraint_violation(m) for m in first),
        median_violation_last=statistics.median(constraint_violation(m) for m in last),
        settled_first=sum(m.settled for m in first), settled_last=sum(m.settled for m in last),
        matches_in_the_floor=sum(n for _, n in again + others),
        float32_storage_moves_the_ten_best_by=max(change for change, _ in again),
    )  # fmt: skip
    return first, last


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("homes", nargs="*", type=Path, metavar="HOME")
    given = parser.parse_args()
    if not given.homes:
        report("default hunts", skipped="no homes are named")
        return
    ends = [measure(home) for home in given.homes]
    first, last = ([m.settled for side in ends for m in side[n]] for n in (0, 1))
    table = [[sum(last), len(last) - sum(last)], [sum(first), len(first) - sum(first)]]
    report(
        "default hunts: settled", hunts=len(ends),
        first=f"{sum(first)} of {len(first)}", last=f"{sum(last)} of {len(last)}",
        p_last_is_lower=float(fisher_exact(table, alternative="less").pvalue),
    )  # fmt: skip


if __name__ == "__main__":
    main()
