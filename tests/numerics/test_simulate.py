"""What simulate() promises besides accuracy: determinism, outcomes, one compile, its frames."""

import logging

import jax
import numpy as np
import pytest

from irer.base.errors import ConfigError, SimulationFailed
from irer.base.records import Outcome, SncglParams
from irer.physics import SimulationConfig, simulate
from irer.physics.initial import initial_noise, source
from irer.spectral.grid import Grid
from irer.spectral.transforms import to_grid

SMALL = SimulationConfig(N_grid=32, box_length=20.0, T_steps=37, n_frames=5, precision="float64")


def test_same_config_and_seed_gives_the_same_bits() -> None:
    first, second = simulate(SMALL), simulate(SMALL)
    assert first.psi.tobytes() == second.psi.tobytes()
    assert first.u.tobytes() == second.u.tobytes()
    other = simulate(SMALL.model_copy(update={"global_seed": 1}))
    assert first.psi.tobytes() != other.psi.tobytes()


def test_frames_and_snapshots_fall_where_the_contract_says() -> None:
    result = simulate(SMALL)
    assert result.outcome is Outcome.OK
    np.testing.assert_allclose(result.diagnostics["t"], [0.8, 1.6, 2.4, 3.2, 3.7])
    np.testing.assert_allclose(result.snapshots["t"], 0.1 * np.array(SMALL.snapshot_steps))
    assert result.snapshots["t"][-1] == result.t == pytest.approx(3.7)
    assert result.snapshots["rho"].shape == (4, 32, 32)
    np.testing.assert_allclose(result.snapshots["rho"][-1], np.abs(result.psi) ** 2, atol=1e-14)
    assert result.diagnostics["u_mean"][-1] == pytest.approx(result.u.mean(), rel=1e-10)
    assert result.u.mean() != 0


def test_where_frames_end_changes_no_bit() -> None:
    fine = SMALL.model_copy(update={"dt": 0.01, "T_steps": 200})
    a = simulate(fine)
    b = simulate(fine.model_copy(update={"n_frames": 37, "n_snapshots": 7}))
    assert a.psi.tobytes() == b.psi.tobytes()


@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_a_diverging_run_stops_with_its_last_good_state(precision: str) -> None:
    unstable = SncglParams(epsilon=5.0, g_nonlocal=-3.0, kappa=0.5)  # net gain at every amplitude
    result = simulate(
        SMALL.model_copy(
            update={
                "sncgl_params": unstable,
                "T_steps": 400,
                "n_frames": 100,
                "precision": precision,
            }
        )
    )
    assert result.outcome in (Outcome.NONFINITE, Outcome.AMPLITUDE_CAP)
    assert 0 < result.t < 40
    assert np.isfinite(result.psi).all()
    assert np.isfinite(result.u).all()
    assert result.diagnostics["t"][-1] == result.t
    with pytest.raises(SimulationFailed, match="last good time"):
        result.raise_if_failed()


def test_steps_that_cannot_hold_their_tolerance_fail_the_run() -> None:
    """The smallest step is 2/3 dt/512, 0.013 here, and a geometry this stiff needs less."""
    stiff = SncglParams(c1=3.0, c3=-2.0, kappa=1.0, lambda_sdg=1e3)
    run = SMALL.model_copy(update={"sncgl_params": stiff, "T_steps": 20, "n_frames": 20})
    result = simulate(run.model_copy(update={"dt": 10.0}))
    assert result.outcome is Outcome.STEP_FAILURE
    assert np.isfinite(result.psi).all()
    assert result.diagnostics["step_error"].max(initial=0.0) <= 1e-4


def test_steps_small_enough_are_found_at_the_corner_of_the_space() -> None:
    """dt = 3 is a hundred times too long here; steps no smaller than dt/64 would fail the run."""
    corner = SncglParams(c1=3.0, c3=-2.0, kappa=1.0)
    run = SMALL.model_copy(update={"sncgl_params": corner, "T_steps": 20, "n_frames": 20})
    for dt in (3.0, 0.1):
        result = simulate(run.model_copy(update={"dt": dt}))
        assert result.outcome is Outcome.OK
        assert result.diagnostics["step_error"].max() <= 1e-4


def test_the_tail_of_the_spectrum_tells_what_is_resolved() -> None:
    """Two waves of one amplitude, in shell 2 and in shell 8, the last tenth of the 8 shells."""
    x = np.arange(32) * 2 * np.pi / 32
    low, high = np.exp(2j * x) * np.ones((32, 1)), np.exp(7j * x[:, None] + 4j * x)
    run = SMALL.model_copy(update={"T_steps": 1, "dt": 1e-6, "n_frames": 1})

    def tail_ratio(psi0: np.ndarray) -> float:
        return float(simulate(run, psi0=psi0).diagnostics["tail_ratio"][-1])

    shell = np.rint(np.hypot(*np.meshgrid(*[np.fft.fftfreq(32, 1 / 32)] * 2)))
    expected = (shell == 2).sum() / (shell == 8).sum()
    assert tail_ratio(low + high) == pytest.approx(expected, rel=1e-4)
    assert tail_ratio(low) < 1e-20
    assert tail_ratio(0 * low) == 0


