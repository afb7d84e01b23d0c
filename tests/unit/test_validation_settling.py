"""What counts as settled: planted growth and relaxation do not, stationary noise and waves do."""

import math

import numpy as np
import pytest

from irer.validation.settling import (
    DENSITY_BOUND,
    LOG_H_BOUND,
    MIN_FRAMES,
    U_BOUND,
    drift,
    settled,
)

FRAMES = 50
T = np.linspace(0, 60, FRAMES + 1)[1:]
LATE = np.clip((T - 48) / 12, 0, 1)  # from 0 to 1 over the last fifth


def run(**changes) -> dict[str, np.ndarray]:
    """A run at rest, with some of its diagnostics replaced."""
    still = {"t": T, "density_mean": 0.8 + 0 * T, "u_mean": 0 * T, "sdg_h_norm_l2": 0.01 + 0 * T}
    return still | changes


def red_noise(rng: np.random.Generator, correlation: float) -> np.ndarray:
    """A stationary series of unit variance with the given correlation from frame to frame."""
    values = rng.standard_normal(FRAMES)
    for i in range(1, FRAMES):
        values[i] = correlation * values[i - 1] + math.sqrt(1 - correlation**2) * values[i]
    return values


def test_a_run_at_rest_is_settled() -> None:
    assert settled(run()) is None


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(
    ("name", "bound", "reason"),
    [
        ("density_mean", DENSITY_BOUND, "its mean density changes by"),
        ("u_mean", U_BOUND, "its mean u changes by"),
        ("sdg_h_norm_l2", LOG_H_BOUND, "its H-norm changes by a factor"),
    ],
)
def test_a_planted_growth_is_named_above_its_bound_alone(name, bound, reason, sign) -> None:
    """A straight rise by 2 b over the window changes by b (10 frames: 1.11 b) between halves."""

    def grown(b: float) -> dict[str, np.ndarray]:
        line = sign * 2 * b * (LATE - 0.5)
        shape = {"density_mean": 0.8 * (1 + line), "u_mean": -0.1 + line}
        return run(**{name: shape.get(name, 0.01 * np.exp(line))})

    assert settled(grown(0.85 * bound)) is None
    why = settled(grown(1.15 * bound))
    assert why is not None
    assert why.startswith(reason)
    assert "\n" not in why


@pytest.mark.parametrize(
    ("rate", "change"), [(0.01, 0.0755), (0.03, 0.040), (0.07, None), (0.2, None)]
)
def test_a_relaxing_density_is_settled_once_what_is_left_is_small(rate, change) -> None:
    """The line of rho = 1 - e^(-rate t) rises by 5.4 rate e^(-54 rate) over half the 10 frames."""
    found = settled(run(density_mean=1 - np.exp(-rate * T)))
    if change is None:
        assert found is None
    else:
        assert float(str(found).split("by +")[1].split("%")[0]) == pytest.approx(
            100 * change, rel=0.1
        )


def test_stationary_noise_is_settled_however_large() -> None:
    """Of 500 each with 20% of noise in the density, 0.1 in u and a factor e in H."""
    for correlation, allowed in ((0.0, 0.01), (0.6, 0.03), (0.9, 0.15)):
        rng, unsettled = np.random.default_rng(4), 0
        for _ in range(500):
            density, u, log_h = (red_noise(rng, correlation) for _ in range(3))
            noisy = run(
                density_mean=0.8 * (1 + 0.2 * density), u_mean=0.1 * u,
                sdg_h_norm_l2=0.01 * np.exp(log_h),
            )  # fmt: skip
            unsettled += settled(noisy) is not None
        assert unsettled / 500 <= allowed, correlation


def test_a_growth_is_seen_through_the_noise_of_a_chaotic_run() -> None:
    rng = np.random.default_rng(5)
    found = [
        settled(run(density_mean=(1 + 0.5 * LATE) * (1 + 0.02 * red_noise(rng, 0.6))))
        for _ in range(100)
    ]
    assert sum(why is not None for why in found) >= 95


def test_an_oscillation_is_settled() -> None:
    """fmia without damping: its mean square swings for ever."""
    for period in (1.3, 5.0, 12.0):
        swing = 0.5 + 0.4 * np.cos(2 * np.pi * T / period)
        assert settled(run(density_mean=swing, sdg_h_norm_l2=0.1 * swing)) is None


def test_a_burst_of_the_constraint_is_no_drift() -> None:
    burst = 0.01 * np.exp(3 * np.exp(-(((T - 51) / 0.7) ** 2)))
    assert settled(run(sdg_h_norm_l2=burst)) is None


def test_a_pattern_that_freezes_below_the_goal_is_settled_and_one_that_wakes_is_not() -> None:
    falling = np.exp(-T / 5)
    assert settled(run(sdg_h_norm_l2=1e-3 * falling)) is None
    assert "H-norm" in str(settled(run(sdg_h_norm_l2=1e3 * falling)))
    assert "H-norm" in str(settled(run(sdg_h_norm_l2=1e-9 / falling)))


def test_a_flat_model_and_an_artifact_without_the_mean_of_u_are_judged_by_the_rest() -> None:
    flat = run()
    del flat["u_mean"]
    assert settled(flat) is None
    flat["density_mean"] = 0.8 + LATE
    assert "mean density" in str(settled(flat))


def test_an_empty_field_and_one_without_violation_are_at_rest() -> None:
    assert settled(run(density_mean=0 * T, sdg_h_norm_l2=0 * T)) is None


@pytest.mark.parametrize(("frames", "late"), [(0, 0), (1, 1), (4, 1), (10, 2), (15, 3)])
def test_a_run_of_few_frames_cannot_be_said_to_be_settled(frames: int, late: int) -> None:
    t = np.arange(1, frames + 1, dtype=float)
    why = settled({name: values[:frames] for name, values in run().items()} | {"t": t})
    assert why == f"only {late} frames lie in its last fifth, {MIN_FRAMES} are needed"


def test_sixteen_frames_are_enough() -> None:
    assert settled({name: values[:16] for name, values in run().items()}) is None


def test_many_frames_cost_no_more_than_their_reading() -> None:
    t = np.linspace(0, 60, 100_001)[1:]
    slope = drift(t, 0.01 * t)
    assert slope.change == pytest.approx(0.01 * 30, rel=1e-3)
    assert slope.scatter < 1e-12
