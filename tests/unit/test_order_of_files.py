"""The order in which the tests' files begin."""

from types import SimpleNamespace

from settings import SOURCE_ROOT
from tests.conftest import LONGEST, pytest_collection_modifyitems


def test_the_files_that_begin_first_are_there() -> None:
    assert [name for name in LONGEST if not (SOURCE_ROOT / name).is_file()] == []


def test_long_files_begin_first_then_those_of_many_tests_and_nothing_moves_within_a_file() -> None:
    last, first = f"{LONGEST[1]}::b", f"{LONGEST[0]}::a"
    names = ["one.py::x", "two.py::z", "two.py::y", last, first, f"{LONGEST[1]}::a"]
    items = [SimpleNamespace(nodeid=name) for name in names]
    pytest_collection_modifyitems(items)  # type: ignore[arg-type]
    expected = [first, last, f"{LONGEST[1]}::a", "two.py::z", "two.py::y", "one.py::x"]
    assert [item.nodeid for item in items] == expected
