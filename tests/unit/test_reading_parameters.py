"""The reading on what the search and its parameters did: beside random draws, and by share."""

from typing import Any

import numpy as np
import pytest

from irer.base.hunt_records import Expected, Recommended, VarianceShare
from irer.base.records import SncglParams
from irer.controls.reading import reading_of
from irer.controls.reading.rules.beside_random import better_than_random, unknown_random
from irer.controls.reading.rules.parameters import (
    decided_by_parameters,
    p_by_parameter,
    unknown_share,
)
from irer.controls.reading.text import lines_of
from irer.controls.records import BesideRandom, ControlFigures, ControlReport
from irer.search.beside_random import Groups, beside_random
from irer.search.hypervolume import hypervolumes, in_decades
from tests.canned import make_metrics
from tests.unit.test_reading import PLAN, facts, random_hunt


def draws(rng: np.random.Generator, n: int = 60, better: float = 0.0) -> Groups:
    """Runs of a hunt whose errors depend on nothing; some without a score."""
    points = [
        in_decades(rng.uniform(1.2, 1.9) - better * rng.random(), 10 ** rng.uniform(-0.5, 1))
        for _ in range(n)
    ]
    return [[None if rng.random() < 0.1 else point] for point in points]


def compared(seed: int, better: float = 0.0) -> BesideRandom:
    rng = np.random.default_rng(seed)
    found = beside_random(draws(rng, better=better), draws(rng), rng)
    assert found is not None
    return BesideRandom(**vars(found))


def control(beside: BesideRandom | None, **changes: Any) -> ControlReport:
    figures = ControlFigures(
        runs=100, scored=94, hypervolume=1.25, smallest_log_prime_sse=1.2, best_fitness=0.2,
        recommended=None,
    )  # fmt: skip
    known = {"hunt_id": PLAN.hunt_id, "complete": True, "sampler": "gp", "beside": beside}
    return ControlReport(**(known | {"hunt": figures, "random": figures} | changes))


# Beside random draws


def test_the_difference_is_that_of_the_hypervolumes() -> None:
    rng = np.random.default_rng(3)
    ours, theirs = draws(rng), draws(rng)
    found = beside_random(ours, theirs, rng)
    assert found is not None
    areas = [max(hypervolumes(p for group in each for p in group)) for each in (ours, theirs)]
    assert found.difference == pytest.approx(areas[0] - areas[1], abs=1e-12)
    assert found.low < 0 < found.high
    same = beside_random(ours, ours, rng)
    assert same is not None
    assert same.difference == 0.0
    assert min(same.p_better, same.p_worse) > 0.4
    assert beside_random([[None]], [[None], []], rng) is None


def test_random_hunts_are_not_called_better_or_worse_than_random() -> None:
    words = [
        better_than_random(facts([], control=control(compared(seed))))[0].words
        for seed in range(100)
    ]
    wrong = [said for said in words if "no better than random draws" not in said]
    assert len(wrong) < 5


def test_a_search_that_finds_more_is_called_better_with_its_uncertainty() -> None:
    better = compared(1, better=0.8)
    (finding,) = better_than_random(facts(random_hunt(1), control=control(better)))
    assert finding.words.startswith("The search did better than random draws: its front covers")
    assert f"The difference is {better.difference:+.3f}" in finding.words
    assert better.p_better < 0.01
    values = [item.value for item in finding.evidence]
    assert {better.difference, better.low, better.high, better.p_better} <= set(values)


@pytest.mark.parametrize("report", [None, control(None), control(None, complete=False)])
def test_what_is_not_known_of_random_draws_is_asked_for(report: ControlReport | None) -> None:
    (finding,) = unknown_random(facts(random_hunt(1), control=report))
    assert finding.words.startswith("Whether the search did better than random draws is not known")
    assert finding.action is not None
    assert finding.action.kind == "random_control"
    assert finding.action.command.endswith("--control random")
    assert finding.action.can_succeed
    past = unknown_random(facts(random_hunt(1), current=False))
    assert [each.action.can_succeed for each in past if each.action] == [False]


@pytest.mark.parametrize("change", [{"sampler": "random"}, {"state": "Running"}])
def test_no_control_hunt_is_asked_for_where_there_can_be_none(change: dict[str, str]) -> None:
    plan = PLAN.model_copy(update=change)
    assert unknown_random(facts(random_hunt(1), plan=plan)) == []


