"""A confirmation by the real worker and validator on the pool."""

import pytest

import core_engine
from irer.base.files import read_json
from irer.controls.files import confirmation_settings
from tests.hunts import home, order

pytestmark = pytest.mark.soak


def test_real_worker_and_validator_repeat_a_run(tmp_path):
    """Forty small real simulations on the pool."""
    settings = home(tmp_path, workers=1)
    options = {"N_grid": 16, "box_length": 20.0, "T_steps": 10}
    plan = core_engine.plan_hunt(
        order(num_generations=1, population_size=1, simulation=options), settings
    )
    best = core_engine.execute_hunt(plan=plan, settings=settings)
    report = core_engine.confirm_run(best["job_uuid"], settings)
    assert report is not None
    assert all(run.error is None for group in report.groups for run in group.runs)
    assert report.outcome == "not passed"  # 16 points a side resolve no eight targets
    own = confirmation_settings(settings, best["job_uuid"])
    assert read_json(own.home.confirmation_file) == report.model_dump(mode="json")
