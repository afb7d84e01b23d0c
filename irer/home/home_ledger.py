"""The ledger of a home as one truth: a committed job is a row of it, in every state of a hunt.

A job is committed by its record, an instant before its row is entered, and a process that is
killed in between leaves a record without a row. Only jobs of the generation that `hunt.json`
names can be such. Who reads the ledger gets their rows from the records (`rows_of_home`); who
opens the home to work in it enters them first (`settle`).
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
from irer.home.provenance import read_provenance
from irer.home.registry import committed_records, load_plan
from settings import Settings


def rows_of_home(settings: Settings) -> Iterator[LedgerRow]:
    """Yield a row for every committed job, in (generation, index) order, writing nothing.

    Raises ContractError for a ledger, plan or record that is not what this program writes.
    """
    open_jobs = _open_jobs(settings)
    last: dict[str, LedgerRow] = {}  # of the generation under way, which stands at the end
    for row in read_rows(settings.ledger_file, shared=True):
        if row.job_uuid in open_jobs:
            last[row.job_uuid] = row
        else:
            yield row
    late = _missing(settings, open_jobs, last)
    yield from sorted([*last.values(), *late], key=lambda row: row.place)


def missing_rows(settings: Settings) -> list[LedgerRow]:
    """Return rows of committed jobs that the file of the ledger does not have. Raises as above."""
    open_jobs = _open_jobs(settings)
    if not open_jobs:
        return []
    there = {cells["job_uuid"] for cells in unchecked_rows(settings.ledger_file)}
    return _missing(settings, open_jobs, there)


def ledger_text(settings: Settings) -> bytes | None:
    """Return the ledger as CSV with a row for every committed job, None before the first.

    A file that is not what this program writes is given as it is. Raises as above.
    """
    file = settings.ledger_file
    text = at_rest(file) if file.exists() else b""
    with suppress(ContractError):
        text = with_rows(text, missing_rows(settings))
    return text or None


def settle(settings: Settings) -> None:
    """Enter in the ledger what is missing there, mended and of this schema, while no job runs.

    Raises as `rows_of_home`, and StorageError; it can then be done again.
    """
    mend(settings.ledger_file, lambda job_uuid: _find(settings, job_uuid))
    upgrade(settings.ledger_file)
    rows = missing_rows(settings)
    if rows:
        append_rows(settings.ledger_file, rows)


def _open_jobs(settings: Settings) -> Collection[str]:
    plan = load_plan(settings)
    return frozenset(plan.job_uuids) if plan else frozenset()


def _missing(
    settings: Settings, open_jobs: Collection[str], there: Collection[str]
) -> list[LedgerRow]:
    wanted = [job_uuid for job_uuid in open_jobs if job_uuid not in there]
    records = committed_records(settings, wanted).values()
    return sorted(map(LedgerRow.of_provenance, records), key=lambda row: row.place)


def _find(settings: Settings, job_uuid: str) -> Provenance | None:
    with suppress(ValueError, ContractError, NotFoundError):
        return read_provenance(settings.provenance_file(canonical_uuid(job_uuid)))
    return None
