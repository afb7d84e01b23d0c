"""For every sampler: a hunt killed again and again proposes what an uninterrupted one does."""

import os
import random
import subprocess
import sys
from collections import Counter

import numpy as np
import pytest

import core_engine
from irer.search.samplers import SAMPLERS
from tests.canned import CannedRunner, canned_record
from tests.faults.test_engine_kill import Killed, Killer
from tests.hunts import home, hunt_state, ledger_bar_names, order, run_canned

GENERATIONS, POPULATION = 5, 8  # gp asks its processes in the last two
KILLS = 20


def small_plan(settings, sampler):
    small = order(num_generations=GENERATIONS, population_size=POPULATION, sampler=sampler)
    return core_engine.plan_hunt(small, settings)


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    ledgers = {}
    for sampler in SAMPLERS:
        settings = home(tmp_path_factory.mktemp(sampler))
        run_canned(settings, small_plan(settings, sampler))
        ledgers[sampler] = ledger_bar_names(settings)
    return ledgers


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_killed_twenty_times_at_random(tmp_path, monkeypatch, uninterrupted, sampler):
    rng, settings, kills = random.Random(sampler), home(tmp_path), 0
    plan = small_plan(settings, sampler)
    while hunt_state(settings) != "Completed" if kills else True:
        with monkeypatch.context() as patch:
            if kills < KILLS:  # some 120 writes in all: on average every fifth
                Killer(patch, rng.randrange(1, 10), rng.choice(["torn", "after"]))
            try:
                run_canned(settings, core_engine.load_plan(settings.home) or plan)
            except Killed:
                kills += 1
    assert kills == KILLS
    assert ledger_bar_names(settings) == uninterrupted[sampler]


def by_seed(job):
    """The canned landscape with a seed's luck as large as what the parameters do."""
    record = canned_record(job)
    if record.metrics is None:
        return record
    luck = np.random.default_rng(job.global_seed).normal()
    sse = float(np.clip(record.metrics.log_prime_sse + 0.5 * luck, 0, 2))
    metrics = record.metrics.model_copy(update={"log_prime_sse": sse})
    return record.model_copy(update={"metrics": metrics})


@pytest.mark.parametrize("seeds_per_candidate", [1, 3])
def test_killed_twenty_times_in_the_middle_of_repeats(tmp_path, monkeypatch, seeds_per_candidate):
    def run(settings, plan):
        return run_canned(settings, plan, runner=CannedRunner(settings, by_seed))

    asked = order(
        num_generations=GENERATIONS,
        population_size=POPULATION,
        sampler="gp",
        seeds_per_candidate=seeds_per_candidate,
    )
    whole, settings = home(tmp_path / "whole"), home(tmp_path / "killed")
    run(whole, core_engine.plan_hunt(asked, whole))
    expected = ledger_bar_names(whole)
    plan, rng, kills = core_engine.plan_hunt(asked, settings), random.Random(5), 0
    while hunt_state(settings) != "Completed" if kills else True:
        with monkeypatch.context() as patch:
            if kills < KILLS:
                Killer(patch, rng.randrange(1, 10), rng.choice(["torn", "after"]))
            try:
                result = run(settings, core_engine.load_plan(settings.home) or plan)
            except Killed:
                kills += 1
    assert kills == KILLS
    assert ledger_bar_names(settings) == expected
    runs = Counter(row["candidate"] for row in expected)
    if seeds_per_candidate == 3:
        failed = {row["candidate"] for row in expected if row["state"] == "FAILED"}
        last = expected[-1]["candidate"]  # the budget of 40 ends inside it
        assert {runs[name] for name in runs if name not in failed | {last}} == {3}
        assert set(result["variance_share"]) == {"log_prime_sse", "constraint_violation"}
    seeds = {row["global_seed"] for row in expected}
    assert len(seeds) == len(expected)
    assert result["recommended"]["runs"] in runs.values()


FIRST_HALVES = """
import os, sys
from pathlib import Path
from tests.canned import CannedRunner, canned_record
from tests.faults.test_hunter_resume import SAMPLERS, home, run_canned, small_plan

class Gone(BaseException):
    pass

for number, sampler in enumerate(SAMPLERS):
    settings, answered = home(Path(sys.argv[1]) / sampler), []

    def answer(job):
        answered.append(job)
        if len(answered) == 27 + number:
            raise Gone
        return canned_record(job)

    try:
        run_canned(settings, small_plan(settings, sampler), runner=CannedRunner(settings, answer))
    except Gone:
        pass
os._exit(0)
"""


def test_begun_in_one_process_and_ended_in_another(tmp_path, uninterrupted):
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "PYTHONHASHSEED": "7"}
    command = [sys.executable, "-c", FIRST_HALVES, str(tmp_path)]
    subprocess.run(command, env=environment, check=True, timeout=250)
    for sampler in SAMPLERS:
        settings = home(tmp_path / sampler)
        if sampler == "gp":  # and the last row is torn besides
            settings.home.ledger_file.write_bytes(settings.home.ledger_file.read_bytes()[:-40])
        assert len(ledger_bar_names(settings)) < GENERATIONS * POPULATION
        run_canned(settings, core_engine.load_plan(settings.home))
        assert ledger_bar_names(settings) == uninterrupted[sampler]
