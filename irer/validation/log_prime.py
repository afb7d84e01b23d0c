"""How well the peaks of a density's spectrum sit at the logarithms of the first primes.

docs/metrics.md defines the statistic step by step: the excess of the shell spectrum over its
background, its highest peaks, and the cheapest one-to-one assignment of these candidates to
k = ln p. It is 0 when every target has a strong candidate and 2 when none has. Every function
takes a decoy comb instead of ln p, too (`irer.validation.combs`).
"""

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from irer.base.errors import ConfigError
from irer.base.records import SimulationOptions
from irer.validation.combs import TARGETS, Array, decoy_combs, resolved_targets
from irer.validation.matched_filter import matched_filter
from irer.validation.matching import (
    NO_PEAKS,
    NOTHING,
    Match,
    Peaks,
    count_combs,
    find_peaks,
    match_peaks,
)
from irer.validation.nulls import draw_line_null, p_value, p_value_of_count
from irer.validation.scaled_combs import count_scaled, scaled_score
from irer.validation.spectrum import Spectrum, contrast, count_shells, shell_width, spectra

MIN_CONTRAST = 1e-3
MIN_SHELLS = 12

Degenerate = Literal["no_contrast", "too_few_shells"]


@dataclass(frozen=True)
class Fidelity:
    """The log-prime fidelity of one density, with the numbers behind it.

    A p-value is None when it was not asked for or not all eight targets are resolved.
    """

    sse: float  # 0 perfect, 2 nothing
    resolved: tuple[bool, ...]  # of the eight targets
    degenerate: Degenerate | None = None  # why there was nothing to measure
    p_position: float | None = None  # of decoy combs
    p_lines: float | None = None  # of spectra without lines
    matched_filter: float | None = None  # the excess at all targets together; never the score
    p_matched: float | None = None  # of decoy combs
    sse_scaled: float = NOTHING  # the lowest SSE over one scale factor on k; never the score
    scale: float | None = None  # that factor
    p_scaled: float | None = None  # of decoy combs with the same freedom
    sse_multi_ray: float = NOTHING  # the SSE of the mean spectrum along rays; never the score
    matches: tuple[Match, ...] = ()
    peaks: Peaks | None = None
    spectrum: Spectrum | None = None

    @property
    def n_targets_resolved(self) -> int:
        """How many of the eight targets the shells resolve."""
        return sum(self.resolved)

    @property
    def n_candidates(self) -> int:
        """How many peaks took part in the assignment, at most 8."""
        return 0 if self.peaks is None else len(self.peaks.k)

    @property
    def n_floor_limited(self) -> int:
        """How many shells of the candidates' window are floor-limited."""
        return 0 if self.spectrum is None else int(self.spectrum.floor_limited.sum())

    @property
    def floor_k(self) -> float | None:
        """The first floor-limited shell there, radians per unit length; None without any."""
        if self.spectrum is None or not self.n_floor_limited:
            return None
        return float(self.spectrum.k[self.spectrum.floor_limited][0])


def log_prime_fidelity(
    rho: ArrayLike,
    box_length: float,
    n_null: int = 1000,
    rng: np.random.Generator | None = None,
    dealias: float = 0.5,
    *,
    dimensions: int | None = None,
    comb: ArrayLike = TARGETS,
    eps: float | None = None,
) -> Fidelity:
    """Score the density `rho` in a periodic box of side `box_length`.

    `rho` is real, one field (N,)*d or S snapshots (S,) + (N,)*d, d = 2 or 3; `dimensions` gives d
    where S = N snapshots in 2-D would count as one field in 3-D. The shells cover the share
    `dealias` of the band, k <= dealias pi N / L, up to 3.2. `rng`, by default one seeded with 0,
    draws `n_null` of each null (0 omits the p-values), so that equal fields score equally. `comb`
    holds the eight ascending targets in k; `eps` is the machine epsilon of the field that rho was
    computed from, by default that of rho's own type. Raises ConfigError for a wrong shape, a
    number that is not finite, or an argument out of its range.
    """
    snapshots = _as_snapshots(rho, dimensions)
    teeth = _as_comb(comb)
    _check_arguments(box_length, n_null, dealias)
    if eps is None:
        eps = _epsilon(np.asarray(rho).dtype)
    n_shells = count_shells(snapshots.shape[-1], box_length, dealias)
    width = shell_width(box_length)
    told = tuple(resolved_targets(teeth, width, np.ones(n_shells, dtype=bool)).tolist())
    if n_shells < MIN_SHELLS:
        return Fidelity(NOTHING, told, "too_few_shells")
    delta = contrast(snapshots)
    if delta.std() < MIN_CONTRAST:
        return Fidelity(NOTHING, told, "no_contrast")
    found = _measured(teeth, *spectra(delta, box_length, dealias, eps))
    if not n_null or not all(found.resolved):
        return found
    return _with_p_values(found, teeth, n_null, rng or np.random.default_rng(0))


