"""Pruned transforms against NumPy's full ones, in two and three dimensions."""

import numpy as np
import pytest

from irer.spectral import blocks, waves
from irer.spectral.grid import Grid
from irer.spectral.transforms import (
    from_carried,
    to_carried,
    to_grid,
    to_grid_real,
    to_modes,
    to_modes_real,
)

GRIDS = [Grid(16, 3.0, 2), Grid(24, 50.0, 2, dealias=2 / 3), Grid(16, 7.0, 3)]


def band_limited(grid: Grid, seed: int = 0) -> np.ndarray:
    """A complex field made of retained modes only."""
    rng = np.random.default_rng(seed)
    shape = (grid.n_modes,) * grid.d
    return np.asarray(to_grid(rng.normal(size=shape) + 1j * rng.normal(size=shape), grid))


@pytest.mark.parametrize("grid", GRIDS)
def test_round_trips(grid: Grid) -> None:
    field = band_limited(grid)
    np.testing.assert_allclose(to_grid(to_modes(field, grid), grid), field, atol=1e-14)
    real = to_grid_real(to_modes_real(field.real, grid), grid)
    np.testing.assert_allclose(real, field.real, atol=1e-14)


@pytest.mark.parametrize("grid", GRIDS)
def test_dealiasing_drops_exactly_the_modes_outside_the_band(grid: Grid) -> None:
    rng = np.random.default_rng(1)
    field = rng.normal(size=(grid.N,) * grid.d) + 1j * rng.normal(size=(grid.N,) * grid.d)
    n = np.abs(np.fft.fftfreq(grid.N, 1 / grid.N))
    keep = n < grid.dealias * grid.N / 2
    mask = keep
    for _ in range(grid.d - 1):
        mask = mask[..., None] & keep
    expected = np.fft.ifftn(np.where(mask, np.fft.fftn(field), 0))
    np.testing.assert_allclose(to_grid(to_modes(field, grid), grid), expected, atol=1e-13)
    real = to_grid_real(to_modes_real(field.real, grid), grid)
    np.testing.assert_allclose(real, expected_real(field.real, mask), atol=1e-13)


def expected_real(field: np.ndarray, mask: np.ndarray) -> np.ndarray:
    return np.fft.ifftn(np.where(mask, np.fft.fftn(field), 0)).real


@pytest.mark.parametrize("grid", GRIDS)
def test_wavenumbers_belong_to_their_physical_axes(grid: Grid) -> None:
    axes = [np.arange(grid.N) * grid.L / grid.N] * grid.d
    x = np.meshgrid(*axes, indexing="ij")
    waves = [1, 2, 3][: grid.d]
    phase = sum(grid.k_min * m * xi for m, xi in zip(waves, x, strict=True))
    for axis, m in enumerate(waves):
        k = grid.wavenumbers()[axis]
        derivative = to_grid(1j * k * to_modes(np.exp(1j * phase), grid), grid)
        expected = 1j * grid.k_min * m * np.exp(1j * phase)
        np.testing.assert_allclose(derivative, expected, atol=1e-12 * grid.N)
        k = grid.wavenumbers(real=True)[axis]
        derivative = to_grid_real(1j * k * to_modes_real(np.cos(phase), grid), grid)
        np.testing.assert_allclose(derivative, expected.imag * 0 - np.sin(phase) * grid.k_min * m,
                                   atol=1e-12 * grid.N)  # fmt: skip


def test_cubic_products_are_exact_at_one_half() -> None:
    """|psi|^2 psi of retained modes, on a finer grid and on this one, agree on the band."""
    coarse, fine = Grid(32, 2.0, 2), Grid(64, 2.0, 2, dealias=0.25)
    spectrum = np.asarray(to_modes(band_limited(coarse), coarse))

    def cubic(grid: Grid) -> np.ndarray:
        psi = np.asarray(to_grid(spectrum * (grid.N / coarse.N) ** 2, grid))
        return np.asarray(to_modes(np.abs(psi) ** 2 * psi, grid)) / grid.N**2

    np.testing.assert_allclose(cubic(coarse), cubic(fine), atol=1e-13)


