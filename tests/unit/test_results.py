"""The final result as a record: the same JSON as ever, and one clear line for a broken file."""

import json
from pathlib import Path
from typing import Any

import pytest

from irer.base.errors import ContractError, NotFoundError
from irer.base.files import write_json
from irer.base.record_files import find_record, read_record
from irer.base.records import Metrics
from irer.base.results import NO_BEST_RUN, BestRun, KeptResult, best_run
from irer.controls.files import read_null_report, read_result
from irer.controls.kept_hunts import write_verdict
from irer.controls.verdict import judged
from irer.home import Home, open_home
from tests.fake_engine import make_record

NONE = {"error": "No successful runs completed."}
KEYS = [
    "job_uuid", "hunt_id", "generation", "index", "fitness", "log_prime_sse", "sdg_h_norm_l2",
    "metrics", "sncgl_params", "simulation", "model", "global_seed", "verdict",
    "recommended", "variance_share",
]  # fmt: skip
VERDICT = [
    "scientific", "engineering", "engineering_passed", "confirmation", "p_position", "p_matched",
    "p_lines", "p_hunt", "p_flat", "n_null_hunts", "a95", "a_upper_limit", "missing",
]  # fmt: skip


@pytest.fixture
def place(tmp_path: Path) -> Home:
    return open_home(tmp_path)


@pytest.fixture
def best() -> BestRun:
    found = best_run(make_record(sse=0.5))
    assert isinstance(found, BestRun)
    return found


def test_the_json_of_a_best_run_has_these_names_in_this_order(best: BestRun) -> None:
    written = json.loads(best.model_dump_json())
    assert list(written) == KEYS
    assert list(written["verdict"]) == VERDICT
    assert list(written["metrics"]) == list(Metrics.model_fields)
    assert NO_BEST_RUN.model_dump() == NONE


def test_a_run_without_a_score_is_no_best_run() -> None:
    assert best_run(make_record(failed="NONFINITE")) == NO_BEST_RUN


def test_both_kinds_of_result_are_kept_and_read_back(place: Home, best: BestRun) -> None:
    assert read_result(place, best.hunt_id) is None
    for result in (best, NO_BEST_RUN):
        write_verdict(place, best.hunt_id, result)
        kept = json.loads(place.verdict_file(best.hunt_id).read_text())
        assert kept == {
            "schema_version": 1, "hunt_id": best.hunt_id, "result": result.model_dump(mode="json")
        }  # fmt: skip
        assert read_result(place, best.hunt_id) == result


def test_a_verdict_keeps_its_word_on_the_engineering(place: Home, best: BestRun) -> None:
    told = judged(best, place, (False, "2 of 6 jobs"))
    assert isinstance(told, BestRun)
    assert (told.verdict.engineering_passed, told.verdict.engineering) == (False, "2 of 6 jobs")
    assert judged(told, place) == told


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"job_uuid": 1}, "result.job_uuid: input should be a valid string, got 1"),
        ({"verdict": None}, "result.verdict: must be an object, got None"),
        (
            {"verdict": {"scientific": "found"}},
            "result.verdict.scientific: must be one of reached, confirmed, not reached, got",
        ),
        ({"fitnes": 1.0}, "result.fitnes: unknown field; did you mean fitness?"),
    ],
)
def test_a_broken_result_is_one_line_with_file_and_field(
    place: Home, best: BestRun, change: dict[str, Any], message: str
) -> None:
    file = place.verdict_file(best.hunt_id)
    kept = KeptResult(hunt_id=best.hunt_id, result=best).model_dump(mode="json")
    write_json(file, kept | {"result": kept["result"] | change})
    with pytest.raises(ContractError) as caught:
        read_result(place, best.hunt_id)
    assert caught.value.message.startswith(f"{file}: {message}")
    assert [error.field for error in caught.value.errors] == [message.split(":")[0]]


def test_null_hunts_of_the_first_version_are_read(place: Home) -> None:
    """Their kinds and the name of the list were others; no verdict uses them."""
    kind = {"n": 2, "p_hunt": 0.5, "null_bests": [1.1, 1.2]}
    report = {
        "hunt_id": make_record().hunt_id,
        "design_sha256": "ab",
        "statistic": "smallest log_prime_sse of the hunt",
        "best": 1.0,
        "kinds": {"lines": kind, "flat": kind},
        "p_hunt": 0.5,
    }
    write_json(place.null_report_file("a"), report)
    found = read_null_report(place, "a")
    assert found is not None
    assert found.measure_version == 1
    write_json(place.null_report_file("a"), report | {"kinds": []})
    with pytest.raises(ContractError, match=r"p_hunt\.json: kinds: "):
        read_null_report(place, "a")


def test_a_record_is_read_in_one_way(tmp_path: Path) -> None:
    file = tmp_path / "kept.json"
    assert find_record(KeptResult, file, "the verdict") is None
    with pytest.raises(NotFoundError, match=r"no such file: .*kept\.json"):
        read_record(KeptResult, file, "the verdict")
    for text, message in (
        ("{", f"{file} is not valid JSON: "),
        ("[]", f"{file}: the verdict must be a JSON object, got a list"),
    ):
        file.write_text(text)
        with pytest.raises(ContractError) as caught:
            read_record(KeptResult, file, "the verdict")
        assert caught.value.message.startswith(message)
    with pytest.raises(ContractError, match=r"^kept: the verdict must be"):
        read_record(KeptResult, file, "the verdict", shown="kept")
