"""Planted spectra: lines at the logarithms of the primes are found, and nothing else is."""

import numpy as np
import pytest

from irer.validation import PRIMES, TARGETS, log_prime_fidelity
from irer.validation.combs import resolved_targets
from irer.validation.spectrum import count_shells, shell_width
from tests.numerics.spectra import L, density, gaussian, planted, wavenumbers

SLOPES = (1.0, 6.0)


def median_sse(slope, height, lines=TARGETS, draws=30):
    scores = [
        log_prime_fidelity(planted(seed, slope, height, lines), L, n_null=0).sse
        for seed in range(draws)
    ]
    return float(np.median(scores))


@pytest.mark.parametrize("slope", SLOPES)
@pytest.mark.parametrize(
    ("height", "low", "high"),
    [(0, 1.5, 1.85), (0.5, 0.6, 1.1), (1, 0.15, 0.4), (3, 0.002, 0.006), (10, 0, 0.001)],
)
def test_the_score_falls_as_planted_lines_rise(slope, height, low, high):
    median = median_sse(slope, height)
    print(f"slope {slope}, height {height}: median SSE {median:.4f}")
    assert low <= median <= high


@pytest.mark.parametrize("slope", SLOPES)
@pytest.mark.parametrize("line", [0, 4, 7])
def test_one_line_of_eight_is_little(slope, line):
    assert 1.35 < median_sse(slope, 10, lines=TARGETS[[line]], draws=6) < 1.75


@pytest.mark.parametrize("slope", SLOPES)
@pytest.mark.parametrize("shift", [0.93, 1.07])
def test_lines_seven_percent_off_are_not_taken_for_the_targets(slope, shift):
    assert 0.1 < median_sse(slope, 10, lines=TARGETS * shift, draws=6) < 0.3


def test_more_and_denser_lines_do_not_buy_a_lower_score():
    comb = np.arange(0.5, 3.1, 0.1)  # every target is within half a gap of some line
    assert median_sse(1, 10, lines=comb, draws=6) > 20 * median_sse(1, 10, draws=6)


def test_matches_name_the_planted_lines():
    fidelity = log_prime_fidelity(planted(1, 6, 10), L, n_null=0)
    assert [match.prime for match in fidelity.matches] == [2, 3, 5, 7, 11, 13, 17, 19]
    assert fidelity.n_candidates == 8
    for match in fidelity.matches:
        assert match.k == pytest.approx(np.log(match.prime), abs=0.5 * 2 * np.pi / L)
        assert match.excess > 3
    assert sum(match.cost for match in fidelity.matches) == pytest.approx(fidelity.sse)


def test_the_score_of_a_line_on_a_target_is_its_distance_and_its_confidence():
    fidelity = log_prime_fidelity(planted(3, 1, 10, lines=TARGETS[:1]), L, n_null=0)
    match = fidelity.matches[0]
    weight = 1 - np.exp(-((match.excess / 3) ** 2))
    assert match.prime == 2
    assert match.cost == pytest.approx(
        weight * (match.k - np.log(2)) ** 2 + (1 - weight) * 0.25, rel=1e-12
    )
    unmatched = 8 - len(fidelity.matches)
    total = sum(m.cost for m in fidelity.matches) + 0.25 * unmatched
    assert fidelity.sse == pytest.approx(total)


def test_snapshots_are_averaged():
    """Four independent snapshots show lines that one of them hides."""
    four = np.stack([planted(seed, 1, 0.7) for seed in range(4)])
    alone = np.median([log_prime_fidelity(rho, L, n_null=0).sse for rho in four])
    together = log_prime_fidelity(four, L, n_null=0)
    assert together.sse < alone / 2
    assert log_prime_fidelity(four[:1], L, n_null=0).sse == pytest.approx(
        log_prime_fidelity(four[0], L, n_null=0).sse
    )


def test_the_noise_is_one_for_one_gaussian_snapshot_and_halves_with_four():
    def scatter(rho):
        spectrum = log_prime_fidelity(rho, L, n_null=0).spectrum
        modes = 2 * np.pi * np.arange(1, len(spectrum.k) + 1)
        return float(np.median(spectrum.noise * np.sqrt(modes / 2)))

    same = planted(0, 1, 0)
    fresh = np.stack([planted(seed, 1, 0) for seed in range(4)])
    assert scatter(same) == pytest.approx(1, abs=0.1)
    assert scatter(fresh) == pytest.approx(0.5, abs=0.05)
    assert scatter(np.stack([same] * 4)) == pytest.approx(1, abs=0.1), "no news in copies"


def test_the_score_does_not_know_the_scale_of_rho_or_where_the_box_begins():
    rho = planted(5, 1, 1)
    score = log_prime_fidelity(rho, L, n_null=0).sse
    moved = np.roll(7.5 * rho, (13, -40), axis=(0, 1)).T
    assert log_prime_fidelity(moved, L, n_null=0).sse == pytest.approx(score, rel=1e-6)


def test_float32_fields_score_like_float64():
    rho = planted(5, 6, 3)
    exact = log_prime_fidelity(rho, L, n_null=0).sse
    assert log_prime_fidelity(rho.astype(np.float32), L, n_null=0).sse == pytest.approx(
        exact, rel=1e-3
    )


def test_lines_are_found_in_three_dimensions():
    """N = 96, L = 15 pi resolves the first four targets: 1 is the best score there is."""
    n, box_length = 96, 15 * np.pi
    k = wavenumbers(n, box_length, 3)

    def score(height):
        bumps = sum(np.exp(-((k - line) ** 2) / (2 * 0.06**2)) for line in TARGETS[:4])
        power = np.exp(-k) * (1 + height * bumps)
        return log_prime_fidelity(density(gaussian(power, np.random.default_rng(0))), box_length)

    found, nothing = score(10), score(0)
    assert found.n_targets_resolved == 4
    assert 1 <= found.sse < 1.02
    assert [match.prime for match in found.matches] == [2, 3, 5, 7]
    assert nothing.sse > 1.2
    assert found.p_position is None


@pytest.mark.parametrize(
    ("n", "box_length", "expected"),
    [
        (256, 40 * np.pi, [2, 3, 5, 7, 11, 13, 17, 19]),
        (232, 36 * np.pi, [2, 3, 5, 7, 11, 13, 17, 19]),
        (256, 35.9 * np.pi, [2, 3, 5, 7, 11, 13]),  # 17 and 19 are too close for the shells
        (192, 30 * np.pi, [2, 3, 5, 7, 11, 13]),
        (64, 50.0, [2, 3, 5, 7]),  # the band ends
        (256, 1e5, []),
    ],
)
def test_resolved_targets(n, box_length, expected):
    usable = np.ones(count_shells(n, box_length, dealias=0.5), dtype=bool)
    resolved = resolved_targets(TARGETS, shell_width(box_length), usable)
    assert np.array(PRIMES)[resolved].tolist() == expected
