"""The log-prime score of any density, from Python."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from irer.validation import Fidelity


def score(
    rho: "ArrayLike",
    *,
    box_length: float,
    dealias: float = 0.5,
    n_null: int = 1000,
    seed: int = 0,
    dimensions: int | None = None,
) -> "Fidelity":
    """Score how well the peaks of a density's spectrum sit at k = ln p.

    Source: docs/metrics.md.

    Args:
        rho: real, a density: (N,)*d, or S snapshots (S,) + (N,)*d, d = 2 or 3, periodic. A
            complex field psi of such a shape counts as its density |psi|^2.
        box_length: the side of the box; k is in radians per its unit.
        dealias: the share of the band that the field's solver retained, above 0 and at most 1.
        n_null: draws of each null behind the p-values; 0 leaves these out.
        seed: of those draws, so that equal fields score equally.
        dimensions: d where S = N snapshots in 2-D would count as one field in 3-D.

    Returns:
        `.sse` from 0, all eight targets met, to 2, none; `.n_targets_resolved`, the targets that
        the grid can tell apart; `.p_position`, `.p_lines` (None unless it can tell all eight);
        `.matches`, `.peaks` and the shell `.spectrum`. `.degenerate` says why there was nothing.

    Raises:
        ConfigError: for a wrong shape, a number that is not finite, an argument out of its range.
    """
    import numpy as np

    from irer.validation import log_prime_fidelity

    values = np.asarray(rho)
    # Of single precision, its own noise floor counts, which the density must not hide.
    eps = float(np.finfo(values.dtype).eps) if values.dtype.kind in "fc" else None
    if values.dtype.kind == "c":
        with np.errstate(over="ignore"):  # the check says what is not finite
            values = values.real.astype(np.float64) ** 2 + values.imag.astype(np.float64) ** 2
    rng = np.random.default_rng(seed)
    return log_prime_fidelity(
        values, box_length, n_null, rng, dealias, dimensions=dimensions, eps=eps
    )
