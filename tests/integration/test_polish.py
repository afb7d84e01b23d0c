"""Descent through the real solver, in its own process, then judged by worker and validator."""

import json
import subprocess
import sys
import threading

import pytest

import core_engine
from irer.base.records import SncglParams
from irer.hunt import polishing
from irer.hunt.polishing import polished
from tests.canned import CannedRunner
from tests.hunts import home, ledger, order, run_canned

SIMULATION = {"N_grid": 32, "box_length": 25.0, "T_steps": 30}
START = SncglParams(epsilon=0.9, c1=0.5, c3=0.2, kappa=0.6, g_nonlocal=0.3, sigma_k=0.5, k0=1.0)

SURROGATE = """
import json, sys
import jax.numpy as jnp
from irer.physics import initial, simulate
from irer.physics.polish import surrogate
from irer.base.records import SimulationConfig
from irer.spectral.grid import Grid
from irer.spectral.transforms import to_modes, to_modes_real
from irer.validation import constraint_norms
for values in json.load(sys.stdin):
    config = SimulationConfig(**values)
    end = simulate(config)
    grid = Grid(config.N_grid, config.box_length, 2, config.dealias)
    kappa = jnp.asarray(config.sncgl_params.kappa)
    found = surrogate(
        to_modes(jnp.asarray(end.psi), grid), to_modes_real(jnp.asarray(end.u), grid), kappa, config
    )
    exact = constraint_norms(end.psi, end.u, config.box_length, config.sncgl_params.kappa).l2
    print(json.dumps([10 ** float(found[0]), 10 ** float(found[1]), float(exact)]))
"""


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    settings = home(tmp_path_factory.mktemp("plan"))
    asked = order(simulation=SIMULATION, polish_generations=1)
    return core_engine.plan_hunt(asked, settings), settings


def test_descent_lowers_the_surrogate_and_its_h_norm_is_the_validator_s(plan, monkeypatch):
    plan, settings = plan
    monkeypatch.setattr(polishing, "STEPS", 5)
    found = polished(plan, [(START, 7)], settings, threading.Event())
    assert len(found) == 1
    better = SncglParams(**found[0])
    assert better != START
    for name, (low, high) in plan.search_space.items():
        assert low <= getattr(better, name) <= high
    fixed = plan.simulation.model_dump() | {"step_control": "fixed", "global_seed": 7}
    configs = [fixed | {"sncgl_params": p.model_dump()} for p in (START, better)]
    answer = subprocess.run(
        [sys.executable, "-c", SURROGATE],
        input=json.dumps(configs),
        capture_output=True,
        text=True,
        check=True,
    )
    before, after = map(json.loads, answer.stdout.splitlines())
    assert after[0] * after[1] < before[0] * before[1]  # the weight of both is a half
    for _, norm, exact in (before, after):
        assert norm == pytest.approx((exact**2 + 1e-8) ** 0.5, rel=2e-3)


def test_last_generation_descends_from_the_front_and_is_judged_like_any(plan, monkeypatch):
    plan, settings = plan
    asked = []

    def descend(plan, starts, settings, cancelled):
        asked.append((plan.generation, starts))
        return [params.model_dump() | {"c1": 0.25 + 0.01 * i} for i, (params, _) in
                enumerate(starts[:2])]  # fmt: skip

    monkeypatch.setattr(core_engine, "polished", descend)
    run_canned(settings, plan, runner=CannedRunner(settings))
    rows = ledger(settings)
    assert [generation for generation, _ in asked] == [3]
    front = {(row["epsilon"], row["global_seed"]) for row in rows[:8]}
    assert {(str(params.epsilon), str(seed)) for params, seed in asked[0][1]} <= front
    assert [row["origin"] for row in rows] == ["search"] * 8 + ["polish"] * 2 + ["search"] * 2
    assert [row["c1"] for row in rows[8:10]] == ["0.25", "0.26"]
    assert all(row["log_prime_sse"] or row["reason"] for row in rows[8:10])


def test_a_hunt_is_not_polished_unless_asked(tmp_path, monkeypatch):
    settings = home(tmp_path)
    monkeypatch.setattr(core_engine, "polished", lambda *_: pytest.fail("was asked to descend"))
    run_canned(settings)
    assert {row["origin"] for row in ledger(settings)} == {"search"}


def test_descent_that_crashes_is_said_and_gives_nothing(plan, monkeypatch, caplog):
    plan, settings = plan
    broken = plan.model_copy(update={"search_space": {"no_parameter": (0.0, 1.0)}})
    assert polished(broken, [(START, 7)], settings, threading.Event()) == []
    assert "no polished candidates" in caplog.text


def test_stopping_ends_a_descent(plan):
    plan, settings = plan
    stopped = threading.Event()
    stopped.set()
    assert polished(plan, [(START, 7)], settings, stopped) == []
