"""How often a confirmation says what it should, over ten thousand synthetic ones each."""

import pytest

from tests.soak.conftest import count
from tests.synthetic import SCENARIOS, share_confirmed

pytestmark = pytest.mark.soak

DRAWS = count("SOAK_CONFIRMATIONS", 10_000)


@pytest.mark.parametrize("name", SCENARIOS)
def test_confirmed_is_said_as_often_as_promised(name):
    scenario, least, most = SCENARIOS[name]
    share = share_confirmed(scenario, DRAWS, 2)
    print(f"{name}: confirmed in {share:.4f} of {DRAWS}")
    assert least <= share <= most
