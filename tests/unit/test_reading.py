"""The reading of a hunt: each rule on a planted hunt, none on hunts without the fault."""

import re
import shlex
import uuid
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from irer.base.files import write_json
from irer.base.fitness import scientific_verdict
from irer.base.records import FailureReason, Provenance, RunError, RunState, SncglParams
from irer.base.results import Verdict
from irer.controls.reading import HuntFacts, Reading, reading_of
from irer.controls.reading.chance import holm
from irer.controls.reading.rules.bounds import leaning_on_bounds
from irer.controls.reading.rules.failing import failing_region
from irer.controls.reading.rules.standing_still import standing_still
from irer.controls.reading.rules.unscored import runs_without_score
from irer.home import open_home
from irer.home.ledger_row import LedgerRow
from irer.hunt import hunt_options
from irer.search.listing import rank
from settings import load
from tests.canned import make_metrics
from tests.fake_engine import make_plan

FAULTS = (leaning_on_bounds, runs_without_score, failing_region, standing_still)
SPACE = {"kappa": (0.1, 1.0), "c1": (-2.0, 3.0), "k0": (0.0, 2.5)}
GENERATIONS, POPULATION = 10, 10


def row_of(generation: int, index: int, params: dict[str, float], **outcome: Any) -> LedgerRow:
    record = Provenance(
        job_uuid=str(uuid.uuid4()), hunt_id=PLAN.hunt_id, generation=generation, index=index,
        model=PLAN.model, sncgl_params=SncglParams(**params), simulation=PLAN.simulation,
        global_seed=1, **({"state": RunState.COMPLETE, "error": None} | outcome),
    )  # fmt: skip
    return LedgerRow.of_provenance(record)


PLAN = make_plan(
    num_generations=GENERATIONS, population_size=POPULATION, search_space=SPACE,
    state="Completed", generation=GENERATIONS,
)  # fmt: skip


def failure(reason: FailureReason = FailureReason.NONFINITE) -> dict[str, Any]:
    error = RunError(reason=reason, message="last good time 1.5")
    return {"state": RunState.FAILED, "metrics": None, "error": error}


