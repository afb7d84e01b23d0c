"""`irer-score` and `--field`: a run of the worker's, and its density in other layouts."""

import json
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

import irer
import settings
import validation_pipeline
from irer.base.files import write_json
from irer.base.records import JobConfig, Provenance, SimulationOptions, SncglParams
from irer.home.artifacts import Artifact, read_artifact
from irer.interchange.__main__ import main as export
from irer.interchange.command import main as irer_score
from tests.foreign import LAYOUTS
from tests.kept_programs import environment as kept_programs

L = 50.0
Here = Callable[..., subprocess.CompletedProcess]


@pytest.fixture
def validator(capsys: pytest.CaptureFixture[str]) -> Here:
    """Run the command line in this process: `--field FILE ...`, or `FILE ...` for irer-score."""

    def run(*arguments: object) -> subprocess.CompletedProcess:
        capsys.readouterr()
        program = validation_pipeline.main if str(arguments[0]).startswith("--") else irer_score
        try:
            code = program([str(argument) for argument in arguments])
        except SystemExit as ended:  # of wrong flags
            code = ended.code
        return subprocess.CompletedProcess(arguments, code, *capsys.readouterr())

    return run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[settings.Settings, Artifact, Path]:
    """One short run in double precision, simulated by the worker and judged by the validator."""
    home = settings.load(home=tmp_path_factory.mktemp("home"))
    options = SimulationOptions(N_grid=64, box_length=L, T_steps=120, precision="float64")
    job = JobConfig(
        job_uuid=str(uuid.uuid4()), hunt_id=str(uuid.uuid4()), generation=1, index=0,
        global_seed=3, model="sncgl_sdg", simulation=options,
        sncgl_params=SncglParams(kappa=0.4),
    )  # fmt: skip
    write_json(home.home.config_file(job.job_uuid), job.model_dump(mode="json"))
    registration = home.home.config_file(job.job_uuid)
    command = [sys.executable, settings.WORKER_SCRIPT, "--params", registration]
    environment = os.environ | kept_programs() | {"IRER_HOME": str(home.home)}
    environment.pop("JAX_ENABLE_X64", None)
    subprocess.run([*command, "--job_uuid", job.job_uuid], env=environment, check=True, timeout=300)
    validation_pipeline.validate_job(job.job_uuid, None, home)
    path = home.home.artifact_file(job.job_uuid)
    return home, read_artifact(path, job.job_uuid), path


def test_one_field_scores_equally_in_every_layout_and_way(
    run: tuple[settings.Settings, Artifact, Path], validator: Here, tmp_path: Path
) -> None:
    home, artifact, path = run
    record = Provenance.model_validate_json(
        home.home.provenance_file(artifact.job.job_uuid).read_text()
    )
    assert record.metrics is not None
    expected = record.metrics.log_prime_sse
    assert record.metrics.n_candidates > 0
    assert 0 < expected < 2  # there is something to differ
    fields = irer.open_home(home.home.folder).run(artifact.job.job_uuid).field()
    for own in (
        irer.score(path, n_null=0),
        irer.score(fields["snapshots"], box_length=fields.box_length, n_null=0),
        irer.score(fields["snapshots"].to_numpy(), box_length=L, n_null=0),
    ):
        assert abs(own.log_prime_sse - expected) <= 1e-12
    for name, writer in LAYOUTS.items():
        told = writer(tmp_path / name, artifact.snapshot_rho, L)
        in_python = irer.score(tmp_path / name, box_length=L, n_null=0, **told)
        flags = [part for key, value in told.items() for part in (f"--{key}", value)]
        answer = validator(
            "--field", tmp_path / name, "--box-length", repr(float(L)), "--null", 0, *flags
        )
        assert answer.returncode == 0, answer.stderr
        printed = json.loads(answer.stdout)
        again = validator(tmp_path / name, "--box-length", L, "--null", 0, *flags)
        assert (again.stdout, again.stderr) == (answer.stdout, answer.stderr)
        for metric in ("log_prime_sse", "log_prime_sse_scaled", "log_prime_sse_multi_ray"):
            at_run = getattr(record.metrics, metric)
            assert abs(getattr(in_python, metric) - at_run) <= 1e-12, (name, metric)
            assert abs(printed[metric] - at_run) <= 1e-12, (name, metric)


def test_the_psi_of_a_run_brings_its_geometry(
    run: tuple[settings.Settings, Artifact, Path], validator: Here
) -> None:
    home, artifact, path = run
    record = Provenance.model_validate_json(
        home.home.provenance_file(artifact.job.job_uuid).read_text()
    )
    assert record.metrics is not None
    answer = validator("--field", path, "--dataset", "psi", "--null", 0)
    constraint = json.loads(answer.stdout)["constraint"]
    assert constraint["sdg_h_norm_l2"] == record.metrics.sdg_h_norm_l2
    assert (constraint["kappa"], constraint["flat"]) == (0.4, False)


def test_it_prints_a_table_for_a_person_and_json_for_a_program(
    validator: Here, tmp_path: Path
) -> None:
    rho = np.random.default_rng(0).gamma(2.0, size=(2, 64, 64))
    np.save(tmp_path / "rho.npy", rho)
    answer = validator("--field", tmp_path / "rho.npy", "--box-length", 50)
    assert answer.returncode == 0
    record = json.loads(answer.stdout)
    assert [target["resolved"] for target in record["targets"]] == [True] * 4 + [False] * 4
    assert record["axes"] == ["time", "x", "y"]
    table = answer.stderr
    assert "the grid resolves 4 of 8 targets: ln 2, ln 3, ln 5, ln 7" in table
    assert "2 snapshots of 64 x 64 points, box length 50, dealias 0.5, float64" in table
    assert f"{record['log_prime_sse']:.6g}" in table
    assert "note: there are no p-values" in table


