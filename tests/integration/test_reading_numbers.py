"""Every number of a reading stands in a record, the ledger or a control's file."""

import csv
import json
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import core_engine
from irer.base.files import read_json, write_json
from irer.controls.kept_hunts import renew_hunt
from irer.controls.reading import Reading, read_reading
from irer.controls.reading.rules import bounds, failing
from irer.controls.reading.rules.unknown import FEWEST_DECOYS
from settings import Settings
from tests.contract.hub.test_hub_sensitivity import made
from tests.fake_engine import leave_report
from tests.hunts import home, ledger, order, run_canned
from tests.integration.test_random_control import control_of

DECOYS = [1.3 + n / 61 for n in range(39)]
RULES = {bounds.NEAR, bounds.LEVEL, failing.LEVEL, FEWEST_DECOYS, 39, 8, 0.95}
TIME = re.compile(r"\d+(\.\d+)? (s|min|h)\b")  # an estimate
UUID = re.compile(r"\b[0-9a-f]{8}\b")
NUMBER = re.compile(r"(?<![\w.])[+-]?\d+(?:\.(\d+))?(?:e[+-]?\d+)?%?(?!\w)")


def numbers_in(value: Any) -> Iterator[float]:
    """The numbers in parsed JSON."""
    if isinstance(value, dict):
        for each in value.values():
            yield from numbers_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from numbers_in(each)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield float(value)


def numbers_of_the_home(settings: Settings, hunt_id: str) -> set[float]:
    """All numbers of its files but the reading's, and the counts and ranges that follow."""
    found: set[float] = set()
    for file in settings.home.folder.rglob("*.json"):
        if file != settings.home.reading_file(hunt_id):
            found |= set(numbers_in(json.loads(file.read_text())))
    rows = ledger(settings)
    for row in rows:
        for cell in row.values():
            found |= {float(cell)} if re.fullmatch(r"-?\d+(\.\d+)?(e-?\d+)?", cell) else set()
    found |= {len(rows), sum(row["fitness"] != "" for row in rows)}
    found |= set(np.quantile(DECOYS, [0.05, 0.95]).tolist())
    best = min(float(row["log_prime_sse"]) for row in rows if row["fitness"])
    return found | {sum(value <= best for value in DECOYS) / len(DECOYS)}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, Reading]:
    """A hunt with every control: decoy and control hunts, sensitivity, confirmation, repeats."""
    settings = home(tmp_path_factory.mktemp("whole"))
    asked = order(num_generations=5, population_size=6, sampler="nsga2", seeds_per_candidate=2)
    plan = core_engine.plan_hunt(asked, settings)
    best = run_canned(settings, plan)
    kinds = {"decoys": {"n": len(DECOYS), "p_hunt": 0.5, "bests": DECOYS}}
    report = {
        "hunt_id": plan.hunt_id, "design_sha256": "", "measure_version": 2, "p_hunt": 0.5,
        "statistic": "smallest log_prime_sse of the hunt", "best": 1.0, "kinds": kinds,
    }  # fmt: skip
    write_json(settings.home.null_report_file(plan.hunt_id), report)
    sensitivity = made(plan.hunt_id).model_dump(mode="json")
    write_json(settings.home.sensitivity_file(plan.hunt_id), sensitivity)
    control_of(settings)
    leave_report(settings, best["job_uuid"])
    renew_hunt(settings.home, plan.hunt_id)
    reading = read_reading(settings.home, plan.hunt_id)
    assert reading is not None
    return settings, reading


def test_the_numbers_of_the_record_stand_in_files(whole: tuple[Settings, Reading]) -> None:
    settings, reading = whole
    assert reading.recommended is not None
    assert set(reading.variance_share) == {"log_prime_sse", "constraint_violation"}
    assert {"random", "parameters"} <= {finding.rule for finding in reading.findings}
    allowed = np.array(sorted(numbers_of_the_home(settings, reading.hunt_id)))
    told = reading.model_dump(mode="json", exclude={"schema_version", "findings"})
    told["evidence"] = [
        item.value
        for finding in reading.findings
        for item in finding.evidence
        if item.source != "simulation_ledger.csv"  # a count of rows, or a p-value of them
    ]
    chance = reading.chance
    assert chance is not None
    p_hunt = (1 + round(chance.as_good * chance.n)) / (1 + chance.n)
    assert (chance.p_hunt, chance.p_holm, chance.n_hunts) == (p_hunt, p_hunt, 1)
    del told["chance"]["p_hunt"], told["chance"]["p_holm"]  # of the best run's own score
    missing = [
        value for value in numbers_in(told) if not np.isclose(allowed, value, rtol=1e-12).any()
    ]
    assert missing == []


def test_the_numbers_in_the_words_of_a_finding_are_those_of_its_evidence(
    whole: tuple[Settings, Reading],
) -> None:
    _, reading = whole
    for finding in reading.findings:
        own = {item.value for item in finding.evidence} | {finding.threshold}
        if finding.action is not None:
            own.add(finding.action.number or 0)
        assert_said(finding.words, own | RULES)


def test_the_numbers_in_the_sentence_are_those_of_the_record(
    whole: tuple[Settings, Reading],
) -> None:
    settings, reading = whole
    heights = read_json(settings.home.sensitivity_file(reading.hunt_id))["heights"]
    own = set(numbers_in(reading.model_dump(mode="json")))
    assert_said(reading.sentence, own | RULES | set(heights))


def assert_said(words: str, allowed: set[float]) -> None:
    """Hold every number in the words against those that may be said, to its last digit."""
    for said in NUMBER.finditer(UUID.sub("", TIME.sub("", words))):
        text, decimals = said.group().rstrip("%"), len(said.group(1) or "")
        value, step = float(text), 10.0**-decimals
        scale = 100 if said.group().endswith("%") else 1
        near = min(abs(value - scale * each) for each in allowed)
        assert near <= 0.5000001 * step, (said.group(), words)


def test_the_ledger_counts_of_the_evidence_are_those_of_its_rows(
    whole: tuple[Settings, Reading],
) -> None:
    settings, reading = whole
    with settings.home.ledger_file.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert (reading.n_runs, reading.n_with_score) == (
        len(rows), sum(row["fitness"] != "" for row in rows)
    )  # fmt: skip
    best = max((row for row in rows if row["fitness"]), key=lambda row: float(row["fitness"]))
    assert reading.best is not None
    assert reading.best.job_uuid == best["job_uuid"]
    for gauge in reading.best.gauges:
        assert gauge.value == float(best[gauge.name])
