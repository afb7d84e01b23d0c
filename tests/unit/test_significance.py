"""The statistics against SciPy, known answers, and their own promises."""

import numpy as np
import pytest
from scipy import stats

from irer.errors import ConfigError
from irer.search.significance import p_hunt, paradox, welch


def test_p_hunt_counts_nulls_that_did_as_well():
    assert p_hunt(0.1, [0.5] * 99) == 0.01
    assert p_hunt(0.1, [0.1, 0.2, None, 0.05]) == 3 / 5  # a tie counts, no run does not
    assert p_hunt(0.1, []) == 1.0


def test_p_hunt_is_uniform_when_the_hunt_is_one_of_its_nulls():
    rng = np.random.default_rng(3)
    p = [p_hunt(draw[0], list(draw[1:])) for draw in rng.random((400, 100))]
    assert stats.kstest(p, "uniform").pvalue > 0.01
    assert 0.02 <= np.mean(np.array(p) <= 0.05) <= 0.08


def test_welch_is_that_of_the_textbook():

    a, b = [1.0, 2, 3, 4, 5], [2.0, 4, 6, 8, 20]
    variance = np.var(a, ddof=1) / 5, np.var(b, ddof=1) / 5
    t = (np.mean(a) - np.mean(b)) / np.sqrt(sum(variance))
    freedom = sum(variance) ** 2 / (variance[0] ** 2 / 4 + variance[1] ** 2 / 4)
    found = welch(a, b, 6)
    assert found.t == pytest.approx(t)
    assert found.p == pytest.approx(2 * stats.t.sf(abs(t), freedom))
    assert found.p_bonferroni == pytest.approx(min(1.0, 6 * found.p))


def test_bonferroni_keeps_false_alarms_of_six_tests_below_five_percent():
    rng = np.random.default_rng(8)
    alarms = sum(
        any(welch(base, other, 6).p_bonferroni < 0.05 for other in rng.standard_normal((6, 5)))
        for base in rng.standard_normal((300, 5))
    )
    assert alarms / 300 <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 300)


def test_welch_without_scatter():
    assert welch([2.0, 2.0], [2.0, 2.0], 6).p == 1.0
    assert welch([2.0, 2.0], [1.0, 1.0], 6).p_bonferroni == 0.0


@pytest.mark.parametrize("bad", [[1.0], [], [1.0, float("nan")], [[1.0, 2.0]]])
def test_welch_refuses_what_is_no_sample(bad):
    with pytest.raises(ConfigError, match="other: must be at least 2 finite numbers"):
        welch([1.0, 2.0], bad, 6)


def test_paradox_agrees_with_scipy_and_its_interval_holds_the_truth():
    rng = np.random.default_rng(1)
    sse, noise = rng.random(80), rng.random(80)
    norm = np.exp(-3 * sse + noise)
    found = paradox(sse, norm)
    assert found.pearson is not None
    assert found.spearman is not None
    assert found.n == 80
    assert found.pearson.value == pytest.approx(stats.pearsonr(-sse, norm).statistic)
    assert found.spearman.value == pytest.approx(stats.spearmanr(-sse, norm).statistic)
    for each in (found.pearson, found.spearman):
        assert -1 <= each.low < each.value < each.high <= 1
    assert paradox(sse, norm) == found  # the draws are seeded


def test_paradox_interval_covers_a_known_correlation():
    rng = np.random.default_rng(2)
    covered = 0
    for _ in range(100):
        x, y = rng.multivariate_normal([0, 0], [[1, 0.5], [0.5, 1]], size=60).T
        interval = paradox(-x, y, rng).pearson
        assert interval is not None
        covered += interval.low <= 0.5 <= interval.high
    assert covered >= 86  # 95% nominal; the bootstrap of 60 falls a little short


def test_paradox_with_nothing_to_correlate():
    assert paradox([1.0, 2, 3], [1.0, 2, 3]).pearson is None
    assert paradox([2.0] * 9, np.arange(9.0)).spearman is None
    assert paradox([], []).n == 0
    with pytest.raises(ConfigError, match="norm: must have 2 values, got 3"):
        paradox([1.0, 2.0], [1.0, 2.0, 3.0])
