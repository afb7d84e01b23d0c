"""The score of a field that was read, in the words of a run's record."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from irer.base.errors import ConfigError
from irer.interchange.fields import Choice, Field
from irer.interchange.score_records import Constraint, FieldScore, ScoreOptions, Target
from irer.interchange.stored import OwnRun, axis_names
from irer.interchange.taking import Taken, take
from irer.validation import (
    PRIMES,
    TARGETS,
    UNDER_RESOLVED,
    Fidelity,
    constraint_norms,
    log_prime_fidelity,
    tail_ratio,
)

_FAR = 0.01  # share by which a box length may differ from the coordinates' before it is said


@dataclass(frozen=True)
class How:
    """What a score is made with, given or found."""

    box_length: float
    dealias: float
    precision: str
    n_null: int
    seed: int


def judge(field: Any, u: Any, options: ScoreOptions) -> FieldScore:
    """Read and score a field; see `irer.score`. Raises ConfigError."""
    choice = Choice(
        options.dataset, _named(options.axes), options.sample, options.channel, options.snapshots,
        options.dimensions,
    )  # fmt: skip
    try:
        with np.errstate(over="raise", invalid="raise", divide="raise"):
            taken = take(field, choice, u)
            found, own = taken.found, taken.own
            if found.psi is None and (u is not None or options.kappa is not None):
                text = f"need a complex psi, {found.dataset} is real"
                raise ConfigError.of_field("kappa, u", text)
            how = How(
                taken.box_length if options.box_length is None else options.box_length,
                own.dealias if options.dealias is None else options.dealias,
                options.precision or taken.precision,
                options.n_null,
                options.seed,
            )
            return _measured(taken, how, own.kappa if options.kappa is None else options.kappa)
    except FloatingPointError as error:
        text = f"its numbers leave those of double precision on the way: {error}"
        raise ConfigError.of_field("field", text) from error


def _named(axes: Sequence[str] | None) -> tuple[str, ...] | None:
    """Return what axes of these names are. Raises ConfigError for one that stands there twice."""
    if axes is None:
        return None
    names = axis_names(axes)
    if len(set(names)) != len(names):
        raise ConfigError.of_field("axes", f"must be different, got {', '.join(axes)}")
    return names


def _measured(taken: Taken, how: How, kappa: float | None) -> FieldScore:
    found = taken.found
    fidelity = log_prime_fidelity(
        found.density,
        how.box_length,
        how.n_null,
        np.random.default_rng(how.seed),
        dealias=how.dealias,
        dimensions=found.dimensions,
        eps=float(np.finfo(how.precision).eps),
    )
    tail = None if found.psi is None else tail_ratio(found.psi, how.dealias)
    return FieldScore(
        file=taken.file,
        layout=found.layout,
        dataset=found.dataset,
        kind="density" if found.psi is None else "psi",
        axes=found.axes,
        stored_shape=found.stored_shape,
        stored_type=found.dtype.name,
        dimensions=found.dimensions,
        N_grid=found.density.shape[-1],
        n_snapshots=len(found.density),
        **vars(how),
        **_metrics(fidelity),
        tail_ratio=tail,
        under_resolved=None if tail is None else tail > UNDER_RESOLVED,
        constraint=_constraint(taken, how, kappa),
        notes=(*found.notes, *_notes(found, taken.own, how, fidelity.resolved)),
    )


def _constraint(taken: Taken, how: How, kappa: float | None) -> Constraint | None:
    psi = taken.found.psi
    if psi is None or kappa is None:
        return None
    u = np.zeros(psi.shape) if taken.u is None else taken.u
    norms = constraint_norms(psi, u, how.box_length, kappa)
    return Constraint(
        kappa=kappa,
        flat=taken.u is None,
        sdg_h_norm_l2=norms.l2,
        sdg_h_norm_relative=norms.relative,
        sdg_h_norm_max=norms.max,
        sdg_h_norm_l2_fd=norms.l2_finite_difference,
    )


def _metrics(fidelity: Fidelity) -> dict[str, Any]:
    """Return what was measured under the names of a run's record."""
    matches = {match.prime: match for match in fidelity.matches}
    targets = []
    for prime, k, resolved in zip(PRIMES, TARGETS, fidelity.resolved, strict=True):
        match = matches.get(prime)
        found = {"found_k": match.k, "excess": match.excess, "cost": match.cost} if match else {}
        targets.append(Target(prime=prime, k=float(k), resolved=resolved, **found))
    return {
        "log_prime_sse": fidelity.sse,
        "n_targets_resolved": fidelity.n_targets_resolved,
        "n_candidates": fidelity.n_candidates,
        "targets": tuple(targets),
        "degenerate": fidelity.degenerate,
        "p_position": fidelity.p_position,
        "p_lines": fidelity.p_lines,
        "matched_filter": fidelity.matched_filter,
        "p_matched": fidelity.p_matched,
        "log_prime_sse_scaled": fidelity.sse_scaled,
        "log_prime_scale": fidelity.scale,
        "p_scaled": fidelity.p_scaled,
        "log_prime_sse_multi_ray": fidelity.sse_multi_ray,
        "floor_limited": fidelity.n_floor_limited > 0,
        "n_floor_limited": fidelity.n_floor_limited,
        "floor_k": fidelity.floor_k,
    }


def _notes(found: Field, own: OwnRun, how: How, resolved: Sequence[bool]) -> list[str]:
    """Return what a reader of the score should know of the field."""
    notes = []
    if how.n_null and not all(resolved):
        notes.append("there are no p-values: they need all eight targets")
    if found.psi is None and (found.density < 0).any():
        notes.append("the field has negative values: it was taken for a density as it is")
    box_length = how.box_length
    said = own.box_length or (found.sides[0] if found.sides else box_length)
    n_grid = found.density.shape[-1]
    spans = (said, said * (n_grid - 1) / n_grid)  # with the end of the box among the points or not
    if all(abs(box_length - span) > _FAR * span for span in spans):
        notes.append(f"the file says that the box is {said:.6g} long, not {box_length:.6g}")
    return notes
