import subprocess
import sys
import threading
import uuid

import pytest

import core_engine
from irer.base.errors import ConfigError
from irer.base.files import read_json, write_json
from irer.base.jobs import JobState
from irer.base.records import FailureReason, Provenance, RunError, RunState
from irer.hunt.control import HuntControl
from irer.hunt.observer import SilentObserver
from tests.canned import CannedRunner, canned_record
from tests.hunts import home, hunt_state, ledger, ledger_bar_names, order, run_canned


@pytest.fixture
def settings(tmp_path):
    return home(tmp_path / "home")


class Watcher(SilentObserver):
    """Writes down what it is told; `then` is called with each commit."""

    def __init__(self, then=lambda record: None):
        self.told = []
        self._then = then

    def hunt_started(self, plan, committed):
        self.told.append(("started", committed))

    def generation_started(self, generation):
        self.told.append(("generation", generation))

    def job_committed(self, provenance):
        self.told.append(("job", provenance.index))
        self._then(provenance)

    def hunt_ended(self, plan, result):
        self.told.append(("ended", plan.state))


def test_a_whole_hunt(settings):
    watcher = Watcher()
    best = run_canned(settings, observer=watcher)
    jobs = {("job", i) for i in range(4)}
    generations = [watcher.told[i : i + 5] for i in (1, 6, 11)]
    assert watcher.told[0] == ("started", 0)
    assert [first for first, *_ in generations] == [("generation", g) for g in (1, 2, 3)]
    assert all(set(told) == jobs for _, *told in generations)
    assert watcher.told[16:] == [("ended", "Completed")]
    rows = ledger(settings)
    assert [(row["generation"], row["index"]) for row in rows] == [
        (str(g), str(i)) for g in (1, 2, 3) for i in range(4)
    ]
    assert len({row["job_uuid"] for row in rows}) == 12
    assert best["job_uuid"] in {row["job_uuid"] for row in rows}
    assert hunt_state(settings) == "Completed"
    golden = read_json(settings.home.golden_file)
    for name in ("job_uuid", "sncgl_params", "metrics"):
        assert golden[name] == best[name]


def test_ledger_order_is_that_of_the_places_whatever_ends_first(settings, tmp_path):
    run_canned(settings)
    other = home(tmp_path / "other")
    run_canned(other, runner=CannedRunner(other, hold=4))
    assert ledger_bar_names(other) == ledger_bar_names(settings)


def test_seeds_differ_by_place_and_repeat_by_seed(settings, tmp_path):
    run_canned(settings)
    assert len({row["global_seed"] for row in ledger(settings)}) == 12
    other = home(tmp_path / "other")
    run_canned(other, core_engine.plan_hunt(order(seed=12), other))
    assert ledger(other)[0]["global_seed"] != ledger(settings)[0]["global_seed"]


def test_next_hunt_counts_generations_on(settings):
    run_canned(settings)
    watcher = Watcher()
    best = run_canned(settings, observer=watcher)
    assert watcher.told[:2] == [("started", 0), ("generation", 4)]
    assert best["generation"] >= 4
    assert [row["generation"] for row in ledger(settings)[::4]] == ["1", "2", "3", "4", "5", "6"]


def test_stop_keeps_what_ran_and_resume_does_the_rest(settings, tmp_path):
    control = HuntControl()
    watcher = Watcher(lambda record: control.stop() if record.generation == 2 else None)
    runner = CannedRunner(settings, hold=2)  # two jobs of the second generation end, then ...
    plan = core_engine.plan_hunt(order(population_size=3), settings)
    runner_held = runner.submit

    def submit(job, on_state):
        future = runner_held(job, on_state)
        if len(runner.submitted) == 3:
            runner.release()
        return future

    runner.submit = submit
    result = run_canned(settings, plan, runner=runner, observer=watcher, control=control)
    assert hunt_state(settings) == "Stopped"
    assert "error" not in result
    assert watcher.told[-1] == ("ended", "Stopped")
    again = CannedRunner(settings)
    stopped = core_engine.load_plan(settings.home)
    run_canned(settings, stopped, runner=again)
    assert [job.generation for job in again.submitted] == [2, 3, 3, 3]
    ran = {job.job_uuid for job in runner.submitted}
    assert {again.submitted[0].job_uuid} == set(stopped.job_uuids) - ran
    reference = home(tmp_path / "reference")
    run_canned(reference, core_engine.plan_hunt(order(population_size=3), reference))
    assert ledger_bar_names(settings) == ledger_bar_names(reference)


