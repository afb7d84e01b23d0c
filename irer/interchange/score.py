"""The log-prime score of a field from anywhere: a file of a known layout, or an array.

Light until a score is asked for: `irer.score` and the command lines take the function from here.
"""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from irer.base.checking import check
from irer.interchange.score_records import FieldScore, Precision, ScoreOptions

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

ALL = slice(None)


def score(
    field: "str | os.PathLike[str] | ArrayLike",
    *,
    box_length: float | None = None,
    dataset: str | None = None,
    dealias: float | None = None,
    n_null: int = 1000,
    seed: int = 0,
    kappa: float | None = None,
    u: "str | ArrayLike | None" = None,
    precision: Precision | None = None,
    axes: Sequence[str] | None = None,
    dimensions: int | None = None,
    sample: int = 0,
    channel: int | None = None,
    snapshots: slice = ALL,
) -> FieldScore:
    """Score how well the peaks of a field's spectrum sit at k = ln p.

    Equal numbers score equally, whatever they are stored in. An artifact of this program brings
    box length, dealias, precision, kappa and u itself. Nothing is written.

    Source: docs/metrics.md, docs/howto/foreign_fields.md.

    Args:
        field: the path of a file of a known layout, or an array: (N,)*d, or S snapshots
            (S,) + (N,)*d, d = 2 or 3, periodic. A real one is a density; a complex one is a psi,
            judged by |psi|^2. An array of xarray says itself what its axes are.
        box_length: the side of the box; k is in radians per its unit.
        dataset: which field of the file; by default `rho`, `density` or `psi`, or the only one.
        dealias: the share of the band that the field's solver kept, above 0 and at most 1, by
            default 0.5.
        n_null: draws of each null behind the p-values, 0 to 100,000; 0 leaves these out.
        seed: of those draws, 0 to 4,294,967,295.
        kappa: of a psi: hold its last snapshot against the Hamiltonian constraint.
        u: ln Omega for it, real, (N,)*d, an array or a dataset of the file, by default 0.
        precision: of the solver's arithmetic, float32 or float64, by default that of the stored
            numbers; the noise floor depends on it.
        axes: what the stored axes are where the field does not say: `["time", "y", "x"]`.
        dimensions: d, where S = N snapshots in 2-D would count as one field in 3-D.
        sample: which of several samples of a file.
        channel: which of several channels.
        snapshots: some of them, `slice(-4, None)`.

    Returns:
        `.log_prime_sse` from 0, all eight targets met, to 2, none; `.n_targets_resolved`, the
        targets that the grid can tell apart; `.p_position`, `.p_lines` (None unless it can tell
        all eight); `.targets`, each with the peak that was found for it; `.constraint`; `.notes`.
        `.degenerate` says why there was nothing.

    Raises:
        ConfigError: naming what is wrong with the file, the field or an argument.
    """
    options = {
        "box_length": box_length, "dataset": dataset, "dealias": dealias, "n_null": n_null,
        "seed": seed, "kappa": kappa, "precision": precision,
        "axes": list(axes) if isinstance(axes, tuple) else axes,
        "dimensions": dimensions, "sample": sample, "channel": channel, "snapshots": snapshots,
    }  # fmt: skip
    asked = check(ScoreOptions, {name: plain(value) for name, value in options.items()})
    from irer.interchange.measuring import judge  # HDF5 and SciPy: where a score is wanted

    return judge(field, u, asked)


def plain(value: object) -> object:
    """Return a number of NumPy as one of Python, anything else as it is."""
    item = getattr(value, "item", None)
    return item() if callable(item) and getattr(value, "shape", None) == () else value
