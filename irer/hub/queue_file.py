"""`hunt_queue.json`: the hunts that wait for their turn, in their order."""

from typing import Any, Literal

from pydantic import Field, field_validator

from irer.base.checking import Record
from irer.base.clock import Instant
from irer.base.errors import ContractError, NotFoundError
from irer.base.files import write_json
from irer.base.record_files import read_record
from irer.base.records import canonical_uuid
from irer.home import Home


class QueuedHunt(Record):
    """A hunt that waits; `problem` says why it is set aside, null for one that will begin."""

    hunt_id: str  # which the hunt will have
    order: dict[str, Any] = Field(description="as it was asked for: the body of a start")
    queued_at: Instant
    problem: str | None = None

    _uuid = field_validator("hunt_id")(canonical_uuid)


class QueueFile(Record):
    """`hunt_queue.json`."""

    schema_version: Literal[1] = 1
    hunts: tuple[QueuedHunt, ...] = Field((), strict=False)


def read_queue(home: Home) -> tuple[QueuedHunt, ...]:
    """Return the hunts that wait in a home. Raises ContractError for a broken file."""
    try:
        return read_record(QueueFile, home.queue_file, "the queue").hunts
    except NotFoundError:
        return ()
    except ContractError as error:
        raise ContractError(f"{home.queue_file} holds no queue of hunts; mend or remove it") from (
            error
        )


def write_queue(home: Home, hunts: tuple[QueuedHunt, ...]) -> None:
    """Keep the hunts that wait. Raises StorageError."""
    write_json(home.queue_file, QueueFile(hunts=hunts).model_dump(mode="json"))
