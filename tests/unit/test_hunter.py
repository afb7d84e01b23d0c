import uuid

import pytest

import aste_hunter
import core_engine
from aste_hunter import Hunter
from irer.base.errors import ContractError, NotFoundError
from irer.base.files import write_json
from irer.base.records import SncglParams
from irer.home.registry import make_job, register
from irer.hunt.control import HuntControl
from tests.canned import CannedRunner, canned_record
from tests.hunts import home, ledger, order, run_canned


@pytest.fixture
def settings(tmp_path):
    return home(tmp_path)


@pytest.fixture
def plan(settings):
    return core_engine.plan_hunt(order(), settings)


def commit(settings, plan, proposals):
    """Run proposals as the jobs of the plan's generation; return their uuids."""
    jobs = [make_job(plan, str(uuid.uuid4()), i, p) for i, p in enumerate(proposals)]
    for job in jobs:
        record = canned_record(job)
        write_json(settings.home.provenance_file(job.job_uuid), record.model_dump(mode="json"))
    return [job.job_uuid for job in jobs]


def test_ask_tell_and_best(settings, plan):
    hunter = Hunter.of_plan(plan, settings.home)
    assert hunter.get_current_generation() == 0
    assert hunter.get_best_run() == {"error": "No successful runs completed."}
    proposals = hunter.get_next_generation(4)
    assert all(list(p) == list(SncglParams.model_fields) for p in proposals)
    uuids = commit(settings, plan, proposals)
    rows = [{"job_uuid": u} | p for u, p in zip(uuids, proposals, strict=True)]
    hunter.register_new_jobs(rows)
    # A path as text, as the first engine passed it.
    assert hunter.process_generation_results(str(settings.home.provenance_dir), uuids[::-1]) == 4
    assert hunter.process_generation_results(settings.home.provenance_dir, uuids) == 0
    assert hunter.get_current_generation() == 1
    recorded = ledger(settings)
    assert [row["job_uuid"] for row in recorded] == uuids
    best = hunter.get_best_run()
    assert best["fitness"] == max(float(row["fitness"]) for row in recorded if row["fitness"])
    assert best["simulation"]["N_grid"] == 256
    assert best["verdict"] == {"scientific": "not reached"}


def test_rebuilt_hunter_equals_the_one_that_lived_on(settings, plan):
    living = Hunter.of_plan(plan, settings.home)
    uuids = commit(settings, plan, living.get_next_generation(12))
    living.process_generation_results(settings.home.provenance_dir, uuids)
    rebuilt = Hunter.of_plan(plan, settings.home)
    assert rebuilt.get_next_generation(6) == living.get_next_generation(6)
    assert rebuilt.get_best_run() == living.get_best_run()
    assert [r.job_uuid for r in rebuilt.front] == [r.job_uuid for r in living.front]


def test_rows_outside_the_hunt_are_not_learned_from(settings, plan):
    run_canned(settings)
    rows = len(ledger(settings))

    def learned(**changes):
        hunter = Hunter(settings.home.ledger_file, **changes)
        assert hunter.get_current_generation() == 3
        return len(hunter._history.rows())

    assert learned() == rows
    assert learned(model="sncgl_flat") == 0
    assert learned(simulation=plan.simulation) == rows
    assert learned(simulation=plan.simulation.model_copy(update={"N_grid": 32})) == 0
    assert learned(fixed_params=SncglParams(lambda_sdg=4.0)) == 0
    narrow = dict(plan.search_space) | {"c1": (-2.0, 0.0)}
    below = sum(float(row["c1"]) <= 0 for row in ledger(settings))
    assert 0 < below < rows
    assert learned(search_space=narrow) == below


def test_best_is_of_the_current_hunt(settings):
    run_canned(settings)
    plan = core_engine.plan_hunt(order(), settings)
    assert "error" in Hunter.of_plan(plan, settings.home).get_best_run()
    assert "error" not in Hunter(settings.home.ledger_file).get_best_run()


