"""The fresh seeds of a run pooled, and compared with decoy combs on the same spectra."""

from collections.abc import Sequence

import numpy as np

from irer.controls.records import Pooled
from irer.home.artifacts import Artifact
from irer.validation import decoy_combs, fidelity_of, targets_of
from irer.validation.combs import Array
from irer.validation.matched_filter import pooled_matched_filter
from irer.validation.nulls import p_value

N_NULLS = 1000  # of each kind


def pooled(base: Sequence[Artifact], rng: np.random.Generator) -> Pooled | None:
    """Measure replicates of one run together; None without any.

    All their snapshots make one spectrum, which is scored like a run's. The matched filter takes
    one spectrum a replicate, so that its error is the scatter from seed to seed.
    """
    if not base:
        return None
    job = base[0].job
    comb = targets_of(job.comb)
    snapshots = np.concatenate([artifact.snapshot_rho for artifact in base])
    together = fidelity_of(snapshots, job.simulation, N_NULLS, rng, comb)
    filtered, p_matched = _matched(base, comb, rng)
    return Pooled(
        n_snapshots=len(snapshots),
        log_prime_sse=together.sse,
        n_targets_resolved=together.n_targets_resolved,
        p_position=together.p_position,
        p_lines=together.p_lines,
        matched_filter=filtered,
        p_matched=p_matched,
    )


def _matched(
    base: Sequence[Artifact], comb: Array, rng: np.random.Generator
) -> tuple[float | None, float | None]:
    """Return the matched filter's t and p; None unless all replicates resolve all targets."""
    each = [fidelity_of(a.snapshot_rho, a.job.simulation, comb=comb) for a in base]
    spectra = [f.spectrum for f in each if f.spectrum and all(f.resolved)]
    if len(spectra) < max(2, len(base)):
        return None, None
    combs = np.concatenate((comb[None], decoy_combs(N_NULLS, rng)))
    t = pooled_matched_filter(spectra, combs)
    return float(t[0]), p_value(-float(t[0]), -t[1:])
