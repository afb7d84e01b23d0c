"""An artifact that was changed after its run was judged is found out by whoever reads it."""

import os
from pathlib import Path

import h5py
import pytest

import core_engine
import run_bssn_check
import run_tda_analysis
import validation_pipeline
from app import RunningHub, create_app
from irer.base.errors import ArtifactError
from irer.base.files import read_json, sha256_of_file
from irer.base.records import Provenance
from irer.base.results import BestRun
from irer.controls.confirmation import Confirmation
from irer.controls.files import confirmation_settings
from irer.controls.golden import write_golden
from irer.controls.rescoring import rescore
from irer.home import digests
from irer.home.artifacts import read_recorded, write_artifact
from irer.home.digests import hold_digest
from irer.home.provenance import read_provenance
from settings import Settings
from tests.contract.hub.test_hub_views import OPTIONS, artifact_of
from tests.fake_engine import FakeEngine, commit, make_record
from tests.hunts import home
from tests.integration.test_confirmation import ReplicateRunner, discovered

CHANGED = "was changed after its run was judged"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return home(tmp_path / "home", rescan_s=0.05)


@pytest.fixture
def run(settings: Settings) -> Provenance:
    """A committed run with its artifact and the digest of that."""
    record = make_record().model_copy(update={"simulation": OPTIONS})
    path = settings.home.artifact_file(record.job_uuid)
    write_artifact(path, artifact_of(record))
    record = record.model_copy(update={"artifact_sha256": sha256_of_file(path)})
    commit(settings, record)
    return record


def change(settings: Settings, job_uuid: str) -> None:
    """Double psi: a whole artifact still, with a right checksum on every dataset."""
    with h5py.File(settings.home.artifact_file(job_uuid), "r+") as file:
        file["psi"][...] = 2 * file["psi"][()]
        file["snapshots/rho"][...] = 2 * file["snapshots/rho"][()]


def test_every_view_of_the_hub_and_the_download(settings: Settings, run: Provenance) -> None:
    views = ("spectrum", "diagnostics", "field.png", "artifact")
    with RunningHub(settings, FakeEngine().as_engine()) as hub:
        client = create_app(hub, "T" * 43).test_client()
        tags = {}
        for view in views:
            with client.get(f"/api/runs/{run.job_uuid}/{view}") as answer:
                assert answer.status_code == 200
                tags[view] = answer.headers.get("ETag", '"none"')
        change(settings, run.job_uuid)
        for view in views:  # also for who has, and for what the hub keeps of, the true one
            address = f"/api/runs/{run.job_uuid}/{view}"
            answer = client.get(address, headers={"If-None-Match": tags[view]})
            assert answer.status_code == 422
            assert CHANGED in answer.json["message"]


def test_a_hub_that_has_looked_once_does_not_read_it_again(
    settings: Settings, run: Provenance, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = []
    monkeypatch.setattr(digests, "sha256_of_file", lambda p: looked.append(p) or sha256_of_file(p))
    with RunningHub(settings, FakeEngine().as_engine()) as hub:
        client = create_app(hub, "T" * 43).test_client()
        for view in ("spectrum", "diagnostics", "field.png", "field.png?theme=dark", "artifact"):
            with client.get(f"/api/runs/{run.job_uuid}/{view}") as answer:
                assert answer.status_code == 200
    assert looked == [settings.home.artifact_file(run.job_uuid)]


def test_a_change_that_hides_its_time_is_found_out(settings: Settings, run: Provenance) -> None:
    path = settings.home.artifact_file(run.job_uuid)
    hold_digest(path, run.artifact_sha256)
    before = path.stat()
    change(settings, run.job_uuid)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (path.stat().st_mtime_ns, path.stat().st_size) == (before.st_mtime_ns, before.st_size)
    with pytest.raises(ArtifactError, match=CHANGED):
        hold_digest(path, run.artifact_sha256)


@pytest.mark.parametrize("main", [run_bssn_check.main, run_tda_analysis.main])
def test_the_analyses(
    settings: Settings, run: Provenance, main, capsys: pytest.CaptureFixture[str]
) -> None:
    change(settings, run.job_uuid)
    assert main(["--file", str(settings.home.provenance_file(run.job_uuid))]) == 1
    said = capsys.readouterr()
    (line,) = said.err.splitlines()
    assert CHANGED in line
    assert said.out == ""
    assert not (settings.home.folder / "analyses").exists()


def test_rescoring_leaves_the_record_as_it_was(settings: Settings, run: Provenance) -> None:
    earlier = run.metrics.model_copy(update={"measure_version": 1}) if run.metrics else None
    commit(settings, run.model_copy(update={"metrics": earlier}))
    change(settings, run.job_uuid)
    found = rescore(settings.home, validation_pipeline.judge, lambda *_: None)
    assert CHANGED in found.not_rescored[run.job_uuid]
    record = read_provenance(settings.home.provenance_file(run.job_uuid))
    assert record.metrics == earlier


def test_the_golden_file_says_so_and_has_no_pictures(settings: Settings, run: Provenance) -> None:
    write_golden(settings.home, BestRun.model_construct(job_uuid=run.job_uuid, verdict=None))
    golden = read_json(settings.home.golden_file)
    assert golden["artifact_problem"] is None
    assert golden["files"]
    change(settings, run.job_uuid)
    write_golden(settings.home, BestRun.model_construct(job_uuid=run.job_uuid, verdict=None))
    golden = read_json(settings.home.golden_file)
    assert CHANGED in golden["artifact_problem"]
    assert golden["files"] == []
    assert not list(settings.home.folder.glob("golden_*.png"))
    assert not list(settings.home.hunt_dir(run.hunt_id).glob("golden_*.csv"))


class WithDigests(ReplicateRunner):
    """As the worker reports it and the validator writes it down."""

    def _answer_for(self, job):
        record = super()._answer_for(job)
        digest = sha256_of_file(self._home.home.artifact_file(job.job_uuid))
        return record.model_copy(update={"artifact_sha256": digest})


def test_a_confirmation_of_a_changed_run_is_not_begun(settings: Settings, run: Provenance) -> None:
    change(settings, run.job_uuid)
    runner = WithDigests(confirmation_settings(settings, run.job_uuid))
    with pytest.raises(ArtifactError, match=CHANGED):
        core_engine.confirm_run(run.job_uuid, settings, runner=runner)
    assert runner.submitted == []


def test_a_replicate_that_was_changed_is_no_evidence(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = discovered(settings)
    own = confirmation_settings(settings, record.job_uuid)
    real = Confirmation._conclude

    def conclude(confirmation, jobs, *rest):
        change(own, jobs[0].job_uuid)
        return real(confirmation, jobs, *rest)

    monkeypatch.setattr(Confirmation, "_conclude", conclude)
    with pytest.raises(ArtifactError, match=CHANGED):
        core_engine.confirm_run(record.job_uuid, settings, runner=WithDigests(own))
    assert not (own.home.folder / "confirmation.json").exists()


def test_a_record_without_a_digest_cannot_tell(settings: Settings, run: Provenance) -> None:
    """Of a worker that reported none; its runs are read as ever."""
    without = run.model_copy(update={"artifact_sha256": None})
    commit(settings, without)
    change(settings, run.job_uuid)
    path = settings.home.artifact_file(run.job_uuid)
    assert read_recorded(path, without).job.job_uuid == run.job_uuid
    assert read_provenance(settings.home.provenance_file(run.job_uuid)).artifact_sha256 is None
