"""Pictures of one run as PNG bytes: its fields with colour bars, its spectrum with ln p lines.

Matplotlib's Figure on its Agg canvas, never pyplot: no shared state, no search for a display. The
first picture imports Matplotlib, whose import takes longer than the hub's start may.
"""

import io
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from irer.base.errors import ConfigError
from irer.validation.combs import TARGETS, primes_of
from irer.validation.constraint import hamiltonian_terms
from irer.validation.derivatives import spectral_derivatives
from irer.validation.matching import Match, Peaks
from irer.validation.spectrum import Spectrum
from irer.validation.topology import Persistence

Array = NDArray[np.float64]
FieldName = Literal["density", "phase", "omega", "hamiltonian"]
Theme = Literal["light", "dark"]

DPI = 110
_SHOWN = 99.8  # percent of |H| inside the colour bar, so that single spikes do not hide the rest
_DRAWING = threading.Lock()  # Matplotlib's font and text caches are not thread-safe


@dataclass(frozen=True)
class Look:
    """How a field is drawn."""

    title: str
    unit: str
    colours: str  # a colour map of Matplotlib
    span: Literal["full", "cyclic", "about zero"] = "full"


FIELDS: dict[FieldName, Look] = {
    "density": Look("Density |ψ|²", "dimensionless", "viridis"),
    "phase": Look("Phase arg ψ", "radians", "twilight", "cyclic"),
    "omega": Look("Conformal factor Ω", "dimensionless", "cividis"),
    "hamiltonian": Look("Hamiltonian constraint H", "1 / length²", "RdBu_r", "about zero"),
}


@dataclass(frozen=True)
class _Ink:
    """The colours of one theme, as in the page's stylesheet."""

    paper: str
    text: str
    faint: str
    line: str
    accent: str
    target: str


_INKS: dict[Theme, _Ink] = {
    "light": _Ink("#ffffff", "#14212a", "#52636d", "#93a5af", "#0b7a75", "#b3372f"),
    "dark": _Ink("#121a20", "#e7eef2", "#9aabb6", "#5d7280", "#4fd1c5", "#f08a80"),
}


def field_values(
    name: FieldName, psi: NDArray[Any], u: NDArray[Any], box_length: float, kappa: float
) -> Array:
    """Return what `name` shows of ψ and u = ln Ω, both (N,)*d: shape (N, N) in float64.

    Of a 3-D field it is the plane z = L/2. The derivatives in H are taken in all dimensions.
    """
    psi = np.asarray(psi, dtype=np.complex128)
    u = np.asarray(u, dtype=np.float64)
    if name == "hamiltonian":
        terms = hamiltonian_terms(psi, u, box_length, kappa, spectral_derivatives)
        return middle_plane(terms[0] + terms[1] + terms[2])
    plane, u = middle_plane(psi), middle_plane(u)
    if name == "density":
        return np.asarray(np.abs(plane) ** 2)
    return np.asarray(np.angle(plane) if name == "phase" else np.exp(u))


