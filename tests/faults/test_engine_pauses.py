"""Pause, resume, stop, cancel at any time; tries, retries and what is abandoned."""

import threading
from collections import Counter
from concurrent.futures import CancelledError, Future

import pytest

import core_engine
from irer.base.errors import InfrastructureError
from irer.base.jobs import JobState
from irer.base.records import FailureReason
from irer.hunt.control import HuntControl
from irer.hunt.dispatch import longest_first
from irer.hunt.observer import SilentObserver
from tests.canned import CannedRunner, canned_record
from tests.hunts import home, hunt_state, ledger, ledger_bar_names, order, run_canned


@pytest.fixture
def settings(tmp_path):
    return home(tmp_path / "home")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    settings = home(tmp_path_factory.mktemp("undisturbed"))
    run_canned(settings)
    return ledger_bar_names(settings)


class Hand(SilentObserver):
    """The hand on the switch: pauses after some jobs, and does `then` when the hunt pauses."""

    def __init__(self, settings, control, after=0, then="resume"):
        self.settings, self.control = settings, control
        self.after, self.then = after, then
        self.committed, self.pauses, self.resumed = 0, [], 0
        self.counts = []

    def job_committed(self, provenance):
        self.committed += 1
        if self.committed == self.after:
            self.control.pause()

    def hunt_paused(self, reason):
        self.pauses.append((reason, hunt_state(self.settings), self.committed))
        getattr(self.control, self.then)()

    def hunt_resumed(self):
        self.resumed += 1

    def jobs_changed(self, counts):
        self.counts.append(counts)


def crash(job, reason=FailureReason.WORKER_CRASHED):
    raise InfrastructureError(reason, "killed by signal 9")


def tries_of(runner):
    return Counter((job.generation, job.index) for job in runner.submitted)


@pytest.mark.parametrize("after", range(1, 12))
def test_paused_and_resumed_anywhere_equals_undisturbed(settings, undisturbed, after):
    control = HuntControl()
    hand = Hand(settings, control, after)
    runner = CannedRunner(settings)
    run_canned(settings, runner=runner, control=control, observer=hand)
    assert hand.pauses == [(None, "Paused", after)]
    assert hand.resumed == 1
    assert ledger_bar_names(settings) == undisturbed
    assert hunt_state(settings) == "Completed"
    assert set(tries_of(runner).values()) == {1}


def test_a_pause_lets_running_jobs_end_and_takes_back_those_that_wait(settings, undisturbed):
    control = HuntControl()
    hand = Hand(settings, control)

    class OneRuns(CannedRunner):
        """Room for three, of which only the first is running when the pause comes."""

        def submit(self, job, on_state):
            future = super().submit(job, on_state)
            if len(self.submitted) == 3:
                self._waiting[0][2].set_running_or_notify_cancel()
                control.pause()
                threading.Timer(0.3, self.end_first).start()
            elif len(self.submitted) > 3:
                self.release()
            return future

        def end_first(self):
            job, on_state, future = self._waiting.pop(0)
            self._run(job, on_state, future)

    runner = OneRuns(settings, hold=99, capacity=3)
    run_canned(settings, runner=runner, control=control, observer=hand)
    assert hand.pauses == [(None, "Paused", 1)]
    tries = tries_of(runner)
    first = {job.index: job for job in runner.submitted if job.generation == 1}
    in_order = [job.index for job in longest_first(first[index] for index in range(4))]
    assert [tries[1, index] for index in in_order] == [1, 2, 2, 1]
    assert ledger_bar_names(settings) == undisturbed
    assert not [row for row in ledger(settings) if row["reason"].startswith("WORKER")]


@pytest.mark.parametrize("then", ["stop", "cancel"])
def test_a_paused_hunt_can_be_ended_and_resumed_later(settings, undisturbed, then):
    control = HuntControl()
    hand = Hand(settings, control, 6, then)
    run_canned(settings, control=control, observer=hand)
    assert hand.pauses == [(None, "Paused", 6)]
    assert hunt_state(settings) == "Stopped"
    assert len(list(settings.home.provenance_dir.iterdir())) == 6
    run_canned(settings, core_engine.load_plan(settings.home))
    assert ledger_bar_names(settings) == undisturbed


