import random
from itertools import product
from pathlib import Path

import pytest

from irer.base.checking import check
from irer.base.errors import ConfigError
from irer.base.records import SncglParams
from irer.home import open_home
from irer.home.ledger import COLUMNS, LedgerRow
from irer.hub.notes import NoteChange, RunNotes
from irer.hub.run import Run
from irer.hub.run_query import RunQuery
from irer.hub.runs import NEWEST, RunIndex
from tests.fake_engine import make_record

HUNT = "11111111-1111-4111-8111-111111111111"
IN_ROWS = (
    "generation", "job_uuid", "state", "log_prime_sse", "sdg_h_norm_l2", "constraint_violation",
    "fitness", "seconds",
)  # fmt: skip


@pytest.fixture
def index() -> RunIndex:
    index = RunIndex()
    for n, sse in enumerate((1.5, 0.5, 1.0)):
        index.add(make_record(hunt_id=HUNT, index=n, sse=sse, h_norm=0.01 * (n + 1)))
    index.add(make_record(hunt_id=HUNT, generation=2, failed="NONFINITE"))
    index.add(make_record())  # of another hunt
    return index


NO_NOTES = RunNotes(open_home(Path("nowhere")))


def ask(index: RunIndex, notes: RunNotes | None = None, **query: object) -> list[dict[str, object]]:
    rows = index.page(check(RunQuery, query), HUNT, notes or NO_NOTES)["runs"]
    assert isinstance(rows, list)
    return rows


def test_a_record_is_counted_once() -> None:
    index, record = RunIndex(), make_record(hunt_id=HUNT)
    assert index.add(record)
    assert not index.add(record)
    assert index.tally(HUNT).committed == 1


def test_tally_counts_its_own_hunt_and_knows_the_best(index: RunIndex) -> None:
    tally = index.tally(HUNT)
    assert (tally.complete, tally.failed, tally.committed) == (3, 1, 4)
    assert tally.best is not None
    assert tally.best.log_prime_sse == 0.5
    assert (tally.best_sse, tally.best_h_norm) == (0.5, 0.01)


def test_of_equal_runs_the_one_proposed_first_is_best() -> None:
    index = RunIndex()
    for n in (2, 0, 1):
        index.add(make_record(hunt_id=HUNT, index=n))
    best = index.tally(HUNT).best
    assert best is not None
    assert best.index == 0


def test_a_failed_run_leaves_the_last_measurement() -> None:
    index = RunIndex()
    index.add(make_record(hunt_id=HUNT, sse=0.7))
    index.add(make_record(hunt_id=HUNT, index=1, failed="WORKER_TIMEOUT"))
    last = index.tally(HUNT).last_measured
    assert last is not None
    assert last.log_prime_sse == 0.7


def test_a_snapshot_does_not_move(index: RunIndex) -> None:
    before = index.tally(HUNT)
    index.add(make_record(hunt_id=HUNT))
    assert before.committed == 4
    assert len(before.newest) == 4


def test_only_the_newest_are_listed() -> None:
    index = RunIndex()
    records = [make_record(hunt_id=HUNT, index=n) for n in range(NEWEST + 5)]
    for record in records:
        index.add(record)
    assert list(index.tally(HUNT).newest) == [r.job_uuid for r in records[5:]]


@pytest.mark.parametrize(("order", "values"), [("asc", [0.5, 1.0, 1.5]), ("desc", [1.5, 1.0, 0.5])])
def test_runs_without_a_value_come_last(index: RunIndex, order: str, values: list[float]) -> None:
    rows = ask(index, sort="log_prime_sse", order=order, hunt="current")
    assert [row["log_prime_sse"] for row in rows] == [*values, None]


def test_newest_generation_comes_first_by_default(index: RunIndex) -> None:
    rows = ask(index, hunt="current")
    assert [(r["generation"], r["index"]) for r in rows] == [(2, 0), (1, 2), (1, 1), (1, 0)]


def test_filters(index: RunIndex) -> None:
    assert [row["reason"] for row in ask(index, state="FAILED")] == ["NONFINITE"]
    assert len(ask(index, hunt="all")) == 5
    wanted = str(ask(index)[0]["job_uuid"])
    assert [row["job_uuid"] for row in ask(index, search=wanted[:13].upper())] == [wanted]


