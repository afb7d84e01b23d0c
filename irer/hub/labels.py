"""What people call a hunt: its name, tags and a note, in `hunts/{hunt_id}/label.json`."""

import threading
from typing import Annotated

from pydantic import Field

from irer.base.checking import Record
from irer.base.files import write_json
from irer.base.record_files import find_record
from irer.home import Home

MOST_TAGS = 20
Text = Annotated[str, Field(max_length=200)]


class Label(Record):
    """What people call a hunt."""

    name: str = Field("", max_length=200, description="at most 200 characters")
    tags: list[Text] = Field(
        default_factory=list,
        max_length=MOST_TAGS,
        description=f"at most {MOST_TAGS} texts of at most 200 characters",
    )
    note: str = Field("", max_length=2000, description="at most 2,000 characters")


class LabelChange(Record):
    """The body of a change; an absent or null field stays as it is."""

    name: str | None = Field(None, max_length=200, description="at most 200 characters")
    tags: list[Text] | None = Field(
        None,
        max_length=MOST_TAGS,
        description=f"at most {MOST_TAGS} texts of at most 200 characters",
    )
    note: str | None = Field(None, max_length=2000, description="at most 2,000 characters")


_writing = threading.Lock()


def read_label(home: Home, hunt_id: str) -> Label:
    """Return the label of a hunt, an empty one by default. Raises ContractError."""
    return find_record(Label, home.label_file(hunt_id), "the label") or Label()


def change_label(home: Home, hunt_id: str, change: LabelChange) -> Label:
    """Save a change and return the label; tags are trimmed, and each is kept once.

    Raises StorageError when it cannot be written, ContractError over a broken file.
    """
    changes = change.model_dump(exclude_none=True)
    if change.tags is not None:
        trimmed = (tag.strip() for tag in change.tags)
        changes["tags"] = list(dict.fromkeys(tag for tag in trimmed if tag))
    if change.name is not None:
        changes["name"] = change.name.strip()
    with _writing:
        label = read_label(home, hunt_id).model_copy(update=changes)
        write_json(home.label_file(hunt_id), label.model_dump(mode="json"))
    return label
