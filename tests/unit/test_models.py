"""What is known of models without the solver: names, facts, and what an extension declares."""

import pytest

from irer.base.checking import check
from irer.base.errors import ConfigError
from irer.base.hunt_records import HuntOrder
from irer.base.models import facts_of
from irer.base.records import SimulationConfig
from tests.packages import Packages


def declare(text: str, packages: Packages) -> None:
    """Install a module with this text as the model `own`."""
    packages.one("irer.equations", "own", "declared:equation", text)


def test_a_wrong_model_is_answered_with_those_there_are() -> None:
    allowed = "model: must be one of sncgl_sdg, sncgl_flat, fmia, got "
    for wrong, shown in (("fmai", "'fmai'"), (3, "3"), ([], "[]")):
        with pytest.raises(ConfigError) as caught:
            SimulationConfig(model=wrong)
        assert caught.value.message == allowed + shown
        with pytest.raises(ConfigError) as caught:
            check(HuntOrder, {"model": wrong}, what="the body")
        assert caught.value.message == allowed + shown


def test_the_space_is_read_and_the_module_not_run(packages: Packages) -> None:
    declare("SPACE = {'eta': (0, 1.5)}\nraise SystemExit\n", packages)
    assert facts_of("own").space == {"eta": (0.0, 1.5)}
    assert SimulationConfig(model="own").model == "own"
    assert (facts_of("own").gradient, facts_of("own").uncoupled) == (False, None)


def test_without_a_space_that_of_the_settings_is_searched(packages: Packages) -> None:
    declare("raise SystemExit\n", packages)
    assert facts_of("own").space is None


@pytest.mark.parametrize("space", ["dict(eta=(0, 1))", "{'eta': 1}", "3", "{'eta': ('a', 'b')}"])
def test_a_space_that_is_no_literal_is_refused(space: str, packages: Packages) -> None:
    declare(f"SPACE = {space}\n", packages)
    with pytest.raises(ConfigError, match="SPACE must be a literal"):
        facts_of("own")


@pytest.mark.parametrize(
    ("value", "text", "why"),
    [
        ("gone:equation", "", "there is no module 'gone'"),
        ("declared:equation", "def", "invalid syntax"),
    ],
)
def test_an_equation_that_cannot_be_read_is_named(
    value: str, text: str, why: str, packages: Packages
) -> None:
    points = {"irer.equations": {"own": value}}
    packages.install("elsewhere", {"declared.py": text}, points)
    named = r"model: the equation 'own' \(irer.equations, package elsewhere 1.0\) cannot be read: "
    with pytest.raises(ConfigError, match=named + why):
        facts_of("own")
