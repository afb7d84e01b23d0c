import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from irer.base.files import parse_json
from irer.base.results import NO_BEST_RUN
from irer.hub.pace import Opening
from irer.hub.runs import RunIndex
from irer.hub.status import JOB_STATES, StatusBoard
from tests.fake_engine import make_plan, make_record

PLAN = make_plan(first_generation=5, generation=5)


@pytest.fixture
def index() -> RunIndex:
    return RunIndex()


@pytest.fixture
def board(tmp_path: Path, index: RunIndex) -> Iterator[StatusBoard]:
    board = StatusBoard(tmp_path / "hub_status.json", index)
    board.open()
    yield board
    board.close()


def served(board: StatusBoard) -> dict[str, Any]:
    status = parse_json(board.served()[0])
    assert isinstance(status, dict)
    return status


def test_an_idle_hub(board: StatusBoard) -> None:
    status = served(board)
    assert status["hunt_status"] == "Idle"
    assert status["final_result"] == {}
    assert not status["resumable"]
    assert status["progress"] == {
        "generation": 0, "generations": 0, "done": 0, "failed": 0, "total": 0, "eta_s": None,
        "jobs_per_minute": None, "compiling": False, "first_result_s": None,
        "states": dict.fromkeys(JOB_STATES, 0),
    }  # fmt: skip


def test_the_words_of_a_running_hunt(board: StatusBoard, index: RunIndex) -> None:
    board.begin(PLAN)
    record = make_record(hunt_id=PLAN.hunt_id, sse=0.125, h_norm=1e-9)
    index.add(record)
    index.add(make_record())  # of a past hunt: not counted
    board.generation(PLAN, 6)
    board.publish()
    status = served(board)
    assert status["hunt_status"] == "Running"
    assert status["last_event"] == f"Analyzed {record.job_uuid[:8]}..."
    assert (status["last_sse"], status["last_h_norm"]) == ("0.125000", "0.000000")
    assert status["found_files"] == [f"provenance_{record.job_uuid}.json"]
    assert status["found_count"] == 1
    progress = status["progress"]
    assert progress["eta_s"] >= 0
    expected = {"generation": 2, "generations": 2, "done": 1, "failed": 0, "total": 6}
    assert {name: progress[name] for name in expected} == expected
    assert progress["jobs_per_minute"] > 0


def test_a_failed_run_is_an_event_but_no_measurement(board: StatusBoard, index: RunIndex) -> None:
    board.begin(PLAN)
    record = make_record(hunt_id=PLAN.hunt_id, failed="NONFINITE")
    index.add(record)
    board.publish()
    status = served(board)
    assert status["last_event"] == f"Analyzed {record.job_uuid[:8]}..."
    assert status["last_sse"] == "-"
    assert status["progress"]["failed"] == 1


def test_file_and_answer_are_the_same_bytes(board: StatusBoard, tmp_path: Path) -> None:
    for change in (lambda: board.begin(PLAN), lambda: board.finish(PLAN, "Completed", NO_BEST_RUN)):
        change()
        assert (tmp_path / "hub_status.json").read_bytes() == board.served()[0]


def test_the_tag_changes_with_the_bytes_alone(board: StatusBoard) -> None:
    first = board.served()[1]
    board.publish()
    assert board.served()[1] == first
    board.begin(PLAN)
    assert board.served()[1] != first


def test_a_late_stop_does_not_undo_the_end(board: StatusBoard) -> None:
    board.begin(PLAN)
    board.finish(PLAN, "Completed", None)
    board.turn(PLAN, "Stopping", None)
    board.publish()
    assert served(board)["hunt_status"] == "Completed"


def result(board: StatusBoard, index: RunIndex, n: int = 0) -> None:
    """Let a job of 1.5 s end."""
    index.add(make_record(hunt_id=PLAN.hunt_id, index=n))
    board.publish()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr("irer.hub.status.time.monotonic", lambda: now[0])
    return now


def test_a_pause_stands_still_in_the_pace(
    board: StatusBoard, index: RunIndex, clock: list[float]
) -> None:
    board.begin(PLAN)
    clock[0] += 10
    result(board, index)
    clock[0] += 5
    result(board, index, 1)
    clock[0] += 15
    result(board, index, 2)
    board.turn(PLAN, "Paused", "disk full")
    clock[0] += 1000
    board.publish()
    paused = served(board)
    assert (paused["hunt_status"], paused["reason"]) == ("Paused", "disk full")
    assert (paused["progress"]["jobs_per_minute"], paused["progress"]["eta_s"]) == (6.0, None)
    board.turn(PLAN, "Running", None)
    board.publish()
    assert served(board)["progress"]["jobs_per_minute"] == 6.0
    assert served(board)["progress"]["eta_s"] == 30.0