def random_hunt(seed: int, change: Any = None) -> list[LedgerRow]:
    """A hunt whose scores depend on nothing and whose failures lie anywhere; `change` plants."""
    rng = np.random.default_rng(seed)
    rows = []
    for n in range(GENERATIONS * POPULATION):
        params = {name: float(rng.uniform(*ends)) for name, ends in SPACE.items()}
        metrics = make_metrics(
            float(rng.uniform(1.2, 1.9)), float(10 ** rng.uniform(-3.5, -2)),
            sdg_h_norm_relative=0.005,
        )  # fmt: skip
        outcome = failure() if rng.random() < 0.06 else {"metrics": metrics}
        if change is not None:
            params, outcome = change(n, params, outcome)
        rows.append(row_of(1 + n // POPULATION, n % POPULATION, params, **outcome))
    return rows


def facts(rows: list[LedgerRow], **changes: Any) -> HuntFacts:
    best = max((row for row in rows if row.fitness is not None), key=rank, default=None)
    verdict = None
    if best is not None and best.metrics is not None:
        verdict = Verdict(scientific=scientific_verdict(best.metrics))
    known = {"home": open_home("/home"), "plan": PLAN, "rows": rows, "best": best}
    return HuntFacts(**(known | {"verdict": verdict} | changes))


def found(reading: Reading, rule: str) -> list[Any]:
    return [finding for finding in reading.findings if finding.rule == rule]


# Planted hunts


def test_a_front_that_leans_on_a_bound_is_told_with_a_wider_range() -> None:
    def lean(n: int, params: dict[str, float], outcome: dict[str, Any]) -> Any:
        if n % 25 == 3:  # four runs, better than all others in both errors, at the end of c1
            better = make_metrics(
                0.5 + 0.01 * n / 25, 4e-4 - 1e-4 * n / 25, sdg_h_norm_relative=1e-4
            )
            return params | {"c1": 2.99}, {"metrics": better}
        return params, outcome

    (finding,) = leaning_on_bounds(facts(random_hunt(1, lean)))
    assert finding.words.startswith("4 of 4 runs of the front have c1 within 2%")
    assert finding.action is not None
    assert finding.action.changes == {"params": {"c1": [-2.0, 5.5]}}
    assert "--set 'params.c1=[-2.0,5.5]'" in finding.action.command


def test_a_command_does_from_any_folder_what_its_button_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(n: int, params: dict[str, float], outcome: dict[str, Any]) -> Any:
        return params, {"metrics": make_metrics(settled=False)} if n % 5 == 0 else outcome

    place = open_home(tmp_path / "a home; of mine")
    write_json(place.plan_file(PLAN.hunt_id), PLAN.model_dump(mode="json"))
    reading = reading_of(facts(random_hunt(2, late), home=place))
    monkeypatch.chdir("/")
    for finding in reading.findings:
        _, program, *words = shlex.split(finding.action.command)
        assert program == "core_engine.py"
        arguments = hunt_options.parse(words)
        assert arguments.home == str(place)
        order = hunt_options.order_of(arguments, load(home=place.folder))
        if finding.action.kind == "hunt":
            assert order.num_generations == GENERATIONS
            changes = finding.action.changes
            steps = changes.get("simulation", {}).get("T_steps", PLAN.simulation.T_steps)
            assert order.simulation["T_steps"] == steps
            assert order.seeds_per_candidate == changes.get("seeds_per_candidate", 1)


def test_repeats_of_one_candidate_are_one_place() -> None:
    def same(n: int, params: dict[str, float], outcome: dict[str, Any]) -> Any:
        if n >= 10:
            return params, outcome
        return {"c1": 2.99, "kappa": 0.99, "k0": 2.49}, failure()

    rows = random_hunt(3, same)
    first = rows[0].job_uuid
    repeated = [row.model_copy(update={"candidate": first}) for row in rows[:10]] + rows[10:]
    assert failing_region(facts(repeated)) == []


def test_a_bound_that_a_parameter_cannot_pass_is_no_finding() -> None:
    def lean(n: int, params: dict[str, float], outcome: dict[str, Any]) -> Any:
        if n % 25 == 3:
            better = make_metrics(0.5 + 0.01 * n / 25, 4e-4 - 1e-4 * n / 25)
            return params | {"k0": 0.01}, {"metrics": better}
        return params, outcome

    assert leaning_on_bounds(facts(random_hunt(1, lean))) == []


@pytest.mark.parametrize(
    ("metrics", "words", "changes"),
    [
        ({"settled": False}, "not settled", {"simulation": {"T_steps": 20}}),
        ({"under_resolved": True}, "does not resolve", {"simulation": {"N_grid": 64}}),
        ({"floor_limited": True}, "noise floor", {"simulation": {"precision": "float64"}}),
    ],
)
def test_runs_without_score_are_told_with_their_cure(
    metrics: dict[str, Any], words: str, changes: dict[str, Any]
) -> None:
    def spoil(n: int, params: dict[str, float], outcome: dict[str, Any]) -> Any:
        return params, {"metrics": make_metrics(**metrics)} if n % 5 == 0 else outcome

    rows = random_hunt(2, spoil)
    (finding,) = runs_without_score(facts(rows))
    assert finding.words.startswith("20 of 100 runs have no score")
    assert words in finding.words
    assert finding.action is not None
    assert finding.action.changes == changes


def test_steps_that_fail_and_machines_that_crash_are_told_apart() -> None:
    def spoil(n: int, params: dict[str, float], outcome: dict[str, Any]) -> Any:
        if n % 4 == 0:
            return params, failure(FailureReason.STEP_FAILURE)
        return params, failure(FailureReason.WORKER_CRASHED) if n % 4 == 1 else outcome

    step, machine = runs_without_score(facts(random_hunt(2, spoil)))
    assert step.action is not None
    assert step.action.changes == {"simulation": {"dt": 0.05}}
    assert "the log says which" in machine.words
    assert machine.action is None


def test_failures_that_cluster_are_told_with_a_narrower_range() -> None:
    def cluster(n: int, params: dict[str, float], outcome: dict[str, Any]) -> Any:
        return params, failure() if params["c1"] > 2.2 else outcome

    (finding,) = failing_region(facts(random_hunt(3, cluster)))
    assert "failed candidates have c1 at or above 2." in finding.words
    assert finding.action is not None
    low, high = finding.action.changes["params"]["c1"]
    assert low == -2.0
    assert 2.2 < high < 2.4


def test_failures_that_follow_the_search_alone_do_not_cluster() -> None:
    """Early generations fail more, and the search narrows c1: no generation fails by its c1."""

    def drift(n: int, params: dict[str, float], outcome: dict[str, Any]) -> Any:
        generation = n // POPULATION
        narrowed = params | {"c1": params["c1"] * (1 - generation / 12)}
        fails = n % POPULATION < 5 - generation // 2
        return narrowed, failure() if fails else {"metrics": make_metrics()}

    assert failing_region(facts(random_hunt(4, drift))) == []


def test_a_hunt_that_stands_still_is_told() -> None:
    def early(n: int, params: dict[str, float], outcome: dict[str, Any]) -> Any:
        return params, {"metrics": make_metrics(0.3, 1e-4)} if n == 2 else outcome

    (finding,) = standing_still(facts(random_hunt(5, early)))
    assert finding.words.startswith("The front has not grown for 9 of 10 generations")


def test_hunts_without_a_fault_have_almost_no_findings() -> None:
    wrong = [seed for seed in range(100) if any(rule(facts(random_hunt(seed))) for rule in FAULTS)]
    assert len(wrong) < 5


def test_a_real_signal_is_worth_confirming_and_says_no_more_than_reached() -> None:
    def real(n: int, params: dict[str, float], outcome: dict[str, Any]) -> Any:
        good = make_metrics(0.004, 0.0004, sdg_h_norm_relative=0.004)
        return params, {"metrics": good} if n == 40 else outcome

    reading = reading_of(
        facts(random_hunt(6, real), decoy_bests=[1.3 + n / 100 for n in range(39)])
    )
    assert reading.sentence.startswith("Reached, not confirmed.")
    assert "as good in 0%; p_hunt 0.025" in reading.sentence
    (finding,) = found(reading, "confirm")
    assert reading.findings[0] is finding
    assert finding.action.can_succeed
    assert finding.action.kind == "confirm"


def test_noise_alone_is_what_chance_gives() -> None:
    rows = random_hunt(7)
    reading = reading_of(facts(rows, decoy_bests=[1.2 + n / 100 for n in range(39)]))
    assert reading.sentence.startswith("Not reached. The best run's score is 1.")
    assert (
        "which is what chance gives (39 decoy hunts: 1.22 to 1.56; as good in" in reading.sentence
    )
    (finding,) = found(reading, "confirm")
    assert finding.words.startswith("A confirmation of the best run cannot pass: log_prime_sse is")
    assert not finding.action.can_succeed


def test_what_is_not_known_is_asked_for() -> None:
    reading = reading_of(facts(random_hunt(8)))
    assert "What chance gives is not known: 39 decoy hunts would tell" in reading.sentence
    assert "How weak a comb of lines it would have seen is not measured." in reading.sentence
    assert [f.action.kind for f in found(reading, "chance")] == ["decoy_hunts"]
    assert [f.action.kind for f in found(reading, "sensitivity")] == ["sensitivity"]


def test_too_few_decoy_hunts_tell_nothing() -> None:
    reading = reading_of(facts(random_hunt(8), decoy_bests=[1.9] * 19))
    assert "19 decoy hunts: 1.90 to 1.90; as good in 0%: too few to tell" in reading.sentence
    (finding,) = found(reading, "chance")
    assert finding.words.startswith("19 decoy hunts are too few to tell")


def test_a_hunt_under_way_says_so() -> None:
    running = PLAN.model_copy(update={"state": "Running"})
    reading = reading_of(facts(random_hunt(9)[:30], plan=running))
    assert reading.sentence.startswith("Running, 30 of 100 runs done. So far: not reached.")
    assert found(reading, "chance") == []
    assert reading_of(facts([], plan=running)).sentence == "No run has ended yet."


def test_a_hunt_without_any_score_says_why() -> None:
    def spoil(n: int, params: dict[str, float], outcome: dict[str, Any]) -> Any:
        return params, {"metrics": make_metrics(settled=False)}

    reading = reading_of(facts(random_hunt(9, spoil)))
    assert reading.sentence.startswith("None of 100 runs has a score: 100 not settled")
    assert reading.verdict is None
    assert reading.best is None
    assert reading.chance is None


# What a reading may say


def test_holm_corrects_for_the_hunts_of_a_home() -> None:
    corrected = holm({"a": 0.01, "b": 0.04, "c": 0.03, "d": 0.9})
    assert corrected == pytest.approx({"a": 0.04, "c": 0.09, "b": 0.09, "d": 0.9})
    reading = reading_of(
        facts(random_hunt(6), decoy_bests=[1.99] * 39, p_hunts={"x": 0.5, "y": 0.6})
    )
    assert reading.chance is not None
    assert (reading.chance.n_hunts, reading.chance.p_hunt) == (3, 0.025)
    assert reading.chance.p_holm == pytest.approx(0.075)


@examples(max_examples=200, deadline=None, derandomize=True)
@given(
    word=st.sampled_from(["reached", "confirmed", "not reached"]),
    sse=st.floats(0, 2),
    bests=st.lists(st.one_of(st.none(), st.floats(0, 2)), max_size=45),
    state=st.sampled_from(["Running", "Completed", "Stopped"]),
)
def test_the_sentence_never_says_more_than_the_verdict(
    word: Any, sse: float, bests: list[float | None], state: Any
) -> None:
    rows = [row_of(1, 0, {}, metrics=make_metrics(sse, 0.0005, sdg_h_norm_relative=0.005))]
    plan = PLAN.model_copy(update={"state": state})
    verdict = Verdict(scientific=word)
    sentence = reading_of(facts(rows, decoy_bests=bests, plan=plan, verdict=verdict)).sentence
    words = sentence.lower()
    if word != "confirmed":
        assert re.search(r"(?<!not )confirmed", words) is None
    if word == "not reached":
        assert re.search(r"(?<!not )reached", words) is None
    for promise in ("proof", "proven", "discover", "evidence", "significant"):
        assert promise not in words


def test_every_number_of_a_finding_is_its_evidence_or_its_rule() -> None:
    def planted(n: int, params: dict[str, float], outcome: dict[str, Any]) -> Any:
        if n % 25 == 3:
            better = make_metrics(0.5 + 0.01 * n / 25, 4e-4 - 1e-4 * n / 25)
            return params | {"c1": -1.99}, {"metrics": better}
        if n % 6 == 0:
            return params, {"metrics": make_metrics(settled=False)}
        return params, failure() if params["kappa"] > 0.8 else outcome

    reading = reading_of(facts(random_hunt(10, planted)))
    assert {finding.rule for finding in reading.findings} >= {"bound", "unscored", "failures"}
    for finding in reading.findings:
        allowed = [item.value for item in finding.evidence] + [0.02, 0.01, 39, 8, finding.threshold]
        goals = [0.01, 0.001]
        for text in re.findall(r"(?<![\w.])-?\d+(?:\.\d+)?%?(?![\w])", finding.words):
            value = float(text.rstrip("%")) / (100 if text.endswith("%") else 1)
            near = [v for v in allowed + goals if isinstance(v, int | float)]
            assert any(abs(value - v) <= 0.006 * max(1, abs(v)) for v in near), (text, finding)


def test_the_time_of_a_hunt_is_that_of_an_order_for_it() -> None:
    seconds = (1.0, 2.0, 3.0)
    rows = [
        row.model_copy(update={"seconds": s})
        for row, s in zip(random_hunt(1), seconds, strict=False)
    ]
    known = facts(rows, workers=4)
    assert known.hunt_s == 10 * 3 * 2.0  # ten jobs on four workers: three rounds a generation
    assert facts([]).hunt_s is None
