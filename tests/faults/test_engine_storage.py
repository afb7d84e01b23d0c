"""The disk fills up at any write: a clear error, old files whole, and a resume completes it."""

import pytest

import core_engine
import irer.files
from irer.errors import StorageError
from irer.search import ledger as ledger_module
from tests.hunts import home, hunt_state, ledger_bar_names, order, run_canned

WRITES = 24


def fill_disk_after(monkeypatch, writes: int) -> list[int]:
    """Refuse every write after that many; return a list that counts the refusals."""
    left, refused = [writes], []

    def wrap(module, name):
        real = getattr(module, name)

        def write(target, data, **options):
            left[0] -= 1
            if left[0] >= 0:
                return real(target, data, **options)
            refused.append(1)
            if module is ledger_module:
                target.write(data[: len(data) // 2])
                raise OSError(28, "No space left on device")
            raise StorageError(f"cannot write {target}: No space left on device")

        monkeypatch.setattr(module, name, write)

    wrap(irer.files, "write_atomic")
    wrap(ledger_module, "_write_whole")
    return refused


def small_plan(settings):
    return core_engine.plan_hunt(order(num_generations=3, population_size=3), settings)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    settings = home(tmp_path_factory.mktemp("undisturbed"))
    run_canned(settings, small_plan(settings))
    return ledger_bar_names(settings)


@pytest.mark.parametrize("writes", range(WRITES))
def test_disk_full_at_any_write(tmp_path, monkeypatch, undisturbed, writes):
    settings = home(tmp_path)
    plan = small_plan(settings)
    with monkeypatch.context() as patch:
        refused = fill_disk_after(patch, writes)
        with pytest.raises(StorageError, match=r"cannot write .*No space left on device"):
            run_canned(settings, plan)
        assert refused
    recorded = ledger_bar_names(settings)
    assert recorded == undisturbed[: len(recorded)]
    assert len(recorded) % 3 == 0  # whole generations, no torn row
    run_canned(settings, core_engine.load_plan(settings) or plan)
    assert ledger_bar_names(settings) == undisturbed
    assert hunt_state(settings) == "Completed"
