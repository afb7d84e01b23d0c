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
    "tests/browser/test_newcomer.py",
    "tests/browser/test_hunt_page.py",
    "tests/integration/test_cluster.py",
    "tests/contract/test_runners.py",
    "tests/faults/test_pool.py",
    "tests/browser/test_pages.py",
    "tests/docs/test_runnable.py",
    "tests/docs/test_howto.py",
    "tests/browser/test_legible.py",
    "tests/browser/test_page_states.py",
    "tests/browser/test_behind_proxies.py",
    "tests/contract/hub/test_hub_process.py",
    "tests/contract/hub/test_hub_openapi.py",
    "tests/integration/test_engine_real.py",
    "tests/numerics/test_calibration.py",
    "tests/integration/test_gpu_benchmark.py",
    "tests/integration/test_same_bits.py",
    "tests/browser/test_components_page.py",
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