def test_a_past_hunt_by_its_id_and_all_hunts_in_a_list(index: RunIndex) -> None:
    assert len(ask(index, hunt=HUNT)) == 4
    assert ask(index, hunt="00000000-0000-4000-8000-000000000000") == []
    index.add(make_record(hunt_id="22222222-2222-4222-8222-222222222222", generation=7))
    hunts = index.hunts()
    assert next(iter(hunts)) == "22222222-2222-4222-8222-222222222222"
    assert (hunts[HUNT].first_generation, hunts[HUNT].last_generation) == (1, 2)


def test_hidden_runs_and_notes_in_the_table(index: RunIndex, tmp_path: Path) -> None:
    notes = RunNotes(open_home(tmp_path))
    first, second = (str(row["job_uuid"]) for row in ask(index)[:2])
    notes.change(first, NoteChange(hidden=True))
    notes.change(second, NoteChange(note="Spirals of odd size"))
    assert len(ask(index, notes)) == 4
    assert [row["job_uuid"] for row in ask(index, notes, hidden="only")] == [first]
    assert len(ask(index, notes, hidden="yes")) == 5
    found = ask(index, notes, search="ODD size")
    assert [(row["job_uuid"], row["note"]) for row in found] == [(second, "Spirals of odd size")]


def test_the_median_job_time_is_of_the_newest(index: RunIndex) -> None:
    assert RunIndex().tally(HUNT).median_seconds is None
    assert index.tally(HUNT).median_seconds == 1.5


def test_a_run_keeps_its_parameters(index: RunIndex) -> None:
    run = index.runs(HUNT)[0]
    assert run.param("kappa") == run.named_params()["kappa"] == SncglParams().kappa
    assert "params" not in run.as_row()


def test_pages_cover_every_row_once(index: RunIndex) -> None:
    pages = [ask(index, page=str(n), per_page="2") for n in (1, 2, 3, 4)]
    assert [len(rows) for rows in pages] == [2, 2, 1, 0]
    assert len({row["job_uuid"] for rows in pages for row in rows}) == 5
    assert index.page(check(RunQuery, {"per_page": 2}), HUNT, NO_NOTES)["pages"] == 3


def test_every_wrong_field_of_a_query_is_named() -> None:
    query = {"page": "0", "per_page": "many", "sort": "colour", "order": "up", "nix": "1"}
    with pytest.raises(ConfigError) as caught:
        check(RunQuery, query)
    assert {error.field for error in caught.value.errors} == set(query)


def test_a_page_is_what_sorting_all_rows_gives() -> None:
    """Held against Python's own sort, with ties and missing values in every column."""
    rng, index = random.Random(3), RunIndex()
    places = [(generation, n) for generation in range(1, 5) for n in range(25)]
    rng.shuffle(places)
    for generation, n in places:
        failed = rng.choice([None, None, "NONFINITE"])
        scores = {"sse": rng.choice([0.5, 1.0, 1.5]), "h_norm": rng.choice([0.1, 0.2])}
        index.add(
            make_record(hunt_id=HUNT, generation=generation, index=n, failed=failed, **scores)
        )
    rows = [run.as_row() for run in index.runs()]
    assert [(row["generation"], row["index"]) for row in rows] == sorted(places)
    for sort, order in product(IN_ROWS, ("asc", "desc")):
        down = order == "desc"
        expected = sorted(rows, key=lambda row: (row["generation"], row["index"]), reverse=down)
        known = [row for row in expected if row[sort] is not None]
        known.sort(key=lambda row: row[sort], reverse=down)
        known += [row for row in expected if row[sort] is None]
        shown = ask(index, sort=sort, order=order, per_page=100)
        assert [row["job_uuid"] for row in shown] == [row["job_uuid"] for row in known], sort


@pytest.mark.parametrize("failed", [None, "WORKER_TIMEOUT"])
def test_a_row_of_the_ledger_says_what_the_record_says(failed: str | None) -> None:
    record = make_record(sse=0.1 + 0.2, failed=failed)
    cells = dict(zip(COLUMNS, LedgerRow.of_provenance(record).cells(), strict=True))
    assert Run.of_cells(cells) == Run.of(record)


@pytest.mark.parametrize(
    ("column", "value"),
    [("generation", ""), ("state", "DONE"), ("log_prime_sse", "x"), ("kappa", ""), ("seconds", "")],
)
def test_a_row_that_cannot_be_is_refused(column: str, value: str) -> None:
    cells = dict(zip(COLUMNS, LedgerRow.of_provenance(make_record()).cells(), strict=True))
    with pytest.raises(ValueError, match=r"."):
        Run.of_cells(cells | {column: value})
