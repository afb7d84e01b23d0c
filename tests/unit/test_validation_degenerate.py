"""Densities with nothing to measure have a score and a reason, never a crash or a NaN."""

import numpy as np
import pytest

from irer.base.errors import ConfigError
from irer.validation import log_prime_fidelity

L = 40 * np.pi
SMALL = [(16, 2), (24, 2), (32, 2), (64, 2), (16, 3), (32, 3), (48, 3)]


def noise(n, dimensions, contrast):
    return 1 + contrast * np.random.default_rng(n).standard_normal((n,) * dimensions)


@pytest.mark.parametrize("level", [0.0, 1e-300, 1.0, 1e30])
@pytest.mark.parametrize(("n", "dimensions"), [(64, 2), (48, 3)])
def test_a_constant_has_no_contrast(n, dimensions, level):
    fidelity = log_prime_fidelity(np.full((n,) * dimensions, level), L)
    assert (fidelity.sse, fidelity.degenerate, fidelity.p_position) == (2, "no_contrast", None)
    assert fidelity.n_candidates == 0


@pytest.mark.parametrize("dimensions", [2, 3])
def test_contrast_begins_at_one_in_a_thousand(dimensions):
    assert log_prime_fidelity(noise(64, dimensions, 0.5e-3), L).degenerate == "no_contrast"
    assert log_prime_fidelity(noise(64, dimensions, 2e-3), L).degenerate is None


@pytest.mark.parametrize(("n", "dimensions"), SMALL)
def test_small_boxes(n, dimensions):
    fidelity = log_prime_fidelity(noise(n, dimensions, 0.3), L)
    assert 0 <= fidelity.sse <= 2
    assert fidelity.degenerate == ("too_few_shells" if n < 48 else None)
    assert fidelity.sse == 2 or fidelity.degenerate is None


@pytest.mark.parametrize(("n", "dimensions"), SMALL)
@pytest.mark.parametrize("kind", ["constant", "nearly constant", "striped", "one bright cell"])
def test_fields_with_nothing_to_measure_in_small_boxes(n, dimensions, kind):
    """Whatever is asked of them is finite, in range, and has its reason."""
    rho = np.ones((n,) * dimensions)
    if kind == "nearly constant":
        rho = noise(n, dimensions, 1e-6)
    elif kind == "striped":
        rho = rho + 0.5 * np.cos(2 * np.pi * 3 * np.arange(n) / n)
    elif kind == "one bright cell":
        rho = 0 * rho
        rho.flat[5] = 1.0
    for box_length in (30.0, 64.0):
        fidelity = log_prime_fidelity(rho, box_length, n_null=20)
        for score in (fidelity.sse, fidelity.sse_scaled, fidelity.sse_multi_ray):
            assert 0 <= score <= 2
        if n < 48:
            assert fidelity.degenerate == "too_few_shells"
        elif kind in ("constant", "nearly constant"):
            assert fidelity.degenerate == "no_contrast"
        elif kind == "striped":  # nothing but rounding beside the stripes
            assert fidelity.degenerate == "too_few_shells"
            assert np.count_nonzero(fidelity.spectrum.usable) < 3
        else:
            assert fidelity.degenerate is None
            assert np.isfinite(fidelity.spectrum.excess).all()
        assert fidelity.degenerate is None or fidelity.sse == 2


@pytest.mark.parametrize("box_length", [1e-3, 1.0, 50.0, 1e6])
def test_boxes_that_resolve_few_targets_or_none(box_length):
    fidelity = log_prime_fidelity(noise(64, 2, 0.3), box_length)
    assert 2 - 0.25 * fidelity.n_targets_resolved <= fidelity.sse <= 2


@pytest.mark.parametrize("n_snapshots", [1, 4])
@pytest.mark.parametrize("wave", [1, 5, 14, 60, 128])
def test_stripes(wave, n_snapshots):
    """One wave number and else nothing but rounding: no spectrum stands above the floor."""
    stripes = 1 + 0.5 * np.cos(2 * np.pi * wave * np.arange(256) / 256)
    rho = np.broadcast_to(stripes, (n_snapshots, 256, 256))
    fidelity = log_prime_fidelity(rho, L, n_null=100)
    assert (fidelity.sse, fidelity.degenerate) == (2, "too_few_shells")
    assert fidelity.n_floor_limited >= 45  # of 55
    assert fidelity.n_targets_resolved <= 1
    assert (fidelity.p_position, fidelity.p_lines, fidelity.p_scaled) == (None, None, None)


def test_one_bright_cell():
    rho = np.zeros((256, 256))
    rho[17, 3] = 1.0  # every mode has the same power: a spectrum without scatter
    fidelity = log_prime_fidelity(rho, L, n_null=10)
    assert 1.9 < fidelity.sse <= 2
    assert fidelity.degenerate is None


def test_an_empty_snapshot_among_others():
    rho = np.stack([noise(64, 2, 0.3), np.zeros((64, 64))])
    assert np.isfinite(log_prime_fidelity(rho, L).sse)


def test_shape_says_what_the_axes_are():
    cube = noise(32, 3, 0.3)
    assert log_prime_fidelity(cube, L, dealias=1).spectrum.power.shape == (16,)
    as_snapshots = log_prime_fidelity(cube, L, dealias=1, dimensions=2)
    one_by_one = [log_prime_fidelity(c, L, dealias=1).spectrum.power for c in cube]
    assert np.allclose(as_snapshots.spectrum.power, np.mean(one_by_one, axis=0), rtol=0.1)
    four = np.stack([cube] * 4)
    assert np.allclose(
        log_prime_fidelity(four, L, dealias=1).spectrum.power,
        log_prime_fidelity(cube, L, dealias=1).spectrum.power,
    )


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"rho": np.ones(64)}, "rho"),
        ({"rho": np.ones((64, 32))}, "rho"),
        ({"rho": np.ones((64, 64), complex)}, "rho"),
        ({"rho": np.ones((4, 64, 32))}, "rho"),
        ({"rho": np.ones((0, 64, 64))}, "rho"),
        ({"rho": np.full((64, 64), np.nan)}, "rho"),
        ({"rho": np.full((64, 64), np.inf)}, "rho"),
        ({"rho": np.ones((64, 64)), "dimensions": 4}, "rho"),
        ({"rho": np.ones((64, 64)), "dimensions": 3}, "rho"),
        ({"box_length": 0.0}, "box_length"),
        ({"box_length": np.nan}, "box_length"),
        ({"n_null": -1}, "n_null"),
        ({"dealias": 0.0}, "dealias"),
        ({"dealias": 1.5}, "dealias"),
    ],
)
def test_wrong_arguments_are_named(change, field):
    arguments = {"rho": noise(64, 2, 0.3), "box_length": L} | change
    with pytest.raises(ConfigError) as caught:
        log_prime_fidelity(**arguments)
    assert [error.field for error in caught.value.errors] == [field]
    assert "must" in caught.value.message