def test_a_hunt_killed_while_paused_goes_on(settings, undisturbed):
    class Killed(BaseException):
        pass

    class Killer(SilentObserver):
        def job_committed(self, provenance):
            if provenance.generation == 2:
                control.pause()

        def hunt_paused(self, reason):
            raise Killed

    control = HuntControl()
    with pytest.raises(Killed):
        run_canned(settings, control=control, observer=Killer())
    assert hunt_state(settings) == "Paused"
    run_canned(settings, core_engine.load_plan(settings.home))
    assert ledger_bar_names(settings) == undisturbed


def test_paused_before_the_start_waits_with_the_first_generation(settings, undisturbed):
    control = HuntControl()
    control.pause()
    hand = Hand(settings, control)
    runner = CannedRunner(settings)

    class Look(Hand):
        def hunt_paused(self, reason):
            assert runner.submitted == []
            self.pauses.append(reason)
            control.resume()

    hand = Look(settings, control)
    run_canned(settings, runner=runner, control=control, observer=hand)
    assert hand.pauses == [None]
    assert ledger_bar_names(settings) == undisturbed


@pytest.mark.parametrize("reason", [r for r in FailureReason if "_" in r and r[0] in "WV"])
def test_always_crashing_job_two_tries_then_abandoned(settings, reason):
    def answer(job):
        return crash(job, reason) if (job.generation, job.index) == (2, 1) else canned_record(job)

    runner = CannedRunner(settings, answer)
    hand = Hand(settings, HuntControl())
    run_canned(settings, runner=runner, observer=hand)
    tries = tries_of(runner)
    assert tries.pop((2, 1)) == 2
    assert set(tries.values()) == {1}
    rows = [row for row in ledger(settings) if row["reason"] == reason]
    assert [(row["generation"], row["index"], row["state"]) for row in rows] == [
        ("2", "1", "FAILED")
    ]
    assert hand.counts[-1]["abandoned"] == 1
    assert max(counts["retried"] for counts in hand.counts) == 1
    assert hand.pauses == []


def test_a_crash_then_a_success_is_as_if_nothing_happened(settings, undisturbed):
    crashed = set()

    def answer(job):
        if job.index == 2 and job.job_uuid not in crashed:
            crashed.add(job.job_uuid)
            crash(job)
        return canned_record(job)

    runner = CannedRunner(settings, answer)
    run_canned(settings, runner=runner)
    assert ledger_bar_names(settings) == undisturbed
    assert {index for (_, index), tries in tries_of(runner).items() if tries == 2} == {2}


def test_a_bad_candidate_is_not_tried_again(settings):
    runner = CannedRunner(settings)
    plan = core_engine.plan_hunt(order(params={"c1": [2.6, 3.0], "c3": [0.5, 1.0]}), settings)
    assert "error" in run_canned(settings, plan, runner=runner)
    assert {row["reason"] for row in ledger(settings)} == {"NONFINITE"}
    assert set(tries_of(runner).values()) == {1}


def test_five_in_a_row_pause_the_hunt_and_waste_no_more(settings):
    control, broken = HuntControl(), [True]

    class Repair(Hand):
        def hunt_paused(self, reason):
            assert len(runner.submitted) == 5
            broken.clear()
            super().hunt_paused(reason)

    def answer(job):
        return crash(job) if broken else canned_record(job)

    runner = CannedRunner(settings, answer)
    hand = Repair(settings, control)
    run_canned(settings, runner=runner, control=control, observer=hand)
    (reason, state, _) = hand.pauses[0]
    assert state == "Paused"
    assert reason.startswith("5 tries in a row ended by a crash or a limit, the last one: WORKER_")
    assert len(hand.pauses) == 1
    # No job had come to its end, so none is charged, not even the one that had its two tries.
    assert [row["reason"] for row in ledger(settings)].count("WORKER_CRASHED") == 0
    assert len(ledger(settings)) == 12