def test_a_cube_and_the_draws(validator: Here, tmp_path: Path) -> None:
    np.save(tmp_path / "rho.npy", np.random.default_rng(0).gamma(2.0, size=(64, 64, 64)))
    options = ("--box-length", 30, "--null", 0, "--dimensions", 2, "--seed", 5)
    found = json.loads(validator(tmp_path / "rho.npy", *options).stdout)
    assert (found["dimensions"], found["n_snapshots"], found["seed"]) == (2, 64, 5)


def test_nothing_is_written_and_no_home_is_made(tmp_path: Path) -> None:
    np.save(tmp_path / "rho.npy", np.random.default_rng(0).gamma(2.0, size=(64, 64)))
    command = [sys.executable, settings.VALIDATOR_SCRIPT, "--field", "rho.npy"]
    answer = subprocess.run(
        [*command, "--box-length", "50"], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert answer.returncode == 0, answer.stderr
    answer = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert answer.returncode == 2
    assert answer.stdout == ""
    (line,) = answer.stderr.splitlines()
    assert "--box-length" in line
    assert [path.name for path in tmp_path.iterdir()] == ["rho.npy"]


@pytest.mark.parametrize(
    ("flags", "named"),
    [
        (["--box-length", "0"], "--box-length: must be a finite number above 0, got '0'"),
        (["--box-length", "nan"], "--box-length: must be a finite number above 0"),
        (["--null", "-1"], "--null: must be an integer from 0 to 100,000, got '-1'"),
        (["--seed", "-1"], "--seed: must be an integer from 0 to 4,294,967,295, got '-1'"),
        (["--dimensions", "4"], "argument --dimensions: invalid choice"),
        (["--null", "1000000"], "--null: must be an integer from 0 to 100,000"),
        (["--snapshots", "3"], "--snapshots: must be START:STOP"),
        (["--snapshots", "-"], "--snapshots: must be START:STOP"),
        (["--axes", "x,,y"], "--axes: must be names with commas between"),
        (["--precision", "half"], "--precision"),
        (["--dataset", "psi"], "no dataset 'psi'"),
    ],
)
def test_wrong_flags_are_refused_in_one_line(
    flags: list[str], named: str, validator: Here, tmp_path: Path
) -> None:
    np.save(tmp_path / "rho.npy", np.ones((16, 16)))
    for first in (["--field", tmp_path / "rho.npy"], [tmp_path / "rho.npy"]):
        answer = validator(*first, *flags)
        assert (answer.returncode, answer.stdout) == (2, "")
        (line,) = answer.stderr.splitlines()
        assert line.startswith(("validation_pipeline.py: ", "irer-score: ")[len(first) == 1])
        assert named in line


def test_flags_of_a_field_go_with_a_field_alone(validator: Here) -> None:
    for flag, value in (("--box-length", 3), ("--null", 5), ("--dimensions", 2)):
        answer = validator("--job_uuid", str(uuid.UUID(int=1)), flag, value)
        assert answer.returncode == 2
        assert answer.stderr == f"validation_pipeline.py: argument {flag}: goes with --field\n"


@pytest.mark.parametrize(
    ("text", "taken"), [("-1:", [2]), (":2", [0, 1]), ("::2", [0, 2]), ("1:-1", [1])]
)
def test_snapshots_are_taken_as_python_slices(
    text: str, taken: list[int], validator: Here, tmp_path: Path
) -> None:
    rho = np.random.default_rng(0).gamma(2.0, size=(3, 64, 64))
    np.save(tmp_path / "rho.npy", rho)
    command = ("--field", tmp_path / "rho.npy", "--box-length", 50, "--null", 0)
    found = json.loads(validator(*command, f"--snapshots={text}").stdout)
    expected = irer.score(rho[taken], box_length=50.0, n_null=0)
    assert found["n_snapshots"] == len(taken)
    assert found["log_prime_sse"] == expected.log_prime_sse


def test_a_run_is_exported_for_paraview(
    run: tuple[settings.Settings, Artifact, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    home, artifact, path = run
    command = ["--job_uuid", artifact.job.job_uuid, "--home", str(home.home)]
    monkeypatch.chdir(tmp_path)
    assert export(command) == 0
    name = path.with_suffix(".xdmf").name
    assert capsys.readouterr().out.split() == [name, f"{name}.h5"]
    assert {file.name for file in tmp_path.iterdir()} == {name, f"{name}.h5"}
    in_python = irer.open_home(home.home.folder).run(artifact.job.job_uuid)
    assert [str(file) for file in in_python.export("xdmf")] == [name, f"{name}.h5"]
    assert len(list(tmp_path.iterdir())) == 2
    made = in_python.export("xdmf", tmp_path / "in" / name)
    assert [file.name for file in made] == [name, f"{name}.h5"]
    assert made[0].read_bytes() == (tmp_path / name).read_bytes()
    with h5py.File(made[1]) as file:
        np.testing.assert_array_equal(file["psi_real"][0].T, artifact.psi.real)
    shutil.rmtree(tmp_path / "in")
    assert export([*command, "--out", "run.vtk"]) == 2
    assert "must end in .xdmf" in capsys.readouterr().err
    assert export(["--job_uuid", str(uuid.UUID(int=1)), "--home", str(home.home)]) == 1
    assert len(list(tmp_path.iterdir())) == 2
