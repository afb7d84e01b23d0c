import csv
import json
import logging
import uuid

import pytest

from irer.base.errors import ContractError, StorageError
from irer.base.files import read_json
from irer.base.records import FailureReason, JobConfig, SimulationOptions, SncglParams
from irer.home import ledger
from irer.home.ledger import (
    COLUMNS,
    LedgerRow,
    append_rows,
    last_generation,
    mend,
    read_rows,
    rewrite,
    schema_file,
    upgrade,
)
from tests.canned import canned_record, make_metrics


def record(index: int = 0, generation: int = 1, c1: float = 1.1, c3: float = 0.1):
    return canned_record(
        JobConfig(
            job_uuid=str(uuid.uuid4()),
            hunt_id=str(uuid.UUID(int=1)),
            generation=generation,
            index=index,
            global_seed=7,
            model="sncgl_sdg",
            simulation=SimulationOptions(),
            sncgl_params=SncglParams(c1=c1, c3=c3, epsilon=0.1 + 0.2),
        )
    )


@pytest.fixture
def records():
    return [record(0), record(1, c1=2.9), record(2)]


@pytest.fixture
def path(tmp_path, records):
    path = tmp_path / "ledger.csv"
    append_rows(path, [LedgerRow.of_provenance(r) for r in records])
    return path


def test_rows_come_back_exactly(path, records):
    rows = list(read_rows(path))
    assert rows == [LedgerRow.of_provenance(r) for r in records]
    assert rows[0].params.epsilon == 0.1 + 0.2
    assert rows[1].reason is FailureReason.NONFINITE
    assert rows[1].fitness is None
    assert rows[1].metrics is None


def test_columns_are_those_of_the_contract(path):
    with path.open(newline="") as file:
        header = next(csv.reader(file))
    assert header == list(COLUMNS)
    assert header[:6] == ["job_uuid", "hunt_id", "generation", "index", "origin", "state"]
    assert {"log_prime_sse", "sdg_h_norm_l2", "fitness", "seconds", "kappa"} <= set(header)


def test_no_ledger_has_no_rows(tmp_path):
    assert list(read_rows(tmp_path / "none.csv")) == []
    assert last_generation(tmp_path / "none.csv") == 0


@pytest.mark.parametrize("cut", [1, 5, 60, 200])
def test_torn_last_row_is_written_anew_from_its_record(path, records, cut, caplog):
    whole = path.read_bytes()
    path.write_bytes(whole[:-cut])
    by_uuid = {r.job_uuid: r for r in records}
    with caplog.at_level(logging.WARNING):
        mend(path, by_uuid.get)
    assert path.read_bytes() == whole
    assert records[-1].job_uuid in caplog.text


def test_torn_row_without_record_is_left_out(path, records):
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines)[:-3])
    mend(path, lambda _: None)
    assert path.read_bytes() == b"".join(lines[:-1])


def test_mend_leaves_a_whole_ledger_and_a_foreign_file_alone(path, tmp_path):
    whole = path.read_bytes()
    mend(path, lambda _: pytest.fail("asked for a record"))
    assert path.read_bytes() == whole
    foreign = tmp_path / "notes.txt"
    foreign.write_text("my notes, no line end")
    mend(foreign, lambda _: pytest.fail("asked for a record"))
    assert foreign.read_text() == "my notes, no line end"
    with pytest.raises(ContractError, match="header"):
        list(read_rows(foreign))


def edited(path, row: int, column: str, value: str):
    with path.open(newline="") as file:
        table = list(csv.reader(file))
    table[row - 1][COLUMNS.index(column)] = value
    with path.open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(table)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("log_prime_sse", "abc"),
        ("log_prime_sse", "nan"),
        ("log_prime_sse", ""),
        ("log_prime_sse", "0.5"),  # no longer that of its fitness
        ("fitness", "99"),
        ("generation", "0"),
        ("job_uuid", "../../etc/passwd"),
        ("state", "FAILED"),
        ("reason", "NONFINITE"),
        ("sigma_k", "-1"),
        ("seconds", "inf"),
    ],
)
def test_hand_edited_value_names_row_and_column(path, column, value):
    edited(path, 4, column, value)
    with pytest.raises(ContractError, match=r"row 4") as error:
        list(read_rows(path))
    told = "fitness" if (column, value) == ("log_prime_sse", "0.5") else column
    assert told in error.value.message


def test_duplicate_uuid_names_both_rows(path):
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines, lines[1]]))
    with pytest.raises(ContractError, match=r"row 5: job_uuid .* stands in row 2"):
        list(read_rows(path))


@pytest.mark.parametrize("header", ["", "a,b,c", ",".join(reversed(COLUMNS))])
def test_wrong_header_is_refused(path, header):
    lines = path.read_text().splitlines()
    path.write_text("\n".join([header, *lines[1:]]) + "\n")
    with pytest.raises(ContractError, match="row 1"):
        list(read_rows(path))