def test_the_first_result_tells_how_long_the_others_take_not_how_long_it_waited(
    board: StatusBoard, index: RunIndex, clock: list[float]
) -> None:
    board.begin(PLAN)
    clock[0] += 40  # processes start, programs are compiled
    result(board, index)
    assert served(board)["progress"]["eta_s"] == 5 * 1.5
    assert served(board)["progress"]["jobs_per_minute"] == 40.0


def test_before_the_first_result_it_is_said_what_is_waited_for(
    tmp_path: Path, index: RunIndex, clock: list[float]
) -> None:
    compiled = [False]
    opening = Opening(lambda: compiled[0], 12.0, 30.0)
    board = StatusBoard(tmp_path / "hub_status.json", index, 2, lambda _: opening)
    board.begin(PLAN)

    def waits() -> tuple[bool, float | None]:
        board.publish()
        progress = served(board)["progress"]
        assert progress["eta_s"] is None
        return progress["compiling"], progress["first_result_s"]

    assert waits() == (True, 42.0)
    clock[0] += 30
    assert waits() == (True, 12.0)
    compiled[0] = True
    clock[0] += 10
    assert waits() == (False, 2.0)
    clock[0] += 10
    assert waits() == (False, None)  # late: nothing is promised any more
    compiled[0] = False
    result(board, index)
    progress = served(board)["progress"]
    assert (progress["compiling"], progress["first_result_s"]) == (False, None)
    assert progress["eta_s"] == 3.8  # five jobs of 1.5 s on two workers


def test_how_long_processes_take_to_start_is_learned_from_the_last_sitting(
    tmp_path: Path, index: RunIndex, clock: list[float]
) -> None:
    opening = Opening(lambda: True, 12.0, 0.0)
    board = StatusBoard(tmp_path / "hub_status.json", index, 2, lambda _: opening)
    for expected, takes in ((12.0, 6.5), (17.0, 6.5)):  # a job takes 1.5 s
        plan = make_plan()
        board.begin(plan)
        assert served(board)["progress"]["first_result_s"] == expected
        clock[0] += takes
        index.add(make_record(hunt_id=plan.hunt_id))
        board.publish()
        board.finish(plan, "Completed", None)


def test_what_is_waited_for_is_looked_at_again_by_itself(tmp_path: Path, index: RunIndex) -> None:
    looked = threading.Semaphore(0)

    def compiled() -> bool:
        looked.release()
        return False

    board = StatusBoard(tmp_path / "s.json", index, 1, lambda _: Opening(compiled, 20.0, 40.0))
    board.open()
    board.begin(PLAN)
    for _ in range(3):
        assert looked.acquire(timeout=60)
    board.close()


def test_a_past_hunt_shows_its_results_as_job_states(board: StatusBoard, index: RunIndex) -> None:
    index.add(make_record(hunt_id=PLAN.hunt_id))
    index.add(make_record(hunt_id=PLAN.hunt_id, failed="NONFINITE"))
    board.restore(PLAN, "Interrupted", None)
    states = served(board)["progress"]["states"]
    assert (states["committed"], states["failed"], states["queued"]) == (1, 1, 0)


def test_what_could_not_be_written_is_written_later(tmp_path: Path) -> None:
    folder = tmp_path / "home"
    folder.write_text("not a folder")
    board = StatusBoard(folder / "hub_status.json", RunIndex())
    board.begin(PLAN)
    folder.unlink()
    board.publish()
    assert (folder / "hub_status.json").read_bytes() == board.served()[0]


def test_the_end_of_one_hunt_does_not_end_the_next(board: StatusBoard) -> None:
    board.begin(PLAN)
    after = make_plan()
    board.begin(after)
    board.finish(PLAN, "Completed", None)
    assert served(board)["hunt_status"] == "Running"
    assert served(board)["hunt_id"] == after.hunt_id


@pytest.mark.parametrize(
    ("state", "resumable"),
    [("Interrupted", True), ("Stopped", True), ("Error: disk full", True), ("Completed", False)],
)
def test_what_can_be_resumed(board: StatusBoard, state: str, resumable: bool) -> None:
    board.restore(PLAN, state, None)
    assert served(board)["resumable"] is resumable


def test_the_status_is_served_and_logged_when_it_cannot_be_written(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    board = StatusBoard(tmp_path / "file" / "hub_status.json", RunIndex())
    board.begin(PLAN)
    assert json.loads(board.served()[0])["hunt_status"] == "Running"
    assert f"cannot write {tmp_path}/file/hub_status.json" in caplog.text


def test_a_touch_is_written_by_and_by(board: StatusBoard, index: RunIndex, tmp_path: Path) -> None:
    board.begin(PLAN)
    for n in range(4):
        index.add(make_record(hunt_id=PLAN.hunt_id, index=n))
        board.touch()
    board.close()
    assert parse_json((tmp_path / "hub_status.json").read_bytes())["found_count"] == 4
