"""People's notes on runs: a note and a hide mark each, in a side file that no record needs."""

import logging
import threading
from collections.abc import Mapping

from pydantic import Field, RootModel

from irer.base.checking import Record
from irer.base.errors import ContractError, NotFoundError
from irer.base.files import write_json
from irer.base.record_files import read_record
from irer.home import Home

log = logging.getLogger("irer.hub.notes")


class Note(Record):
    """What was said of one run; a hidden one is left out of the table, never out of the record."""

    note: str = Field("", max_length=2000, description="at most 2,000 characters")
    hidden: bool = False


class NoteChange(Record):
    """The body of a change; an absent or null field stays as it is."""

    note: str | None = Field(None, max_length=2000, description="at most 2,000 characters")
    hidden: bool | None = None


class _Notes(RootModel[dict[str, Note]]):
    pass


_NOTHING = Note()


class RunNotes:
    """The notes of a home, in memory and in its `run_notes.json`."""

    def __init__(self, home: Home) -> None:
        self._file = home.notes_file
        self._lock = threading.Lock()
        self._notes: dict[str, Note] = {}
        self._broken: ContractError | None = None

    def load(self) -> None:
        """Read the file, if there is one; a broken one is left alone and refuses every change."""
        try:
            self._notes = read_record(_Notes, self._file, "the notes").root
        except NotFoundError:
            return
        except ContractError:
            self._broken = ContractError(f"{self._file} holds no notes of runs; mend or remove it")
            log.error("%s", self._broken.message)

    def of(self, job_uuid: str) -> Note:
        """Return the note on a run, an empty one by default."""
        return self._notes.get(job_uuid, _NOTHING)

    def all(self) -> Mapping[str, Note]:
        """Return the notes by job_uuid; runs without one are not in it."""
        return self._notes

    def change(self, job_uuid: str, change: NoteChange) -> Note:
        """Save a change and return the note on the run.

        Raises StorageError when it cannot be written, ContractError over a broken file.
        """
        if self._broken:
            raise self._broken
        with self._lock:
            note = self.of(job_uuid).model_copy(update=change.model_dump(exclude_none=True))
            notes = {**self._notes, job_uuid: note}
            if note == _NOTHING:
                del notes[job_uuid]
            # Written before it is shown; the dictionary is replaced whole, so readers need no lock.
            write_json(self._file, _Notes(notes).model_dump(mode="json"))
            self._notes = notes
            return note
