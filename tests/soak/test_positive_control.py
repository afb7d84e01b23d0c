"""The positive control on the real equations: *confirmed* at the targets, nothing at decoys."""

import numpy as np
import pytest

import core_engine
from irer.controls import positive_control
from irer.controls.positive_control import Engine
from irer.hunt.control import HuntControl
from irer.hunt.progress import SeriesBar
from irer.validation import decoy_combs
from settings import load

pytestmark = pytest.mark.soak


@pytest.mark.timeout(7200)
def test_a_drive_at_the_targets_is_confirmed(tmp_path):
    engine = Engine(core_engine.plan_hunt, core_engine.run_hunt, core_engine.new_id)
    settings = load(home=tmp_path)
    result = positive_control.run(settings, engine, SeriesBar(1), HuntControl(), lambda *_: None)
    print(result.verdict)
    assert result.verdict.scientific == "confirmed", result.verdict


@pytest.mark.timeout(3600)
def test_a_drive_at_the_places_of_a_decoy_is_not_reached(tmp_path):
    comb = tuple(decoy_combs(1, np.random.default_rng(1))[0].tolist())
    best = core_engine.execute_hunt(
        order=positive_control.order(comb), settings=load(home=tmp_path)
    )
    assert best["verdict"]["scientific"] == "not reached"
    assert best["log_prime_sse"] > 0.05