def test_unknown_and_missing_columns_are_named(path):
    header = path.read_text().splitlines()[0].replace(",kappa,", ",coupling,")
    path.write_text("\n".join([header, *path.read_text().splitlines()[1:]]) + "\n")
    with pytest.raises(ContractError, match=r"row 1: .*unknown: 'coupling'; missing: kappa"):
        list(read_rows(path))


@pytest.mark.parametrize("found", ['{"schema_version": 4}', "{}", "7", '{"schema_version": "1"}'])
def test_ledger_of_another_schema_is_refused(path, found):
    assert read_json(schema_file(path)) == {"schema_version": 3, "columns": list(COLUMNS)}
    schema_file(path).write_text(found)
    with pytest.raises(ContractError, match=r"schema_version: must be 3, got .*repair"):
        list(read_rows(path))


def test_ledger_without_its_schema_file_is_known_by_its_header(path):
    schema_file(path).unlink()
    assert len(list(read_rows(path))) == 3


def test_rewriting_gives_the_ledger_that_was(path, records):
    whole = path.read_bytes()
    path.write_text("something, else\n")
    schema_file(path).write_text("9")
    assert rewrite(path, records[::-1]) == 3
    assert path.read_bytes() == whole
    assert len(list(read_rows(path))) == 3
    assert path.with_suffix(".csv.bak").read_text() == "something, else\n"


def test_under_resolved_run_has_metrics_but_no_fitness(tmp_path):
    path = tmp_path / "ledger.csv"
    metrics = make_metrics(0.5, 0.1, under_resolved=True)
    append_rows(path, [LedgerRow.of_provenance(record().model_copy(update={"metrics": metrics}))])
    row = next(read_rows(path))
    assert (row.metrics, row.fitness, row.objectives) == (metrics, None, None)
    assert row.no_score == "under_resolved"
    edited(path, 2, "no_score", "")
    with pytest.raises(ContractError, match="row 2: no_score: must be under_resolved"):
        list(read_rows(path))


def test_missing_cells_are_refused(path):
    with path.open("a") as file:
        file.write("only,three,cells\n")
    with pytest.raises(ContractError, match=r"row 5: must have \d+ cells, got 3"):
        list(read_rows(path))


def test_full_disk_leaves_the_ledger_as_it_was(path, monkeypatch):
    whole = path.read_bytes()

    def half_then_full(file, data):
        file.write(data[: len(data) // 2])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(ledger, "_write_whole", half_then_full)
    with pytest.raises(StorageError, match="No space left"):
        append_rows(path, [LedgerRow.of_provenance(record(3))])
    assert path.read_bytes() == whole


EXTRA = {"density_kurtosis": 2.5, "drift": None}


@pytest.fixture
def with_extras(records):
    return [
        r if r.metrics is None else r.model_copy(update={"extra_metrics": EXTRA}) for r in records
    ]


def test_extra_metrics_come_back_from_one_column(tmp_path, with_extras):
    path = tmp_path / "ledger.csv"
    append_rows(path, [LedgerRow.of_provenance(r) for r in with_extras])
    rows = list(read_rows(path))
    assert rows == [LedgerRow.of_provenance(r) for r in with_extras]
    assert [row.extra_metrics for row in rows] == [EXTRA, {}, EXTRA]
    cells = [row["extra_metrics"] for row in csv.DictReader(path.read_text().splitlines())]
    assert [cell and json.loads(cell) for cell in cells] == [EXTRA, "", EXTRA]


@pytest.mark.parametrize("cell", ["{", "3", '{"a": "b"}', '{"a": NaN}'])
def test_extra_metrics_that_are_none_are_named(path, cell):
    table = list(csv.reader(path.read_text().splitlines()))
    table[1][COLUMNS.index("extra_metrics")] = cell
    with path.open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(table)
    with pytest.raises(ContractError, match=r"row 2: .*extra_metrics"):
        list(read_rows(path))


def test_a_ledger_with_a_column_for_each_extra_metric_is_read_and_upgraded(path, with_extras):
    """As before 11.1, when metrics of one's own stood behind those of the program."""
    table = list(csv.reader(path.read_text().splitlines()))
    behind = COLUMNS.index("transient") + 1
    for n, row in enumerate(table):
        own = list(EXTRA) if n == 0 else ["", ""] if n == 2 else ["2.5", ""]
        table[n] = [*row[:behind], *own, *row[behind:-1]]
    with path.open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(table)
    wanted = [LedgerRow.of_provenance(r) for r in with_extras]
    assert list(read_rows(path)) == wanted
    assert upgrade(path)
    assert path.read_text().splitlines()[0] == ",".join(COLUMNS)
    assert list(read_rows(path)) == wanted
