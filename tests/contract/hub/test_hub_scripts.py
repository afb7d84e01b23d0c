"""What the pages' scripts are told, and do not say themselves."""

import json
import re

import pytest
from flask.testing import FlaskClient

from settings import SOURCE_ROOT
from tests.fake_engine import commit, make_record

TOLD = re.compile(r"""<meta name="constants" content='(.*?)'>""")
SCRIPTS = sorted((SOURCE_ROOT / "static" / "js").glob("*/*.js"))


def told(page: str) -> dict:
    (text,) = TOLD.findall(page)
    return json.loads(text)


def test_every_page_tells_its_scripts_the_names_and_limits_of_the_program(
    client: FlaskClient, settings, wait_until
) -> None:
    record = make_record(index=0, sse=1.5)
    commit(settings, record)
    run = f"/runs/{record.job_uuid}"
    wait_until(lambda: client.get(run).status_code == 200)
    for path in ("/", "/compare", "/components", run):
        assert told(client.get(path).text) == {
            "group_names": {
                "own_settings": "own settings", "finer_grid": "N × 2", "half_step": "dt / 2",
                "larger_box": "L × 1.5", "float64": "float64",
            },
            "compared_metrics": ["log_prime_sse", "sdg_h_norm_l2"],
            "judged_metrics": ["log_prime_sse", "sdg_h_norm_l2", "sdg_h_norm_relative"],
            "unmatched_cost": 0.25, "confident_excess": 3.0,
            "most_compared": 6,
            "active_states": ["Running", "Paused", "Stopping"],
        }, path  # fmt: skip


def test_the_pages_show_the_goals_of_the_program(client: FlaskClient, settings, wait_until) -> None:
    record = make_record(index=0, sse=1.5)
    commit(settings, record)
    run = f"/runs/{record.job_uuid}"
    wait_until(lambda: client.get(run).status_code == 200)
    goals = re.compile(r"goal &lt; ([\d.]+)<")
    assert goals.findall(client.get("/").text) == ["0.01", "0.001"]
    assert goals.findall(client.get(run).text) == ["0.01", "0.001", "0.01"]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_no_script_spells_what_it_is_told(client: FlaskClient, script) -> None:
    names = told(client.get("/").text)["group_names"]
    words = {f'"{name}"' for name in names} | {*names.values()}
    text = script.read_text()
    assert [word for word in words if word in text] == []


def test_scripts_lie_in_their_two_folders_and_pages_import_no_page() -> None:
    assert {path.parent.name for path in SCRIPTS} == {"pages", "parts"}
    for path in SCRIPTS:
        for imported in re.findall(r'from "(.*?)"', path.read_text()):
            assert (path.parent / imported).resolve().parent.name == "parts", path.name
