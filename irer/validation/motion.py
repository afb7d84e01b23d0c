"""The rate of change of psi, from the equation of motion, in float64.

Written from docs/equations.md and not from the solver, so that an error of the solver is not
repeated here.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from irer.base.records import SncglParams
from irer.base.seeds import generator
from irer.validation.combs import Array
from irer.validation.derivatives import Complex, Derivatives, spectral_derivatives

if TYPE_CHECKING:  # the hub imports this package and loads HDF5 only when it needs it
    from irer.home.artifacts import Artifact

SOURCE_WIDTHS = 3.0  # the source's spectrum is cut at three of its widths


def final_rate(
    artifact: "Artifact", psi: Complex, u: Array, derivatives: Derivatives = spectral_derivatives
) -> Complex:
    """Return d psi/dt of the last slice; for the model fmia, whose psi is real, the momentum.

    `psi` and `u`, shape (N,)*d, are the artifact's in double precision.
    """
    if artifact.momentum is not None:
        return artifact.momentum.astype(np.complex128)
    job, options = artifact.job, artifact.job.simulation
    return psi_rate(
        psi,
        u,
        options.box_length,
        job.sncgl_params,
        job.global_seed,
        options.source_rings,
        derivatives,
    )


def psi_rate(
    psi: Complex,
    u: Array,
    box_length: float,
    params: SncglParams,
    seed: int,
    rings: Sequence[float] = (),
    derivatives: Derivatives = spectral_derivatives,
) -> Complex:
    """Return d psi/dt of `psi`, shape (N,)*d, on the geometry `u`.

    `seed` draws the source S(x), and `rings` says where it has its rings (`source`). `derivatives`
    are the spectral ones, or those `remembered`.
    """
    d = psi.ndim
    grad_psi, lap_psi = derivatives(psi, box_length)
    grad_u, _ = derivatives(u, box_length)
    drift = sum(a * b for a, b in zip(grad_u, grad_psi, strict=True))
    beltrami = np.exp(-2 * u) * (lap_psi + (d - 2) * drift)
    density = np.abs(psi) ** 2
    saturation = (1 + 1j * params.c3) * density
    if params.g_nonlocal:
        saturation = saturation + params.g_nonlocal * smeared(density, box_length, params)
    rate = params.epsilon * psi + (1 + 1j * params.c1) * beltrami - saturation * psi
    if params.source_amplitude:
        drive = source(psi.shape, box_length, params, seed, rings)
        rate = rate + params.source_amplitude * drive
    return np.asarray(rate)


def smeared(density: Array, box_length: float, params: SncglParams) -> Array:
    """Return K * density, K^ = exp(-(|k| - k0)^2 / (2 sigma_k^2))."""
    n_grid, d = density.shape[0], density.ndim
    full, half = np.fft.fftfreq(n_grid, 1 / n_grid), np.fft.rfftfreq(n_grid, 1 / n_grid)
    axes = np.meshgrid(*[full] * (d - 1), half, indexing="ij", sparse=True)
    k = 2 * np.pi / box_length * np.sqrt(sum(n**2 for n in axes))
    kernel = np.exp(-((k - params.k0) ** 2) / (2 * params.sigma_k**2))
    return np.fft.irfftn(kernel * np.fft.rfftn(density), s=density.shape, axes=range(d))


def source(
    shape: tuple[int, ...],
    box_length: float,
    params: SncglParams,
    seed: int,
    rings: Sequence[float] = (),
) -> Complex:
    """Return S(x): unit RMS, spectrum exp(-(|k| - source_k)^2 / (2 source_width^2)).

    With `rings` it has one such ring at each k of the list, all of equal power; a ring at 0 is the
    mode 0 alone. One phase a mode is drawn from the stream "source" of `seed`, for the modes inside
    the cut ordered by max |n_i|, then by the last wavenumber, and so on down to the first.
    """
    d, spacing, width = len(shape), 2 * np.pi / box_length, params.source_width
    centres = tuple(rings) or (params.source_k,)
    reach = (max(centres) + SOURCE_WIDTHS * width) / spacing
    side = range(-int(reach), int(reach) + 1)
    modes = np.stack(np.meshgrid(*[side] * d, indexing="ij"), axis=-1).reshape(-1, d)
    modes = modes[(modes**2).sum(axis=1) <= reach**2]
    modes = modes[np.lexsort((*modes.T, np.abs(modes).max(axis=1)))]
    phase = generator("source", seed).uniform(0, 2 * np.pi, len(modes))
    k = spacing * np.sqrt((modes**2).sum(axis=1))
    power = np.zeros(len(modes))
    for centre in centres:
        distance = (k - centre) / width
        ring = np.exp(-(distance**2) / 2) * (np.abs(distance) <= SOURCE_WIDTHS)
        if rings and centre == 0:
            ring = (k == 0).astype(np.float64)
        power += ring / ring.sum() / len(centres)
    spectrum = np.zeros(shape, dtype=np.complex128)
    spectrum[tuple(modes.T)] = np.sqrt(power) * np.exp(1j * phase)
    return np.fft.ifftn(spectrum, norm="forward")
