"""Judge the last slice of a committed run by classical general relativity.

    python run_bssn_check.py --file PROVENANCE.json

Prints both constraints, beside the SDG one that the run is scored by, and writes
`analyses/{job_uuid}/bssn_check.json` in the run's home. Exit 2 for a file that is no provenance
of a COMPLETE run, 1 when its artifact cannot be used.
"""

from collections.abc import Sequence

import numpy as np

from irer.base.commandline import run_program
from irer.base.files import write_json
from irer.reports.analysis import CommittedRun, run_analysis, table
from irer.validation import classical_norms, constraint_norms, final_rate


def analyse(run: CommittedRun) -> str:
    """Write the constraints' norms and return them as a table."""
    options, params, artifact = run.record.simulation, run.record.sncgl_params, run.artifact
    psi, u = artifact.psi.astype(np.complex128), artifact.u.astype(np.float64)
    rate = final_rate(artifact, psi, u)
    classical = classical_norms(psi, rate, u, options.box_length, params.kappa)
    sdg = constraint_norms(psi, u, options.box_length, params.kappa)
    report = {
        "schema_version": 1,
        "job_uuid": run.record.job_uuid,
        "t": artifact.last_good_time,
        "hamiltonian": {"l2": classical.hamiltonian, "max": classical.hamiltonian_max},
        "momentum": {"l2": classical.momentum, "max": classical.momentum_max},
        "sdg_hamiltonian": {"l2": sdg.l2, "max": sdg.max},
    }
    target = run.folder / "bssn_check.json"
    write_json(target, report)
    rows = [
        ("constraint", "L2 norm", "largest"),
        ("classical Hamiltonian", classical.hamiltonian, classical.hamiltonian_max),
        ("classical momentum", classical.momentum, classical.momentum_max),
        ("SDG Hamiltonian", sdg.l2, sdg.max),
    ]
    return f"{run.record.job_uuid}, t = {artifact.last_good_time:g}\n{table(rows)}\n{target}"


def main(argv: Sequence[str] | None = None) -> int:
    """Check one run; return the exit code."""
    about = "Judge the last slice of a committed run by classical general relativity."
    return run_analysis("run_bssn_check.py", about, analyse, argv)


if __name__ == "__main__":
    run_program(main)
