"""Help marks: everything that the pages name has one, and each leads to where it is explained."""

import re
from collections.abc import Callable
from functools import cache
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient

from irer.base.help import HELP
from irer.base.hunt_records import HuntOrder
from irer.base.records import Metrics, SimulationOptions, SncglParams
from irer.home.artifacts import write_artifact
from irer.hub.hub import Hub
from irer.web import documentation
from irer.web.figures import FIGURES
from irer.web.help import CHARTS, OWN
from irer.web.markdown import anchor_of, render
from settings import Settings
from tests.contract.hub.test_hub_views import OPTIONS, artifact_of
from tests.fake_engine import commit, make_record

OBJECTS = {"simulation", "params", "points"}  # of an order: they hold what is explained by itself
BLOCK = {
    "field": re.compile(r'<div class="field">.*?data-field="(?:\w+\.)?(\w+)".*?</div>', re.S),
    "parameter": re.compile(r'<fieldset [^>]*data-param="(\w+)">.*?</fieldset>', re.S),
    "chart": re.compile(r'<figure [^>]*data-figure="(\w+)">.*?</figcaption>', re.S),
    "row": re.compile(r'<th scope="row" class="mono">(\w+).*?</th>', re.S),
    "pair": re.compile(r"<div><dt>(\w+).*?</dt>", re.S),
}


def marks_in(text: str) -> list[str]:
    return re.findall(r'popovertarget="help-([\w-]+)"', text)


def links_of(page: str) -> dict[str, str]:
    """The explanations of a page: the name, and where it leads."""
    return dict(re.findall(r'<div popover id="help-([\w-]+)".*?href="([^"]+)"', page, re.S))


def unmarked(page: str, kind: str) -> tuple[set[str], int]:
    """The names without a mark in blocks of a kind, and how many such blocks there are."""
    found = list(BLOCK[kind].finditer(page))
    return {each[1] for each in found if each[1] not in marks_in(each[0])}, len(found)


@pytest.fixture
def page_of(
    settings: Settings, hub: Hub, client: FlaskClient, wait_until: Callable[[Any], None]
) -> Callable[[str], str]:
    records = [make_record(index=n).model_copy(update={"simulation": OPTIONS}) for n in (0, 1)]
    records[1] = records[1].model_copy(
        update={"extra_metrics": {"my_own": 1.0}, "sncgl_params": SncglParams(k0=0.5)}
    )
    for record in records:
        commit(settings, record)
        write_artifact(settings.home.artifact_file(record.job_uuid), artifact_of(record))
    wait_until(lambda: hub.index.size == 2)
    first, second = (record.job_uuid for record in records)
    addresses = {
        "hunt": "/", "run": f"/runs/{second}", "compare": f"/compare?run={first}&run={second}",
        "components": "/components",
    }  # fmt: skip
    return lambda name: unescape(client.get(addresses[name]).text)


def test_every_parameter_option_metric_and_chart_is_explained() -> None:
    for model in (SncglParams, SimulationOptions, Metrics, HuntOrder):
        assert set(model.model_fields) - OBJECTS <= HELP.keys(), model
    assert FIGURES.keys() <= CHARTS.keys()
    assert not HELP.keys() & CHARTS.keys()
    for told in (HELP | CHARTS).values():
        assert re.fullmatch(r"[A-Z].{10,160}[.?]", told.text), told


def test_the_schemas_describe_their_fields_with_the_same_words(client: FlaskClient) -> None:
    schemas = client.get("/api/openapi.json").json["components"]["schemas"]  # type: ignore[index]
    for model, name in (("SncglParams", "k0"), ("Metrics", "tail_ratio"), ("RunRow", "fitness")):
        assert schemas[model]["properties"][name]["description"] == HELP[name].text


@cache
def sections(page: str) -> dict[str, str]:
    """The text of each section of a page, by its anchor."""
    text = (documentation.FOLDER / page).read_text()
    parts = re.split(r"^#+ (.+)$", text, flags=re.M)
    return {anchor_of(t): f"{t}\n{body}" for t, body in zip(parts[1::2], parts[2::2], strict=True)}


@pytest.mark.parametrize("name", [*HELP, *CHARTS])
def test_an_explanation_leads_to_the_section_that_names_it(name: str) -> None:
    page, _, anchor = (HELP | CHARTS)[name].docs.partition("#")
    assert anchor in render(documentation.FOLDER / page).anchors
    if name in HELP:
        either = re.escape(name).replace("_", "[_-]")  # also the flag of the command line
        assert re.search(rf"(?<!\w){either}(?!\w)", sections(page)[anchor]), anchor


def test_the_hunt_page_marks_every_field_parameter_chart_and_measure(
    page_of: Callable[[str], str],
) -> None:
    page = page_of("hunt")
    for kind, fewest in (("field", 20), ("parameter", 14), ("chart", 7)):
        missing, count = unmarked(page, kind)
        assert not missing, kind
        assert count >= fewest
    for measure in re.findall(r'<div class="measure">\s*<dt>.*?</dt>', page, re.S):
        assert marks_in(measure), measure
    for column in re.findall(r'<th scope="col"[^>]*>.*?</th>', page, re.S):
        wanted = re.search(r"(SSE|H-norm|Fitness|Relative)(?! against)", column)
        assert bool(wanted) == bool(marks_in(column)), column
    assert "sensitivity-curve" in marks_in(page)


def test_the_run_page_marks_every_metric_parameter_and_chart(page_of: Callable[[str], str]) -> None:
    page = page_of("run")
    shown = {*Metrics.model_fields, *SncglParams.model_fields, *SimulationOptions.model_fields}
    missing, count = unmarked(page, "pair")
    assert not missing & shown
    assert count > len(shown) - 2  # of the options one is left out when it is empty
    assert re.search(r"<dt>my_own<button [^>]*popovertarget=\"help-extra_metrics\"", page)
    for measure in re.findall(r'<div class="measure"><dt>.*?</dt>', page, re.S):
        assert marks_in(measure), measure
    assert {"spectrum", "diagnostics", "fields", "p_position", "fitness"} <= set(marks_in(page))


def test_the_compare_page_marks_every_row_and_chart(page_of: Callable[[str], str]) -> None:
    page = page_of("compare")
    missing, count = unmarked(page, "row")
    assert missing == {"my_own"}
    assert count > len(Metrics.model_fields)
    assert {"spectra", "fields", "k0", OWN} <= set(marks_in(page))


@pytest.mark.parametrize("name", ["hunt", "run", "compare", "components"])
def test_every_mark_opens_an_explanation_whose_link_leads_to_a_place(
    page_of: Callable[[str], str], client: FlaskClient, name: str
) -> None:
    page = page_of(name)
    links = links_of(page)
    assert set(marks_in(page)) <= links.keys()
    up = {"hunt": "", "run": "../", "compare": "", "components": ""}[name]
    for told, link in links.items():
        wanted = (HELP | CHARTS)[told].docs.replace(".md", ".html")
        assert link == f"{up}docs/{wanted}"
        assert client.get(f"/docs/{wanted}").status_code == 200
