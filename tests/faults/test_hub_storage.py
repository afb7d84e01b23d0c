"""A hub, its workers and validators on a disk that refuses one kind of file after the other."""

import errno
import os
import re
from itertools import product
from pathlib import Path

import settings as settings_module
from irer.base.files import TEMPORARY_PREFIX, read_json
from tests.hub_process import ROOT, HubProcess
from tests.hunts import ledger

SITES = {  # pattern of the file's name -> who writes it
    "config_": "engine",
    "hunt.json": "engine",
    "simulation_.*h5": "worker",
    "provenance_": "validator",
    "simulation_ledger": "hunter",
}
ERRORS = (errno.ENOSPC, errno.EACCES)
# The best run's parameters are written once, at the end.
FAULTS = [*product(ERRORS, SITES), *product(ERRORS, ["golden_parameters"])]
GENERATIONS, POPULATION = len(ERRORS) * len(SITES) + 1, 2
ORDER = {
    "num_generations": GENERATIONS,
    "population_size": POPULATION,
    "seed": 5,
    "sampler": "random",
    "simulation": {"N_grid": 16, "T_steps": 300, "box_length": 6.0, "step_control": "fixed"},
}


def test_refused_at_every_site_the_hunt_pauses_and_ends_with_the_full_ledger(
    tmp_path: Path,
) -> None:
    """Every kind of file is refused with either error; after each *Resume* the hunt goes on."""
    fault = tmp_path / "fault"
    refusing = os.pathsep.join([str(Path(__file__).parent / "refusing"), str(ROOT)])
    home = settings_module.load(home=tmp_path / "home")
    environment = {"PYTHONPATH": refusing, "FAULT_FILE": str(fault), "IRER_WORKERS": "1"}
    with HubProcess(home.home, **environment) as hub:
        for number, (code, site) in enumerate(FAULTS):
            inject(fault, code, site)  # in the place of the one before
            hub.post("resume-hunt" if number else "start-hunt", {} if number else ORDER)
            status = hub.wait_for("Paused", "Completed")
            assert status["hunt_status"] == "Paused", (code, site)
            assert re.search(f"{home.home}.*/{site}.*: {os.strerror(code)}", status["reason"])
            assert_whole(home.home.folder)
        fault.unlink()
        hub.post("resume-hunt")
        assert hub.wait_for("Completed")["found_count"] == GENERATIONS * POPULATION
    places = [(row["generation"], row["index"]) for row in ledger(home)]
    assert places == [(str(g + 1), str(i)) for g in range(GENERATIONS) for i in range(POPULATION)]
    assert {row["state"] for row in ledger(home)} == {"COMPLETE"}
    assert read_json(home.home.golden_file)["job_uuid"] in {row["job_uuid"] for row in ledger(home)}


def inject(fault: Path, code: int, site: str) -> None:
    aside = fault.with_name("next-fault")
    aside.write_text(f"{code} {site}")
    aside.replace(fault)


def assert_whole(home: Path) -> None:
    """No half-written file lies about, and what is there can be read."""
    assert not [path for path in home.rglob("*") if path.name.startswith(TEMPORARY_PREFIX)]
    for path in home.rglob("*.json"):
        read_json(path)
