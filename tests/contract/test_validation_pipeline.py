"""The validator as the engine runs it: a uuid in, a committed provenance out, whatever it finds."""

import json
import os
import re
import subprocess
import sys
import uuid
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest

import irer
import settings
import validation_pipeline
from irer.base.files import write_json
from irer.base.records import JobConfig, Outcome, Provenance, SimulationOptions, SncglParams
from irer.home.artifacts import Artifact, write_artifact
from irer.validation import constraint_norms, log_prime_fidelity

OPTIONS = SimulationOptions(N_grid=64, box_length=50.0, T_steps=10, n_snapshots=3)


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("IRER_HOME", str(tmp_path))
    return settings.load()


def random_artifact(options=OPTIONS, seed=0, **changes):
    """Return an artifact of fields that no solver made, for a new job."""
    rng, shape = np.random.default_rng(seed), (options.N_grid,) * options.dimensions
    psi = 0.5 * (rng.standard_normal(shape) + 1j * rng.standard_normal(shape))
    job = JobConfig(
        job_uuid=str(uuid.uuid4()),
        hunt_id=str(uuid.uuid4()),
        generation=3,
        index=1,
        global_seed=seed,
        model="sncgl_sdg",
        simulation=options,
        sncgl_params=SncglParams(kappa=0.4),
    )
    artifact = Artifact(
        job=job,
        outcome=Outcome.OK,
        last_good_time=1.0,
        psi=psi.astype(np.complex64),
        u=(0.1 * rng.standard_normal(shape)).astype(np.float32),
        snapshot_t=np.array([0.6, 0.8, 1.0]),
        snapshot_rho=rng.gamma(2.0, size=(3, *shape)).astype(np.float32),
        diagnostics={"t": np.array([0.5, 1.0]), "rho_mean": np.array([0.4, 0.5])},
        versions={"jax": "1.2.3"},
        device="a test",
        wall_time_s=12.5,
    )
    return replace(artifact, **changes)


def store(home, artifact):
    """Register the artifact's job and put the artifact in its place; return the uuid."""
    job = artifact.job
    write_json(home.home.config_file(job.job_uuid), job.model_dump(mode="json"))
    write_artifact(home.home.artifact_file(job.job_uuid), artifact)
    return job.job_uuid


