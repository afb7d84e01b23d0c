"""The statistics against SciPy, known answers, and their own promises."""

import numpy as np
import pytest
from scipy import stats

from irer.base.errors import ConfigError
from irer.search.significance import equivalence, p_hunt, paradox


def test_p_hunt_counts_nulls_that_did_as_well():
    assert p_hunt(0.1, [0.5] * 99) == 0.01
    assert p_hunt(0.1, [0.1, 0.2, None, 0.05]) == 3 / 5  # a tie counts, no run does not
    assert p_hunt(0.1, []) == 1.0


def test_p_hunt_is_uniform_when_the_hunt_is_one_of_its_nulls():
    rng = np.random.default_rng(3)
    p = [p_hunt(draw[0], list(draw[1:])) for draw in rng.random((400, 100))]
    assert stats.kstest(p, "uniform").pvalue > 0.01
    assert 0.02 <= np.mean(np.array(p) <= 0.05) <= 0.08


def test_equivalence_is_two_one_sided_tests_of_the_textbook():
    a, b = [1.0, 2, 3, 4, 5], [2.0, 3, 5, 6, 8]
    one_sided = [
        stats.ttest_ind(np.array(b) + 4, a, equal_var=False, alternative="greater").pvalue,
        stats.ttest_ind(np.array(b) - 4, a, equal_var=False, alternative="less").pvalue,
    ]
    interval = stats.ttest_ind(b, a, equal_var=False).confidence_interval(0.9)
    found = equivalence(a, b, 4.0)
    assert found.p == pytest.approx(max(one_sided))
    assert (found.low, found.high) == pytest.approx(tuple(interval))
    assert found.difference == pytest.approx(1.8)


@pytest.mark.parametrize(
    ("shift", "outcome"), [(0.0, "equivalent"), (1.0, "unresolved"), (-2.0, "different")]
)
def test_what_the_interval_says(shift, outcome):
    base = np.linspace(-0.3, 0.3, 8)
    found = equivalence(base, base + shift, 1.0)
    assert found.outcome == outcome
    assert (found.p < 0.05) == (outcome == "equivalent")
    assert equivalence(base, 100 * base + shift, 1.0).outcome == "unresolved"  # too much scatter


def test_equivalence_is_said_falsely_in_five_percent_at_the_margin_itself():
    rng = np.random.default_rng(8)
    said = [
        equivalence(*rng.normal([[0.0], [1.0]], 0.2, size=(2, 8)), 1.0).outcome for _ in range(2000)
    ]
    for outcome in ("equivalent", "different"):
        assert 0.03 <= said.count(outcome) / 2000 <= 0.065


def test_power_of_eight_seeds_at_a_factor_of_two():
    """A seed CV of 0.3 is decided, one of 0.8 is not: 0.995 and 0.21 of 10,000 draws each."""
    rng = np.random.default_rng(9)
    power = {}
    for cv in (0.3, 0.8):
        sigma = np.sqrt(np.log(1 + cv**2))
        found = [
            equivalence(*rng.normal(0, sigma, size=(2, 8)), np.log(2)).outcome for _ in range(2000)
        ]
        power[cv] = found.count("equivalent") / 2000
        assert found.count("different") / 2000 < 0.01
    assert power[0.3] == pytest.approx(0.995, abs=0.006)
    assert power[0.8] == pytest.approx(0.21, abs=0.04)


@pytest.mark.parametrize(
    ("other", "outcome", "p"),
    [
        (2.0, "equivalent", 0.0),
        (2.4, "equivalent", 0.0),
        (2.5, "different", 1.0),
        (9, "different", 1.0),
    ],
)
def test_samples_without_scatter_are_decided_by_the_difference(other, outcome, p):
    found = equivalence([2.0] * 8, [other] * 8, 0.5)
    assert (found.outcome, found.p) == (outcome, p)
    assert found.low == found.high == found.difference
    one_scatters = equivalence([2.0] * 8, [1.9, 2.1] * 4, 0.5)
    assert one_scatters.outcome == "equivalent"
    assert one_scatters.low < 0 < one_scatters.high


@pytest.mark.parametrize("bad", [[1.0], [], [1.0, float("nan")], [[1.0, 2.0]]])
def test_equivalence_refuses_what_is_no_sample(bad):
    with pytest.raises(ConfigError, match="other: must be at least 2 finite numbers"):
        equivalence([1.0, 2.0], bad, 1.0)
    with pytest.raises(ConfigError, match="margin: must be finite and above 0, got 0"):
        equivalence([1.0, 2.0], [1.0, 2.0], 0)


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