def middle_plane(field: NDArray[Any]) -> NDArray[Any]:
    """Return a 2-D field as it is, a 3-D one's plane z = L/2. Raises ConfigError."""
    if field.ndim not in (2, 3):
        raise ConfigError.of_field("field", f"must be 2-D or 3-D, got shape {field.shape}")
    return field if field.ndim == 2 else field[:, :, field.shape[2] // 2]


def field_png(
    name: FieldName,
    values: NDArray[Any],
    box_length: float,
    *,
    theme: Theme = "light",
    ends: tuple[float, float] | None = None,
) -> bytes:
    """Return a picture of the field `name` in a box of side `box_length`.

    `values` is real, (N, N) with x along the first axis, or (N, N, N), of which the plane
    z = L/2 is drawn; `ends` are those of the colour bar, by default of what is drawn. Raises
    ConfigError for another shape.
    """
    look, ink = FIELDS[name], _INKS[theme]
    plane = middle_plane(np.asarray(values, dtype=np.float64))
    low, high = ends or _limits(plane, look)
    clipped = look.span == "about zero" and float(np.abs(plane).max()) > high
    with _DRAWING:
        figure, axes = _canvas((4.6, 3.9), ink)
        image = axes.imshow(
            plane.T,
            origin="lower",
            extent=(0, box_length, 0, box_length),
            cmap=look.colours,
            vmin=low,
            vmax=high,
            interpolation="nearest",
        )
        bar = figure.colorbar(image, ax=axes, extend="both" if clipped else "neither")
        bar.set_label(look.unit, color=ink.faint)
        bar.ax.tick_params(colors=ink.faint, labelsize=8)
        bar.outline.set_edgecolor(ink.line)
        if look.span == "cyclic":
            bar.set_ticks([-np.pi, 0, np.pi], labels=["−π", "0", "π"])
        where = ", plane z = L/2" if np.ndim(values) == 3 else ""
        axes.set_title(look.title + where, color=ink.text, fontsize=11)
        axes.set_xlabel("x (simulation units)", color=ink.faint)
        axes.set_ylabel("y (simulation units)", color=ink.faint)
        return _png(figure)


def _limits(plane: Array, look: Look) -> tuple[float, float]:
    """Return the values at the two ends of the colour bar, never the same."""
    if look.span == "cyclic":
        return -np.pi, np.pi
    if look.span == "about zero":
        reach = float(np.percentile(np.abs(plane), _SHOWN)) or float(np.abs(plane).max()) or 1.0
        return -reach, reach
    low, high = float(plane.min()), float(plane.max())
    wide = max(high - low, 1e-9 * max(abs(low), abs(high), 1e-9))
    return low, low + wide


def spectrum_png(
    spectrum: Spectrum,
    peaks: Peaks | None = None,
    matches: Sequence[Match] = (),
    *,
    comb: Array = TARGETS,
    title: str = "Power spectrum of the density",
    theme: Theme = "light",
) -> bytes:
    """Return a picture of a spectrum over its background, with the targets `comb`.

    Candidates are ringed; those that were matched to a target are filled.
    """
    ink = _INKS[theme]
    with _DRAWING:
        figure, axes = _canvas((7.2, 3.9), ink)
        end = min(float(spectrum.k[-1]), 1.5 * float(comb[-1]))
        for prime, target in zip(primes_of(comb), comb, strict=True):
            if target >= end:
                break
            axes.axvline(target, color=ink.target, linewidth=0.9, linestyle=(0, (4, 3)))
            axes.annotate(
                f"ln {prime}" if prime else "decoy",
                (target, 1),
                xycoords=("data", "axes fraction"),
                xytext=(2, -3),
                textcoords="offset points",
                rotation=90,
                verticalalignment="top",
                color=ink.target,
                fontsize=7.5,
            )
        axes.semilogy(spectrum.k, spectrum.power, color=ink.text, linewidth=1, label="power")
        axes.semilogy(
            spectrum.k, spectrum.background, color=ink.accent, linewidth=1.4, label="background"
        )
        if peaks is not None and len(peaks.k):
            _mark_peaks(axes, spectrum, peaks, matches, ink)
        axes.set_xlim(0, end)
        axes.set_title(title, color=ink.text, fontsize=11)
        axes.set_xlabel("k (radians per unit length)", color=ink.faint)
        axes.set_ylabel("shell mean of |δ^|²", color=ink.faint)
        axes.legend(fontsize=8, labelcolor=ink.text, frameon=False, loc="lower left")
        return _png(figure)


def _mark_peaks(
    axes: Any, spectrum: Spectrum, peaks: Peaks, matches: Sequence[Match], ink: _Ink
) -> None:
    height = np.exp(np.interp(peaks.k, spectrum.k, np.log(spectrum.power)))
    matched = np.isin(peaks.k, [match.k for match in matches])
    rings = {"s": 38, "edgecolors": ink.accent, "linewidths": 1.3, "zorder": 3}
    axes.scatter(peaks.k[~matched], height[~matched], facecolors="none", label="peak", **rings)
    axes.scatter(
        peaks.k[matched], height[matched], facecolors=ink.accent, label="matched peak", **rings
    )


def replicates_png(
    groups: Mapping[str, Sequence[float]],
    *,
    discovery: float,
    goal: float,
    title: str,
    theme: Theme = "light",
) -> bytes:
    """Return a picture of one metric over groups of repeated runs, each value a ring.

    `discovery` is the value that the search found, `goal` what it is to stay below.
    """
    ink = _INKS[theme]
    with _DRAWING:
        figure, axes = _canvas((4.6, 3.3), ink)
        axes.axhline(discovery, color=ink.accent, linewidth=1.2, label="discovery")
        axes.axhline(goal, color=ink.target, linewidth=0.9, linestyle=(0, (4, 3)), label="goal")
        for place, values in enumerate(groups.values()):
            spots = place + 0.06 * (np.arange(len(values)) - (len(values) - 1) / 2)
            axes.scatter(spots, values, s=34, facecolors="none", edgecolors=ink.text)
            if values:
                axes.scatter([place], [np.median(values)], s=240, marker="_", color=ink.text)
        axes.set_yscale("log")
        axes.set_xticks(range(len(groups)), list(groups))
        axes.set_xlim(-0.5, len(groups) - 0.5)
        axes.set_title(title, color=ink.text, fontsize=11)
        axes.legend(fontsize=8, labelcolor=ink.text, frameon=False)
        return _png(figure)


def persistence_png(
    homology: Sequence[Persistence], levels: Array, *, theme: Theme = "light"
) -> bytes:
    """Return a picture of persistence diagrams and, beside them, of their Betti curves.

    A class lies below the diagonal by its lifetime; one that never dies, at the lowest level.
    """
    ink = _INKS[theme]
    colours = (ink.text, ink.accent, ink.target)
    with _DRAWING:
        figure, (diagram, curves) = _canvas((8.4, 3.9), ink, columns=2)
        low, high = float(levels.min()), float(levels.max())
        diagram.plot([low, high], [low, high], color=ink.line, linewidth=0.8)
        for each, colour in zip(homology, colours, strict=False):
            name = f"H{each.dimension}"
            births = np.concatenate((each.births, each.essential))
            deaths = np.concatenate((each.deaths, np.full(len(each.essential), low)))
            diagram.scatter(births, deaths, s=7, color=colour, linewidths=0, label=name)
            curves.step(levels, each.betti(levels), color=colour, linewidth=1.1, label=name)
        diagram.set_title("Persistence of the density", color=ink.text, fontsize=11)
        diagram.set_xlabel("born at density", color=ink.faint)
        diagram.set_ylabel("dies at density", color=ink.faint)
        curves.set_title("Betti curves", color=ink.text, fontsize=11)
        curves.set_xlabel("density level", color=ink.faint)
        curves.set_ylabel("classes of {ρ ≥ level}", color=ink.faint)
        for axes in (diagram, curves):
            axes.legend(fontsize=8, labelcolor=ink.text, frameon=False)
        return _png(figure)


def _canvas(inches: tuple[float, float], ink: _Ink, *, columns: int = 1) -> tuple[Any, Any]:
    """Return a figure and its only axes, or several side by side, in the colours of the theme."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=inches, dpi=DPI, facecolor=ink.paper, layout="constrained")
    FigureCanvasAgg(figure)
    every = figure.subplots(1, columns, subplot_kw={"facecolor": ink.paper}, squeeze=False)[0]
    for axes in every:
        axes.tick_params(which="both", colors=ink.faint, labelsize=8)
        for spine in axes.spines.values():
            spine.set_edgecolor(ink.line)
    return figure, every[0] if columns == 1 else every


def _png(figure: Any) -> bytes:
    data = io.BytesIO()
    figure.savefig(data, format="png", metadata={"Software": None})
    return data.getvalue()
