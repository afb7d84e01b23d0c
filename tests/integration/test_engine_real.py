"""The whole pipeline with the real worker and validator, small."""

import pytest

import core_engine
from irer.base.files import sha256_of_file
from irer.base.records import RunState
from irer.home.artifacts import read_artifact
from irer.home.provenance import read_provenance
from irer.runners.pool import PoolRunner
from tests.hunts import home, hunt_state, ledger, ledger_bar_names, order


@pytest.fixture(scope="module", params=["pool", "batch", "subprocess"])
def hunted(request, tmp_path_factory):
    runner, batch = ("pool", 2) if request.param == "batch" else (request.param, 1)
    place = tmp_path_factory.mktemp("home")
    settings = home(place, runner=runner, batch=batch, workers=2)
    return settings, core_engine.execute_hunt(order=small(), settings=settings)


def small(**simulation):
    options = {"N_grid": 32, "T_steps": 600, "box_length": 12.0} | simulation
    return order(num_generations=2, population_size=2, simulation=options)


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
        job = core_engine.read_job(settings.home.config_file(job_uuid))
        artifact = read_artifact(settings.home.artifact_file(job_uuid), job_uuid)
        record = read_provenance(settings.home.provenance_file(job_uuid))
        assert artifact.job == job
        assert record.artifact_sha256 == sha256_of_file(settings.home.artifact_file(job_uuid))
        assert record.config_sha256 == job.fingerprint()
        assert record.sncgl_params == job.sncgl_params
        assert record.state is RunState.COMPLETE
        assert record.metrics is not None
        assert float(row["log_prime_sse"]) == record.metrics.log_prime_sse
        assert float(row["seconds"]) == record.seconds.total
    assert len(list(settings.home.provenance_dir.iterdir())) == 4


def test_the_best_run_is_the_fittest_row(hunted):
    settings, best = hunted
    assert hunt_state(settings) == "Completed"
    scored = [row for row in ledger(settings) if row["fitness"]]
    fittest = max(scored, key=lambda row: float(row["fitness"]))
    assert best["job_uuid"] == fittest["job_uuid"]
    assert best["fitness"] == float(fittest["fitness"])
    assert best["simulation"]["N_grid"] == 32
    assert best["verdict"]["scientific"] == "not reached"


def test_warm_processes_find_what_fresh_ones_do_in_either_precision(tmp_path):
    """One pool runs hunts in both precisions, one after the other, in the same processes."""
    pool_home, fresh_home = home(tmp_path / "pool", workers=1), home(tmp_path / "fresh", workers=2)
    runner = PoolRunner(pool_home)
    for precision in ("float64", "float32"):
        asked = small(precision=precision).model_copy(update={"num_generations": 1})
        core_engine.execute_hunt(order=asked, settings=pool_home, runner=runner)
        plan = core_engine.plan_hunt(asked, fresh_home).model_copy(update={"runner": "subprocess"})
        core_engine.execute_hunt(plan=plan, settings=fresh_home)
    runner.close()
    assert len(ledger(pool_home)) == 4
    assert ledger_bar_names(pool_home) == ledger_bar_names(fresh_home)
