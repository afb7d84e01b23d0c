"""Two hunts beside each other, as the route and the page of it."""

import html
import re
import uuid
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

import core_engine
from app import RunningHub, create_app
from irer.controls.fingerprint import sealed
from irer.controls.null_hunts import null_plan
from irer.controls.random_control import control_plan
from irer.home.registry import load_kept_plan
from settings import Settings
from tests.fake_engine import FakeEngine
from tests.hunts import home, order, run_canned

EVIL = "<b>wide</b>"


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, list[str]]:
    """Two hunts, the first with a control hunt of random draws and two decoy hunts."""
    settings, ids = home(tmp_path_factory.mktemp("two")), []
    for seed, changes in ((1, {}), (2, {"sampler": "random", "params": {"kappa": [0.2, 0.5]}})):
        given = order(seed=seed, num_generations=2, population_size=3, **changes)
        plan = core_engine.plan_hunt(given, settings)
        run_canned(settings, plan)
        ids.append(plan.hunt_id)
    plan = load_kept_plan(settings.home, ids[0])
    assert plan is not None
    random = control_plan(plan, core_engine.new_id())
    run_canned(settings.model_copy(update={"home": settings.home.control_hunt(ids[0])}), random)
    for number in (1, 2):
        own = settings.model_copy(
            update={"home": settings.home.null_hunt(ids[0], "decoys", number)}
        )
        decoy = null_plan(plan, "decoys", number)
        decoy = sealed(decoy.model_copy(update={"hunt_id": core_engine.new_id()}))
        run_canned(own, decoy)
    return settings, ids


@pytest.fixture
def client(two: tuple[Settings, list[str]]) -> Iterator[FlaskClient]:
    with RunningHub(two[0], FakeEngine().as_engine()) as hub:
        yield create_app(hub, "T" * 43).test_client()


def test_two_hunts_beside_each_other(client: FlaskClient, two: tuple[Settings, list[str]]) -> None:
    first, second = two[1]
    answer = client.get(f"/api/hunts/{first}/comparison?other={second}")
    assert answer.status_code == 200
    found = answer.json
    assert [hunt["hunt_id"] for hunt in found["hunts"]] == [first, second]
    for hunt in found["hunts"]:
        reading = client.get(f"/api/hunts/{hunt['hunt_id']}/reading").json
        assert hunt["sentence"] == reading["sentence"]
        listed = next(
            each
            for each in client.get("/api/hunts").json["hunts"]
            if each["hunt_id"] == hunt["hunt_id"]
        )
        assert {name: hunt[name] for name in listed} == listed
        drawn = client.get(f"/api/figures/hypervolume?hunt={hunt['hunt_id']}").json["data"][0]
        assert hunt["hypervolume"] == pytest.approx(drawn["y"][-1])
    differ = {each["name"]: each["values"] for each in found["differences"]}
    assert differ["seed"] == [1, 2]
    assert differ["sampler"][1] == "random"
    assert differ["params.kappa"] == [[0.1, 1.0], [0.2, 0.5]]
    assert set(differ) == {"seed", "sampler", "params.kappa"}
    assert [hunt["random_runs"] for hunt in found["hunts"]] == [6, 0]
    assert [hunt["decoy_hunts"] for hunt in found["hunts"]] == [2, 0]
    drawn = [
        f"{first[:8]}, {what}"
        for what in ("decoy hunts, 5%", "decoy hunts, 5 to 95%", "random draws")
    ]
    for figure in (found["best"], found["hypervolume"]):
        assert [trace["name"] for trace in figure["data"]] == [*drawn, first[:8], second[:8]]


def test_the_page_of_two_hunts(client: FlaskClient, two: tuple[Settings, list[str]]) -> None:
    first, second = two[1]
    client.post(f"/api/hunts/{first}/label", json={"name": EVIL})
    page = client.get(f"/compare-hunts?hunt={first}&hunt={second}")
    assert page.status_code == 200
    assert "&lt;b&gt;wide&lt;/b&gt;" in page.text
    assert EVIL not in page.text
    assert f'data-hunts="{first} {second}"' in page.text
    sentence = client.get(f"/api/hunts/{second}/reading").json["sentence"]
    assert sentence in html.unescape(page.text)
    assert re.search(
        r"params\.kappa<button[^>]*help-kappa[^>]*></button></th>\s*"
        r"<td[^>]*>0\.1 to 1</td><td[^>]*>0\.2 to 0\.5",
        page.text,
    )
    for name in ("log_prime_sse", "sdg_h_norm_l2", "hypervolume", "history", "seed"):
        assert f'popovertarget="help-{name}"' in page.text
        assert f'id="help-{name}"' in page.text


def test_what_cannot_be_compared_is_one_clear_line(
    client: FlaskClient, two: tuple[Settings, list[str]]
) -> None:
    first, second = two[1]
    unknown = str(uuid.uuid4())
    for path in (
        f"/compare-hunts?hunt={first}&hunt={unknown}",
        f"/compare-hunts?hunt={unknown}",
    ):
        page = client.get(path)
        assert page.status_code == 404
        assert f"there is no hunt {unknown}" in page.text
        assert "There is no such hunt" in page.text
    assert client.get(f"/api/hunts/{first}/comparison?other={unknown}").status_code == 404
    assert client.get(f"/api/hunts/{unknown}/comparison?other={first}").status_code == 404
    wrong = client.get("/compare-hunts?hunt=x")
    assert (wrong.status_code, "must be a UUID" in wrong.text) == (400, True)
    assert client.get(f"/api/hunts/{first}/comparison?other=x").status_code == 400
    assert client.get(f"/api/hunts/{first}/comparison?other={second[:13]}").status_code == 200
    assert client.get(f"/api/hunts/{first}/comparison").status_code == 400
    third = f"/compare-hunts?hunt={first}&hunt={second}&hunt={unknown}"
    many = client.get(third)
    assert (many.status_code, "two hunts can be compared, got 3" in many.text) == (400, True)


@pytest.mark.parametrize("query", ["", "?hunt={0}", "?hunt={0}&hunt={0}", "?hunt={0}&hunt="])
def test_with_fewer_than_two_the_page_lets_one_choose(
    client: FlaskClient, two: tuple[Settings, list[str]], query: str
) -> None:
    page = client.get("/compare-hunts" + query.format(*two[1]))
    assert page.status_code == 200
    assert "Choose two different hunts" in page.text
    assert page.text.count(f'<option value="{two[1][1]}"') == 2
    assert page.text.count("selected") == (1 if query else 0)
