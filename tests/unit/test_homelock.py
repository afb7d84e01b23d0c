import os
import subprocess
import sys

import pytest

from irer.base.errors import ConfigError, ConflictError
from irer.home.homelock import hold_home
from tests.hunts import home


def test_second_holder_is_refused_and_may_come_later(tmp_path):
    settings = home(tmp_path / "home")
    with hold_home(settings.home):
        with (
            pytest.raises(ConflictError, match=rf"in use .* \(pid {os.getpid()}\)"),
            hold_home(settings.home),
        ):
            pytest.fail("two holders")
        with pytest.raises(ConflictError), hold_home(settings.home):  # a refusal frees nothing
            pytest.fail("two holders")
    with hold_home(settings.home):
        pass


def test_lock_goes_with_a_killed_holder(tmp_path):
    settings = home(tmp_path)
    code = (
        "import os, pathlib, sys; from tests.hunts import home;"
        "from irer.home.homelock import hold_home;"
        "lock = hold_home(home(pathlib.Path(sys.argv[1])).home); lock.__enter__();"
        "os.kill(os.getpid(), 9)"
    )
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    killed = subprocess.run([sys.executable, "-c", code, str(tmp_path)], env=env, check=False)
    assert killed.returncode == -9
    assert (tmp_path / ".lock-owner").exists()  # it had the lock
    with hold_home(settings.home):
        pass


def test_home_that_cannot_be_a_folder(tmp_path):
    (tmp_path / "file").write_text("mine")
    with (
        pytest.raises(ConfigError, match="IRER_HOME: must be a folder that can be written"),
        hold_home(home(tmp_path / "file" / "home").home),
    ):
        pytest.fail("held")