def fidelity_of(
    rho: ArrayLike,
    options: SimulationOptions,
    n_null: int = 0,
    rng: np.random.Generator | None = None,
    comb: ArrayLike = TARGETS,
) -> Fidelity:
    """Score snapshots of runs made with `options`; see `log_prime_fidelity`."""
    return log_prime_fidelity(
        rho,
        options.box_length,
        n_null,
        rng,
        options.dealias,
        dimensions=options.dimensions,
        comb=comb,
        eps=_epsilon(np.dtype(options.precision)),
    )


def _measured(comb: Array, spectrum: Spectrum, rays: Spectrum) -> Fidelity:
    """Return the scores of a spectrum, without p-values."""
    resolved = resolved_targets(comb, spectrum.width, spectrum.usable)
    if np.count_nonzero(spectrum.usable) < MIN_SHELLS:
        nothing = Fidelity(NOTHING, tuple(resolved.tolist()), "too_few_shells")
        return replace(nothing, peaks=NO_PEAKS, spectrum=spectrum)
    peaks = find_peaks(spectrum)
    sse, matches = match_peaks(peaks, comb, resolved)
    sse_scaled, scale = scaled_score(peaks, comb, spectrum)
    return Fidelity(
        sse,
        tuple(resolved.tolist()),
        matched_filter=float(matched_filter(spectrum, comb)) if resolved.all() else None,
        sse_scaled=sse_scaled,
        scale=scale,
        sse_multi_ray=match_peaks(find_peaks(rays), comb, resolved)[0],
        matches=matches,
        peaks=peaks,
        spectrum=spectrum,
    )


def _with_p_values(found: Fidelity, comb: Array, n_null: int, rng: np.random.Generator) -> Fidelity:
    """Return `found` with the p-values of the nulls, n_null draws each."""
    peaks, spectrum = found.peaks, found.spectrum
    if peaks is None or spectrum is None:
        return found
    decoys = decoy_combs(n_null, rng)
    lines = draw_line_null(spectrum, comb, n_null, rng)
    filtered = -matched_filter(spectrum, np.concatenate((comb[None], decoys)))
    as_good = count_scaled(found.sse_scaled, peaks, decoys, spectrum)
    return replace(
        found,
        p_position=p_value_of_count(count_combs(found.sse, peaks, decoys, spectrum), n_null),
        p_lines=p_value_of_count(lines.count(found.sse), n_null),
        p_matched=p_value(filtered[0], filtered[1:]),
        p_scaled=p_value_of_count(as_good, n_null),
    )


def _epsilon(dtype: np.dtype[Any]) -> float:
    """Return the machine epsilon of a real or complex type; of an integer that of float64."""
    return float(np.finfo(dtype if dtype.kind in "fc" else np.float64).eps)


def _as_comb(comb: ArrayLike) -> Array:
    teeth = np.asarray(comb, dtype=np.float64)
    if teeth.shape != TARGETS.shape or not (np.isfinite(teeth).all() and (teeth > 0).all()):
        raise ConfigError.of_field("comb", "must be eight finite numbers above 0")
    if (np.diff(teeth) <= 0).any():
        raise ConfigError.of_field("comb", "must be in ascending order")
    return teeth


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
