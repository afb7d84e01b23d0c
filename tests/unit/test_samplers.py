import uuid

import numpy as np
import optuna
import pytest

from irer.base.records import JobConfig, SimulationOptions, SncglParams
from irer.home.ledger import LedgerRow
from irer.search import samplers
from irer.search.history import History
from irer.search.samplers import NEAR_FAILED, SAMPLERS, propose
from tests.canned import canned_record, make_metrics

SPACE = {"epsilon": (0.2, 1.5), "c1": (-2.0, 3.0), "c3": (-2.0, 2.0), "kappa": (0.1, 1.0)}


def run(params: dict[str, float], generation: int, index: int) -> LedgerRow:
    job = JobConfig(
        job_uuid=str(uuid.uuid4()),
        hunt_id=str(uuid.UUID(int=1)),
        generation=generation,
        index=index,
        global_seed=0,
        model="sncgl_sdg",
        simulation=SimulationOptions(),
        sncgl_params=SncglParams(**params),
    )
    return LedgerRow.of_provenance(canned_record(job))


def ask(n=6, history=(), sampler="tpe", seed=1, generation=1, space=None):
    return propose(
        n,
        history=history,
        space=space or SPACE,
        sampler=sampler,
        seed=seed,
        generation=generation,
    )


def hunt(sampler: str, generations: int, n: int = 8, seed: int = 3) -> list[LedgerRow]:
    rows: list[LedgerRow] = []
    for generation in range(1, generations + 1):
        points = ask(n, rows, sampler, seed, generation)
        rows += [run(point, generation, i) for i, point in enumerate(points)]
    return rows


@pytest.fixture(scope="module")
def history():
    return hunt("random", 4)


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_proposals_are_in_the_space_and_distinct(sampler, history):
    for known in ([], history):
        points = ask(20, known, sampler, generation=5)
        assert len({tuple(p.values()) for p in points}) == 20
        for name, (low, high) in SPACE.items():
            assert all(low <= p[name] <= high for p in points)


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_proposals_follow_from_seed_generation_and_history_alone(sampler, history):
    once = ask(history=history, sampler=sampler, generation=5)
    assert ask(history=history, sampler=sampler, generation=5) == once
    assert ask(history=history, sampler=sampler, generation=6) != once
    assert ask(history=history, sampler=sampler, generation=5, seed=2) != once


@pytest.mark.parametrize("sampler", [name for name in SAMPLERS if name != "random"])
def test_samplers_learn(sampler):
    def scores(name):
        seeds = range(3)
        rows = [row for seed in seeds for row in hunt(name, 10, seed=seed) if row.generation > 5]
        return [
            row.metrics.log_prime_sse + row.metrics.sdg_h_norm_l2 for row in rows if row.metrics
        ]

    assert np.median(scores(sampler)) < 0.8 * np.median(scores("random"))


@pytest.mark.parametrize("sampler", ["nsga2", "nsga3"])
@pytest.mark.parametrize("known", [5, 32])
def test_genetic_samplers_breed_from_however_many_runs_there_are(sampler, known, history):
    values = {row.params.c1 for row in history[:known]}
    children = ask(8, history[:known], sampler, generation=5)
    assert any(child["c1"] in values for child in children)  # genes are inherited whole


def test_failed_runs_are_told_as_fail(history, monkeypatch):
    told = []
    real = optuna.study.Study.add_trials

    def spy(study, trials):
        told.extend(trials)
        real(study, trials)

    monkeypatch.setattr(optuna.study.Study, "add_trials", spy)
    failed = [run({"c1": 2.9, "c3": 1.0, "epsilon": 0.5, "kappa": 0.2}, 4, 90)]
    ask(history=[*history, *failed], sampler="tpe", generation=5)
    states = [trial.state for trial in told]
    expected = [row.metrics is None for row in [*history, *failed]]
    assert [state is optuna.trial.TrialState.FAIL for state in states] == expected
    assert told[-1].values is None


