import math
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from irer.base.checking import check
from irer.base.errors import ConfigError
from irer.base.records import METRICS, SncglParams
from irer.home import open_home
from irer.home.ledger import COLUMNS, LedgerRow
from irer.hub.brushes import inside
from irer.hub.notes import RunNotes
from irer.hub.run import MEASURED, NUMBERS, PARAMS, Run
from irer.hub.run_query import RunQuery
from irer.hub.runs import RunIndex
from tests.fake_engine import make_record

NO_NOTES = RunNotes(open_home(Path("nowhere")))


@pytest.fixture
def index() -> RunIndex:
    """Sixty runs whose numbers differ, one in six failed, one a perfect score."""
    rng, index = random.Random(2), RunIndex()
    for n in range(60):
        failed = "NONFINITE" if n % 6 == 0 else None
        sse = 0.0 if n == 1 else rng.uniform(0.2, 2)
        record = make_record(index=n, sse=sse, h_norm=10 ** rng.uniform(-4, 0), failed=failed)
        params = SncglParams(kappa=rng.uniform(0.1, 1), c1=rng.uniform(-2, 3))
        index.add(record.model_copy(update={"sncgl_params": params}))
    return index


def ask(index: RunIndex, **query: object) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]]
    rows = index.page(check(RunQuery, {"per_page": 500} | query), None, NO_NOTES)["runs"]
    return rows


def test_a_row_has_the_numbers_that_are_asked_for_and_no_others(index: RunIndex) -> None:
    row = ask(index, columns="kappa,p_position,n_candidates", state="COMPLETE")[0]
    run = index.get(row["job_uuid"])
    assert run is not None
    assert row["values"] == {
        "kappa": run.param("kappa"),
        "p_position": run.value("p_position"),
        "n_candidates": 3,
    }
    assert ask(index)[0]["values"] == {}
    assert ask(index, columns="tail_ratio", state="FAILED")[0]["values"] == {"tail_ratio": None}


@pytest.mark.parametrize("failed", [None, "WORKER_TIMEOUT"])
def test_record_and_ledger_give_the_same_numbers(failed: str | None) -> None:
    record = make_record(sse=0.1 + 0.2, failed=failed)
    record = record.model_copy(update={} if failed else {"extra_metrics": {"mine": 2.5}})
    cells = dict(zip(COLUMNS, LedgerRow.of_provenance(record).cells(), strict=True))
    names = [*NUMBERS, "mine"]
    of_record, of_ledger = Run.of(record), Run.of_cells(cells)
    assert [of_ledger.value(name) for name in names] == [of_record.value(name) for name in names]
    assert of_record.value("mine") == (None if failed else 2.5)
    for name in MEASURED:
        assert of_record.value(name) == (record.metrics and getattr(record.metrics, name))
    for name in PARAMS:
        assert of_record.value(name) == getattr(record.sncgl_params, name)


def test_ranges_keep_what_lies_between_their_ends(index: RunIndex) -> None:
    """Held against Python's own comparison, also after more runs have come."""
    text = "kappa:0.3:0.7,log_prime_sse::1.5,tail_ratio::"
    for more in range(2):
        expected = {
            run.job_uuid
            for run in index.runs()
            if 0.3 <= run.param("kappa") <= 0.7
            and run.log_prime_sse is not None
            and run.log_prime_sse <= 1.5
        }
        rows = ask(index, ranges=text)
        assert {row["job_uuid"] for row in rows} == expected != set()
        late = make_record(index=100 + more, sse=1.0)
        index.add(late.model_copy(update={"sncgl_params": SncglParams(kappa=0.5)}))


def test_every_number_of_a_run_sorts_the_table(index: RunIndex) -> None:
    for name in ("kappa", "bssn_h_norm_l2", "log_prime_sse"):
        runs = [run.value(name) for run in index.runs()]
        known = sorted(value for value in runs if value is not None)
        missing = [None] * (len(runs) - len(known))
        shown = [row["values"][name] for row in ask(index, columns=name, sort=name, order="asc")]
        assert shown == [*known, *missing]


def test_a_lasso_keeps_what_lies_inside(index: RunIndex) -> None:
    """A triangle in decades; a perfect score is drawn, and found, at 1e-12."""
    triangle = "-1,-2,0.5,-2,-0.25,3"
    corners = np.array(triangle.split(","), dtype=float).reshape(-1, 2)
    expected = {
        run.job_uuid
        for run in index.runs()
        if run.log_prime_sse
        and run.constraint_violation
        and _in_triangle(
            corners, math.log10(run.log_prime_sse), math.log10(run.constraint_violation)
        )
    }
    found = {row["job_uuid"] for row in ask(index, lasso=triangle)}
    assert found == expected != set()
    perfect = [row["log_prime_sse"] for row in ask(index, lasso="-13,-9,-11,-9,-11,9,-13,9")]
    assert perfect == [0.0]


def _in_triangle(corners: np.ndarray, x: float, y: float) -> bool:
    sides = [
        (b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0])
        for a, b in zip(corners, np.roll(corners, -1, axis=0), strict=True)
    ]
    return all(side > 0 for side in sides) or all(side < 0 for side in sides)


def test_inside_a_hollow_polygon() -> None:
    """A U has a gap between its arms."""
    u = np.array([[0, 0], [3, 0], [3, 3], [2, 3], [2, 1], [1, 1], [1, 3], [0, 3]], dtype=float)
    x, y = np.array([0.5, 1.5, 2.5, 1.5, np.nan]), np.array([2.0, 2.0, 2.0, 0.5, 1.0])
    assert inside(u, x, y).tolist() == [True, False, True, True, False]


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("ranges", "colour:1:2", "unknown number"),
        ("ranges", "kapa:1:2", "did you mean kappa"),
        ("ranges", "kappa:1", "must be name:low:high, got 'kappa:1'"),
        ("ranges", "kappa:2:1", "kappa: low must not be above high, got 2 and 1"),
        ("ranges", "kappa:x:1", "must have finite numbers, got 'x'"),
        ("ranges", "kappa:nan:1", "must have finite numbers, got 'nan'"),
        ("ranges", ",".join(["kappa:0:1"] * 41), "at most 40 ranges, got 41"),
        ("lasso", "1,2,3,4", "must be x,y of 3 to 100 corners, got 4 numbers"),
        ("lasso", "1,2,3,4,5", "got 5 numbers"),
        ("lasso", "1,2,3,4,5,inf", "must have finite numbers, got 'inf'"),
        ("lasso", ",".join(["1"] * 202), "got 202 numbers"),
        ("columns", "kappa,colour", "unknown number"),
        ("sort", "colour", "unknown column"),
    ],
)
def test_a_filter_that_makes_no_sense_is_one_line(field: str, value: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        check(RunQuery, {field: value})
    (error,) = caught.value.errors
    assert error.field == field
    assert said in error.message
    assert "\n" not in error.message


def test_a_metric_that_is_an_extension_sorts_the_table_and_is_suggested(
    index: RunIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = METRICS.names()
    monkeypatch.setattr(METRICS, "names", lambda: (*names, "my_own"))
    index.add(make_record(index=200).model_copy(update={"extra_metrics": {"my_own": 2.0}}))
    assert ask(index, sort="my_own", columns="my_own")[0]["values"] == {"my_own": 2.0}
    with pytest.raises(ConfigError, match=r"unknown column; did you mean my_own\? .*my_own$") as no:
        check(RunQuery, {"sort": "my_onw"})
    (error,) = no.value.errors
    allowed = error.message.partition("allowed are ")[2].split(", ")
    assert len(allowed) == len(set(allowed))
