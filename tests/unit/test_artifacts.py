"""Artifacts are read whole or refused with the reason."""

import uuid
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest

from irer.base.errors import ArtifactError
from irer.base.records import JobConfig, Outcome, SimulationOptions, SncglParams
from irer.home.artifacts import Artifact, read_artifact, write_artifact


@pytest.fixture
def artifact() -> Artifact:
    rng = np.random.default_rng(0)
    job = JobConfig(
        job_uuid=str(uuid.uuid4()), hunt_id=str(uuid.uuid4()), generation=1, index=0,
        global_seed=1, model="sncgl_sdg", simulation=SimulationOptions(N_grid=16),
        sncgl_params=SncglParams(),
    )  # fmt: skip
    return Artifact(
        job=job, outcome=Outcome.OK, last_good_time=20.0,
        psi=(rng.normal(size=(16, 16)) + 1j * rng.normal(size=(16, 16))).astype(np.complex64),
        u=rng.normal(size=(16, 16)).astype(np.float32),
        snapshot_t=np.array([15.0, 20.0]),
        snapshot_rho=rng.random((2, 16, 16)).astype(np.float32),
        diagnostics={"t": np.array([10.0, 20.0]), "u_max": np.array([0.1, 0.2])},
        versions={"jax": "1"}, device="cpu", wall_time_s=1.5,
    )  # fmt: skip


def test_an_artifact_comes_back_as_it_was(artifact: Artifact, tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    write_artifact(path, artifact)
    back = read_artifact(path, artifact.job.job_uuid)
    assert back.job == artifact.job
    assert (back.outcome, back.last_good_time, back.versions) == (Outcome.OK, 20.0, {"jax": "1"})
    for name in ("psi", "u", "snapshot_t", "snapshot_rho"):
        stored, given = getattr(back, name), getattr(artifact, name)
        assert stored.dtype == given.dtype
        np.testing.assert_array_equal(stored, given)
    assert back.diagnostics.keys() == artifact.diagnostics.keys()


def of_fmia(artifact: Artifact) -> Artifact:
    """The same job under fmia: a real field and its momentum, u = 0."""
    job = artifact.job.model_copy(update={"model": "fmia"})
    field, momentum = artifact.psi.real + 0j, artifact.psi.imag.copy()
    return replace(artifact, job=job, psi=field, u=np.zeros_like(momentum), momentum=momentum)


def test_an_artifact_of_fmia_holds_the_field_and_its_momentum(
    artifact: Artifact, tmp_path: Path
) -> None:
    path, given = tmp_path / "a.h5", of_fmia(artifact)
    write_artifact(path, given)
    with h5py.File(path) as file:
        assert {"field", "momentum"} <= file.keys()
        assert not {"psi", "u"} & file.keys()
    back = read_artifact(path, given.job.job_uuid)
    for name in ("psi", "u", "momentum"):
        stored, expected = getattr(back, name), getattr(given, name)
        assert stored.dtype == expected.dtype
        np.testing.assert_array_equal(stored, expected)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("field", np.zeros((16, 16), np.complex64)),
        ("field", np.zeros((16, 8), np.float32)),
        ("momentum", np.zeros((16, 8), np.float32)),
        ("momentum", np.full((16, 16), np.nan, np.float32)),
        ("momentum", None),
    ],
)
def test_a_wrong_field_of_fmia_is_refused(
    artifact: Artifact, tmp_path: Path, name: str, values: np.ndarray | None
) -> None:
    path, given = tmp_path / "a.h5", of_fmia(artifact)
    write_artifact(path, given)
    with h5py.File(path, "a") as file:
        del file[name]
        if values is not None:
            file[name] = values
    with pytest.raises(ArtifactError):
        read_artifact(path, given.job.job_uuid)


def test_truncated_at_any_offset_it_is_refused(artifact: Artifact, tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    write_artifact(path, artifact)
    whole = path.read_bytes()
    for size in np.linspace(0, len(whole) - 1, 100).astype(int):
        path.write_bytes(whole[:size])
        with pytest.raises(ArtifactError):
            read_artifact(path, artifact.job.job_uuid)


def test_a_flipped_bit_in_the_fields_is_noticed(artifact: Artifact, tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    write_artifact(path, artifact)
    whole = bytearray(path.read_bytes())
    place = whole.find(artifact.psi.tobytes())
    assert place > 0
    whole[place + 100] ^= 1
    path.write_bytes(whole)
    with pytest.raises(ArtifactError):
        read_artifact(path, artifact.job.job_uuid)


def test_another_jobs_artifact_is_refused(artifact: Artifact, tmp_path: Path) -> None:
    write_artifact(tmp_path / "a.h5", artifact)
    with pytest.raises(ArtifactError, match="holds the job"):
        read_artifact(tmp_path / "a.h5", str(uuid.uuid4()))


def test_a_missing_file_and_a_missing_dataset_are_named(artifact: Artifact, tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"no artifact a\.h5"):
        read_artifact(tmp_path / "a.h5", artifact.job.job_uuid)
    write_artifact(tmp_path / "a.h5", artifact)
    with h5py.File(tmp_path / "a.h5", "a") as file:
        del file["u"]
    with pytest.raises(ArtifactError, match="'u'"):
        read_artifact(tmp_path / "a.h5", artifact.job.job_uuid)


@pytest.mark.parametrize(
    ("field", "values", "message"),
    [
        ("psi", np.zeros((16, 8), complex), "psi has shape"),
        ("psi", np.zeros((16, 16)), "psi has shape"),
        ("u", np.full((16, 16), np.nan), "u holds a number that is not finite"),
        ("snapshot_rho", np.full((2, 16, 16), np.inf), "snapshots/rho holds"),
        ("snapshot_rho", np.zeros((3, 16, 16)), "snapshots/rho has shape"),
    ],
)
def test_wrong_arrays_are_named(
    field: str, values: np.ndarray, message: str, artifact: Artifact, tmp_path: Path
) -> None:
    write_artifact(tmp_path / "a.h5", replace(artifact, **{field: values}))
    with pytest.raises(ArtifactError, match=message):
        read_artifact(tmp_path / "a.h5", artifact.job.job_uuid)


def test_another_schema_version_is_refused(artifact: Artifact, tmp_path: Path) -> None:
    write_artifact(tmp_path / "a.h5", artifact)
    with h5py.File(tmp_path / "a.h5", "a") as file:
        file.attrs["schema_version"] = 99
    with pytest.raises(ArtifactError, match="schema version 99"):
        read_artifact(tmp_path / "a.h5", artifact.job.job_uuid)
