"""A source with several rings: where its power is, one code against the other, what is refused."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import settings
from irer.base.errors import ConfigError
from irer.base.records import SncglParams
from irer.hunt.order import read_order
from irer.physics import SimulationConfig, simulate
from irer.physics.gradient import final_state
from irer.physics.initial import source
from irer.spectral.grid import Grid
from irer.spectral.transforms import to_grid
from irer.validation import motion, psi_rate
from tests.numerics.exact import relative_error
from tests.numerics.test_right_hand_side import smooth_fields

L = 60.0
PARAMS = SncglParams(source_amplitude=0.7, source_width=0.06)
RINGS = (0.0, 0.5, 1.1, 1.3)


def spectrum_of(field: np.ndarray, box_length: float) -> tuple[np.ndarray, np.ndarray]:
    """Return |k| and the power of every mode, which sum to the mean square."""
    n, d = field.shape[0], field.ndim
    line = 2 * np.pi * np.fft.fftfreq(n, box_length / n)
    k = np.sqrt(sum(axis**2 for axis in np.meshgrid(*[line] * d, indexing="ij")))
    return k, np.abs(np.fft.fftn(field, norm="forward")) ** 2


@pytest.mark.parametrize(("d", "n", "length"), [(2, 96, L), (3, 48, 30.0)])
def test_every_ring_has_the_same_power_at_its_place(d: int, n: int, length: float) -> None:
    grid, width = Grid(n, length, d), 0.06 if d == 2 else 0.12
    params = PARAMS.model_copy(update={"source_width": width})
    rings = (0.0, 0.5, 1.3)
    k, power = spectrum_of(np.asarray(to_grid(source(grid, params, 5, rings), grid)), length)
    shares = [power[k == 0].sum(), *(power[abs(k - ring) <= 3 * width].sum() for ring in rings[1:])]
    assert shares == pytest.approx([1 / 3] * 3, rel=1e-12)
    assert power.sum() == pytest.approx(1, rel=1e-12)
    for ring in rings[1:]:
        near = abs(k - ring) <= 2.9 * width
        shape = np.log(power[near]) + (k[near] - ring) ** 2 / (2 * width**2)
        assert np.ptp(shape) < 1e-9


@pytest.mark.parametrize("seed", [0, 9])
def test_a_list_of_one_ring_is_the_ring_at_source_k(seed: int) -> None:
    grid, params = Grid(96, L), PARAMS.model_copy(update={"source_k": 1.1})
    one = source(grid, PARAMS, seed, (1.1,))
    assert one.tobytes() == source(grid, params, seed).tobytes()
    assert motion.source((96, 96), L, PARAMS, seed, (1.1,)) == pytest.approx(
        motion.source((96, 96), L, params, seed), abs=1e-15
    )


def test_a_ring_named_twice_has_twice_the_power() -> None:
    k, power = spectrum_of(motion.source((96, 96), L, PARAMS, 1, (0.5, 1.1, 1.1)), L)
    assert power[abs(k - 1.1) < 0.2].sum() == pytest.approx(2 / 3, rel=1e-12)


@pytest.mark.parametrize(("d", "n", "length"), [(2, 96, L), (3, 32, 20.0)])
def test_solver_and_validator_draw_the_same_source(d: int, n: int, length: float) -> None:
    grid, params = Grid(n, length, d), PARAMS.model_copy(update={"source_width": 0.2})
    solvers = np.asarray(to_grid(source(grid, params, 7, RINGS), grid))
    validators = motion.source((n,) * d, length, params, 7, RINGS)
    np.testing.assert_allclose(solvers, validators, atol=1e-12)


def test_one_seed_gives_the_same_rings_at_any_resolution() -> None:
    coarse, fine = (
        np.asarray(to_grid(source(grid, PARAMS, 3, RINGS), grid))
        for grid in (Grid(96, L), Grid(192, L))
    )
    np.testing.assert_allclose(fine[::2, ::2], coarse, atol=1e-12)


def test_the_rate_of_psi_with_rings_is_the_solvers() -> None:
    params = PARAMS.model_copy(update={"source_width": 0.4, "c3": 0.4})
    psi, u = smooth_fields(48, 2)
    rings = (0.0, 1.1, 2.2)

    def change(dt: float) -> np.ndarray:
        config = SimulationConfig(
            N_grid=48, box_length=10.0, dt=dt, T_steps=1, precision="float64",
            sncgl_params=params, global_seed=9, source_rings=rings,
        )  # fmt: skip
        return (simulate(config, psi0=psi, u0=u).psi - psi) / dt

    found = 2 * change(1e-5) - change(2e-5)
    assert relative_error(found, psi_rate(psi, u, 10.0, params, 9, rings)) < 1e-6
    assert relative_error(found, psi_rate(psi, u, 10.0, params, 9)) > 0.1


def test_the_width_of_the_rings_has_its_exact_derivative() -> None:
    config = SimulationConfig(
        model="sncgl_flat", N_grid=32, box_length=20.0, dt=0.05, T_steps=10, precision="float64",
        step_control="fixed", source_rings=(0.0, 0.8, 1.4),
        sncgl_params=SncglParams(source_amplitude=0.3, source_width=0.3),
    )  # fmt: skip
    grid, weight = Grid(32, 20.0), np.random.default_rng(7).uniform(0.5, 1.5, (32, 32))
    psi0 = np.full((32, 32), 0.4 + 0.1j)

    def objective(width):
        psi = to_grid(final_state({"source_width": width}, psi0, config)[0], grid)
        return jnp.mean(weight * (psi.real**2 + psi.imag**2))

    both = jax.jit(jax.value_and_grad(objective))
    (high, _), (low, _) = both(0.3 + 1e-4), both(0.3 - 1e-4)
    slope = float(both(0.3)[1])
    assert abs(slope) > 1e-6
    assert slope == pytest.approx(float(high - low) / 2e-4, rel=1e-5)
    assert float(both(0.3)[0]) == pytest.approx(
        np.mean(weight * np.abs(simulate(config, psi0=psi0).psi) ** 2), rel=1e-12
    )


@pytest.mark.parametrize(
    ("rings", "width", "message"),
    [
        ((0.5, 3.0), 0.1, r"with 3 source_width must stay below the retained band, 2.513, got 3 "),
        ((0.0, 0.5), 0.02, "needs a source_width of at least half the mode spacing, 0.05236"),
    ],
)
def test_rings_that_the_grid_cannot_hold_are_refused_by_name(rings, width, message) -> None:
    params = {"source_amplitude": 1.0, "source_width": width}
    options = {"N_grid": 96, "box_length": L, "source_rings": rings}
    with pytest.raises(ConfigError, match=f"^source_rings: {message}"):
        SimulationConfig(**options, sncgl_params=params)
    order = {"simulation": options | {"source_rings": list(rings)}, "params": params}
    with pytest.raises(ConfigError, match=f"^simulation.source_rings: {message}"):
        read_order(order, settings.load())
    quiet = SimulationConfig(**options, sncgl_params=params | {"source_amplitude": 0.0})
    assert quiet.source_rings == rings


def test_a_homogeneous_drive_needs_no_width_of_the_grid() -> None:
    """A ring at 0 is one mode: psi = 0 grows to a field of one value."""
    config = SimulationConfig(
        N_grid=32, box_length=20.0, dt=1e-3, T_steps=1, precision="float64", source_rings=(0.0,),
        sncgl_params=SncglParams(source_amplitude=0.7, source_width=0.01),
    )  # fmt: skip
    psi = simulate(config, psi0=np.zeros((32, 32), complex)).psi
    assert np.abs(psi) == pytest.approx(np.full((32, 32), 0.7e-3), rel=1e-3)
    assert np.ptp(np.abs(psi)) < 1e-15
