"""The worker's command line: artifact, report, exit codes."""

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Callable
from pathlib import Path

import jax
import numpy as np
import pytest

import settings
import worker_sncgl_sdg
from irer.base.files import sha256_of_file, write_json
from irer.base.records import JobConfig, Outcome, SimulationOptions, SncglParams
from irer.home.artifacts import read_artifact
from irer.runners.jax_cache import compile_cache
from irer.validation import constraint_norms, tail_ratio
from tests.watching import Asking, density_of, squared


def register(home: Path, **changes) -> JobConfig:
    """Write the registration of a small job and return it."""
    job = JobConfig(
        **{
            "job_uuid": str(uuid.uuid4()), "hunt_id": str(uuid.uuid4()), "generation": 1,
            "index": 0, "global_seed": 3, "model": "sncgl_sdg",
            "simulation": SimulationOptions(N_grid=32, box_length=20.0, T_steps=120),
            "sncgl_params": SncglParams(kappa=0.4), **changes,
        }
    )  # fmt: skip
    path = settings.load(home=home).home.config_file(job.job_uuid)
    write_json(path, job.model_dump(mode="json"))
    return job


def work(home: Path, job_uuid: str, params: Path | None = None) -> subprocess.CompletedProcess:
    params = params or settings.load(home=home).home.config_file(job_uuid)
    command = [sys.executable, settings.WORKER_SCRIPT, "--params", params, "--job_uuid", job_uuid]
    environment = os.environ | compile_cache() | {"IRER_HOME": str(home)}
    environment.pop("JAX_ENABLE_X64", None)  # the worker itself decides by the job's precision
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120)


Here = Callable[..., subprocess.CompletedProcess]


@pytest.fixture
def work_here(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Here:
    """Do what `work` does in this process, which has JAX at hand."""

    def run(home: Path, job_uuid: str, params: Path | None = None) -> subprocess.CompletedProcess:
        monkeypatch.setenv("IRER_HOME", str(home))
        params = params or settings.load(home=home).home.config_file(job_uuid)
        capsys.readouterr()
        arguments = ["--params", str(params), "--job_uuid", job_uuid]
        code = worker_sncgl_sdg.main(arguments)
        return subprocess.CompletedProcess(arguments, code, *capsys.readouterr())

    return run


@pytest.mark.parametrize(
    ("precision", "relative", "absolute"), [("float32", 1e-3, 1e-6), ("float64", 1e-9, 0)]
)
@pytest.mark.parametrize("model", ["sncgl_sdg", "sncgl_flat", "fmia"])
def test_the_validators_h_agrees_with_the_solvers(
    precision: str, relative: float, absolute: float, model: str, tmp_path: Path, work_here: Here
) -> None:
    """Two routes to the Hamiltonian constraint that share no code, on the stored fields.

    Of one model also from a process of its own, which has to choose the precision itself.
    """
    options = SimulationOptions(N_grid=64, box_length=30.0, T_steps=120, precision=precision)
    job = register(tmp_path, simulation=options, model=model)
    answer = (work if model == "sncgl_sdg" else work_here)(tmp_path, job.job_uuid)
    assert answer.returncode == 0, answer.stderr
    path = settings.load(home=tmp_path).home.artifact_file(job.job_uuid)
    artifact = read_artifact(path, job.job_uuid)
    assert artifact.psi.dtype == (np.complex64 if precision == "float32" else np.complex128)
    norms = constraint_norms(artifact.psi, artifact.u, options.box_length, job.sncgl_params.kappa)
    solver = artifact.diagnostics["sdg_h_norm_l2"][-1]
    assert norms.l2 > 1e-4
    assert norms.l2 == pytest.approx(solver, rel=relative, abs=absolute)
    tail = artifact.diagnostics["tail_ratio"][-1]
    assert tail_ratio(artifact.psi, 0.5) == pytest.approx(tail, rel=10 * relative, abs=1e-13)
    assert (artifact.momentum is not None) == (model == "fmia")


def test_the_report_and_the_artifact_agree(tmp_path: Path) -> None:
    job = register(tmp_path)
    answer = work(tmp_path, job.job_uuid)
    assert answer.returncode == 0, answer.stderr
    report = json.loads(answer.stdout.splitlines()[-1])
    path = settings.load(home=tmp_path).home.artifact_file(job.job_uuid)
    assert report["artifact"] == str(path)
    assert report["artifact_sha256"] == sha256_of_file(path)
    artifact = read_artifact(path, job.job_uuid)
    assert artifact.job == job
    assert {"python", "jax", "numpy", "irer"} <= artifact.versions.keys()
    assert artifact.device
    assert artifact.wall_time_s > 0


def test_the_worker_loads_what_another_process_has_compiled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "compiled"
    folder.mkdir()
    monkeypatch.setenv("JAX_COMPILATION_CACHE_DIR", str(folder))
    monkeypatch.setenv("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0")  # all are kept
    job = register(tmp_path / "home")
    answer = work(tmp_path / "home", job.job_uuid)
    assert answer.returncode == 0, answer.stderr
    (mark,) = folder.glob("compiled-*")  # set when that process had ended
    programs = list(folder.glob("jit_*-cache"))
    assert programs
    assert all(path.stat().st_mtime_ns <= mark.stat().st_mtime_ns for path in programs)


def test_a_diverging_run_exits_1_and_leaves_when_it_was_last_good(tmp_path: Path) -> None:
    job = register(tmp_path, sncgl_params=SncglParams(epsilon=5.0, g_nonlocal=-3.0))
    answer = work(tmp_path, job.job_uuid)
    assert answer.returncode == 1
    path = settings.load(home=tmp_path).home.artifact_file(job.job_uuid)
    artifact = read_artifact(path, job.job_uuid)
    assert artifact.outcome is not Outcome.OK
    assert 0 <= artifact.last_good_time < 12
    assert np.isfinite(artifact.psi).all()


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("{", "config.json is not valid JSON"),
        ("[]", "must be a JSON object"),
        ('{"job_uuid": 3}', "job_uuid"),
        (None, "no such file"),
    ],
)
def test_a_bad_config_is_one_line_and_exit_2(
    text: str | None, field: str, tmp_path: Path, work_here: Here
) -> None:
    params = tmp_path / "config.json"
    if text is not None:
        params.write_text(text)
    answer = work_here(tmp_path / "home", str(uuid.uuid4()), params)
    assert answer.returncode == 2
    assert field in answer.stderr
    assert answer.stderr.count("\n") == 1
    assert not (tmp_path / "home").exists()


