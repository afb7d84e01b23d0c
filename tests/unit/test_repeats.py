"""Candidates and their repeats: who shares one, what a generation still owes, what is refused."""

import pytest

import core_engine
from irer.base.errors import ConfigError
from irer.base.records import FailureReason, Provenance, RunError, RunState, SncglParams
from irer.hunt.repeats import candidates_of, owed, places
from tests.canned import CannedRunner, canned_record
from tests.hunts import home, ledger, order, run_canned


def plan(tmp_path, generation=1, population=4, seeds=3):
    asked = order(num_generations=6, population_size=population, seeds_per_candidate=seeds)
    return core_engine.plan_hunt(asked, home(tmp_path)).model_copy(
        update={"generation": generation}
    )


@pytest.mark.parametrize(
    ("generation", "goes_on", "expected"),
    [
        (1, True, [0, 0, 0, 1]),
        (2, True, [-1, -1, 0, 0]),
        (3, True, [-1, 0, 0, 0]),
        (4, True, [0, 0, 0, 1]),
        (2, False, [1, 1, 0, 0]),
        (3, False, [1, 0, 0, 0]),
    ],
)
def test_a_candidate_goes_on_over_the_border_of_generations(
    tmp_path, generation, goes_on, expected
):
    assert places(plan(tmp_path, generation), goes_on=goes_on) == expected


def test_a_candidate_of_several_generations(tmp_path):
    owing = [owed(plan(tmp_path, generation, seeds=10)) for generation in (1, 2, 3, 4)]
    assert owing == [0, 4, 2, 4]
    assert places(plan(tmp_path, 3, seeds=10), goes_on=True) == [-1, -1, 0, 0]


def test_equal_parameters_are_one_candidate():
    known = {SncglParams(c1=0.5): "earlier"}
    proposals = [SncglParams(c1=value).model_dump() for value in (0.1, 0.5, 0.1, 0.2)]
    assert candidates_of(proposals, list("abcd"), known) == ["a", "earlier", "a", "d"]


@pytest.mark.parametrize(("seeds", "named"), [(0, "got 0"), (13, "from 1 to the hunt's 12 runs")])
def test_seeds_below_one_or_above_the_budget_are_refused(tmp_path, seeds, named):
    with pytest.raises(ConfigError, match=f"^--seeds-per-candidate: .*{named}"):
        _ordered(tmp_path, ["--seeds-per-candidate", str(seeds)])
    assert not (tmp_path / "hunt.json").exists()


def _ordered(tmp_path, flags):
    from irer.hunt import hunt_options

    asked = hunt_options.parse(["--generations", "3", "--population", "4", *flags])
    return hunt_options.order_of(asked, home(tmp_path))


def test_every_sampler_runs_each_candidate_so_often(tmp_path):
    for sampler in ("random", "nsga2", "tpe"):
        settings = home(tmp_path / sampler)
        asked = order(sampler=sampler, seeds_per_candidate=2)
        run_canned(settings, core_engine.plan_hunt(asked, settings))
        rows = ledger(settings)
        assert [row["candidate"] for row in rows] == [
            rows[n - n % 2]["job_uuid"] for n in range(12)
        ]
        assert len({tuple(row[name] for name in SncglParams.model_fields) for row in rows}) == 6


def test_given_points_have_all_their_seeds_also_behind_a_failed_one(tmp_path):
    """Jobs 0 to 2 are the first point, which fails; the job owed to the second goes on with it."""
    settings = home(tmp_path)
    points = [{"c1": 0.1 * n} for n in range(4)]
    fixed = ("kappa", "epsilon", "c3", "g_nonlocal", "sigma_k", "k0")
    asked = order(
        sampler="random", num_generations=4, population_size=4, seeds_per_candidate=3,
        points=points, params=dict.fromkeys(fixed, 0.3),
    )  # fmt: skip

    def second_fails(job):
        error = RunError(reason=FailureReason.NONFINITE, message="last good time 1.5")
        if job.sncgl_params.c1 == 0.1:
            return Provenance.of_job(job, state=RunState.FAILED, metrics=None, error=error)
        return canned_record(job)

    plan = core_engine.plan_hunt(asked, settings)
    run_canned(settings, plan, runner=CannedRunner(settings, second_fails))
    runs = [float(row["c1"]) for row in ledger(settings)]
    assert [runs.count(point["c1"]) for point in points] == [3, 1, 3, 3]
    # The rest of the second point's jobs are a candidate of the sampler's own.
    assert runs[4] == runs[5]
    assert runs[4] not in [point["c1"] for point in points]
    assert [row["origin"] for row in ledger(settings)][:8] == [
        *["point"] * 4, *["search"] * 2, *["point"] * 2,
    ]  # fmt: skip
    assert [row["origin"] for row in ledger(settings)][8] == "point"  # it goes on


def test_the_first_candidates_of_gp_are_spread_whatever_the_repeats(tmp_path):
    settings = home(tmp_path)
    asked = order(sampler="gp", num_generations=8, population_size=8, seeds_per_candidate=8)
    run_canned(settings, core_engine.plan_hunt(asked, settings))
    low, high = core_engine.load_plan(settings.home).search_space["epsilon"]
    first = {float(row["epsilon"]) for row in ledger(settings)}
    assert len(first) == 8
    assert {int(4 * (value - low) / (high - low)) for value in first} == {0, 1, 2, 3}


def test_without_repeats_each_run_is_a_candidate_of_its_own(tmp_path):
    settings = home(tmp_path)
    run_canned(settings, core_engine.plan_hunt(order(sampler="random"), settings))
    assert all(row["candidate"] == row["job_uuid"] for row in ledger(settings))
