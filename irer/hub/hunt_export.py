"""One hunt as a zip file: what is kept of it, its ledger rows, and the records of its runs."""

import zipfile
from collections.abc import Iterable
from typing import IO

from irer.home import Home
from irer.home.home_ledger import ledger_text


def write_export(home: Home, hunt_id: str, job_uuids: Iterable[str], file: IO[bytes]) -> None:
    """Write the zip: no fields, which the records can make again."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(home.hunt_dir(hunt_id).glob("*")):
            if path.is_file():
                archive.write(path, f"{hunt_id}/{path.name}")
        archive.writestr(f"{hunt_id}/{home.ledger_file.name}", _rows(home, hunt_id))
        for job_uuid in job_uuids:
            record = home.provenance_file(job_uuid)
            if record.exists():
                archive.write(record, f"{hunt_id}/{home.provenance_dir.name}/{record.name}")


def _rows(home: Home, hunt_id: str) -> str:
    """Return the heading of the ledger and the rows of a hunt, as they are."""
    head, *rows = (ledger_text(home) or b"\n").decode().splitlines(keepends=True)
    column = head.strip().split(",").index("hunt_id") if rows else 0
    return head + "".join(row for row in rows if row.split(",")[column] == hunt_id)
