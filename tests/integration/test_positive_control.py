"""The positive control ends in *confirmed* on its own physics, and in nothing at decoy places.

Here the physics is canned: a planted spectrum stands for each run, at the places of its source's
rings. The equations themselves make such spectra in tests/numerics/test_driven_lines.py; the whole
chain runs under tests/soak.
"""

import re
from typing import Any

import numpy as np
import pytest

import core_engine
import validation_pipeline
from irer.base.results import FinalResult
from irer.controls import positive_control
from irer.controls.positive_control import DECOY_HUNTS, Engine, own_settings, total_runs
from irer.hunt.control import HuntControl
from irer.hunt.progress import SeriesBar
from irer.validation import decoy_combs
from tests.hunts import home


def test_the_source_drives_the_targets_and_the_mean():
    rings = positive_control.order().simulation["source_rings"]
    assert rings == pytest.approx([0.0, *np.log([2, 3, 5, 7, 11, 13, 17, 19])])
    decoy = tuple(decoy_combs(1, np.random.default_rng(0))[0].tolist())
    assert positive_control.order(decoy).simulation["source_rings"] == [0.0, *decoy]


def test_its_decoy_hunts_can_give_a_p_below_five_percent():
    assert 1 / (1 + DECOY_HUNTS) < 0.05
    assert total_runs() == 6 * (1 + DECOY_HUNTS)


def test_the_estimate_comes_first(tmp_path):
    words = positive_control.announcement(home(tmp_path))
    assert f"{total_runs()} runs of a hunt and its {DECOY_HUNTS} decoy hunts" in words
    assert re.search(r"about \d+ min with \d+ workers$", words)


def test_what_bounds_the_hunts_of_a_user_does_not_bound_it(tmp_path):
    bounded = home(
        tmp_path, max_wall_s=1, max_stagnation=1, polish_generations=1, sampler="random",
        keep_artifacts="best:1",
    )  # fmt: skip
    plans = [
        core_engine.plan_hunt(positive_control.order(), own_settings(each))
        for each in (bounded, home(tmp_path))
    ]
    bare = [plan.model_dump(exclude={"hunt_id", "started_at"}) for plan in plans]
    assert bare[0] == bare[1]
    assert own_settings(bounded).keep_artifacts == "all"


def test_it_cannot_be_given_with_another_order(capsys):
    assert core_engine.main(["--positive-control", "--seed", "3"]) == 2
    said = "core_engine.py: --positive-control: has an order of its own, give no other\n"
    assert capsys.readouterr().err == said


class Stops(SeriesBar):
    """Asks for a stop once so many jobs are committed."""

    def __init__(self, control: HuntControl, jobs: int) -> None:
        super().__init__(1)
        self._control, self._left = control, jobs

    def job_committed(self, provenance: Any) -> None:
        self._left -= 1
        if self._left == 0:
            self._control.stop()


def test_stopped_it_says_what_is_missing_and_goes_on(tmp_path, monkeypatch):
    from tests.planted import PlantedRunner

    monkeypatch.setattr(validation_pipeline, "N_NULLS", 10)
    settings = home(tmp_path)

    def run_hunt(**given: Any) -> FinalResult:
        return core_engine.run_hunt(**given, runner=PlantedRunner(given["settings"], 3.0))

    engine = Engine(core_engine.plan_hunt, run_hunt, core_engine.new_id)
    control = HuntControl()
    control_bar = Stops(control, 8)  # in the first decoy hunt
    result = positive_control.run(settings, engine, control_bar, control, lambda *_: None)
    assert "no confirmation" in result.verdict.missing
    assert (own_settings(settings).home.folder / "hunt.json").exists()