def validator(*arguments):
    """Run the validator as a process of its own."""
    return subprocess.run(
        [sys.executable, settings.SOURCE_ROOT / "validation_pipeline.py", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def provenance(home, job_uuid):
    return Provenance.model_validate(json.loads(home.home.provenance_file(job_uuid).read_text()))


def judged(home, job_uuid):
    """Run the validator's main in this process and return what it committed."""
    home.home.provenance_file(job_uuid).unlink(missing_ok=True)  # to judge once more
    assert validation_pipeline.main(["--job_uuid", job_uuid]) == 0
    return provenance(home, job_uuid)


def refusal(result):
    """Hold a refused run to one clear line on stderr; return it."""
    assert result.returncode == 2
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    return line


def test_a_whole_artifact_is_complete(home):
    artifact = random_artifact()
    job_uuid = store(home, artifact)
    digest = "0123456789abcdef" * 4
    result = validator("--job_uuid", job_uuid, "--artifact_sha256", digest)
    assert (result.returncode, result.stderr) == (0, "")
    (line,) = result.stdout.splitlines()
    assert line.startswith(f"{job_uuid} COMPLETE log_prime_sse=")

    record = provenance(home, job_uuid)
    fidelity = log_prime_fidelity(artifact.snapshot_rho, 50.0, n_null=0)
    norms = constraint_norms(artifact.psi, artifact.u, 50.0, 0.4)
    assert record.state == "COMPLETE"
    assert record.error is None
    assert record.metrics.log_prime_sse == fidelity.sse
    assert record.metrics.sdg_h_norm_l2 == norms.l2
    assert record.metrics.sdg_h_norm_relative == norms.relative
    assert record.metrics.sdg_h_norm_max == norms.max
    assert record.metrics.n_targets_resolved == 4
    assert record.metrics.p_position is None
    assert (record.hunt_id, record.generation, record.index) == (artifact.job.hunt_id, 3, 1)
    assert record.sncgl_params == artifact.job.sncgl_params
    assert record.simulation == artifact.job.simulation
    assert record.artifact_sha256 == digest
    assert record.versions == {
        "jax": "1.2.3",
        "validator_numpy": np.__version__,
        "validator_scipy": record.versions["validator_scipy"],
    }
    assert record.seconds.simulation == 12.5
    assert record.seconds.validation > 0


def test_a_box_that_resolves_all_targets_gets_a_p_value_that_the_seed_determines(home):
    options = SimulationOptions(N_grid=232, box_length=36 * np.pi)
    job_uuid = store(home, random_artifact(options, seed=5))
    first, second = judged(home, job_uuid), judged(home, job_uuid)
    assert first.metrics.n_targets_resolved == 8
    assert 0 < first.metrics.p_position <= 1
    assert first.metrics == second.metrics
    assert first.artifact_sha256 is None


def test_a_field_without_contrast_is_complete_with_the_reason(home):
    ones = np.ones((3, 64, 64), np.float32)
    record = judged(home, store(home, random_artifact(snapshot_rho=ones)))
    assert (record.metrics.log_prime_sse, record.metrics.degenerate) == (2, "no_contrast")


@pytest.mark.parametrize("outcome", [Outcome.NONFINITE, Outcome.AMPLITUDE_CAP])
def test_a_diverging_candidate_fails_with_its_last_good_time(home, outcome):
    early = {"snapshot_t": np.zeros(0), "snapshot_rho": np.zeros((0, 64, 64), np.float32)}
    artifact = random_artifact(outcome=outcome, last_good_time=0.7, **early)
    job_uuid = store(home, artifact)
    result = validator("--job_uuid", job_uuid)
    assert result.returncode == 0
    record = provenance(home, job_uuid)
    assert (record.state, record.metrics) == ("FAILED", None)
    assert record.error.reason == outcome.name
    assert "0.7" in record.error.message
    assert record.seconds.simulation == 12.5


@pytest.mark.parametrize("name", ["psi", "u", "snapshots/rho", "snapshots/t", "diagnostics/t"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_number_that_is_not_finite_is_never_scored(home, name, value):
    job_uuid = store(home, random_artifact())
    with h5py.File(home.home.artifact_file(job_uuid), "r+") as file:
        data = file[name][()]
        data.flat[-1] = value
        file[name][...] = data
    error = judged(home, job_uuid).error
    assert error.reason == "BAD_ARTIFACT"
    assert name in error.message


def test_metrics_that_overflow_fail(home):
    far = np.full((64, 64), -400, np.float32)
    far[::2] = -399
    record = judged(home, store(home, random_artifact(u=far)))
    assert (record.state, record.metrics) == ("FAILED", None)
    assert record.error.reason == "BAD_METRICS"


@pytest.mark.parametrize("part", [0.0, 0.001, 0.3, 0.9, 0.9999])
def test_a_truncated_artifact_fails(home, part):
    job_uuid = store(home, random_artifact())
    path = home.home.artifact_file(job_uuid)
    path.write_bytes(path.read_bytes()[: int(part * path.stat().st_size)])
    result = validator("--job_uuid", job_uuid)
    assert result.returncode == 0
    assert provenance(home, job_uuid).error.reason == "BAD_ARTIFACT"
    assert "BAD_ARTIFACT" in result.stdout


def test_an_artifact_truncated_anywhere_fails(home):
    job_uuid = store(home, random_artifact())
    path = home.home.artifact_file(job_uuid)
    whole = path.read_bytes()
    for size in np.linspace(0, len(whole) - 1, 100).astype(int):
        path.write_bytes(whole[:size])
        assert judged(home, job_uuid).error.reason == "BAD_ARTIFACT", f"{size} bytes"
    path.write_bytes(whole)
    assert judged(home, job_uuid).state == "COMPLETE"


def test_a_flipped_byte_in_a_field_fails(home):
    job_uuid = store(home, random_artifact())
    path = home.home.artifact_file(job_uuid)
    with h5py.File(path) as file:
        chunk = file["psi"].id.get_chunk_info(0)
    content = bytearray(path.read_bytes())
    content[chunk.byte_offset + chunk.size // 2] ^= 1
    path.write_bytes(content)
    assert judged(home, job_uuid).error.reason == "BAD_ARTIFACT"


@pytest.mark.parametrize("name", ["psi", "u", "snapshots/t", "snapshots/rho", "diagnostics/t"])
def test_a_missing_dataset_fails(home, name):
    job_uuid = store(home, random_artifact())
    with h5py.File(home.home.artifact_file(job_uuid), "r+") as file:
        del file[name]
    error = judged(home, job_uuid).error
    assert error.reason == "BAD_ARTIFACT"
    assert f"'{name.split('/')[-1]}' doesn't exist" in error.message


def test_an_artifact_of_another_schema_version_fails(home):
    job_uuid = store(home, random_artifact())
    with h5py.File(home.home.artifact_file(job_uuid), "r+") as file:
        file.attrs["schema_version"] = 99
    error = judged(home, job_uuid).error
    assert error.reason == "BAD_ARTIFACT"
    assert "schema version 99, this program reads 1" in error.message


def test_an_artifact_with_another_uuid_inside_fails(home):
    job_uuid = store(home, random_artifact())
    with h5py.File(home.home.artifact_file(job_uuid), "r+") as file:
        file.attrs["job_uuid"] = str(uuid.uuid4())
    error = judged(home, job_uuid).error
    assert error.reason == "BAD_ARTIFACT"
    assert "its job_uuid differs from the one in its config" in error.message


def test_no_artifact_fails(home):
    job_uuid = store(home, random_artifact())
    home.home.artifact_file(job_uuid).unlink()
    error = judged(home, job_uuid).error
    assert error.reason == "BAD_ARTIFACT"
    assert "no artifact" in error.message


def test_the_artifact_of_another_job_fails(home):
    job_uuid, other = (store(home, random_artifact(seed=seed)) for seed in (1, 2))
    home.home.artifact_file(other).replace(home.home.artifact_file(job_uuid))
    error = judged(home, job_uuid).error
    assert error.reason == "BAD_ARTIFACT"
    assert other in error.message


def test_an_artifact_of_another_configuration_fails(home):
    artifact = random_artifact()
    job_uuid = store(home, artifact)
    changed = artifact.job.model_copy(update={"sncgl_params": SncglParams(kappa=0.5)})
    write_json(home.home.config_file(job_uuid), changed.model_dump(mode="json"))
    error = judged(home, job_uuid).error
    assert error.reason == "BAD_ARTIFACT"
    assert "configuration" in error.message


@pytest.mark.parametrize(
    "job_uuid",
    ["", "x", "../../etc/passwd", "{00000000-0000-4000-8000-000000000000}", "A" * 5000],
)
def test_what_is_no_uuid_is_refused(home, job_uuid):
    line = refusal(validator("--job_uuid", job_uuid))
    assert "job_uuid" in line
    assert "UUID" in line
    assert len(line) < 300
    assert list(home.home.folder.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ([], "--job_uuid"),
        (["--job_uuid", str(uuid.UUID(int=1)), "--artifact_sha256", "12"], "--artifact_sha256"),
        (["--job_uuid", str(uuid.UUID(int=1)), "--speed", "9"], "--speed"),
    ],
)
def test_wrong_flags_are_refused_in_one_line(home, arguments, named):
    assert named in refusal(validator(*arguments))


def test_an_unregistered_job_is_refused(home):
    job_uuid = str(uuid.uuid4())
    line = refusal(validator("--job_uuid", job_uuid))
    assert f"config_{job_uuid}.json" in line
    assert list(home.home.folder.iterdir()) == []


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda config: "{", "not valid JSON"),
        (lambda config: "[]", "JSON object"),
        (lambda config: config.replace('"N_grid": 64', '"N_grid": 63'), "simulation.N_grid"),
        (lambda config: config.replace('"kappa": 0.4', '"kappa": NaN'), "NaN"),
        (lambda config: re.sub(r'"job_uuid": "[^"]*"', '"job_uuid": "x"', config), "job_uuid"),
        (
            lambda config: re.sub(
                r'"job_uuid": "[^"]*"', f'"job_uuid": "{uuid.UUID(int=7)}"', config
            ),
            "registers the job",
        ),
    ],
)
def test_an_invalid_registration_is_refused(home, capsys, change, named):
    job_uuid = store(home, random_artifact())
    path = home.home.config_file(job_uuid)
    changed = change(path.read_text())
    assert changed != path.read_text()
    path.write_text(changed)
    assert validation_pipeline.main(["--job_uuid", job_uuid]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert len(output.err.splitlines()) == 1
    assert named in output.err
    assert not home.home.provenance_file(job_uuid).exists()


def test_a_wrong_setting_is_refused(home, monkeypatch):
    monkeypatch.setenv("IRER_WORKERS", "0")
    assert "IRER_WORKERS" in refusal(validator("--job_uuid", str(uuid.uuid4())))


def test_a_home_that_takes_no_provenance_exits_1(home, capsys):
    job_uuid = store(home, random_artifact())
    home.home.provenance_dir.write_text("a file where the folder should be")
    assert validation_pipeline.main(["--job_uuid", job_uuid]) == 1
    assert "cannot write" in capsys.readouterr().err


def test_help_and_version():
    assert validator("--version").stdout.strip() == irer.__version__
    answer = validator("--help")
    assert answer.returncode == 0
    assert "--job_uuid" in answer.stdout


def test_the_validator_loads_no_solver_optimiser_or_server(home):
    job_uuid = store(home, random_artifact())
    program = (
        "import sys, validation_pipeline\n"
        f"assert validation_pipeline.main(['--job_uuid', '{job_uuid}']) == 0\n"
        "print(*sys.modules)"
    )
    environment = {**os.environ, "PYTHONPATH": str(settings.SOURCE_ROOT)}
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=environment, check=True
    )
    loaded = set(answer.stdout.split())
    assert "irer.validation" in loaded
    foreign = {"jax", "jaxlib", "optuna", "flask", "irer.physics", "irer.spectral", "irer.search"}
    assert not loaded & foreign


def test_the_validator_makes_no_ids():
    for path in [settings.VALIDATOR_SCRIPT, *Path(irer.__path__[0], "validation").glob("*.py")]:
        text = path.read_text()
        assert "hashlib" not in text
        assert "uuid4" not in text


def test_a_committed_job_is_not_judged_again(home):
    job_uuid = store(home, random_artifact())
    judged(home, job_uuid)
    before = home.home.provenance_file(job_uuid).read_bytes()
    result = validator("--job_uuid", job_uuid)
    assert result.returncode == 1
    assert "is committed" in result.stderr
    assert result.stderr.count("\n") == 1
    assert home.home.provenance_file(job_uuid).read_bytes() == before
