r"""Without dispersion the flat equation is a gradient flow: its free energy never rises.

At c1 = c3 = 0 it reads d psi/dt = -dF/dpsi* with, per unit volume,

    F = <|grad psi|^2 - epsilon |psi|^2 + |psi|^4 / 2 + g/2 |psi|^2 (K * |psi|^2)>,

since K is real and even; hence dF/dt = -2 <|d psi/dt|^2> (Aranson & Kramer, Rev. Mod. Phys. 74
(2002) 99, II.B). It holds after truncation too: the solver projects the flow on the retained
modes, and dealiasing at 1/2 leaves the mean of |psi|^4 exact.
"""

from collections.abc import Iterator

import jax.numpy as jnp
import numpy as np
import pytest

from irer.base.records import SncglParams
from irer.physics import SimulationConfig
from irer.physics.program import prepare

RELAXING = SncglParams(epsilon=0.9, c1=0.0, c3=0.0, g_nonlocal=0.0)
NON_LOCAL = RELAXING.model_copy(update={"g_nonlocal": 0.8, "sigma_k": 0.5, "k0": 1.0})


def config(d: int, params: SncglParams, dt: float, precision: str = "float64") -> SimulationConfig:
    n = 64 if d == 2 else 24
    return SimulationConfig(
        model="sncgl_flat", dimensions=d, N_grid=n, box_length=0.6 * n, dt=dt,
        precision=precision, initial_amplitude=0.3, global_seed=4, sncgl_params=params,
    )  # fmt: skip


def trajectory(run: SimulationConfig, stops: int, steps: int) -> Iterator[np.ndarray]:
    """psi on the grid at the start and after each of `stops` stretches."""
    ready = prepare(run)
    state = ready.state
    yield np.asarray(ready.program.fields(state, ready.operators).psi, complex)
    for _ in range(stops):
        state = ready.program.advance(state, ready.operators, jnp.asarray(steps, jnp.int32))
        yield np.asarray(ready.program.fields(state, ready.operators).psi, complex)


def free_energy(psi: np.ndarray, run: SimulationConfig) -> float:
    p = run.sncgl_params
    k = 2 * np.pi * np.fft.fftfreq(run.N_grid, run.box_length / run.N_grid)
    k2 = sum(axis**2 for axis in np.meshgrid(*[k] * run.dimensions, indexing="ij"))
    kernel = np.exp(-((np.sqrt(k2) - p.k0) ** 2) / (2 * p.sigma_k**2))
    density = np.abs(psi) ** 2
    smeared = np.fft.ifftn(kernel * np.fft.fftn(density)).real
    gradient = np.mean(psi.conj() * np.fft.ifftn(k2 * np.fft.fftn(psi))).real
    local = -p.epsilon * density + density**2 / 2 + p.g_nonlocal / 2 * density * smeared
    return gradient + float(np.mean(local))


@pytest.mark.parametrize("params", [RELAXING, NON_LOCAL], ids=["local", "non-local"])
@pytest.mark.parametrize("d", [2, 3])
def test_the_free_energy_never_rises(d: int, params: SncglParams) -> None:
    """From noise to its late coarsening, step by step at dt = 0.1; it falls all the way."""
    run = config(d, params, dt=0.1)
    energies = [free_energy(psi, run) for psi in trajectory(run, stops=400, steps=1)]
    assert np.diff(energies).max() < 0
    assert energies[-1] < energies[0] - 0.2
    # the bound of a uniform field, where psi is locked to the amplitude of least energy
    if params is RELAXING:
        assert energies[-1] > -(params.epsilon**2) / 2


def test_it_does_not_rise_at_five_times_the_default_step_either() -> None:
    run = config(2, RELAXING, 0.5)
    energies = [free_energy(psi, run) for psi in trajectory(run, stops=100, steps=1)]
    assert np.diff(energies).max() < 0


def test_in_float32_it_rises_by_no_more_than_round_off() -> None:
    run = config(2, RELAXING, 0.1, "float32")
    energies = np.array([free_energy(psi, run) for psi in trajectory(run, stops=400, steps=1)])
    assert np.diff(energies).max() < 1e-7


@pytest.mark.parametrize("params", [RELAXING, NON_LOCAL], ids=["local", "non-local"])
def test_it_falls_at_the_rate_of_its_dissipation(params: SncglParams) -> None:
    """dF/dt = -2 <|d psi/dt|^2>, both by fourth-order central differences in time."""
    dt = 0.005
    run = config(2, params, dt)
    psi = list(trajectory(run, stops=4, steps=1))
    F = [free_energy(p, run) for p in psi]

    def slope(values):
        return (8 * (values[3] - values[1]) - (values[4] - values[0])) / (12 * dt)

    assert slope(F) == pytest.approx(-2 * np.mean(np.abs(slope(psi)) ** 2), rel=1e-5)
