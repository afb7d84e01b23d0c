"""jax.grad through a simulation against central differences of the simulation itself."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from irer.base.errors import ConfigError
from irer.base.records import SncglParams
from irer.physics import SimulationConfig, simulate
from irer.physics.gradient import final_state
from irer.spectral.grid import Grid
from irer.spectral.transforms import to_grid, to_grid_real

PARAMS = SncglParams(
    epsilon=0.8, c1=1.2, c3=-0.7, g_nonlocal=0.5, sigma_k=0.6, k0=0.4, kappa=0.6, lambda_sdg=4.0,
    source_amplitude=0.3, source_k=1.0, source_width=0.3,
)  # fmt: skip
SHAPES = {"2-D": (2, "sncgl_sdg"), "3-D": (3, "sncgl_sdg"), "flat": (2, "sncgl_flat")}


FMIA_ALONE = {"diffusion", "lambda_cubic", "eta"}


def config(name: str, **changes) -> SimulationConfig:
    d, model = SHAPES[name]
    options = {
        "model": model, "dimensions": d, "N_grid": 32 if d == 2 else 16,
        "box_length": 20.0 if d == 2 else 12.0, "dt": 0.05, "T_steps": 50, "n_frames": 1,
        "n_snapshots": 1, "precision": "float64", "step_control": "fixed", "sncgl_params": PARAMS,
    }  # fmt: skip
    return SimulationConfig(**(options | changes))


def start(run: SimulationConfig) -> np.ndarray:
    """A field of order one with gradients in every direction, so that the geometry answers."""
    rng = np.random.default_rng(3)
    phase = 2 * np.pi * np.arange(run.N_grid) / run.N_grid
    x = np.meshgrid(*[phase] * run.dimensions, indexing="ij")
    psi = 0.5 + 0.3 * np.exp(1j * x[0]) + 0.2j * np.cos(x[-1] - x[0]) + 0.2 * np.sin(x[1])
    return psi + 0.01 * rng.normal(size=psi.shape)


def objective(params: dict, psi0, run: SimulationConfig):
    """A weighted mean of |psi|^2 and u^2 at the end."""
    grid = Grid(run.N_grid, run.box_length, run.dimensions)
    psi_hat, u_hat = final_state(params, psi0, run)
    psi, u = to_grid(psi_hat, grid), to_grid_real(u_hat, grid)
    weight = np.random.default_rng(7).uniform(0.5, 1.5, u.shape)
    return jnp.mean(weight * (psi.real**2 + psi.imag**2)) + 1e3 * jnp.mean(weight * u**2)


@pytest.fixture(scope="module", params=SHAPES)
def prepared(request):
    """A config, its objective, and the gradients in the parameters and in psi0."""
    # Five blocks of steps; with a rest, which compiles to as much again, where programs are small.
    run = config(request.param, T_steps=53 if request.param == "flat" else 50)
    compiled = jax.jit(
        jax.value_and_grad(lambda params, psi0: objective(params, psi0, run), argnums=(0, 1))
    )  # one program: compiling the plain value as well costs more than its spare gradients

    def value(params: dict, psi0) -> float:
        numbers = {name: jnp.asarray(number) for name, number in params.items()}
        return float(compiled(numbers, jnp.asarray(psi0))[0])

    numbers = {name: jnp.asarray(number) for name, number in PARAMS.model_dump().items()}
    return run, value, compiled(numbers, jnp.asarray(start(run)))[1]


def central_difference(f, h: float) -> float:
    """f'(0), of the fourth order in h."""
    return float((8 * (f(h) - f(-h)) - (f(2 * h) - f(-2 * h))) / (12 * h))


