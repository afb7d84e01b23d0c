"""Set-up shared by all tests: double precision where JAX is used, one thread per process."""

import os
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.packages import Packages, on_the_path

os.environ.setdefault("JAX_ENABLE_X64", "1")  # before anything imports jax
os.environ.setdefault("JAX_PLATFORMS", "cpu")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # two would wait for each other on two cores

# Files that take longest: they begin first, so that none is left alone at the end.
LONGEST = (
    "tests/docs/test_howto.py",
    "tests/integration/test_cluster.py",
    "tests/browser/test_hunt_page.py",
    "tests/contract/test_runners.py",
    "tests/browser/test_page_states.py",
    "tests/faults/test_pool.py",
    "tests/browser/test_pages.py",
    "tests/contract/hub/test_hub_openapi.py",
    "tests/integration/test_null_hunts.py",
    "tests/browser/test_legible.py",
    "tests/browser/test_behind_proxies.py",
    "tests/contract/hub/test_hub_process.py",
    "tests/browser/test_components_page.py",
    "tests/integration/test_confirmation.py",
    "tests/numerics/test_calibration.py",
    "tests/integration/test_engine_real.py",
    "tests/integration/test_same_bits.py",
    "tests/contract/hub/test_hub_security.py",
    "tests/docs/test_runnable.py",
    "tests/numerics/test_gradient.py",
    "tests/browser/test_table_state.py",
    "tests/faults/test_engine_jobs.py",
    "tests/contract/test_worker.py",
    "tests/faults/test_engine_storage.py",
    "tests/integration/test_distribution.py",
    "tests/numerics/test_controlled_steps.py",
    "tests/browser/test_newcomer.py",
    "tests/browser/test_evidence.py",
    "tests/docs/test_notebook.py",
    "tests/browser/test_sensitivity_page.py",
    "tests/faults/test_batch.py",
    "tests/contract/test_engine_cli.py",
    "tests/faults/test_engine_kill.py",
    "tests/integration/test_extensions.py",
    "tests/numerics/test_proofs.py",
    "tests/integration/test_components.py",
    "tests/integration/test_sensitivity.py",
    "tests/browser/test_reading_page.py",
    "tests/numerics/test_against_exponax.py",
    "tests/docs/test_pages.py",
    "tests/integration/test_golden.py",
    "tests/integration/test_rescoring.py",
    "tests/faults/test_stale.py",
    "tests/integration/test_gpu_benchmark.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first, then those with most tests; within a file nothing moves."""
    tests = Counter(file_of(item) for item in items)
    rank = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: (rank.get(file_of(item), len(rank)), -tests[file_of(item)]))


def file_of(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]


@pytest.fixture
def packages(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Packages]:
    place = tmp_path_factory.mktemp("packages")
    with on_the_path(place, monkeypatch):
        yield Packages(place)
