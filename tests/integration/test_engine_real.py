"""The whole pipeline with the real worker and validator, small."""

import pytest

import core_engine
from irer.artifacts import read_artifact
from irer.files import sha256_of_file
from irer.provenance import read_provenance
from irer.records import RunState
from tests.hunts import home, hunt_state, ledger, order


@pytest.fixture(scope="module")
def hunted(tmp_path_factory):
    settings = home(tmp_path_factory.mktemp("home"))
    small = order(
        num_generations=2,
        population_size=2,
        simulation={"N_grid": 32, "T_steps": 20, "box_length": 30.0},
    )
    return settings, core_engine.execute_hunt(order=small, settings=settings)


def test_every_job_leaves_its_three_files_and_one_row(hunted):
    settings, _ = hunted
    rows = ledger(settings)
    assert [(row["generation"], row["index"]) for row in rows] == [
        ("1", "0"),
        ("1", "1"),
        ("2", "0"),
        ("2", "1"),
    ]
    for row in rows:
        job_uuid = row["job_uuid"]
        job = core_engine.read_job(settings.config_file(job_uuid))
        artifact = read_artifact(settings.artifact_file(job_uuid), job_uuid)
        record = read_provenance(settings.provenance_file(job_uuid))
        assert artifact.job == job
        assert record.artifact_sha256 == sha256_of_file(settings.artifact_file(job_uuid))
        assert record.config_sha256 == job.fingerprint()
        assert record.sncgl_params == job.sncgl_params
        assert record.state is RunState.COMPLETE
        assert record.metrics is not None
        assert float(row["log_prime_sse"]) == record.metrics.log_prime_sse
        assert float(row["seconds"]) == record.seconds.total
    assert len(list(settings.provenance_dir.iterdir())) == 4


def test_the_best_run_is_the_fittest_row(hunted):
    settings, best = hunted
    assert hunt_state(settings) == "Completed"
    fittest = max(ledger(settings), key=lambda row: float(row["fitness"]))
    assert best["job_uuid"] == fittest["job_uuid"]
    assert best["fitness"] == float(fittest["fitness"])
    assert best["simulation"]["N_grid"] == 32
    assert best["verdict"]["scientific"] == "not reached"
