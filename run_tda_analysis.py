"""Describe the shape of a committed run's density by its persistent homology.

    python run_tda_analysis.py --file PROVENANCE.json

Takes the last stored density, prints a line for each dimension, and writes
`analyses/{job_uuid}/tda_analysis.json` and `.png` in the run's home. Exit 2 for a file that is
no provenance of a COMPLETE run, 1 when its artifact cannot be used.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from irer.base.commandline import run_program
from irer.base.files import write_bytes, write_json
from irer.reports.analysis import CommittedRun, run_analysis, table
from irer.reports.pictures import persistence_png
from irer.validation.topology import Persistence, betti_levels, persistent_homology


def analyse(run: CommittedRun) -> str:
    """Write the diagrams and curves, and return their summary as a table."""
    rho = run.artifact.snapshot_rho[-1].astype(np.float64)
    t = float(run.artifact.snapshot_t[-1])
    levels, homology = betti_levels(rho), persistent_homology(rho)
    report = {
        "schema_version": 1,
        "job_uuid": run.record.job_uuid,
        "t": t,
        "levels": levels.tolist(),
        "dimensions": [_as_json(each, levels) for each in homology],
    }
    target = run.folder / "tda_analysis.json"
    write_json(target, report)
    write_bytes(target.with_suffix(".png"), persistence_png(homology, levels))
    rows = [("", "classes", "never die", "most at once", "total persistence", "entropy")]
    rows += [
        (
            f"H{e.dimension}",
            len(e.births),
            len(e.essential),
            max(e.betti(levels)),
            e.total,
            e.entropy,
        )
        for e in homology
    ]
    return f"{run.record.job_uuid}, t = {t:g}\n{table(rows)}\n{target}"


def _as_json(found: Persistence, levels: np.ndarray[Any, Any]) -> dict[str, Any]:
    return {
        "dimension": found.dimension,
        "diagram": np.column_stack((found.births, found.deaths)).tolist(),
        "essential": found.essential.tolist(),
        "betti_curve": found.betti(levels).tolist(),
        "total_persistence": found.total,
        "persistent_entropy": found.entropy,
    }


def main(argv: Sequence[str] | None = None) -> int:
    """Analyse one run; return the exit code."""
    about = "Describe the shape of a committed run's density by its persistent homology."
    return run_analysis("run_tda_analysis.py", about, analyse, argv)


if __name__ == "__main__":
    run_program(main)