def test_a_hunt_cancelled_before_it_began_runs_nothing(settings):
    control = HuntControl()
    control.cancel()
    runner = CannedRunner(settings)
    assert "error" in run_canned(settings, runner=runner, control=control)
    assert runner.submitted == []
    assert hunt_state(settings) == "Stopped"


def test_cancel_drops_running_jobs(settings):
    control = HuntControl()
    runner = CannedRunner(settings, hold=99, capacity=3)

    class CancelLater(SilentObserver):
        def jobs_changed(self, counts):
            if runner.submitted:
                control.cancel()

    run_canned(settings, runner=runner, control=control, observer=CancelLater())
    assert runner.cancelled
    assert len(runner.submitted) == 3
    assert ledger(settings) == []
    assert not settings.home.provenance_dir.exists()
    assert hunt_state(settings) == "Stopped"


def test_best_of_a_stopped_hunt_counts_the_unfinished_generation(settings):
    control = HuntControl()
    runner = CannedRunner(settings, hold=3)
    watcher = Watcher(lambda record: control.stop())
    best = run_canned(settings, runner=runner, observer=watcher, control=control)
    assert [row["generation"] for row in ledger(settings)] == ["1"] * 3
    assert best["generation"] == 1


def test_unfinished_generation_stands_in_the_ledger_before_the_hunt_that_follows(settings):
    control = HuntControl()
    runner = CannedRunner(settings, hold=3)
    run_canned(settings, runner=runner, observer=Watcher(lambda r: control.stop()), control=control)
    run_canned(settings)
    places = [(int(row["generation"]), int(row["index"])) for row in ledger(settings)]
    assert [generation for generation, _ in places[:3]] == [1, 1, 1]
    assert places[3] == (2, 0)
    assert places == sorted(places)
    assert len(list(settings.home.provenance_dir.iterdir())) == len(places)


def test_states_of_the_jobs_are_told(settings):
    told = []

    class States(SilentObserver):
        def jobs_changed(self, counts):
            told.append(counts)

    plan = core_engine.plan_hunt(order(params={"c1": [2.6, 3.0], "c3": [-0.1, 0.1]}), settings)
    run_canned(settings, plan, observer=States())
    rows = [row["state"] for row in ledger(settings)]
    assert set(rows) == {"COMPLETE", "FAILED"}
    assert {key for counts in told for key in counts} == set(map(str, JobState))
    assert told[0] == dict.fromkeys(map(str, JobState), 0) | {"queued": 4}
    ended = {"committed": rows.count("COMPLETE"), "failed": rows.count("FAILED")}
    assert told[-1] == dict.fromkeys(map(str, JobState), 0) | ended
    for counts in told:
        assert sum(counts.values()) in (4, 8, 12)


def test_states_of_a_resumed_hunt_count_what_was_done_before(settings):
    control = HuntControl()
    stop_late = Watcher(lambda record: control.stop() if record.generation == 3 else None)
    run_canned(settings, observer=stop_late, control=control)
    done = len(list(settings.home.provenance_dir.iterdir()))
    first = []

    class States(SilentObserver):
        def jobs_changed(self, counts):
            first.append(counts)

    run_canned(settings, core_engine.load_plan(settings.home), observer=States())
    assert first[0]["committed"] + first[0]["failed"] == done == 9
    assert first[0]["queued"] == 3
    assert first[-1]["committed"] + first[-1]["failed"] == 12