def test_space_of_two_numbers_ends_with_repeats():
    high = float(np.nextafter(1.0, 2.0))
    points = ask(5, sampler="random", space={"kappa": (1.0, high)})
    assert len(points) == 5
    assert {p["kappa"] for p in points} == {1.0, high}


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_no_proposal_of_the_past_comes_again(sampler, history, monkeypatch):
    past = {name: getattr(history[0].params, name) for name in SPACE}
    fresh = {name: low for name, (low, _) in SPACE.items()}
    answers = iter([past, past, fresh, fresh, past | {"c1": 0.0}])
    monkeypatch.setattr(samplers, "_asked", lambda *_: answers)
    assert ask(2, history, sampler, generation=5) == [fresh, past | {"c1": 0.0}]


def test_history_is_bounded_and_keeps_the_front():
    rows = hunt("random", 12)
    history = History(remembered=10)
    for row in rows:
        history.add(row)
    complete = [row for row in rows if row.metrics]
    front = [
        a
        for a in complete
        if not any(
            b.metrics.log_prime_sse <= a.metrics.log_prime_sse
            and b.metrics.sdg_h_norm_l2 < a.metrics.sdg_h_norm_l2
            for b in complete
        )
    ]
    assert history.front == sorted(front, key=lambda row: row.metrics.log_prime_sse)
    newest = [row for row in reversed(rows) if row not in front][: 10 - len(front)]
    assert 0 < len(front) < 10
    assert history.rows() == sorted([*front, *newest], key=lambda row: row.place)


def unscored(row: LedgerRow, how: str) -> LedgerRow:
    """The same run, FAILED or measured on a grid that did not resolve it."""
    if how == "failed":
        lost = {"state": "FAILED", "reason": "STEP_FAILURE", "metrics": None}
    else:
        lost = {"metrics": make_metrics(0.0, 0.0, under_resolved=True)}
    return row.model_copy(update={"fitness": None} | lost)


@pytest.mark.parametrize("how", ["failed", "under-resolved"])
def test_a_run_without_a_score_is_never_on_the_front(history, how):
    kept = History()
    for row in (unscored(history[0], how), *history[1:]):
        kept.add(row)
    assert history[0].job_uuid not in {row.job_uuid for row in kept.front}
    assert history[0].job_uuid in {row.job_uuid for row in kept.rows()}
    alone = History()
    alone.add(unscored(history[0], how))
    assert (alone.front, alone.hypervolume) == ([], 0.0)


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_nothing_is_tried_beside_a_run_without_a_score(sampler, history, monkeypatch):
    space = {name: ends[1] - ends[0] for name, ends in SPACE.items()}
    rows = [unscored(history[0], "under-resolved"), unscored(history[1], "failed"), *history[2:]]

    def moved(row, by):
        return {
            name: getattr(row.params, name) + by * width * (1 if name == "c1" else 0)
            for name, width in space.items()
        }

    beside = [moved(row, 0.9 * NEAR_FAILED) for row in rows[:3]]
    away = [moved(row, 1.1 * NEAR_FAILED) for row in rows[:3]]
    answers = iter([*beside, *away])
    monkeypatch.setattr(samplers, "_asked", lambda *_: answers)
    assert ask(4, rows, sampler, generation=5) == [beside[2], *away]  # the third run did succeed


def test_gp_spreads_its_first_runs_evenly():
    first = ask(8, (), "gp")
    points = first + ask(8, [run(p, 1, i) for i, p in enumerate(first)], "gp", generation=2)
    for name, (low, high) in SPACE.items():  # a Sobol' sequence: one run in every sixteenth
        cells = {int(16 * (p[name] - low) / (high - low)) for p in points}
        assert cells == set(range(16))


def test_gp_goes_on_spreading_while_hardly_a_run_succeeds(history):
    failed = [unscored(row, "failed") for row in history]
    points = ask(8, [*failed[:30], *history[:2]], "gp", generation=5)
    assert len({tuple(p.values()) for p in points}) == 8


def test_gp_leaves_most_of_a_large_generation_to_breeding(history):
    points = ask(120, history, "gp", generation=5)
    assert len({tuple(p.values()) for p in points}) == 120
    values = {row.params.c1 for row in history}
    assert sum(p["c1"] in values for p in points) > 30


def test_gp_avoids_where_runs_fail(history):
    tried = [p for g in range(5, 9) for p in ask(10, history, "gp", generation=g)]
    failing = sum(p["c1"] > 2.5 and p["c3"] > 0 for p in tried)
    assert failing <= 0.05 * len(tried)  # 5% of the box; not where the good runs are
