"""Lines injected into a density: their power, their memory between snapshots, their find."""

import numpy as np
import pytest

from irer.base.errors import ConfigError
from irer.base.records import SimulationOptions
from irer.validation import TARGETS, decoy_combs, fidelity_of
from irer.validation.injected_shells import (
    draw_injections,
    injected_peaks,
    injected_scores,
    injected_spectra,
    profiles,
    reached_by,
)
from irer.validation.injection import inject_lines, line_profile
from irer.validation.matching import comb_scores, find_peaks
from irer.validation.spectrum import contrast
from tests.numerics.spectra import L, density, gaussian, lines_power

OPTIONS = SimulationOptions(precision="float64")


def snapshots(seed, slope=1.0, shared=0.7, count=4):
    """Return snapshots of a field without lines, each pair correlated by `shared`^2."""
    rng = np.random.default_rng([21, seed])
    power = lines_power(slope, 0)
    common = gaussian(power, rng)
    fresh = [gaussian(power, rng) for _ in range(count)]
    return np.array([density(shared * common + np.sqrt(1 - shared**2) * f) for f in fresh])


def spectrum_of(rho):
    found = fidelity_of(rho, OPTIONS).spectrum
    assert found is not None
    return found


def injected(rho, height, seed=1, comb=TARGETS):
    rng = np.random.default_rng([22, seed])
    return inject_lines(rho, spectrum_of(rho), L, height, rng, comb)


def test_no_height_changes_nothing_and_the_mean_stays():
    rho = 3 * snapshots(0)
    np.testing.assert_allclose(injected(rho, 0.0), rho, rtol=1e-12)
    lined = injected(rho, 30.0)
    np.testing.assert_allclose(lined.mean(axis=(1, 2)), rho.mean(axis=(1, 2)), rtol=1e-12)


def test_the_lines_have_the_power_that_is_asked_for():
    rho = snapshots(1)
    spectrum = spectrum_of(rho)
    combs = TARGETS[None]
    expected = spectrum.background * profiles(combs, OPTIONS).mean[0] * 3.0
    added = []
    for seed in range(12):
        extra = contrast(injected(rho, 3.0, seed)) - contrast(rho)
        # Of the lines alone: measured on their own they have no background to be found.
        added.append(fidelity_of(1 + extra, OPTIONS).spectrum.power)
    for tooth in TARGETS:
        shell = round(tooth / spectrum.width) - 1
        assert np.mean(added, axis=0)[shell] == pytest.approx(expected[shell], rel=0.12)
    quiet = round(2.1 / spectrum.width) - 1  # far from every tooth
    assert np.mean(added, axis=0)[quiet] < 1e-4 * expected.max()


@pytest.mark.parametrize("shared", [0.0, 0.7, 1.0])
def test_the_lines_remember_from_snapshot_to_snapshot_as_the_field_does(shared):
    rho = snapshots(2, shared=shared)
    extra = contrast(injected(rho, 5.0)) - contrast(rho)
    found = np.corrcoef(extra.reshape(4, -1))[np.triu_indices(4, 1)]
    assert found == pytest.approx(np.full(6, shared**2), abs=0.12)


def test_what_is_found_grows_with_the_height_and_stays_found():
    heights = (0.0, 0.5, 3.0, 30.0, 100.0, 1000.0)
    found = np.zeros(len(heights))
    for seed in range(8):
        rho = snapshots(seed, slope=(0.5, 2.0)[seed % 2])
        found += [fidelity_of(injected(rho, h, seed), OPTIONS).sse < 0.01 for h in heights]
    assert found[0] == 0
    assert (np.diff(found) >= 0).all()
    assert found[-3:] == pytest.approx(8)


def test_a_line_on_the_slope_of_a_lifted_background_is_a_candidate():
    """Lines of 10^5 lift the background until in some fields the excess falls through ln 17."""
    hidden = 0
    for seed in range(6):
        found = fidelity_of(injected(snapshots(seed), 1e5, seed), OPTIONS)
        assert [match.prime for match in found.matches] == [2, 3, 5, 7, 11, 13, 17, 19]
        excess, shell = found.spectrum.excess, round(TARGETS[6] / found.spectrum.width) - 1
        hidden += not excess[shell - 1] < excess[shell] > excess[shell + 1]
    assert hidden


@pytest.mark.parametrize("height", [-0.1, np.nan, np.inf])
def test_a_height_that_cannot_be_is_refused(height):
    with pytest.raises(ConfigError, match="height: must be finite and at least 0"):
        injected(snapshots(0), height)


def test_a_width_that_cannot_be_is_refused():
    rho = snapshots(0)
    with pytest.raises(ConfigError, match="width: must be finite and above 0"):
        inject_lines(rho, spectrum_of(rho), L, 1.0, np.random.default_rng(0), width=0.0)


def test_a_profile_is_one_at_a_tooth():
    assert line_profile(TARGETS[:5], TARGETS) == pytest.approx(np.ones(5), abs=1e-3)


def test_shells_say_of_injections_what_fields_say():
    """Mean scores agree within three standard errors at every height."""
    heights, per_field = (0.3, 1.0, 30.0), 6
    whole, shells = ({h: [] for h in heights} for _ in range(2))
    for seed in range(5):
        rho = snapshots(seed)
        spectrum = spectrum_of(rho)
        rng = np.random.default_rng([23, seed])
        combs = decoy_combs(per_field, rng)
        lines = profiles(np.repeat(combs, 10, axis=0), OPTIONS)
        draw = draw_injections(spectrum, lines, rng)
        for h in heights:
            peaks = injected_peaks(spectrum, draw, h)
            shells[h] += injected_scores(spectrum, peaks, lines.combs).tolist()
            for number, comb in enumerate(combs):
                stream = np.random.default_rng([24, seed, number])
                lined = inject_lines(rho, spectrum, L, h, stream, comb)
                whole[h].append(fidelity_of(lined, OPTIONS, comb=comb).sse)
    for h in heights:
        error = np.hypot(np.std(whole[h]) / len(whole[h]) ** 0.5, 0.002)
        assert abs(np.mean(whole[h]) - np.mean(shells[h])) < 3 * error, h


def test_an_injected_spectrum_is_judged_as_its_candidates_are():
    spectrum = spectrum_of(snapshots(4))
    rng = np.random.default_rng(5)
    combs, decoys = decoy_combs(5, rng), decoy_combs(30, rng)
    draw = draw_injections(spectrum, profiles(combs, OPTIONS), rng)
    peaks = injected_peaks(spectrum, draw, 1.0)
    scores = injected_scores(spectrum, peaks, combs)
    ranked = reached_by(spectrum, peaks, decoys, np.full(5, 1.3), np.ones((5, 30), dtype=bool))
    for number, lined in enumerate(injected_spectra(spectrum, draw, 1.0)):
        assert comb_scores(find_peaks(lined), combs, lined)[number] == pytest.approx(scores[number])
        np.testing.assert_array_equal(
            comb_scores(find_peaks(lined), decoys, lined) <= 1.3, ranked[number]
        )
