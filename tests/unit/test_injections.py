"""Trials on spectra: balls of the space, ranks by decoys, and limits that cover what is there."""

import numpy as np
import pytest
from scipy.stats import binom

from benchmarks.sensitivity import Calibration, gaussian_hunt
from irer.base.records import SimulationOptions
from irer.controls.injections import Injector, Trials, balls, rank_of_best
from irer.validation import decoy_combs
from irer.validation.injected_shells import profiles

OPTIONS = SimulationOptions(precision="float64")


@pytest.fixture(scope="module")
def hunt():
    return gaussian_hunt(8, OPTIONS, np.random.default_rng(3))


@pytest.mark.parametrize("share", [0.1, 0.3])
def test_a_ball_holds_its_share_of_the_space(share):
    rng = np.random.default_rng(1)
    places = rng.random((2000, 5))
    held = balls(places, share, 40, rng).mean(axis=0)
    assert held == pytest.approx(np.full(40, share), abs=0.06)
    assert held.mean() == pytest.approx(share, abs=0.01)
    assert balls(places, 1.0, 3, rng).all()


def injector(hunt, trials=120, decoys=39, share=0.5, seed=4):
    rng = np.random.default_rng(seed)
    made = Trials(
        profiles(decoy_combs(trials, rng), OPTIONS), balls(hunt.places(), share, trials, rng)
    )
    return Injector(
        hunt, made, decoy_combs(decoys, rng), lambda n: np.random.default_rng([seed, n])
    )


def test_without_lines_a_find_is_as_rare_as_chance(hunt):
    found = injector(hunt, trials=400, decoys=199).at(0.0, lambda: None)
    alarms = int(found.position.sum())
    assert alarms <= binom.ppf(0.999, 400, 0.05)
    assert not found.reached.any()


def test_stronger_lines_are_found_more_often_and_all_in_the_end(hunt):
    trials = injector(hunt)
    finds = [trials.at(height, lambda: None) for height in (0.0, 0.3, 1.0, 3.0, 30.0, 1000.0)]
    inside = trials._trials.members.any(axis=0)
    position = [found.position.sum() for found in finds]
    assert position == sorted(position)
    assert finds[-1].reached.sum() >= 0.97 * inside.sum()
    assert all((found.reached <= found.position).all() for found in finds)


def test_the_same_streams_give_the_same_trials(hunt):
    a, b = (injector(hunt, seed=6).at(1.0, lambda: None) for _ in range(2))
    np.testing.assert_array_equal(a.best, b.best)
    np.testing.assert_array_equal(a.as_good, b.as_good)


def test_ranks_are_those_of_the_spectra_themselves(hunt):
    """By the long way round: every decoy on every run of a trial without lines."""
    trials = injector(hunt, trials=5)
    found = trials.at(0.0, lambda: None)
    decoys = hunt.scores(trials._decoys).min(axis=0)
    expected = [(decoys <= best + 1e-12).sum() for best in found.best]
    assert found.as_good.tolist() == expected


def test_the_rank_of_a_best_is_that_among_decoys(hunt):
    rng = np.random.default_rng(8)
    assert rank_of_best(hunt, 99, rng, best=-1.0) == 0.01
    assert rank_of_best(hunt, 99, rng, best=2.0) == 1.0
    ranks = [rank_of_best(hunt, 99, rng) for _ in range(3)]
    assert np.ptp(ranks) < 0.2


def test_upper_limits_cover_what_was_injected(hunt):
    calibration = Calibration(hunt, OPTIONS, 7, pool=400)
    trials = [calibration.trial(number) for number in range(80)]
    for column in (1, 2):  # from spectra without the truth, and with it
        covered = sum(trial[column] for trial in trials)
        assert covered >= binom.ppf(0.0005, 80, 0.95)
        assert covered < 80  # limits that always cover say nothing
