"""What every runner promises, asked of each: canned, subprocess, pool, batch, dask."""

import threading
import time
import uuid
from concurrent.futures import CancelledError
from contextlib import ExitStack
from pathlib import Path

import pytest

import core_engine
from irer.base.errors import InfrastructureError, StorageError
from irer.base.jobs import JobState
from irer.base.records import FailureReason, RunState
from irer.home.provenance import read_provenance
from irer.home.registry import make_job, register
from irer.runners.batch import BatchRunner
from irer.runners.pool import PoolRunner
from irer.runners.subprocess_runner import SubprocessRunner
from tests import pool_jobs
from tests.canned import CannedRunner, canned_record
from tests.cluster_processes import cluster, wait_for
from tests.hunts import home, order
from tests.pool_jobs import CRASH, EXIT, FULL, HANG, NOTHING, RAISE

ROOT = str(Path(core_engine.__file__).parent)
PATIENCE_S = 120
SMALL = {"N_grid": 16, "T_steps": 10}


class Bench:
    """A runner in a home of its own, and the jobs to try it with."""

    def __init__(self, settings, runner):
        self.settings = settings
        self.runner = runner
        self.told = []

    def job(self, worker=0.1, validator=20.0, index=0, **params):
        simulation = SMALL | {"initial_amplitude": worker, "box_length": validator}
        plan = core_engine.plan_hunt(order(simulation=simulation), self.settings)
        job = make_job(plan, str(uuid.uuid4()), index, params)
        register(self.settings.home, [job])
        return job

    def submit(self, job):
        return self.runner.submit(job, lambda *state: self.told.append(state))

    def run(self, job):
        return self.submit(job).result(PATIENCE_S)

    def record_file(self, job):
        return self.settings.home.provenance_file(job.job_uuid)

    def tries(self, job, how):
        path = self.settings.home.folder / "tries" / f"{job.job_uuid}-{how:g}"
        return len(path.read_text().splitlines()) if path.exists() else 0


def canned_faults(job):
    """What a worker that misbehaves looks like from the canned runner."""
    for who, how in (
        ("WORKER", job.simulation.initial_amplitude),
        ("VALIDATOR", job.simulation.box_length),
    ):
        if how == FULL:
            raise StorageError("cannot write x: No space left on device")
        if how in (CRASH, EXIT, RAISE, NOTHING):
            raise InfrastructureError(FailureReason[f"{who}_CRASHED"], "killed by signal 9")
        if how == HANG:
            raise InfrastructureError(FailureReason[f"{who}_TIMEOUT"], "time limit")
    return canned_record(job)


def make_canned(path, workers, **limits):
    settings = home(path, workers=workers, **limits)
    return settings, CannedRunner(settings, canned_faults)


def make_subprocess(path, workers, **limits):
    script = path / "stand_in.py"
    script.parent.mkdir(parents=True, exist_ok=True)
    script.write_text(
        f"import sys; sys.path.insert(0, {ROOT!r})\n"
        "from tests.pool_jobs import main\nsys.exit(main())\n"
    )
    settings = home(
        path / "home", workers=workers, worker_script=script, validator_script=script, **limits
    )
    return settings, SubprocessRunner(settings)


def make_pool(path, workers, **limits):
    settings = home(path, workers=workers, **limits)
    runner = PoolRunner(settings, simulate=pool_jobs.RUN, validate=pool_jobs.VALIDATE)
    return settings, runner


def make_batch(path, workers, **limits):
    settings = home(path, workers=workers, **limits)
    runner = BatchRunner(settings, 4, simulate=pool_jobs.RUN_BATCH, validate=pool_jobs.VALIDATE)
    return settings, runner


MAKERS = {
    "canned": make_canned,
    "subprocess": make_subprocess,
    "pool": make_pool,
    "batch": make_batch,
}


@pytest.fixture(scope="module", params=[*MAKERS, "dask"])
def any_bench(request, tmp_path_factory):
    """Every runner; dask's workers run the real functions, so these jobs are small and good."""
    place = tmp_path_factory.mktemp(request.param)
    with ExitStack() as stack:
        if request.param == "dask":
            from irer.runners.cluster import DaskRunner

            made = stack.enter_context(cluster(place / "cluster"))
            wait_for("two workers", lambda: made.log().count("Registered to:") >= 2)
            settings = home(place / "home", dask_scheduler=made.address)
            runner = DaskRunner(settings)
        else:
            settings, runner = MAKERS[request.param](place, 2)
        yield Bench(settings, runner)
        runner.close()


@pytest.fixture(scope="module", params=MAKERS)
def bench(request, tmp_path_factory):
    """One runner for the cases that leave it usable: its limits are far away."""
    settings, runner = MAKERS[request.param](tmp_path_factory.mktemp(request.param), 2)
    yield Bench(settings, runner)
    runner.close()


@pytest.fixture(params=["subprocess", "pool", "batch"])
def make_bench(request, tmp_path):
    """Runners of one's own, with the limits and the number of workers that a case needs."""
    made = []

    def make(workers=1, **limits):
        settings, runner = MAKERS[request.param](tmp_path, workers, **limits)
        made.append(runner)
        return Bench(settings, runner)

    yield make
    for runner in made:
        runner.cancel()
        runner.close()


