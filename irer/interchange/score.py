"""The log-prime score of a field from anywhere: a file of a known layout, or an array."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from irer.base.errors import ConfigError
from irer.interchange.fields import Choice, Field, read_field
from irer.interchange.readers.opening import open_source
from irer.interchange.score_records import Constraint, FieldScore, Target
from irer.interchange.stored import OwnRun, Source, Stored, axis_names
from irer.validation import (
    PRIMES,
    TARGETS,
    UNDER_RESOLVED,
    Fidelity,
    constraint_norms,
    log_prime_fidelity,
    tail_ratio,
)

N_NULLS = 1000  # of each kind
DEALIAS = 0.5
ALL = slice(None)
_U = "u"  # the dataset of ln Omega in an artifact
_FAR = 0.01  # share by which a box length may differ from the coordinates' before it is said
_ARRAY = "rho"  # the name of an array that has none

Precision = Literal["float32", "float64"]

_NO_RUN = OwnRun(0, DEALIAS, "", None)


@dataclass(frozen=True)
class _How:
    """What a score is made with, given or found."""

    box_length: float
    dealias: float
    precision: str
    n_null: int


def score_field(
    field: str | os.PathLike[str] | ArrayLike,
    *,
    box_length: float | None = None,
    dataset: str | None = None,
    dealias: float | None = None,
    n_null: int = N_NULLS,
    kappa: float | None = None,
    u: str | ArrayLike | None = None,
    precision: Precision | None = None,
    axes: Sequence[str] | None = None,
    sample: int = 0,
    channel: int | None = None,
    snapshots: slice = ALL,
) -> FieldScore:
    """Score a density, or a complex psi by |psi|^2, in a periodic box of side `box_length`.

    `field` is the path of a file (docs/howto/foreign_fields.md has the layouts), of which `dataset`
    names one field, or an array (N,)*d or (S,) + (N,)*d, d = 2 or 3. `axes` names its stored axes
    where the file does not (`["time", "y", "x", "channel"]`); `sample`, `channel` and `snapshots`
    take part of it. `dealias` is the share of the band that the field's solver kept, by default
    0.5; `precision` is that of its arithmetic, by default that of the stored numbers; `n_null` is
    the number of draws of each null, 0 for none. With `kappa` the last snapshot of a psi is held
    against the Hamiltonian constraint, with `u` = ln Omega, an array or a dataset of the file, by
    default 0. An artifact of this program brings all of these itself. Equal numbers score equally,
    whatever they are stored in. Nothing is written. Raises ConfigError naming what is wrong.
    """
    if precision not in (None, *get_args(Precision)):
        raise ConfigError.of_field("precision", f"must be float32 or float64, got {precision!r}")
    choice = Choice(dataset, _named(axes), sample, channel, snapshots)
    try:
        with np.errstate(over="raise", invalid="raise", divide="raise"):
            taken = _take(field, choice, u)
            found, own = taken.found, taken.own
            if found.psi is None and (u is not None or kappa is not None):
                text = f"need a complex psi, {found.dataset} is real"
                raise ConfigError.of_field("kappa, u", text)
            how = _How(
                _length_of(found, own) if box_length is None else box_length,
                own.dealias if dealias is None else dealias,
                precision or own.precision or _precision_of(found.dtype),
                n_null,
            )
            return _scored(taken, how, own.kappa if kappa is None else kappa)
    except FloatingPointError as error:
        text = f"its numbers leave those of double precision on the way: {error}"
        raise ConfigError.of_field("field", text) from error


@dataclass(frozen=True)
class _Taken:
    """What was read: the field, ln Omega if any, and what the file says of its run."""

    file: str | None
    found: Field
    own: OwnRun
    u: ArrayLike | None


def _take(
    field: str | os.PathLike[str] | ArrayLike, choice: Choice, u: str | ArrayLike | None
) -> _Taken:
    """Read a field, and u beside it where that is a name or lies in an artifact of ours."""
    if isinstance(field, str | os.PathLike):
        with open_source(Path(field)) as source:
            found = read_field(source, choice)
            if u is None and found.psi is not None and source.own and source.find(_U):
                u = _U
            read = _u_of_file(source, u, found, choice) if isinstance(u, str) else u
            return _Taken(os.fspath(field), found, source.own or _NO_RUN, read)
    if isinstance(u, str):
        raise ConfigError.of_field("u", "must be an array where the field is one")
    return _Taken(None, read_field(_source_of(np.asarray(field)), choice), _NO_RUN, u)


def _named(axes: Sequence[str] | None) -> tuple[str, ...] | None:
    """Return what axes of these names are. Raises ConfigError for one that stands there twice."""
    if axes is None:
        return None
    names = axis_names(axes)
    if len(set(names)) != len(names):
        raise ConfigError.of_field("axes", f"must be different, got {', '.join(axes)}")
    return names


def _source_of(array: Any) -> Source:
    """Return an array as if it lay in a file."""
    stored = Stored(_ARRAY, array.shape, array.dtype, array.__getitem__)
    return Source("array", [_ARRAY], {_ARRAY: stored}.get)


def _u_of_file(source: Source, name: str, found: Field, choice: Choice) -> ArrayLike:
    """Read u, the last of its snapshots."""
    stored = source.get(name)
    alike = len(stored.shape) == len(found.stored_shape)
    read = read_field(source, replace(choice, dataset=name) if alike else Choice(name))
    if read.psi is not None:
        raise ConfigError.of_field("u", f"must be real, {name} is complex")
    last: NDArray[np.float64] = read.density[-1]
    return last


def _length_of(found: Field, own: OwnRun) -> float:
    """Return the side of the box of a run of ours. Raises ConfigError for any other."""
    if own.box_length:
        return own.box_length
    told = f"; the file's coordinates say {found.sides[0]:.6g}" if found.sides else ""
    text = f"required (--box-length), the side of the periodic box{told}"
    raise ConfigError.of_field("box_length", text)


def _precision_of(dtype: Any) -> str:
    """Return the type of a stored number's real part; integers are as good as float64."""
    if dtype.kind not in "fc":
        return "float64"
    real = np.zeros(0, dtype).real.dtype
    return str(real.newbyteorder("=").name) if real.itemsize <= 8 else "float64"


def _constraint(taken: _Taken, how: _How, kappa: float | None) -> Constraint | None:
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


def _scored(taken: _Taken, how: _How, kappa: float | None) -> FieldScore:
    found = taken.found
    fidelity = log_prime_fidelity(
        found.density,
        how.box_length,
        how.n_null,
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


def _notes(found: Field, own: OwnRun, how: _How, resolved: Sequence[bool]) -> list[str]:
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