@pytest.mark.parametrize(
    "grid", [Grid(16, 3.0), Grid(18, 3.0), Grid(24, 3.0, dealias=2 / 3), Grid(22, 3.0, dealias=1.0)]
)
def test_transforms_on_blocks_are_those_of_the_whole_field(grid: Grid) -> None:
    """N/2 odd as well as even, and bands of more than N/2 modes."""
    rng = np.random.default_rng(2)
    shape = (grid.n_modes,) * 2
    spectrum = rng.normal(size=shape) + 1j * rng.normal(size=shape)
    field = rng.normal(size=(grid.N,) * 2) + 1j * rng.normal(size=(grid.N,) * 2)
    real, k2 = field.real, grid.k_squared_full()
    real_hat = to_modes_real(real, grid)
    kernel = np.exp(-k2 / 9)
    filtered = np.fft.ifft2(kernel * np.fft.fft2(real)).real

    def same(got: blocks.Blocks, whole: np.ndarray) -> None:
        np.testing.assert_allclose(np.stack(got, -1).reshape(whole.shape), whole, atol=1e-13)

    def paired(whole: np.ndarray) -> blocks.Blocks:
        return whole[:, ::2], whole[:, 1::2]

    same(blocks.to_blocks(spectrum, grid), np.asarray(to_carried(spectrum, grid)))
    same(blocks.to_blocks_real(real_hat, grid), np.asarray(to_grid_real(real_hat, grid)))
    for got, whole in (
        (blocks.from_blocks(paired(field), grid), from_carried(field, grid)),
        (blocks.from_blocks_real(paired(real), grid), real_hat),
    ):
        np.testing.assert_allclose(got, whole, atol=1e-12)
    one = blocks.convolved(paired(real), blocks.folded(np.ones_like(k2), grid))[0]
    same(one, real)
    same(blocks.convolved(paired(real), blocks.folded(kernel, grid))[0], filtered)


IN_SPACE = [Grid(16, 7.0, 3), Grid(18, 7.0, 3, dealias=2 / 3), Grid(12, 7.0, 3, dealias=1.0)]


def turned(field: np.ndarray) -> np.ndarray:
    """A field (x, y, z) in the order of a spectrum's directions, y, z, x."""
    return np.moveaxis(field, 0, 2)


def in_all_directions(matrices: list, field: np.ndarray) -> np.ndarray:
    for axis, matrix in enumerate(matrices):
        field = waves.along(matrix, field, axis)
    return np.asarray(field)


@pytest.mark.parametrize("grid", IN_SPACE)
def test_products_with_waves_are_the_transforms(grid: Grid) -> None:
    """There, back, and each derivative, of a complex and of a real field."""
    points, slopes, back = (
        made(grid, float) for made in (waves.to_points, waves.to_slopes, waves.to_waves)
    )
    field = band_limited(grid, seed=3)
    spectrum = np.asarray(to_modes(field, grid))
    parts = waves.from_complex(spectrum, grid)
    there = [in_all_directions([points] * 3, part) for part in parts]
    np.testing.assert_allclose(there[0] + 1j * there[1], turned(field), atol=1e-13)
    again = waves.to_complex(*(in_all_directions([back] * 3, part) for part in there), grid)
    np.testing.assert_allclose(again, spectrum, atol=1e-10)

    real_hat = np.asarray(to_modes_real(field.real, grid))
    real = waves.from_real(real_hat, grid)
    np.testing.assert_allclose(in_all_directions([points] * 3, real), there[0], atol=1e-13)
    again = waves.to_real(in_all_directions([back] * 3, there[0]), grid)
    np.testing.assert_allclose(again, real_hat, atol=1e-10)
    for axis, direction in enumerate(grid.spectral_axes):
        matrices = [slopes if other == axis else points for other in range(3)]
        slope = grid.k_min * in_all_directions(matrices, real)
        k = grid.wavenumbers(real=True)[direction]
        expected = np.asarray(to_grid_real(1j * k * real_hat, grid))
        np.testing.assert_allclose(slope, turned(expected), atol=1e-12)


def test_all_waves_are_orthogonal_and_diagonal_in_k() -> None:
    grid = Grid(12, 7.0, 3)
    matrix, k2 = waves.all_waves(grid, float), grid.k_squared_full()
    np.testing.assert_allclose(matrix @ matrix.T, np.eye(12), atol=1e-14)
    field = np.random.default_rng(4).normal(size=(12,) * 3)
    filtered = np.fft.ifftn(np.exp(-k2 / 9) * np.fft.fftn(field)).real
    product = np.exp(-k2 / 9) * in_all_directions([matrix.T] * 3, turned(field))
    np.testing.assert_allclose(
        in_all_directions([matrix] * 3, product), turned(filtered), atol=1e-13
    )


@pytest.mark.parametrize("N", [16, 64, 74])
def test_slabs_are_put_together_in_order(N: int) -> None:
    """One slab, several rows a slab, and few divisors."""
    first, second = np.random.default_rng(5).normal(size=(2, N, 3, 2))
    got = waves.by_slabs(lambda a, b: (a + b, 2 * a), first, second)
    np.testing.assert_array_equal(got[0], first + second)
    np.testing.assert_array_equal(got[1], 2 * first)