def test_a_job_gives_its_record_and_tells_its_states(any_bench):
    job = any_bench.job()
    any_bench.told.clear()
    record = any_bench.run(job)
    assert record.state is RunState.COMPLETE
    assert (record.job_uuid, record.sncgl_params) == (job.job_uuid, job.sncgl_params)
    assert record == read_provenance(any_bench.record_file(job))
    states = [JobState.RUNNING, JobState.SIMULATED]
    assert any_bench.told == [(job.job_uuid, state) for state in states]


def test_a_bad_candidate_is_a_result(bench):
    record = bench.run(bench.job(c1=2.9, c3=1.0))
    assert record.state is RunState.FAILED
    assert record.error.reason is FailureReason.NONFINITE


def test_a_job_with_a_record_is_not_run_again(any_bench):
    job = any_bench.job()
    first = any_bench.run(job)
    written = any_bench.record_file(job).stat()
    any_bench.told.clear()
    assert any_bench.run(job) == first
    assert any_bench.told == []
    assert any_bench.record_file(job).stat() == written


def test_many_jobs_at_once_do_not_mix(any_bench):
    assert any_bench.runner.capacity >= 1
    jobs = [any_bench.job(index=index, epsilon=0.5 + index / 20) for index in range(8)]
    futures = [any_bench.submit(job) for job in jobs]
    for job, future in zip(jobs, futures, strict=True):
        record = future.result(PATIENCE_S)
        assert (record.job_uuid, record.index) == (job.job_uuid, job.index)
        assert record.sncgl_params == job.sncgl_params


@pytest.mark.parametrize("how", [CRASH, EXIT, RAISE, NOTHING])
@pytest.mark.parametrize("who", ["worker", "validator"])
def test_a_crash_is_told_once_and_leaves_no_record(bench, who, how):
    job = bench.job(**{who: how})
    with pytest.raises(InfrastructureError) as error:
        bench.run(job)
    assert error.value.reason is FailureReason[f"{who.upper()}_CRASHED"]
    assert len(error.value.message.splitlines()) == 1
    assert not bench.record_file(job).exists()
    assert bench.tries(job, how) == (0 if isinstance(bench.runner, CannedRunner) else 1)
    assert bench.run(bench.job()).state is RunState.COMPLETE


def test_the_artifact_of_an_earlier_try_is_not_taken_for_this_one(bench):
    job = bench.job(worker=NOTHING)
    artifact = bench.settings.home.artifact_file(job.job_uuid)
    artifact.parent.mkdir(parents=True, exist_ok=True)
    artifact.write_text("of the first try")
    with pytest.raises(InfrastructureError):
        bench.run(job)
    assert not bench.record_file(job).exists()


@pytest.mark.parametrize("who", ["worker", "validator"])
def test_a_full_disk_is_told_as_such(bench, who):
    job = bench.job(**{who: FULL})
    with pytest.raises(StorageError, match="No space left on device"):
        bench.run(job)
    assert not bench.record_file(job).exists()


@pytest.mark.parametrize("who", ["worker", "validator"])
def test_a_job_that_hangs_ends_at_its_limit(make_bench, who):
    bench = make_bench(**{f"{who}_timeout_s": 3})
    job = bench.job(**{who: HANG})
    start = time.monotonic()
    with pytest.raises(InfrastructureError, match="time limit") as error:
        bench.run(job)
    assert time.monotonic() - start >= 3
    assert error.value.reason is FailureReason[f"{who.upper()}_TIMEOUT"]
    assert not bench.record_file(job).exists()
    assert bench.tries(job, HANG) == 1


def test_a_queued_job_can_be_taken_back(make_bench):
    bench = make_bench()
    running = bench.submit(bench.job(worker=HANG))
    queued_job = bench.job()
    queued = [bench.submit(queued_job), bench.submit(bench.job())]
    while not bench.told:
        assert not running.done()
        time.sleep(0.02)
    assert not running.cancel()
    assert queued[0].cancel()
    bench.runner.cancel()
    for future in (running, *queued):
        with pytest.raises(CancelledError):
            future.result(PATIENCE_S)
    assert bench.tries(queued_job, 0.1) == 0


def test_cancel_ends_what_runs_and_what_waits(make_bench):
    bench = make_bench()
    jobs = [bench.job(worker=HANG), bench.job(), bench.job()]
    futures = [bench.submit(job) for job in jobs]
    while not bench.told:
        assert not any(future.done() for future in futures)
        time.sleep(0.02)
    bench.runner.cancel()
    bench.runner.cancel()
    for job, future in zip(jobs, futures, strict=True):
        with pytest.raises(CancelledError):
            future.result(PATIENCE_S)
        assert not bench.record_file(job).exists()
    with pytest.raises(RuntimeError):
        bench.submit(jobs[0])
    bench.runner.close()
    bench.runner.close()


def test_cancel_reaches_the_validator_and_jobs_that_wait_for_it(make_bench):
    bench = make_bench()
    futures = [bench.submit(bench.job(validator=HANG)) for _ in range(3)]
    while not any(state is JobState.SIMULATED for _, state in bench.told):
        assert not any(future.done() for future in futures)
        time.sleep(0.02)
    bench.runner.cancel()
    for future in futures:
        with pytest.raises(CancelledError):
            future.result(PATIENCE_S)


def test_close_waits_for_what_runs(make_bench):
    bench = make_bench()
    future = bench.submit(bench.job())
    closer = threading.Thread(target=bench.runner.close)
    closer.start()
    closer.join(PATIENCE_S)
    assert future.done()
    assert future.result().state is RunState.COMPLETE
    with pytest.raises(RuntimeError):
        bench.submit(bench.job())
