"""How well the peaks of a density's spectrum sit at the logarithms of the first primes.

The statistic is defined step by step in docs/metrics.md: the excess of the shell spectrum over
its background, the highest peaks of it, and the cheapest one-to-one assignment of peaks to
k = ln p. It is 0 when every target has a strong peak on it and 2 when none has.
"""

from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from irer.errors import ConfigError
from irer.records import SimulationOptions
from irer.validation.matching import (
    NOTHING,
    Match,
    Peaks,
    find_peaks,
    match_peaks,
    reach_scaled,
    resolved_targets,
    scaled_score,
    scores,
)
from irer.validation.nulls import (
    TIE,
    draw_line_null,
    p_value,
    p_value_of_count,
    position_window,
    shuffled_peaks,
)
from irer.validation.spectrum import (
    Array,
    Spectrum,
    contrast,
    count_shells,
    spectra,
)

MIN_CONTRAST = 1e-3
MIN_SHELLS = 12

Degenerate = Literal["no_contrast", "too_few_shells"]


@dataclass(frozen=True)
class Fidelity:
    """The log-prime fidelity of one density and what it rests on.

    A p-value is None when it was not asked for or not all eight targets are resolved.
    """

    sse: float  # 0 perfect, 2 nothing
    n_targets_resolved: int
    degenerate: Degenerate | None = None  # why there was nothing to measure
    p_position: float | None = None  # of peaks moved about
    p_lines: float | None = None  # of spectra without lines
    sse_scaled: float = NOTHING  # the lowest SSE over one scale factor on k; never the score
    scale: float | None = None  # that factor
    p_scaled: float | None = None  # of peaks moved about, with the same freedom
    sse_multi_ray: float = NOTHING  # the SSE of the mean spectrum along rays; never the score
    matches: tuple[Match, ...] = ()
    peaks: Peaks | None = None
    spectrum: Spectrum | None = None

    @property
    def n_candidates(self) -> int:
        """How many peaks took part in the assignment, at most 8."""
        return 0 if self.peaks is None else len(self.peaks.k)


def log_prime_fidelity(
    rho: ArrayLike,
    box_length: float,
    n_null: int = 1000,
    rng: np.random.Generator | None = None,
    dealias: float = 0.5,
    *,
    dimensions: int | None = None,
) -> Fidelity:
    """Score the density `rho` in a periodic box of side `box_length`.

    `rho` is real, one field (N,)*d or S snapshots (S,) + (N,)*d, d = 2 or 3; `dimensions` says d
    where S = N snapshots in 2-D would count as one field in 3-D. The shells cover the share
    `dealias` of the band, k <= dealias pi N / L. `n_null` draws of each null (0 leaves the
    p-values out) come from `rng`, by default one seeded with 0: equal fields score equally.
    Raises ConfigError for a wrong shape, a number that is not finite, or an argument out of its
    range.
    """
    snapshots = _as_snapshots(rho, dimensions)
    _check_arguments(box_length, n_null, dealias)
    n_shells = count_shells(snapshots.shape[-1], dealias)
    resolved = resolved_targets(2 * np.pi / box_length, n_shells)
    nothing = partial(Fidelity, NOTHING, int(resolved.sum()))
    if n_shells < MIN_SHELLS:
        return nothing("too_few_shells")
    delta = contrast(snapshots)
    if delta.std() < MIN_CONTRAST:
        return nothing("no_contrast")

    spectrum, ray_spectrum = spectra(delta, box_length, dealias)
    peaks = find_peaks(spectrum)
    sse, matches = match_peaks(peaks, resolved)
    sse_scaled, scale = scaled_score(peaks, spectrum.k)
    found = Fidelity(
        sse,
        int(resolved.sum()),
        sse_scaled=sse_scaled,
        scale=scale,
        sse_multi_ray=match_peaks(find_peaks(ray_spectrum), resolved)[0],
        matches=matches,
        peaks=peaks,
        spectrum=spectrum,
    )
    if not n_null or not resolved.all():
        return found
    return _with_p_values(found, peaks, spectrum, n_null, rng or np.random.default_rng(0))


def fidelity_of(
    rho: ArrayLike,
    options: SimulationOptions,
    n_null: int = 0,
    rng: np.random.Generator | None = None,
) -> Fidelity:
    """Score snapshots of runs made with `options`; see `log_prime_fidelity`."""
    return log_prime_fidelity(
        rho, options.box_length, n_null, rng, options.dealias, dimensions=options.dimensions
    )


def _with_p_values(
    found: Fidelity, peaks: Peaks, spectrum: Spectrum, n_null: int, rng: np.random.Generator
) -> Fidelity:
    """Return `found` with the p-values of the three nulls, n_null draws each."""
    k, resolved = spectrum.k, resolved_targets(spectrum.spacing, len(spectrum.k))
    moved = shuffled_peaks(peaks.k, peaks.confidence, position_window(k), n_null, rng)
    lines = draw_line_null(k, spectrum.background, spectrum.noise, n_null, rng)
    window = position_window(k, scaled=True)
    far = shuffled_peaks(peaks.k, peaks.confidence, window, n_null, rng)
    return replace(
        found,
        p_position=p_value(found.sse, scores(*moved, resolved)),
        p_lines=p_value(found.sse, lines.sse),
        p_scaled=p_value_of_count(reach_scaled(found.sse_scaled + TIE, *far, k), n_null),
    )


def _as_snapshots(rho: ArrayLike, dimensions: int | None) -> Array:
    """Return `rho` as float64 of shape (S,) + (N,)*d. Raises ConfigError."""
    if np.iscomplexobj(rho):
        raise ConfigError.of_field("rho", "must be real")
    field = np.asarray(rho, dtype=np.float64)
    if dimensions is None:
        cube = len(set(field.shape)) == 1
        dimensions = field.ndim if cube else field.ndim - 1
    if dimensions not in (2, 3) or field.ndim - dimensions not in (0, 1):
        raise ConfigError.of_field(
            "rho", f"must have shape (N,)*d or (S,)+(N,)*d, d = 2 or 3, got {field.shape}"
        )
    if len(set(field.shape[-dimensions:])) != 1 or not field.size:
        raise ConfigError.of_field("rho", f"must have N points along each axis, got {field.shape}")
    if not np.isfinite(field).all():
        raise ConfigError.of_field("rho", "must be finite everywhere")
    return field if field.ndim > dimensions else field[None]


def _check_arguments(box_length: float, n_null: int, dealias: float) -> None:
    if not (np.isfinite(box_length) and box_length > 0):
        raise ConfigError.of_field("box_length", f"must be finite and above 0, got {box_length}")
    if n_null < 0:
        raise ConfigError.of_field("n_null", f"must be at least 0, got {n_null}")
    if not 0 < dealias <= 1:
        raise ConfigError.of_field("dealias", f"must be above 0 and at most 1, got {dealias}")
