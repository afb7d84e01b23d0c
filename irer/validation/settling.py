"""Was a run settled at its end? The drift of what it observes over the last fifth says so.

float64 NumPy. A growth transient is no attractor: its numbers are those of the moment at which
it was stopped.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

WINDOW_SHARE = 0.2  # of the run, at its end
# Largest drift of a settled run between the halves of that window.
DENSITY_BOUND = 0.05  # of the mean density, relative
U_BOUND = 0.02  # of the mean of u = ln Omega
H_NORM_BOUND = 0.5  # of ln sdg_h_norm_l2
SSE_BOUND = 0.5  # of log_prime_sse, between the halves of the snapshots


@dataclass(frozen=True)
class Drift:
    """How far a run moved from the first half of its last fifth to the second; None: unknown."""

    density: float | None
    u: float | None
    h_norm: float | None
    sse: float | None

    @property
    def settled(self) -> bool:
        """Whether the density's drift is known, and none passes its bound."""
        bounds = (DENSITY_BOUND, U_BOUND, H_NORM_BOUND, SSE_BOUND)
        drifts = (self.density, self.u, self.h_norm, self.sse)
        known = [d <= b for d, b in zip(drifts, bounds, strict=True) if d is not None]
        return self.density is not None and all(known)


def drift_between_halves(t: ArrayLike, values: ArrayLike, *, relative: bool) -> float | None:
    """Return how far the mean of a series moves over the last fifth of `t`, (F,) both.

    The mean of the fifth's second half less that of its first, without sign; `relative` to the
    first. None where a half holds no frame.
    """
    times, series = np.asarray(t, dtype=np.float64), np.asarray(values, dtype=np.float64)
    if not len(times):
        return None
    start, middle = (times[-1] * (1 - share) for share in (WINDOW_SHARE, WINDOW_SHARE / 2))
    slack = 1e-9 * times[-1]
    first = series[(times > start + slack) & (times <= middle + slack)]
    second = series[times > middle + slack]
    if not first.size or not second.size:
        return None
    moved = float(abs(second.mean() - first.mean()))
    if not relative:
        return moved
    scale = float(abs(first.mean()))
    return moved / scale if scale else 0.0


def drift_of(diagnostics: dict[str, NDArray[np.float64]], sse: tuple[float, float] | None) -> Drift:
    """Return the drift of a run from its diagnostics, name -> (F,), and its two half scores."""
    t = diagnostics["t"]

    def drift(name: str, *, relative: bool = False) -> float | None:
        if name not in diagnostics:
            return None
        return drift_between_halves(t, diagnostics[name], relative=relative)

    h_norm = None
    if "sdg_h_norm_l2" in diagnostics:
        floor = np.finfo(np.float32).tiny
        logarithm = np.log(np.maximum(diagnostics["sdg_h_norm_l2"], floor))
        h_norm = drift_between_halves(t, logarithm, relative=False)
    return Drift(
        density=drift("density_mean", relative=True),
        u=drift("u_mean"),
        h_norm=h_norm,
        sse=abs(sse[1] - sse[0]) if sse else None,
    )