def test_every_parameter_has_its_exact_derivative(prepared) -> None:
    run, value, (by_parameter, _) = prepared
    psi0, nominal = start(run), PARAMS.model_dump()  # whole, or it compiles once more
    differences = {
        name: central_difference(lambda h, n=name: value(nominal | {n: nominal[n] + h}, psi0), 1e-3)
        for name in nominal.keys() - FMIA_ALONE
    }
    geometry = {"kappa", "lambda_sdg"}
    for name, expected in differences.items():
        if run.model == "sncgl_flat" and name in geometry:
            assert by_parameter[name] == expected == 0
        else:
            assert abs(expected) > 1e-4, f"{name} does not matter here"
            assert by_parameter[name] == pytest.approx(expected, rel=1e-6), name


def test_the_initial_field_has_its_exact_derivative(prepared) -> None:
    """Along a random direction; JAX's gradient of a real function is df/dx - i df/dy."""
    run, value, (_, by_field) = prepared
    psi0, rng = start(run), np.random.default_rng(11)
    direction = rng.normal(size=psi0.shape) + 1j * rng.normal(size=psi0.shape)
    nominal = PARAMS.model_dump()
    expected = central_difference(lambda h: value(nominal, psi0 + h * direction), 1e-3)
    along = np.sum(np.asarray(by_field) * direction).real
    assert along == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("name", SHAPES)
def test_it_is_the_state_that_simulate_reaches(name: str) -> None:
    run = config(name, T_steps=23)  # two blocks and a rest
    grid = Grid(run.N_grid, run.box_length, run.dimensions)
    psi_hat, u_hat = jax.jit(lambda psi0: final_state({}, psi0, run))(start(run))
    result = simulate(run, psi0=start(run))
    np.testing.assert_allclose(to_grid(psi_hat, grid), result.psi, atol=1e-12)
    np.testing.assert_allclose(to_grid_real(u_hat, grid), result.u, atol=1e-12)


def test_memory_of_the_gradient_grows_by_one_state_per_block() -> None:
    """XLA's own account of temporary memory: for 400 steps more, 40 states more."""

    def temporary_bytes(steps: int) -> int:
        run = config("flat", T_steps=steps)
        slope = jax.jit(jax.grad(lambda psi0: objective({}, psi0, run)))
        compiled = slope.lower(jnp.asarray(start(run))).compile()
        return compiled.memory_analysis().temp_size_in_bytes

    state = 16 * Grid(32, 20.0, 2).n_modes ** 2
    assert temporary_bytes(500) - temporary_bytes(100) < 1.1 * 40 * state


def test_amplitudes_that_are_zero_have_derivatives_all_the_same() -> None:
    off = PARAMS.model_copy(update={"source_amplitude": 0.0, "g_nonlocal": 0.0})
    run = config("flat", sncgl_params=off, T_steps=20)
    zero = {"source_amplitude": jnp.asarray(0.0), "g_nonlocal": jnp.asarray(0.0)}
    value = jax.jit(lambda params: objective(params, start(run), run))
    slopes = jax.jit(jax.grad(value))(zero)
    for name in zero:
        expected = central_difference(lambda h, n=name: value(zero | {n: h}), 1e-2)
        assert abs(expected) > 1e-3
        assert slopes[name] == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(
    ("field", "params", "changes"),
    [
        ("epsilom", {"epsilom": 1.0}, {}),
        ("step_control", {}, {"step_control": "controlled"}),
        ("geometry", {}, {"geometry": "constraint"}),
        ("model", {}, {"model": "fmia"}),
        ("psi0", {}, {"N_grid": 30}),
    ],
)
def test_what_cannot_be_differentiated_is_refused(field: str, params: dict, changes: dict) -> None:
    run = config("2-D", **changes)
    with pytest.raises(ConfigError, match=rf"^{field}: "):
        final_state(params, start(config("2-D")), run)


def test_an_unknown_parameter_is_told_the_nearest_and_all() -> None:
    run = config("2-D")
    with pytest.raises(ConfigError, match=r"did you mean sigma_k\? allowed are epsilon, c1"):
        final_state({"sigma": 1.0}, start(run), run)
