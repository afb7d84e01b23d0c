import uuid
from pathlib import Path

import pytest

from irer.base.errors import ContractError
from irer.base.files import read_json
from irer.home import open_home
from irer.hub.notes import Note, NoteChange, RunNotes

RUN = str(uuid.uuid4())


def test_a_note_is_kept_over_a_restart(tmp_path: Path) -> None:
    notes = RunNotes(open_home(tmp_path))
    notes.load()
    assert notes.of(RUN) == Note()
    assert notes.change(RUN, NoteChange(note="interesting")) == Note(note="interesting")
    assert notes.change(RUN, NoteChange(hidden=True)) == Note(note="interesting", hidden=True)
    again = RunNotes(open_home(tmp_path))
    again.load()
    assert again.of(RUN) == Note(note="interesting", hidden=True)


def test_a_note_that_says_nothing_leaves_the_file(tmp_path: Path) -> None:
    notes = RunNotes(open_home(tmp_path))
    notes.change(RUN, NoteChange(note="x"))
    notes.change(RUN, NoteChange(note=""))
    assert read_json(open_home(tmp_path).notes_file) == {}


@pytest.mark.parametrize("content", ["[1]", "{", '{"a": {"note": 3}}'])
def test_a_broken_file_is_left_alone(tmp_path: Path, content: str) -> None:
    (open_home(tmp_path).notes_file).write_text(content)
    notes = RunNotes(open_home(tmp_path))
    notes.load()
    assert notes.of(RUN) == Note()
    with pytest.raises(ContractError, match="mend or remove"):
        notes.change(RUN, NoteChange(hidden=True))
    assert (open_home(tmp_path).notes_file).read_text() == content
