"""A home of an earlier measure: shown, not learned from, brought up to date with nothing lost."""

import json

import pytest

import core_engine
import validation_pipeline
from aste_hunter import Hunter
from irer.base.errors import ConflictError
from irer.home.homelock import hold_home
from irer.home.ledger import read_rows, rewrite
from irer.home.provenance import read_provenance
from settings import Settings
from tests.hunts import home, order
from tests.planted import PlantedRunner

EARLIER = {"log_prime_sse": 1.25, "measure_version": 1, "settled": None, "floor_limited": False}


@pytest.fixture
def earlier(tmp_path) -> Settings:
    """A home whose six runs have the metrics of version 1."""
    settings = home(tmp_path)
    plan = core_engine.plan_hunt(order(num_generations=2, population_size=3, seed=1), settings)
    core_engine.execute_hunt(plan=plan, settings=settings, runner=PlantedRunner(settings, 1.0))
    records = []
    for path in settings.home.provenance_dir.iterdir():
        data = json.loads(path.read_text())
        data["metrics"] |= EARLIER
        path.write_text(json.dumps(data))
        records.append(read_provenance(path))
    rewrite(settings.home.ledger_file, records)
    return settings


def test_runs_of_another_measure_are_kept_and_not_learned_from(earlier):
    rows = list(read_rows(earlier.home.ledger_file))
    assert [row.no_score for row in rows] == ["other_measure"] * 6
    hunter = Hunter(earlier.home.ledger_file)
    assert hunter.front == []
    assert hunter.get_best_run() == {"error": "No successful runs completed."}


def test_rescoring_brings_todays_numbers_and_keeps_the_old_ones(earlier, capsys):
    gone = sorted(earlier.home.data_dir.iterdir())[0]
    gone.unlink()
    assert validation_pipeline.main(["--rescore", "--home", str(earlier.home)]) == 0
    words = capsys.readouterr().out
    assert "5 runs rescored by version 2 of the measure, 0 had it, 1 could not be" in words
    assert f"{gone.stem.removeprefix('simulation_')}: its artifact is gone" in words
    records = [read_provenance(path) for path in earlier.home.provenance_dir.iterdir()]
    renewed = [record for record in records if record.earlier_metrics]
    assert len(renewed) == 5
    for record in renewed:
        assert record.metrics.measure_version == 2
        assert record.metrics.log_prime_sse < 1
        assert [old.log_prime_sse for old in record.earlier_metrics] == [1.25]
    rows = {row.job_uuid: row for row in read_rows(earlier.home.ledger_file)}
    assert sum(row.fitness is not None for row in rows.values()) == 5
    assert earlier.home.ledger_file.with_suffix(".csv.bak").exists()


def test_rescoring_again_changes_nothing(earlier, capsys):
    argv = ["--rescore", "--home", str(earlier.home)]
    validation_pipeline.main(argv)
    before = {p: p.read_bytes() for p in earlier.home.provenance_dir.iterdir()}
    capsys.readouterr()
    assert validation_pipeline.main(argv) == 0
    assert "0 runs rescored by version 2 of the measure, 6 had it" in capsys.readouterr().out
    assert {p: p.read_bytes() for p in earlier.home.provenance_dir.iterdir()} == before


def test_a_torn_artifact_is_named_and_its_record_stays(earlier, capsys):
    torn = sorted(earlier.home.data_dir.iterdir())[0]
    torn.write_bytes(torn.read_bytes()[:2000])
    assert validation_pipeline.main(["--rescore", "--home", str(earlier.home)]) == 0
    assert "is not a whole artifact" in capsys.readouterr().out
    record = read_provenance(earlier.home.provenance_file(torn.stem.removeprefix("simulation_")))
    assert record.metrics.measure_version == 1


def test_a_home_in_use_is_not_rescored(earlier, capsys):
    with hold_home(earlier.home), pytest.raises(ConflictError):
        validation_pipeline.rescore_home(earlier)


def test_one_of_both_is_asked_for(capsys):
    with pytest.raises(SystemExit) as ended:
        validation_pipeline.main([])
    assert ended.value.code == 2
