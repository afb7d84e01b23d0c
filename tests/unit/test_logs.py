import logging
from logging.handlers import RotatingFileHandler

import pytest

from irer.base.errors import StorageError
from irer.home.logs import attach_rotating


@pytest.fixture
def name():
    name = "irer.test_logs"
    yield name
    logger = logging.getLogger(name)
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
        handler.close()


def test_children_write_to_the_file_once(tmp_path, name):
    for _ in range(3):
        attach_rotating(name, tmp_path / "a" / "hunt.log")
    logging.getLogger(f"{name}.child").info("hello")
    assert (tmp_path / "a" / "hunt.log").read_text().count("hello") == 1


def test_other_file_replaces_the_former(tmp_path, name):
    attach_rotating(name, tmp_path / "one.log")
    attach_rotating(name, tmp_path / "two.log")
    logging.getLogger(name).info("hello")
    assert (tmp_path / "one.log").read_text() == ""
    assert "hello" in (tmp_path / "two.log").read_text()


def test_file_rotates(tmp_path, name):
    attach_rotating(name, tmp_path / "hunt.log")
    (handler,) = logging.getLogger(name).handlers
    assert isinstance(handler, RotatingFileHandler)
    handler.maxBytes = 100
    for _ in range(10):
        logging.getLogger(name).info("x" * 60)
    kept = sorted(path.name for path in tmp_path.iterdir())
    assert kept == ["hunt.log", "hunt.log.1", "hunt.log.2", "hunt.log.3"]


def test_file_that_cannot_be_opened_is_said(tmp_path, name):
    with pytest.raises(StorageError, match="cannot write"):
        attach_rotating(name, tmp_path)
