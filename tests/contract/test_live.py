"""Running jobs that are watched: what they show, what it costs, and that nothing stays."""

import base64
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import settings
from app import RunningHub
from irer.base.records import JobConfig, SimulationOptions
from irer.home.live import MOST_FIELDS, LiveFields, ask, live_fields, picture_of
from irer.home.registry import read_job, sweep
from irer.physics import SimulationConfig
from tests.contract.test_worker import register
from tests.fake_engine import FakeEngine
from tests.watching import ask_later, density_of

OPTIONS = SimulationOptions(N_grid=32, box_length=20.0, T_steps=120, n_frames=6)


def job_in(home: Path, **changes: Any) -> tuple[JobConfig, settings.Settings]:
    job, found = register(home, **changes), settings.load(home=home)
    return read_job(found.home.config_file(job.job_uuid)), found


def test_nobody_asks_and_no_field_is_made(tmp_path: Path) -> None:
    job, found = job_in(tmp_path)
    ask(found.home)  # before the job began: whoever that was may be gone

    def none() -> list[np.ndarray]:
        raise AssertionError("a field that nobody asked for")

    with LiveFields(found.home, [job]) as watch:
        watch(10, [0], none)
        found.home.live_request.unlink()
        watch(20, [0], none)
    assert live_fields(found.home) == []


def test_pictures_rest_so_that_they_cost_little(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, found = job_in(tmp_path)
    clock = [0.0]
    monkeypatch.setattr(time, "perf_counter", lambda: clock[0])
    made: list[float] = []

    def slow() -> list[np.ndarray]:
        clock[0] += 0.01
        made.append(clock[0])
        return [np.ones((4, 4))]

    with LiveFields(found.home, [job]) as watch:
        for _ in range(1000):
            clock[0] += 0.05
            ask_later(found.home)
            watch(1, [0], slow)
    assert 20 < len(made) < 30  # the first two, and then one in two seconds
    assert 0.01 * len(made) < 0.006 * clock[0]


def test_what_goes_wrong_with_a_picture_is_no_failure_of_the_job(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    job, found = job_in(tmp_path)
    tries = []

    def broken() -> list[np.ndarray]:
        tries.append(1)
        raise MemoryError("RESOURCE_EXHAUSTED")

    with LiveFields(found.home, [job]) as watch:
        for _ in range(3):
            ask_later(found.home)
            watch(1, [0], broken)
    assert len(tries) == 1
    assert [record.message for record in caplog.records] == ["no live fields: RESOURCE_EXHAUSTED"]


def test_a_picture_of_any_size_is_small_and_of_space_a_plane() -> None:
    job = JobConfig(
        job_uuid="11111111-1111-4111-8111-111111111111",
        hunt_id="22222222-2222-4222-8222-222222222222",
        generation=1, index=0, global_seed=0, model="sncgl_sdg", simulation=OPTIONS,
        sncgl_params=SimulationConfig().sncgl_params,
    )  # fmt: skip
    rng = np.random.default_rng(0)
    large = rng.random((300, 300))
    shown = picture_of(job, 1, large)
    assert shown.shape == (100, 100)
    np.testing.assert_allclose(density_of(shown), large.T[::3, ::3], atol=0.002)
    space = rng.random((16, 16, 16))
    np.testing.assert_allclose(density_of(picture_of(job, 1, space)), space[:, :, 8].T, atol=0.002)
    assert set(base64.b64decode(picture_of(job, 1, np.ones((4, 4))).density)) == {0}


def test_what_a_kill_left_is_swept_and_broken_files_are_passed_over(tmp_path: Path) -> None:
    found = settings.load(home=tmp_path)
    home = found.home

    def leave() -> None:
        for n in range(MOST_FIELDS + 3):
            job, _ = job_in(tmp_path, index=n)
            watch = LiveFields(home, [job])
            ask_later(home)
            watch(1, [0], lambda: [np.ones((4, 4))])  # and is killed
        home.live_field_file("0").write_text("{torn")
        (home.live_dir / ".tmp-1").write_text("torn")

    leave()
    assert MOST_FIELDS - 1 <= len(live_fields(home)) <= MOST_FIELDS
    sweep(home)  # at the start and the end of a hunt
    assert not home.live_dir.exists()
    leave()
    with RunningHub(found, FakeEngine().as_engine()):
        assert not home.live_dir.exists()
        ask(home)
    assert not home.live_dir.exists()