def test_results_that_do_not_fit_are_refused_and_nothing_recorded(settings, plan):
    hunter = Hunter.of_plan(plan, settings.home)
    first, second = hunter.get_next_generation(2)
    uuids = commit(settings, plan, [first, second])
    hunter.register_new_jobs([{"job_uuid": uuids[0]} | second])
    with pytest.raises(ContractError, match="other parameters than registered"):
        hunter.process_generation_results(settings.home.provenance_dir, uuids)
    with pytest.raises(NotFoundError):
        hunter.process_generation_results(
            settings.home.provenance_dir, [uuids[1], str(uuid.uuid4())]
        )
    with pytest.raises(ContractError, match="must be a UUID"):
        hunter.process_generation_results(settings.home.provenance_dir, ["../hunt"])
    assert ledger(settings) == []


def test_a_job_is_registered_once(settings, plan):
    run_canned(settings, plan)
    hunter = Hunter.of_plan(plan, settings.home)
    params = hunter.get_next_generation(1)[0]
    fresh = {"job_uuid": str(uuid.uuid4())} | params
    hunter.register_new_jobs([fresh])
    for again in (fresh, {"job_uuid": ledger(settings)[0]["job_uuid"]} | params):
        with pytest.raises(ContractError, match="registered already"):
            hunter.register_new_jobs([again])


def test_torn_ledger_is_mended_from_the_provenance(settings):
    run_canned(settings)
    whole = settings.home.ledger_file.read_bytes()
    settings.home.ledger_file.write_bytes(whole[:-20])
    assert Hunter(settings.home.ledger_file).get_current_generation() == 3
    assert settings.home.ledger_file.read_bytes() == whole


def test_show(settings, capsys):
    assert aste_hunter.main(["show", "--home", str(settings.home)]) == 0
    assert "0 runs" in capsys.readouterr().out
    best = run_canned(settings)
    assert aste_hunter.main(["show", "--home", str(settings.home)]) == 0
    shown = capsys.readouterr().out
    assert "12 runs" in shown
    assert shown.count(best["job_uuid"]) == 3  # as the best, on the front, and in the table
    assert all(row["job_uuid"] in shown for row in ledger(settings))


def test_repair_writes_a_lost_ledger_anew(settings, capsys):
    run_canned(settings)
    whole = settings.home.ledger_file.read_bytes()
    settings.home.ledger_file.write_text("not,a,ledger\n")
    assert aste_hunter.main(["show", "--home", str(settings.home)]) == 1
    assert "aste_hunter.py repair" in capsys.readouterr().err
    assert aste_hunter.main(["repair", "--home", str(settings.home)]) == 0
    assert "12 runs" in capsys.readouterr().out
    assert settings.home.ledger_file.read_bytes() == whole


def test_repair_enters_an_unfinished_generation_and_its_resume_does_the_rest(settings):
    plan = core_engine.plan_hunt(order(), settings)
    runner = CannedRunner(settings)
    control = HuntControl()

    def stop(job):
        if len(runner.submitted) == 6:
            control.stop()
        return canned_record(job)

    runner._answer = stop
    run_canned(settings, plan, runner=runner, control=control)
    before = settings.home.ledger_file.read_bytes()
    assert aste_hunter.main(["repair", "--home", str(settings.home)]) == 0
    assert settings.home.ledger_file.read_bytes() == before
    assert len(ledger(settings)) == 6
    run_canned(settings, core_engine.load_plan(settings.home))
    assert len(ledger(settings)) == 12


def test_show_says_in_one_line_what_is_wrong(settings, capsys):
    settings.home.folder.mkdir(exist_ok=True)
    settings.home.ledger_file.write_text("a,b\n")
    assert aste_hunter.main(["show", "--home", str(settings.home)]) == 1
    with pytest.raises(SystemExit) as error:
        aste_hunter.main(["dance"])
    assert error.value.code == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert "row 1" in lines[0]
    assert "dance" in lines[1]


def test_registered_files_are_what_was_proposed(settings, plan):
    runner = CannedRunner(settings)
    run_canned(settings, plan, runner=runner)
    empty = home(settings.home.folder / "empty").home
    proposals = Hunter.of_plan(plan, empty).get_next_generation(4)
    first = sorted(runner.submitted[:4], key=lambda job: job.index)
    assert [job.sncgl_params.model_dump() for job in first] == proposals
    register(settings.home, runner.submitted[:1])  # writing it again changes nothing
    job = core_engine.read_job(settings.home.config_file(runner.submitted[0].job_uuid))
    assert job == runner.submitted[0]
    assert job.config_sha256 == job.fingerprint()
