"""What is compiled once a machine: who does it, who waits, who does not ask."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from irer.base.records import SimulationConfig, SncglParams
from irer.runners import compile_once as module
from irer.runners.compile_once import compile_once, compile_seconds, is_compiled
from irer.runners.processes import Ended

SMALL = SimulationConfig(N_grid=16)


@pytest.fixture
def started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[SimulationConfig]:
    """Keep programs in a folder, and note what would be compiled instead of compiling."""
    found: list[SimulationConfig] = []

    def run(argv: list[str], **_: Any) -> Ended:
        time.sleep(0.05)
        found.append(SimulationConfig.model_validate_json(argv[-1]))
        return Ended(returncode=0, stdout="", stderr="", seconds=0.1)

    monkeypatch.setattr(module, "run_process", run)
    monkeypatch.setenv("JAX_COMPILATION_CACHE_DIR", str(tmp_path))
    monkeypatch.delenv("JAX_ENABLE_COMPILATION_CACHE", raising=False)
    return found


def test_of_many_at_once_one_compiles(started: list[SimulationConfig]) -> None:
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(compile_once, [SMALL] * 8))
    assert [(c.N_grid, c.T_steps, c.n_snapshots) for c in started] == [(16, 1, 1)]


@pytest.mark.parametrize(
    "same",
    [
        SMALL.model_copy(update={"T_steps": 7, "dt": 0.05, "global_seed": 3}),
        SMALL.model_copy(update={"sncgl_params": SncglParams(kappa=0.7)}),
    ],
)
def test_what_no_program_depends_on_is_not_compiled_again(
    started: list[SimulationConfig], same: SimulationConfig
) -> None:
    compile_once(SMALL)
    compile_once(same)
    assert len(started) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"N_grid": 18},
        {"precision": "float64"},
        {"model": "sncgl_flat"},
        {"geometry": "constraint"},
        {"step_control": "fixed"},
        {"dealias": 0.6},
        {"dimensions": 3},
        {"sncgl_params": SncglParams(g_nonlocal=0.0)},
    ],
)
def test_another_shape_is(started: list[SimulationConfig], other: dict[str, Any]) -> None:
    compile_once(SMALL)
    compile_once(SMALL.model_copy(update=other))
    assert len(started) == 2


def test_what_is_compiled_is_known_with_its_time(
    started: list[SimulationConfig], tmp_path: Path
) -> None:
    assert (is_compiled(SMALL), compile_seconds()) == (False, None)
    compile_once(SMALL)
    assert (is_compiled(SMALL), compile_seconds()) == (True, 0.1)
    assert is_compiled(SMALL.model_copy(update={"N_grid": 18})) is False
    (tmp_path / "compiled-0123456789abcdef").touch()  # of an earlier version: without a time
    (tmp_path / "compiled-0123456789abcdee").write_text('{"seconds": 40.1}')
    assert compile_seconds() == pytest.approx(20.1)


def test_where_nothing_is_kept_nothing_is_known(
    started: list[SimulationConfig], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JAX_ENABLE_COMPILATION_CACHE", "0")
    assert (is_compiled(SMALL), compile_seconds()) == (None, None)


def test_other_code_is(started: list[SimulationConfig], monkeypatch: pytest.MonkeyPatch) -> None:
    compile_once(SMALL)
    monkeypatch.setattr(module, "_program", lambda: "another")
    compile_once(SMALL)
    assert len(started) == 2


def test_after_a_failure_the_next_one_tries(
    started: list[SimulationConfig], monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = Ended(returncode=1, stdout="", stderr="", seconds=0.0)
    with monkeypatch.context() as patch:
        patch.setattr(module, "run_process", lambda *_, **__: failed)
        compile_once(SMALL)
    compile_once(SMALL)
    assert len(started) == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("JAX_COMPILATION_CACHE_DIR", ""),
        ("JAX_COMPILATION_CACHE_DIR", "/nowhere"),
        ("JAX_ENABLE_COMPILATION_CACHE", "False"),
    ],
)
def test_where_nothing_is_kept_nothing_is_started(
    started: list[SimulationConfig], monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    compile_once(SMALL)
    assert started == []
