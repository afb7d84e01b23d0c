import subprocess
import sys

import numpy as np
import pytest

from irer.search import importance as module
from irer.search.importance import FEWEST, Importance, against_chance, importance

SPACE = {"epsilon": (0.0, 1.0), "c1": (-1.0, 1.0), "kappa": (0.0, 2.0)}


def drawn(n):
    rng = np.random.default_rng(5)
    return [{name: float(rng.uniform(*ends)) for name, ends in SPACE.items()} for _ in range(n)]


def test_the_parameter_that_decides_has_the_largest_share():
    runs = drawn(300)
    shares = importance(SPACE, runs, [10 * (r["c1"] - 0.5) ** 2 + 0.1 * r["kappa"] for r in runs])
    assert next(iter(shares)) == "c1"
    assert shares["c1"] > 0.8
    assert set(shares) == set(SPACE)
    assert sum(shares.values()) == pytest.approx(1)


def test_no_shares_before_there_is_anything_to_compare():
    runs = drawn(FEWEST)
    asked = Importance(SPACE)
    for run in runs[:-1]:
        asked.add(run, run["c1"])
    assert asked.shares() == {}
    asked.add(runs[-1], 0.0)
    assert set(asked.shares()) == set(SPACE)


def test_it_is_computed_once_for_the_same_runs(monkeypatch):
    asked = Importance(SPACE)
    for run in drawn(30):
        asked.add(run, run["c1"])
    first = asked.shares()
    monkeypatch.setattr(module._Runs, "divergences", lambda *_: {"computed": 1.0})
    assert asked.shares() == first
    asked.add(drawn(1)[0], 0.0)
    assert asked.shares() == {"computed": 1.0}


def test_equal_runs_say_nothing_about_any_parameter():
    assert importance(SPACE, drawn(40), [2.0] * 40) == {}
    assert importance(SPACE, drawn(40), [1.0] * 3 + [2.0] * 37) == {}  # fewer than a tenth


def test_importing_it_does_not_load_optuna():
    code = "import sys, irer.search.importance; assert 'optuna' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_on_noise_few_bars_stand_out_and_a_real_effect_does():
    space = {f"p{n}": (0.0, 1.0) for n in range(7)}
    rng, stand_out = np.random.default_rng(11), 0
    for _ in range(30):
        runs = [dict(zip(space, map(float, rng.uniform(size=7)), strict=True)) for _ in range(60)]
        (bars,) = against_chance(space, runs, [rng.normal(size=60).tolist()])
        assert sum(bar.share for bar in bars.values()) == pytest.approx(1)
        stand_out += sum(bar.stands_out for bar in bars.values())
    assert stand_out <= 21  # a tenth of 210; 5% are expected
    (bars,) = against_chance(space, runs, [[(run["p3"] - 0.5) ** 2 for run in runs]])
    assert bars["p3"].stands_out
