"""The ledger of a home, complete at every moment: each committed job has a row.

A job is committed by its record, an instant before its row is entered; a kill in between leaves a
record without a row. Only jobs of the generation that `hunt.json` names can lack theirs. Readers of
the ledger get these rows from the records (`rows_of_home`); whoever opens the home to work in it
enters them first (`settle`).
"""

from collections.abc import Collection, Iterator
from contextlib import suppress

from irer.base.errors import ContractError, NotFoundError
from irer.base.records import Provenance, canonical_uuid
from irer.home.ledger import (
    append_rows,
    at_rest,
    mend,
    read_rows,
    unchecked_rows,
    upgrade,
    with_rows,
)
from irer.home.ledger_row import LedgerRow
from irer.home.paths import Home
from irer.home.provenance import read_provenance
from irer.home.registry import committed_records, load_plan


def rows_of_home(home: Home) -> Iterator[LedgerRow]:
    """Yield a row for every committed job, in (generation, index) order, writing nothing.

    Raises ContractError for a ledger, plan or record that is not what this program writes.
    """
    open_jobs = _open_jobs(home)
    last: dict[str, LedgerRow] = {}  # of the generation under way, which stands at the end
    for row in read_rows(home.ledger_file, shared=True):
        if row.job_uuid in open_jobs:
            last[row.job_uuid] = row
        else:
            yield row
    late = _missing(home, open_jobs, last)
    yield from sorted([*last.values(), *late], key=lambda row: row.place)


def missing_rows(home: Home) -> list[LedgerRow]:
    """Return the rows that the ledger's file lacks. Raises as `rows_of_home`."""
    open_jobs = _open_jobs(home)
    if not open_jobs:
        return []
    there = {cells["job_uuid"] for cells in unchecked_rows(home.ledger_file)}
    return _missing(home, open_jobs, there)


def ledger_text(home: Home) -> bytes | None:
    """Return the ledger as CSV with a row for every committed job, None before the first.

    A file that is not what this program writes is returned as it is. Raises StorageError.
    """
    file = home.ledger_file
    text = at_rest(file) if file.exists() else b""
    with suppress(ContractError):
        text = with_rows(text, missing_rows(home))
    return text or None


def settle(home: Home) -> None:
    """Mend the ledger, upgrade it and enter its missing rows, while no job runs.

    Raises as `rows_of_home`, and StorageError; it can then be done again.
    """
    mend(home.ledger_file, lambda job_uuid: _find(home, job_uuid))
    upgrade(home.ledger_file)
    rows = missing_rows(home)
    if rows:
        append_rows(home.ledger_file, rows)


def _open_jobs(home: Home) -> Collection[str]:
    plan = load_plan(home)
    return frozenset(plan.job_uuids) if plan else frozenset()


def _missing(home: Home, open_jobs: Collection[str], there: Collection[str]) -> list[LedgerRow]:
    wanted = [job_uuid for job_uuid in open_jobs if job_uuid not in there]
    records = committed_records(home, wanted).values()
    return sorted(map(LedgerRow.of_provenance, records), key=lambda row: row.place)


def _find(home: Home, job_uuid: str) -> Provenance | None:
    with suppress(ValueError, ContractError, NotFoundError):
        return read_provenance(home.provenance_file(canonical_uuid(job_uuid)))
    return None
