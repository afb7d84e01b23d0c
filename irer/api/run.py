"""One committed run: its record, fields, spectrum and confirmation."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from irer.base.errors import ConfigError
from irer.base.fitness import fitness
from irer.base.goals import constraint_violation, why_no_score
from irer.base.html import pairs
from irer.base.records import Metrics, Provenance, RunState, SimulationConfig, SncglParams
from irer.controls.files import current_report
from irer.controls.records import ConfirmationReport
from irer.home import Home

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from irer.validation import Fidelity


@dataclass(frozen=True)
class Run:
    """A committed run of a home; `record` is its provenance, all that determines it included."""

    record: Provenance
    home: Home

    @property
    def job_uuid(self) -> str:
        """Its id."""
        return self.record.job_uuid

    @property
    def state(self) -> RunState:
        """COMPLETE, with metrics, or FAILED, with an error."""
        return self.record.state

    @property
    def params(self) -> SncglParams:
        """Its parameters, dimensionless (docs/equations.md)."""
        return self.record.sncgl_params

    @property
    def metrics(self) -> Metrics | None:
        """What was measured (docs/metrics.md); None for a failed run."""
        return self.record.metrics

    @property
    def fitness(self) -> float | None:
        """Its rank among runs, higher is better; None without a score (`why_no_score` says why)."""
        return fitness(self.record.metrics)

    @property
    def config(self) -> SimulationConfig:
        """What `irer.simulate` makes the same fields from."""
        record = self.record
        return SimulationConfig(
            **record.simulation.model_dump(),
            model=record.model,
            global_seed=record.global_seed,
            sncgl_params=record.sncgl_params,
        )

    def field(self) -> "xr.Dataset":
        """Return the run's fields on named axes, from its artifact.

        `psi` and `u` (of fmia `field` and `momentum`) over `x`, `y`[, `z`], at the time in the
        attribute `t`; `snapshots` (the density) over `time` and the axes. Coordinates are in
        simulation units, all values dimensionless. Attributes: the record, flat.

        Raises ArtifactError when the artifact was removed, changed, or is broken.
        """
        from irer.api.fields import dataset_of  # HDF5 and xarray: where fields are wanted
        from irer.home.artifacts import read_recorded

        artifact = read_recorded(self.home.artifact_file(self.job_uuid), self.record)
        return dataset_of(artifact, self.record)

    def diagnostics(self) -> "pd.DataFrame":
        """Return what the solver noted at the end of every frame, indexed by the time `t`.

        Raises as `field`.
        """
        import pandas as pd

        from irer.home.artifacts import read_recorded

        artifact = read_recorded(self.home.artifact_file(self.job_uuid), self.record)
        return pd.DataFrame(artifact.diagnostics).set_index("t")

    def spectrum(self) -> "Fidelity":
        """Measure the late densities again: scores, peaks, matches and the shell spectrum.

        `.spectrum` has `k` (radians per unit length), `power`, `background`, `noise` and `excess`,
        one number a shell; it is None where there is nothing to measure (`degenerate` says why).
        p-values are in `metrics`. Source: docs/metrics.md. Raises as `field`.
        """
        from irer.home.artifacts import read_recorded
        from irer.validation import fidelity_of, targets_of

        artifact = read_recorded(self.home.artifact_file(self.job_uuid), self.record)
        comb = targets_of(self.record.comb)
        return fidelity_of(artifact.snapshot_rho, self.record.simulation, comb=comb)

    def export(
        self, kind: Literal["xdmf"], path: str | os.PathLike[str] | None = None
    ) -> tuple[Path, Path]:
        """Write the run's fields for ParaView and its kin; return the XDMF file and its numbers.

        `path` ends in .xdmf and is by default in the working folder, named after the run; the
        numbers lie beside it, `path`.h5. Existing files are replaced. What is in them:
        docs/howto/foreign_fields.md. Raises ConfigError for another kind or ending, StorageError
        when a file cannot be written, else as `field`.
        """
        from irer.interchange.xdmf import export_run

        if kind != "xdmf":
            raise ConfigError.of_field("kind", f"must be xdmf, got {kind!r:.60}")
        return export_run(self.home, self.record, path, "path")

    def confirmation(self) -> ConfirmationReport | None:
        """Return the report on the run's confirmation (docs/controls.md), None before it is done.

        Raises ContractError for a broken report.
        """
        return current_report(self.home, self.job_uuid)

    def __repr__(self) -> str:
        score = f", fitness {self.fitness:.6g}" if self.fitness is not None else ""
        return f"<Run {self.job_uuid} {self.state}{score}>"

    def _repr_html_(self) -> str:
        record, metrics = self.record, self.record.metrics
        shown = {
            "state": record.state,
            "error": record.error and f"{record.error.reason}: {record.error.message}",
            "generation": record.generation,
            "index": record.index,
            "model": record.model,
            "log_prime_sse": metrics and metrics.log_prime_sse,
            "sdg_h_norm_l2": metrics and metrics.sdg_h_norm_l2,
            "constraint_violation": constraint_violation(metrics) if metrics else None,
            "fitness": self.fitness,
            "no_score": why_no_score(metrics) if metrics else None,
            "sncgl_params": record.sncgl_params.model_dump(),
            "simulation": record.simulation.model_dump(),
        }
        return pairs(f"run {record.job_uuid}", shown)
