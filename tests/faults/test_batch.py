"""A generation as one batch: memory that is short, jobs that take their batch down with them."""

import logging
import uuid

import pytest

import core_engine
from irer.base.errors import InfrastructureError
from irer.base.records import FailureReason, RunState
from irer.home.registry import make_job, register
from irer.runners import batch
from irer.runners.batch import BatchRunner, open_pool
from irer.runners.pool import PoolRunner
from irer.runners.warm import WarmProcess
from tests import pool_jobs
from tests.hunts import home, hunt_state, ledger, ledger_bar_names, order, run_canned
from tests.pool_jobs import BAD_COMPANY, GOOD, HANG, noted

PATIENCE_S = 120


@pytest.fixture
def settings(tmp_path):
    made = home(tmp_path / "home", workers=1)
    made.home.folder.mkdir()
    return made


@pytest.fixture
def open_runner(settings):
    made = []

    def open_one(batch=8, **overrides):
        changed = settings.model_copy(update=overrides)
        made.append(
            BatchRunner(changed, batch, simulate=pool_jobs.RUN_BATCH, validate=pool_jobs.VALIDATE)
        )
        return made[-1]

    yield open_one
    for runner in made:
        runner.cancel()
        runner.close()


def plan_of(settings, population=8, **simulation):
    asked = order(
        num_generations=2,
        population_size=population,
        sampler="random",
        simulation={"initial_amplitude": GOOD, "box_length": GOOD} | simulation,
    )
    return core_engine.plan_hunt(asked, settings)


def hunt(settings, runner, population=8):
    plan = plan_of(settings, population)
    core_engine.execute_hunt(plan=plan, settings=settings, runner=runner)


def submit(settings, runner, *params, **simulation):
    """Submit a job of one generation for each of `params`."""
    plan = plan_of(settings, **simulation)
    jobs = [make_job(plan, str(uuid.uuid4()), index, given) for index, given in enumerate(params)]
    register(settings.home, jobs)
    return [runner.submit(job) for job in jobs]


def sizes(settings):
    """How many jobs each call of the worker was given."""
    return noted(settings.home, "batches")


def test_a_generation_is_one_batch(settings, open_runner, tmp_path):
    hunt(settings, open_runner())
    assert sizes(settings) == [8, 8]
    calm = home(tmp_path / "calm")
    run_canned(calm, plan_of(calm))
    assert ledger_bar_names(settings) == ledger_bar_names(calm)


