"""The table of job states, the book that keeps to it, and the switch of a hunt."""

import itertools
import threading

import pytest

import core_engine
from irer.base.errors import ContractError
from irer.base.jobs import INFRASTRUCTURE, TRANSITIONS, JobBook, JobState, end_state
from irer.base.records import FailureReason, RunState
from irer.home.registry import make_job
from irer.hunt.control import HuntControl
from irer.hunt.dispatch import longest_first
from tests.hunts import home, order

QUEUED, RUNNING, SIMULATED, COMMITTED, FAILED, RETRIED, ABANDONED = JobState
ENDS = {COMMITTED, FAILED, ABANDONED}
WAY_TO = {
    QUEUED: [],
    RUNNING: [RUNNING],
    SIMULATED: [RUNNING, SIMULATED],
    RETRIED: [RUNNING, RETRIED],
    COMMITTED: [RUNNING, SIMULATED, COMMITTED],
    FAILED: [RUNNING, SIMULATED, FAILED],
    ABANDONED: [RUNNING, ABANDONED],
}
LEGAL = {
    (QUEUED, RUNNING), (QUEUED, COMMITTED), (QUEUED, FAILED), (QUEUED, RETRIED),
    (QUEUED, ABANDONED),
    (RUNNING, SIMULATED), (RUNNING, QUEUED), (RUNNING, COMMITTED), (RUNNING, FAILED),
    (RUNNING, RETRIED), (RUNNING, ABANDONED),
    (SIMULATED, QUEUED), (SIMULATED, COMMITTED), (SIMULATED, FAILED), (SIMULATED, RETRIED),
    (SIMULATED, ABANDONED),
    (RETRIED, QUEUED),
}  # fmt: skip


@pytest.mark.parametrize(("former", "later"), [*itertools.product(JobState, JobState)])
def test_every_pair_of_states(former, later):
    book = JobBook()
    book.enter(["a", "b"])
    for state in WAY_TO[former]:
        book.move("a", state)
    if (former, later) in LEGAL:
        book.move("a", later)
        now = later
    else:
        with pytest.raises(ContractError, match=f"cannot become {later}"):
            book.move("a", later)
        now = former
    expected = dict.fromkeys(map(str, JobState), 0)
    expected["queued"] += 1
    expected[now] += 1
    assert book.counts() == expected
    assert book.state("a") == (None if now in ENDS else now)


def test_table_and_test_name_every_state():
    assert set(TRANSITIONS) == set(JobState)
    assert {(a, b) for a, after in TRANSITIONS.items() for b in after} == LEGAL


def test_book_forgets_ended_jobs_but_counts_them():
    book = JobBook()
    for number in range(100):
        book.enter([str(number)])
        book.move(str(number), COMMITTED)
    assert book.counts()["committed"] == 100
    assert book._states == {}


def test_book_refuses_what_cannot_be():
    book = JobBook()
    book.enter(["a"])
    with pytest.raises(ContractError, match="in the book already"):
        book.enter(["a"])
    with pytest.raises(ContractError, match="is not open"):
        book.move("b", RUNNING)
    with pytest.raises(ContractError, match="does not end as running"):
        book.count_ended(RUNNING)
    book.count_ended(FAILED, 3)
    assert book.counts()["failed"] == 3


def test_book_counts_right_from_many_threads():
    book = JobBook()
    names = [[f"{t}-{i}" for i in range(500)] for t in range(4)]

    def work(mine):
        book.enter(mine)
        for name in mine:
            for state in (RUNNING, SIMULATED, COMMITTED):
                book.move(name, state)

    threads = [threading.Thread(target=work, args=(mine,)) for mine in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert book.counts() == dict.fromkeys(map(str, JobState), 0) | {"committed": 2000}


@pytest.mark.parametrize("reason", FailureReason)
def test_end_state_of_a_record(reason):
    assert end_state(RunState.COMPLETE, None) is COMMITTED
    assert end_state("COMPLETE", "") is COMMITTED
    abandoned = reason.value.startswith(("WORKER_", "VALIDATOR_"))
    assert end_state(RunState.FAILED, reason) is (ABANDONED if abandoned else FAILED)
    assert (reason in INFRASTRUCTURE) == abandoned


def test_pause_and_resume():
    control = HuntControl()
    control.pause("disk full")
    assert (control.paused, control.reason, control.stopping) == (True, "disk full", False)
    control.pause("five in a row")
    assert control.reason == "disk full"  # the first reason is the one to tell
    control.resume()
    assert (control.paused, control.reason) == (False, None)
    control.pause()
    assert (control.paused, control.reason) == (True, None)
    control.pause("disk full")
    assert control.reason == "disk full"


@pytest.mark.parametrize("end", ["stop", "cancel"])
def test_an_end_ends_a_pause_and_keeps_its_reason(end):
    control = HuntControl()
    control.pause("disk full")
    getattr(control, end)()
    assert not control.paused
    assert control.wait(0)
    control.resume()
    assert (control.stopping, control.reason) == (True, "disk full")
    assert control.cancelled == (end == "cancel")


def test_unattended_pause_is_a_stop_with_a_reason():
    control = HuntControl(attended=False)
    control.pause("disk full")
    assert (control.paused, control.stopping, control.reason) == (False, True, "disk full")
    assert not control.cancelled


def test_candidates_that_change_fast_come_first(tmp_path):
    plan = core_engine.plan_hunt(order(), home(tmp_path))
    given = [{"epsilon": 0.3}, {"epsilon": 1.2, "c3": 1.5}, {"epsilon": 0.3, "kappa": 0.9}]
    jobs = [make_job(plan, core_engine.new_id(), i, params) for i, params in enumerate(given)]
    assert [job.index for job in longest_first(jobs)] == [1, 2, 0]
