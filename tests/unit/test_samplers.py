import uuid

import numpy as np
import optuna
import pytest

from irer.records import JobConfig, SimulationOptions, SncglParams
from irer.search import samplers
from irer.search.history import History
from irer.search.ledger import LedgerRow
from irer.search.samplers import propose
from tests.canned import canned_record

SPACE = {"epsilon": (0.2, 1.5), "c1": (-2.0, 3.0), "c3": (-2.0, 2.0), "kappa": (0.1, 1.0)}
from irer.search.samplers import SAMPLERS


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
        population_size=n,
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


@pytest.mark.parametrize("sampler", ["tpe", "nsga2"])
def test_samplers_learn(sampler):
    def scores(name):
        seeds = range(3)
        rows = [row for seed in seeds for row in hunt(name, 10, seed=seed) if row.generation > 5]
        return [
            row.metrics.log_prime_sse + row.metrics.sdg_h_norm_l2 for row in rows if row.metrics
        ]

    assert np.median(scores(sampler)) < 0.8 * np.median(scores("random"))


def test_nsga2_breeds_from_the_elite(history):
    values = {row.params.c1 for row in history}
    children = ask(8, history, "nsga2", generation=5)
    assert any(child["c1"] in values for child in children)  # genes are inherited whole


def test_nsga2_breeds_although_some_runs_failed(history):
    parents = [row for row in history if row.metrics][:5]
    values = {row.params.c1 for row in parents}
    children = ask(8, parents, "nsga2", generation=5)
    assert any(child["c1"] in values for child in children)


def test_failed_runs_are_told_as_fail(history, monkeypatch):
    told = []
    real = optuna.study.Study.add_trials

    def spy(study, trials):
        told.extend(trials)
        real(study, trials)

    monkeypatch.setattr(optuna.study.Study, "add_trials", spy)
    failed = [run({"c1": 2.9, "c3": 1.0, "epsilon": 0.5, "kappa": 0.2}, 4, 90)]
    ask(history=[*history, *failed], generation=5)
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
    monkeypatch.setattr(samplers, "_candidates", lambda *_: answers)
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
    assert history.front == front
    assert history.rows() == sorted({*front, *rows[-10:]}, key=lambda row: row.place)