@pytest.mark.parametrize(("room", "first"), [(3, [8, 4, 2, 2, 2, 2]), (1, [8, 4, 2, *[1] * 8])])
def test_out_of_memory_halves_the_batch_until_it_fits_and_that_is_remembered(
    settings, open_runner, tmp_path, caplog, room, first
):
    (settings.home.folder / "room").write_text(str(room))
    with caplog.at_level(logging.WARNING):
        hunt(settings, open_runner())
    fits = first[-1]
    assert sizes(settings) == first + [fits] * (8 // fits)
    assert "a batch of 8 jobs is halved: WORKER_CRASHED, out of memory" in caplog.text
    calm = home(tmp_path / "calm")
    run_canned(calm, plan_of(calm))
    assert ledger_bar_names(settings) == ledger_bar_names(calm)  # no job is the worse for it


def test_a_job_that_does_not_fit_alone_is_the_infrastructures_fault(settings, open_runner):
    (settings.home.folder / "room").write_text("0")
    (future,) = submit(settings, open_runner(), {})
    with pytest.raises(InfrastructureError, match="out of memory: RESOURCE_EXHAUSTED") as error:
        future.result(PATIENCE_S)
    assert error.value.reason is FailureReason.WORKER_CRASHED
    assert not settings.home.provenance_dir.exists()


def test_when_nothing_fits_the_hunt_pauses_and_no_candidate_is_called_bad(settings, open_runner):
    (settings.home.folder / "room").write_text("0")
    hunt(settings, open_runner())  # with nobody there to resume it, a pause ends it
    plan = core_engine.load_plan(settings.home)
    assert plan.state == "Stopped"
    assert "5 tries in a row" in plan.message
    assert "out of memory" in plan.message
    assert sizes(settings) == [8, 4, 2, *[1] * 5]  # it does not go on with the other three
    assert not settings.home.provenance_dir.exists()
    (settings.home.folder / "room").unlink()
    core_engine.execute_hunt(plan=plan, settings=settings, runner=open_runner())
    assert hunt_state(settings) == "Completed"
    assert {row["state"] for row in ledger(settings)} == {"COMPLETE"}


def test_a_job_that_kills_its_batch_is_found_and_the_others_are_not_to_blame(settings, open_runner):
    good = [{"epsilon": 0.5 + index / 10} for index in range(7)]
    runner = open_runner()
    futures = submit(settings, runner, *good[:5], {"source_width": BAD_COMPANY}, *good[5:])
    guilty = futures.pop(5)
    with pytest.raises(InfrastructureError, match="killed by signal 9") as error:
        guilty.result(PATIENCE_S)
    assert error.value.reason is FailureReason.WORKER_CRASHED
    assert {future.result(PATIENCE_S).state for future in futures} == {RunState.COMPLETE}
    assert sizes(settings) == [8, 4, 4, 2, 1, 1, 2]
    more = submit(settings, runner, *good)
    assert {future.result(PATIENCE_S).state for future in more} == {RunState.COMPLETE}
    assert sizes(settings)[-1] == 7  # a crash says nothing about memory


def test_the_time_limit_holds_for_a_batch(settings, open_runner, caplog):
    runner = open_runner(worker_timeout_s=1)
    futures = submit(settings, runner, {}, {}, initial_amplitude=HANG)
    for future in futures:
        with pytest.raises(InfrastructureError, match="time limit"):
            future.result(PATIENCE_S)
    assert "a batch of 2 jobs is halved: WORKER_TIMEOUT" in caplog.text


def test_jobs_of_another_shape_are_another_batch(settings, open_runner):
    runner = open_runner()
    plans = [plan_of(settings, N_grid=n) for n in (16, 32)]
    jobs = [make_job(plans[n % 2], str(uuid.uuid4()), n, {}) for n in range(6)]
    register(settings.home, jobs)
    futures = [runner.submit(job) for job in jobs]
    assert {future.result(PATIENCE_S).state for future in futures} == {RunState.COMPLETE}
    assert sizes(settings) == [3, 3]


def test_a_cancelled_batch_leaves_no_record(settings, open_runner):
    runner = open_runner()
    futures = submit(settings, runner, {}, {}, initial_amplitude=HANG)
    while not (settings.home.folder / "batches").exists():
        assert not any(future.done() for future in futures)
    runner.cancel()
    for future in futures:
        assert future.exception(PATIENCE_S) is not None
    assert not settings.home.provenance_dir.exists()


@pytest.mark.parametrize(
    ("asked", "plugins", "device", "kind", "capacity"),
    [
        (0, [], None, PoolRunner, 2),
        (1, ["cuda"], None, PoolRunner, 2),
        (6, [], None, BatchRunner, 12),
        (0, ["cuda"], "gpu", BatchRunner, 2 * batch.ON_ACCELERATOR),
        (0, ["cuda"], "cpu", PoolRunner, 2),  # a plug-in, but no such device
    ],
)
def test_the_device_decides_unless_the_settings_do(
    settings, monkeypatch, asked, plugins, device, kind, capacity
):
    def answer(process, function, *args, timeout_s):
        assert function == "worker_sncgl_sdg:try_device"
        return device or "cpu"

    monkeypatch.setattr(batch, "entry_points", lambda group: plugins)
    monkeypatch.setattr(WarmProcess, "call", answer)
    runner = open_pool(settings.model_copy(update={"batch": asked}))
    assert type(runner) is kind
    assert runner.capacity == capacity
    runner.close()