def test_a_wrong_field_in_the_config_is_named(tmp_path: Path, work_here: Here) -> None:
    job = register(tmp_path)
    data = job.model_dump(mode="json")
    data["simulation"]["N_grid"] = 33
    params = tmp_path / "config.json"
    write_json(params, data)
    answer = work_here(tmp_path, job.job_uuid, params)
    assert answer.returncode == 2
    assert "simulation.N_grid: must be an even integer from 16 to 1,024, got 33" in answer.stderr


def test_another_jobs_config_is_refused(tmp_path: Path) -> None:
    job = register(tmp_path)
    params = settings.load(home=tmp_path).home.config_file(job.job_uuid)
    answer = work(tmp_path, str(uuid.uuid4()), params)
    assert answer.returncode == 2
    assert "registers the job" in answer.stderr


def test_a_full_disk_is_reported_as_such(tmp_path: Path, work_here: Here) -> None:
    """A home whose data folder cannot be made: a file lies in its place."""
    job = register(tmp_path)
    settings.load(home=tmp_path).home.data_dir.write_text("in the way")
    answer = work_here(tmp_path, job.job_uuid)
    assert answer.returncode == 1
    report = json.loads(answer.stdout.splitlines()[-1])
    assert (report["job_uuid"], report["error"]) == (job.job_uuid, "StorageError")
    assert "cannot write" in answer.stderr


def test_a_batch_leaves_what_single_jobs_do(tmp_path: Path) -> None:
    jobs = [register(tmp_path, sncgl_params=SncglParams(kappa=kappa)) for kappa in (0.2, 0.6)]
    home = settings.load(home=tmp_path)
    reports = worker_sncgl_sdg.run_batch(jobs, home)
    together = [read_artifact(home.home.artifact_file(job.job_uuid), job.job_uuid) for job in jobs]
    for job, report, artifact in zip(jobs, reports, together, strict=True):
        assert report["job_uuid"] == job.job_uuid
        assert report["artifact_sha256"] == sha256_of_file(home.home.artifact_file(job.job_uuid))
        worker_sncgl_sdg.run(job, home)
        alone = read_artifact(home.home.artifact_file(job.job_uuid), job.job_uuid)
        assert np.array_equal(artifact.psi, alone.psi)
        assert np.array_equal(artifact.snapshot_rho, alone.snapshot_rho)
    assert not np.array_equal(together[0].psi, together[1].psi)


def test_a_device_without_memory_is_said_in_pythons_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def exhausted(*_: object, **_more: object) -> None:
        text = "RESOURCE_EXHAUSTED: Out of memory allocating 8589934592 bytes.\nmore"
        raise jax.errors.JaxRuntimeError(text)

    job = register(tmp_path)
    home = settings.load(home=tmp_path)
    monkeypatch.setattr(worker_sncgl_sdg, "simulate_batch", exhausted)
    with pytest.raises(MemoryError, match="RESOURCE_EXHAUSTED: Out of memory"):
        worker_sncgl_sdg.run_batch([job], home)
    assert not home.home.artifact_file(job.job_uuid).exists()


def test_a_watched_job_shows_its_frames_and_keeps_every_bit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = SimulationOptions(N_grid=32, box_length=20.0, T_steps=120, n_frames=6)
    job, found = register(tmp_path, simulation=options), settings.load(home=tmp_path)
    file = found.home.artifact_file(job.job_uuid)
    worker_sncgl_sdg.run(job, found)
    alone = read_artifact(file, job.job_uuid)
    assert not found.home.live_dir.exists()  # nobody asked
    monkeypatch.setattr(worker_sncgl_sdg, "LiveFields", Asking)
    Asking.seen = []
    worker_sncgl_sdg.run(job, found)
    watched = read_artifact(file, job.job_uuid)
    assert [len(fields) for fields in Asking.seen] == [1] * 6
    shown = [fields[0] for fields in Asking.seen]
    assert [field.t for field in shown] == pytest.approx([2.0 * n for n in range(1, 7)])
    assert {(f.job_uuid, f.end_time, f.shape) for f in shown} == {(job.job_uuid, 12.0, (32, 32))}
    step = (shown[-1].high - shown[-1].low) / 255
    rho = squared(watched.psi)
    np.testing.assert_allclose(density_of(shown[-1]), rho.T, atol=0.51 * step)
    for name in ("psi", "u", "snapshot_rho", "snapshot_t"):
        assert getattr(watched, name).tobytes() == getattr(alone, name).tobytes(), name
    assert watched.diagnostics.keys() == alone.diagnostics.keys()
    for name, values in alone.diagnostics.items():
        assert watched.diagnostics[name].tobytes() == values.tobytes(), name
    assert list(found.home.live_field_files()) == []