def test_new_parameters_do_not_compile_again(caplog: pytest.LogCaptureFixture) -> None:
    simulate(SMALL)
    with jax.log_compiles(), caplog.at_level(logging.WARNING, logger="jax"):
        for params in (
            SncglParams(c1=2.0),
            SncglParams(source_amplitude=0.2, source_width=0.3, kappa=0.9),
        ):
            simulate(SMALL.model_copy(update={"sncgl_params": params, "T_steps": 23}))
    assert [r.message for r in caplog.records if "Compiling" in r.message] == []
    with jax.log_compiles(), caplog.at_level(logging.WARNING, logger="jax"):
        simulate(SMALL.model_copy(update={"N_grid": 34}))
    assert any("Compiling" in r.message for r in caplog.records)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"N_grid": 33}, "N_grid: must be an even integer from 16 to 1,024, got 33"),
        ({"dimensions": 4}, "dimensions: must be one of 2, 3, got 4"),
        ({"dt": 0.0}, "dt: must be a finite number above 0, to 10, got 0.0"),
        ({"sigma_k": -1.0}, "sncgl_params.sigma_k: must be a finite number above 0, .* got -1.0"),
        ({"lambda_sdg": 0.0}, "sncgl_params.lambda_sdg: must be a finite number above 0, .* 0.0"),
        ({"c1": float("nan")}, "sncgl_params.c1: must be a finite number .* got nan"),
        (
            {"source_amplitude": 1.0, "source_k": 5.0},
            r"source_k: with 3 source_width must stay below the retained band, 2.042, got 5 \+ 3 x",
        ),
        (
            {"source_amplitude": 1.0, "source_width": 0.01},
            "source_k: needs a source_width of at least half the mode spacing",
        ),
        ({"psi0": np.zeros((16, 16), complex)}, r"psi0: must be complex .*\(26, 26\), got .*16"),
        ({"psi0": np.zeros((26, 26))}, "psi0: must be complex .* got float64"),
        ({"psi0": np.full((26, 26), np.nan, complex)}, "psi0: must be finite"),
        ({"u0": np.zeros((26, 26), complex)}, "u0: must be real .* got complex128"),
        ({"u0": np.zeros(26)}, r"u0: must be real .* \(26,\)"),
        ({"model": "sncgl_flat", "u0": np.ones((26, 26))}, "u0: must be 0 everywhere"),
    ],
)
def test_bad_input_is_refused_by_name_before_anything_is_compiled(
    change: dict, message: str, caplog: pytest.LogCaptureFixture
) -> None:
    arrays = {name: change[name] for name in ("psi0", "u0") if name in change}
    params = {name: change[name] for name in SncglParams.model_fields if name in change}
    options = {"N_grid": 26, "box_length": 20.0, "sncgl_params": params}  # no other test's shape
    options |= {name: change[name] for name in change.keys() - arrays.keys() - params.keys()}
    with (
        jax.log_compiles(),
        caplog.at_level(logging.WARNING, logger="jax"),
        pytest.raises(ConfigError, match=f"^{message}"),
    ):
        simulate(SimulationConfig(**options), **arrays)
    assert [r.message for r in caplog.records if "Compiling" in r.message] == []


def test_one_seed_gives_the_same_modes_at_any_resolution() -> None:
    coarse, fine = Grid(64, 20.0), Grid(128, 20.0)
    for make in (
        lambda g: initial_noise(g, 0.1, 7),
        lambda g: source(g, SncglParams(source_k=2.0, source_width=0.3), 7),
    ):
        a, b = (np.asarray(to_grid(make(grid), grid)) for grid in (coarse, fine))
        np.testing.assert_allclose(b[::2, ::2], a, atol=1e-13)


def test_noise_and_source_have_the_stated_size() -> None:
    grid = Grid(96, 40.0)  # retains every |k| <= 3
    fields = [np.asarray(to_grid(initial_noise(grid, 0.3, seed), grid)) for seed in range(20)]
    assert np.sqrt(np.mean(np.abs(fields) ** 2)) == pytest.approx(0.3, rel=0.02)
    s = np.asarray(to_grid(source(grid, SncglParams(source_k=1.5), 1), grid))
    assert np.sqrt(np.mean(np.abs(s) ** 2)) == pytest.approx(1, rel=1e-12)


def test_the_source_drives_the_field() -> None:
    driven = SncglParams(epsilon=-1.0, source_amplitude=0.5, source_width=0.3)
    quiet = SncglParams(epsilon=-1.0)
    a = simulate(SMALL.model_copy(update={"sncgl_params": driven, "T_steps": 100}))
    b = simulate(SMALL.model_copy(update={"sncgl_params": quiet, "T_steps": 100}))
    assert a.diagnostics["density_mean"][-1] > 1e3 * b.diagnostics["density_mean"][-1]


def test_a_huge_box_costs_no_more_than_its_grid() -> None:
    spectrum = initial_noise(Grid(32, 10_000.0), 0.1, 1)
    assert np.isfinite(spectrum).all()
    assert np.abs(spectrum).max() > 0