def test_five_in_a_row_after_a_success_charge_the_job_that_had_its_two_tries(settings):
    control, answered = HuntControl(), []

    def answer(job):
        answered.append(job)
        return crash(job) if 2 <= len(answered) <= 6 else canned_record(job)

    hand = Hand(settings, control)
    runner = CannedRunner(settings, answer)
    run_canned(settings, runner=runner, control=control, observer=hand)
    ((reason, _, _),) = hand.pauses
    assert reason.endswith("WORKER_CRASHED, killed by signal 9")
    # Three first tries and two second ones were in the row.
    assert [row["reason"] for row in ledger(settings)].count("WORKER_CRASHED") == 2
    assert len(ledger(settings)) == 12


def test_four_in_a_row_do_not_pause_and_a_success_starts_the_count_anew(settings):
    numbers = iter(range(10**6))

    def answer(job):
        return crash(job) if next(numbers) % 5 != 4 else canned_record(job)

    control = HuntControl()
    hand = Hand(settings, control)
    plan = core_engine.plan_hunt(order(population_size=8), settings)
    run_canned(
        settings, plan, runner=CannedRunner(settings, answer), control=control, observer=hand
    )
    assert hand.pauses == []
    assert hunt_state(settings) == "Completed"
    assert len(ledger(settings)) == 24


def test_nobody_there_five_in_a_row_end_the_hunt_as_stopped(settings, undisturbed):
    run_canned(settings, runner=CannedRunner(settings, crash))
    plan = core_engine.load_plan(settings.home)
    assert plan.state == "Stopped"
    assert "5 tries in a row" in plan.message
    assert not settings.home.provenance_dir.exists()
    run_canned(settings, plan)
    assert ledger_bar_names(settings) == undisturbed
    assert core_engine.load_plan(settings.home).message is None


def test_a_job_that_its_runner_drops_unasked_counts_as_lost(settings):
    class Dropping(CannedRunner):
        def submit(self, job, on_state):
            if (job.generation, job.index) != (1, 2) or tries_of(self)[1, 2] == 9:
                return super().submit(job, on_state)
            self.submitted.append(job)
            dropped = Future()
            dropped.set_exception(CancelledError())
            return dropped

    runner = Dropping(settings)
    run_canned(settings, runner=runner)
    assert tries_of(runner)[1, 2] == 2
    lost = [row for row in ledger(settings) if row["reason"] == "WORKER_LOST"]
    assert [(row["generation"], row["index"]) for row in lost] == [("1", "2")]


def test_late_and_repeated_reports_do_no_harm(settings, undisturbed):
    class Chatty(CannedRunner):
        def submit(self, job, on_state):
            def twice(uuid, state):
                on_state(uuid, state)
                on_state(uuid, state)

            future = super().submit(job, twice)
            on_state(job.job_uuid, JobState.RUNNING)
            return future

    hand = Hand(settings, HuntControl())
    run_canned(settings, runner=Chatty(settings), observer=hand)
    assert ledger_bar_names(settings) == undisturbed
    assert hand.counts[-1]["running"] == hand.counts[-1]["simulated"] == 0


def test_a_report_of_an_earlier_try_is_not_taken_for_the_present_one(settings):
    class Late(CannedRunner):
        """The first try crashes; its SIMULATED arrives while the second is running."""

        def submit(self, job, on_state):
            self.submitted.append(job)
            future = Future()
            if len(self.submitted) == 1:
                self.first = on_state
                future.set_exception(InfrastructureError(FailureReason.WORKER_LOST, "gone"))
            else:
                on_state(job.job_uuid, JobState.RUNNING)
                self.first(job.job_uuid, JobState.SIMULATED)
                threading.Timer(0.2, self._run, (job, lambda *_: None, future)).start()
            return future

    hand = Hand(settings, HuntControl())
    plan = core_engine.plan_hunt(order(num_generations=1, population_size=1), settings)
    run_canned(settings, plan, runner=Late(settings), observer=hand)
    assert max(counts["running"] for counts in hand.counts) == 1
    assert max(counts["simulated"] for counts in hand.counts) == 0
