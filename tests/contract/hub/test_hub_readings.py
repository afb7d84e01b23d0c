"""A reading that is made for the answer is made once, until something changes."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from irer.home.registry import keep_plan
from irer.web import hunt_api
from settings import Settings
from tests.fake_engine import commit, make_plan, make_record


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What each reading was made from, as they are made."""
    made = []

    def counted(*given: Any) -> Any:
        made.append(given)
        return kept_or_made(*given)

    kept_or_made = hunt_api.kept_or_made
    monkeypatch.setattr(hunt_api, "kept_or_made", counted)
    return made


def test_a_reading_is_made_once_while_nothing_changes(
    client: FlaskClient, settings: Settings, wait_until: Callable, made: list[Any]
) -> None:
    plan = make_plan(state="Completed")
    keep_plan(settings.home, plan)

    def ask() -> Any:
        answer = client.get(f"/api/hunts/{plan.hunt_id}/reading")
        assert answer.status_code == 200
        return answer.json

    first = ask()
    assert [ask() for _ in range(3)] == [first] * 3
    assert len(made) == 1
    commit(settings, make_record(hunt_id=plan.hunt_id))
    wait_until(lambda: client.get("/api/runs").json["total"] == 1)
    ask()  # with a run more
    assert len(made) == 2
    settings.home.label_file(plan.hunt_id).write_text("{}")  # a file more in its folder
    ask()
    assert len(made) == 3


def test_a_comparison_and_an_action_take_the_readings_that_are_made(
    client: FlaskClient, settings: Settings, made: list[Any]
) -> None:
    plans = [make_plan(state="Completed") for _ in range(2)]
    for plan in plans:
        keep_plan(settings.home, plan)
    first, second = (plan.hunt_id for plan in plans)
    for path in ("/api/hunts/{}/comparison?other={}", "/compare-hunts?hunt={}&hunt={}") * 2:
        assert client.get(path.format(first, second)).status_code == 200
    assert [plan.hunt_id for _, plan, _ in made] == [first, second]
    reading = client.get(f"/api/hunts/{first}/reading").json
    acted = client.post(f"/api/hunts/{first}/findings/confirm/act", json={})
    assert acted.status_code == 409
    assert len(made) == 2
    beside = client.get(f"/api/hunts/{first}/comparison?other={second}").json["hunts"]
    assert beside[0]["sentence"] == reading["sentence"]
