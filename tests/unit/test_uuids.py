import re
import uuid

import pytest

from irer.base.errors import ConfigError, NotFoundError
from irer.base.uuids import PATTERN, named_uuid, whole_uuid

FIRST = "12345678-1234-4123-8123-123456789abc"
SECOND = "12345678-1234-4123-9123-123456789abc"
OTHER = "abcdef01-1234-4123-8123-123456789abc"


def find(text: object) -> str:
    return whole_uuid(text, [FIRST, SECOND, OTHER], what="run", field="run")


def test_every_beginning_of_four_or_more_characters_names_its_run_alone() -> None:
    assert {find(OTHER[:n]) for n in range(4, 37)} == {OTHER}
    assert find(FIRST[:20]) == FIRST
    bare = OTHER.replace("-", "")
    assert {find(bare[:n]) for n in range(4, 32)} == {OTHER}
    unknown = str(uuid.UUID(int=0))
    assert find(unknown) == unknown  # whole: whoever asks knows what to say of it


def test_what_begins_several_says_how_many_and_what_begins_none_is_not_found() -> None:
    with pytest.raises(ConfigError, match=r"^run: 12345678 begins 2 runs, 1234") as caught:
        find("12345678")
    assert "\n" not in caught.value.message
    with pytest.raises(NotFoundError, match="there is no run 9999"):
        find("9999")


@pytest.mark.parametrize(
    "wrong",
    ["", "123", "ABCD", "12g4", "123456789a-", "1234-", "12345678--", "0" * 32, f"{FIRST}0", 7],
)
def test_what_begins_no_uuid_is_refused(wrong: object) -> None:
    with pytest.raises(ConfigError, match="run: must be a UUID or the beginning of one, at least"):
        find(wrong)


def test_the_pattern_takes_each_beginning_whole_or_not_at_all() -> None:
    assert all(re.search(PATTERN, FIRST[:n]) for n in range(4, 37))
    assert not re.search(PATTERN, f"{FIRST}\n0")
    assert named_uuid(FIRST[:4]) == FIRST[:4]
