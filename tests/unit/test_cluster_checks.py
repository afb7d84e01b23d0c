"""What is refused before anything is connected."""

import sys

import pytest

import core_engine
from irer.base.errors import ConfigError
from irer.runners import cluster_checks
from irer.runners.cluster import DaskRunner
from tests.hunts import home, order


class Client:
    """Stands for Dask's client, with `answer` in place of all workers."""

    def __init__(self, answer) -> None:
        self._answer = answer

    def sync(self, function, *args, callback_timeout, **options):
        return function(*args, **options)

    def run(self, function, session, on_error):
        return self._answer()


def test_without_an_address_the_variable_is_named(tmp_path):
    settings = home(tmp_path / "home")
    with pytest.raises(ConfigError, match=r"^IRER_DASK_SCHEDULER: must be the scheduler's address"):
        DaskRunner(settings)
    plan = core_engine.plan_hunt(order(runner="dask"), settings)
    with pytest.raises(ConfigError, match="IRER_DASK_SCHEDULER"):
        core_engine.execute_hunt(plan=plan, settings=settings)
    assert not settings.home.folder.exists()


def test_without_the_package_the_file_to_install_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    settings = home(tmp_path / "home", dask_scheduler="tcp://127.0.0.1:9")
    with pytest.raises(ConfigError, match=r"pip install -r requirements-cluster\.txt") as error:
        DaskRunner(settings)
    assert "\n" not in error.value.message
    assert not settings.home.folder.exists()


def test_many_blind_workers_make_one_short_line(tmp_path):
    settings = home(tmp_path)
    answers = {f"tcp://10.0.0.{n}:1": (n > 7, []) for n in range(1, 10)}

    with pytest.raises(ConfigError, match=r"^IRER_HOME: .* and 2 more cannot read") as error:
        cluster_checks.check_workers(Client(lambda: answers), None, settings)
    assert error.value.message.count("tcp://") == 5


def test_workers_that_hang_do_not_hang_the_hub(tmp_path):
    def hang():
        raise TimeoutError

    with pytest.raises(ConfigError, match=r"^IRER_DASK_SCHEDULER: not every worker answered"):
        cluster_checks.check_workers(Client(hang), None, home(tmp_path))


def test_a_worker_with_other_metrics_is_named(packages):
    from irer.runners.cluster_worker import Session, differences, local_versions

    session = Session("token", "file", local_versions())
    assert differences(session) == []
    packages.one("irer.metrics", "own", "mine:it", "")
    wanted = "irer.metrics is own (package elsewhere 1.0), on the hub none"
    assert differences(session) == [wanted]