def test_no_more_jobs_are_submitted_than_the_runner_has_room_for(settings):
    most = []

    class Small(CannedRunner):
        """Runs what waits a little after the room is full, or the last job has come."""

        one_at_a_time = threading.Lock()

        def submit(self, job, on_state):
            future = super().submit(job, on_state)
            most.append(len(self._waiting))
            if len(self._waiting) == self.capacity or len(self.submitted) == 9:
                threading.Timer(0.01, self.release).start()
            return future

        def release(self):
            with self.one_at_a_time:
                super().release()

    plan = core_engine.plan_hunt(order(num_generations=1, population_size=9), settings)
    run_canned(settings, plan, runner=Small(settings, hold=99, capacity=3))
    assert max(most) == 3
    assert len(ledger(settings)) == 9


def test_a_hunt_without_success_says_so(settings):
    def fail(job):
        error = RunError(reason=FailureReason.WORKER_CRASHED, message="exit code 3")
        return Provenance.of_job(job, state=RunState.FAILED, metrics=None, error=error)

    result = run_canned(settings, runner=CannedRunner(settings, fail))
    assert result == {"error": "No successful runs completed."}
    assert hunt_state(settings) == "Completed"
    assert {row["reason"] for row in ledger(settings)} == {"WORKER_CRASHED"}
    assert not settings.home.golden_file.exists()


def test_plan_hunt_names_every_wrong_field_and_writes_nothing(settings):
    bad = order(
        simulation={"N_grid": 31, "T_steps": 0, "colour": 1},
        params={
            "kappa": -1.0,
            "c1": [2.0, 1.0],
            "c3": [1.0],
            "sigma_k": [0.0, 1.0],
            "mass": 1.0,
            "epsilon": True,
            "k0": "much",
        },
    )
    with pytest.raises(ConfigError) as error:
        core_engine.plan_hunt(bad, settings)
    assert {e.field for e in error.value.errors} == {
        *("simulation.N_grid", "simulation.T_steps", "simulation.colour"),
        *("params.kappa", "params.c1", "params.c3", "params.sigma_k", "params.mass"),
        *("params.epsilon", "params.k0"),
    }
    assert not settings.home.folder.exists()


def test_params_fix_or_widen_the_search(settings):
    plan = core_engine.plan_hunt(
        order(params={"kappa": 0.25, "lambda_sdg": [1, 9], "c1": [0, 1]}), settings
    )
    assert plan.fixed_params.kappa == 0.25
    assert "kappa" not in plan.search_space
    assert plan.search_space["lambda_sdg"] == (1.0, 9.0)
    assert plan.search_space["c1"] == (0.0, 1.0)
    everything = dict.fromkeys(plan.search_space, 0.5) | {"kappa": 0.5}
    with pytest.raises(ConfigError, match="at least one parameter"):
        core_engine.plan_hunt(order(params=everything), settings)


@pytest.mark.parametrize(("generations", "population"), [(0, 1), (1, 0), (100_001, 1), (1, 10_001)])
def test_execute_hunt_refuses_counts_out_of_range(settings, generations, population):
    with pytest.raises(ConfigError, match="must be an integer from 1 to"):
        core_engine.execute_hunt(generations, population, settings=settings)
    assert not settings.home.folder.exists()


def test_broken_hunt_file_is_named(settings):
    write_json(settings.home.hunt_file, {"state": "Running"})
    with pytest.raises(Exception, match=r"hunt\.json.*hunt_id"):
        core_engine.plan_hunt(order(), settings)


def test_importing_the_engine_is_cheap():
    code = "import sys, core_engine; print(sorted(sys.modules))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {f"'{m}'" for m in ("optuna", "pandas", "scipy", "jax", "flask", "h5py")} & set(
        out.stdout.strip("[]\n").split(", ")
    )


def test_committed_job_is_told_not_run_again(settings):
    runner = CannedRunner(settings)
    run_canned(settings, runner=runner)
    job = runner.submitted[0]
    path = settings.home.config_file(job.job_uuid)
    complete = canned_record(job).state is RunState.COMPLETE
    assert core_engine.run_simulation_job(job.job_uuid, path, settings) is complete
    with pytest.raises(ConfigError, match="registers the job"):
        core_engine.run_simulation_job(str(uuid.uuid4()), path, settings)