# Parameters or luck


def share(low: float, middle: float, high: float) -> dict[str, VarianceShare]:
    found = VarianceShare(share=middle, low=low, high=high, level=0.9, candidates=40, runs=80)
    return {"log_prime_sse": found}


def driven(n: int, params: dict[str, float], outcome: dict[str, Any]) -> Any:
    """The score follows kappa; nothing fails."""
    noise = np.random.default_rng(n).uniform(-0.1, 0.1)
    return params, {"metrics": make_metrics(1.2 + 0.6 * params["kappa"] + noise, 0.004)}


def test_a_parameter_that_matters_is_named_and_others_are_not() -> None:
    rows = random_hunt(1, driven)
    p = p_by_parameter(facts(rows))
    assert p["kappa"] < 0.01
    assert min(p["c1"], p["k0"]) > 0.01
    (finding,) = decided_by_parameters(facts(rows, variance_share=share(0.3, 0.55, 0.7)))
    assert finding.words.startswith(
        "The score depends on the parameters, as far as can be told on kappa alone: among the 40 "
        "candidates that were repeated they decide 55% of the variance of log_prime_sse, with 90% "
        "confidence 30% to 70%"
    )
    assert finding.action is None


def test_no_parameter_is_named_in_hunts_whose_scores_depend_on_none() -> None:
    wrong = [
        seed for seed in range(100) if min(p_by_parameter(facts(random_hunt(seed))).values()) < 0.01
    ]
    assert len(wrong) < 5


def test_a_score_that_is_luck_is_told() -> None:
    rows = random_hunt(2)
    (finding,) = decided_by_parameters(facts(rows, variance_share=share(0.0, 0.02, 0.2)))
    assert finding.words.startswith("The score hardly depends on the parameters: among the 40")
    assert "they decide 2% of the variance" in finding.words
    (still_open,) = decided_by_parameters(facts(rows, variance_share=share(0.0, 0.2, 0.6)))
    assert still_open.words.startswith("Whether the score depends on the parameters is open")
    assert still_open.action is not None
    assert still_open.action.changes == {"seeds_per_candidate": 2}


def test_an_unknown_share_proposes_to_repeat_candidates() -> None:
    (finding,) = unknown_share(facts(random_hunt(1)))
    assert finding.action is not None
    assert finding.action.changes == {"seeds_per_candidate": 2}
    assert "--seeds-per-candidate 2" in finding.action.command
    assert "It does depend" not in finding.words
    (named,) = unknown_share(facts(random_hunt(1, driven)))
    assert "on kappa alone" in named.words
    assert unknown_share(facts(random_hunt(1), variance_share=share(0, 0.1, 0.2))) == []
    running = PLAN.model_copy(update={"state": "Running"})
    assert unknown_share(facts(random_hunt(1), plan=running)) == []


# What fresh seeds would give


def test_what_is_expected_stands_in_the_reading_and_in_its_text() -> None:
    rows = random_hunt(1)
    expected = {"log_prime_sse": Expected(mean=1.52, low=1.44, high=1.61)}
    recommended = Recommended(
        candidate=rows[3].job_uuid, runs=2, sncgl_params=SncglParams(), expected=expected,
        fresh_seeds=20, level=0.9,
    )  # fmt: skip
    reading = reading_of(
        facts(
            rows, recommended=recommended, variance_share=share(0.1, 0.3, 0.5),
            decoy_bests=[1.2 + n / 100 for n in range(39)],
        )
    )  # fmt: skip
    assert reading.recommended == recommended
    assert reading.variance_share == share(0.1, 0.3, 0.5)
    told = list(lines_of(reading))
    assert told[1] == (
        f"Recommended: candidate {rows[3].job_uuid[:8]} (2 runs); mean of 20 fresh seeds, with 90% "
        "intervals: log_prime_sse 1.52 (1.44 to 1.61)."
    )
    assert told[2].startswith("The parameters decide 30% of the variance of log_prime_sse (90%")
    assert told[1] in reading._repr_html_()
    assert reading.best is not None
    sse, *others = reading.best.gauges
    assert sse.chance == pytest.approx((1.219, 1.561))
    assert {gauge.chance for gauge in others} == {None}
