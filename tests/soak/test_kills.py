"""Hunts on a real hub with real workers, killed at random, end as if nothing had happened."""

import random
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

import settings as settings_module
from tests.hub_process import HubProcess, still_alive
from tests.hunts import ledger, ledger_bar_names
from tests.soak.conftest import CHILD_KILLS, HUB_KILLS

pytestmark = [pytest.mark.soak, pytest.mark.timeout(4 * 3600)]

ORPHANS_GONE_S = 5
POPULATION = 4


def small_order(generations: int, sampler: str, steps: int) -> dict[str, Any]:
    simulation = {"N_grid": 32, "T_steps": steps, "box_length": 25.0}
    return {
        "num_generations": generations,
        "population_size": POPULATION,
        "seed": 3,
        "sampler": sampler,
        "runner": "pool",
        "simulation": simulation,
    }


def check_same_as_uninterrupted(home: Path, order: dict[str, Any], reference: Path) -> None:
    """Hold a home that went through trouble against one that did not."""
    with HubProcess(reference) as hub:
        hub.post("start-hunt", order)
        hub.wait_for("Completed")
    troubled, quiet = settings_module.load(home=home), settings_module.load(home=reference)
    jobs = order["num_generations"] * order["population_size"]
    assert len({row["job_uuid"] for row in ledger(troubled)}) == len(ledger(troubled)) == jobs
    assert ledger_bar_names(troubled) == ledger_bar_names(quiet)
    for folder in (troubled.home.config_dir, troubled.home.data_dir, troubled.home.provenance_dir):
        assert len(list(folder.iterdir())) == jobs  # and no temporary file


def test_the_hub_killed_again_and_again(tmp_path: Path, rng: random.Random) -> None:
    """At start-up, between jobs, within one, on the way to a pause, in a pause."""
    home = tmp_path / "killed"
    # More jobs, and longer ones, than are done between the kills.
    order = small_order(generations=3 * HUB_KILLS, sampler="tpe", steps=400)
    for life in range(HUB_KILLS):
        with HubProcess(home) as hub:
            status = hub.status()
            assert status["hunt_status"] == ("Interrupted" if life else "Idle")
            hub.post("resume-hunt" if life else "start-hunt", {} if life else order)
            hub.wait_for("Running", found=status["found_count"] + rng.randrange(3))
            if rng.random() < 0.2:
                hub.post("pause-hunt")
                if rng.random() < 0.5:
                    hub.wait_for("Paused")
            time.sleep(rng.uniform(0, 0.5))
            orphans = hub.descendants()
            hub.kill()
        check_gone(orphans)
    with HubProcess(home) as hub:
        hub.post("resume-hunt")
        assert hub.wait_for("Completed")["found_count"] == 3 * HUB_KILLS * POPULATION
    check_same_as_uninterrupted(home, order, tmp_path / "reference")


def check_gone(orphans: list[psutil.Process]) -> None:
    deadline = time.monotonic() + ORPHANS_GONE_S
    while still_alive(orphans) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert still_alive(orphans) == []


def test_workers_and_validators_killed_again_and_again(tmp_path: Path, rng: random.Random) -> None:
    """A whole generation between two kills: a job that meets both would rightly be given up."""
    home = tmp_path / "killed"
    order = small_order(generations=6 * CHILD_KILLS, sampler="random", steps=100)
    kills = 0
    with HubProcess(home) as hub:
        hub.post("start-hunt", order)
        for _ in range(CHILD_KILLS):
            time.sleep(rng.uniform(0, 0.3))
            kills += kill_one(hub, rng)
            at_hand = hub.status()["found_count"] // POPULATION
            hub.wait_for("Running", "Completed", found=(at_hand + 2) * POPULATION)
        hub.wait_for("Completed")
    retried = count_retries(home)
    print(f"{kills} kills, {retried} jobs tried again")
    assert kills == CHILD_KILLS
    assert retried > 0
    check_same_as_uninterrupted(home, order, tmp_path / "reference")


def kill_one(hub: HubProcess, rng: random.Random) -> bool:
    """Kill a random process that runs jobs; say whether there was one."""
    for _ in range(500):
        busy = [process for process in hub.descendants() if works(process)]
        if busy:
            rng.choice(busy).kill()
            return True
        time.sleep(0.02)
    return False


def works(process: psutil.Process) -> bool:
    """Say whether it is a worker or validator rather than a helper of multiprocessing."""
    try:
        return "spawn_main" in " ".join(process.cmdline())
    except psutil.Error:
        return False


def count_retries(home: Path) -> int:
    """Count the tries that the engine's logs say were cut short."""
    logs = home.glob("core_engine_hunt.log*")
    return sum(log.read_text().count(", try 1: ") for log in logs)
