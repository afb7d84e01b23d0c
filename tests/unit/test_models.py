"""What is known of models without the solver: names, facts, and what an extension declares."""

from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from irer.base import models
from irer.base.checking import check
from irer.base.errors import ConfigError
from irer.base.hunt_records import HuntOrder
from irer.base.models import facts_of
from irer.base.records import SimulationConfig


def declare(text: str, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the module `declared_{place}` with this text the model `own`."""
    name = f"declared_{place.name.replace('-', '_')}"
    (place / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(place)
    point = EntryPoint("own", f"{name}:equation", models.GROUP)
    monkeypatch.setattr(models, "extensions", lambda: {"own": point})


def test_a_wrong_model_is_answered_with_those_there_are() -> None:
    allowed = "model: must be one of sncgl_sdg, sncgl_flat, fmia, got "
    for wrong, shown in (("fmai", "'fmai'"), (3, "3"), ([], "[]")):
        with pytest.raises(ConfigError) as caught:
            SimulationConfig(model=wrong)
        assert caught.value.message == allowed + shown
        with pytest.raises(ConfigError) as caught:
            check(HuntOrder, {"model": wrong}, what="the body")
        assert caught.value.message == allowed + shown


def test_the_space_is_read_and_the_module_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare("SPACE = {'eta': (0, 1.5)}\nraise SystemExit\n", tmp_path, monkeypatch)
    assert facts_of("own").space == {"eta": (0.0, 1.5)}
    assert SimulationConfig(model="own").model == "own"
    assert (facts_of("own").gradient, facts_of("own").uncoupled) == (False, None)


def test_without_a_space_that_of_the_settings_is_searched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare("raise SystemExit\n", tmp_path, monkeypatch)
    assert facts_of("own").space is None


@pytest.mark.parametrize("space", ["dict(eta=(0, 1))", "{'eta': 1}", "3", "{'eta': ('a', 'b')}"])
def test_a_space_that_is_no_literal_is_refused(
    space: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(f"SPACE = {space}\n", tmp_path, monkeypatch)
    with pytest.raises(ConfigError, match="SPACE must be a literal"):
        facts_of("own")


def test_two_models_of_one_name_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    models.extensions.cache_clear()
    point = EntryPoint("fmia", "elsewhere:equation", models.GROUP)
    monkeypatch.setattr(models, "entry_points", lambda **_: (point,))
    with pytest.raises(ConfigError, match="another model called fmia"):
        models.extensions()
    models.extensions.cache_clear()
