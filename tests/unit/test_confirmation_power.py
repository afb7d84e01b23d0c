"""How often a confirmation says what it should: a few draws here, ten thousand in the soak."""

import pytest

from tests.synthetic import SCENARIOS, share_confirmed

DRAWS = 200


@pytest.mark.parametrize("name", SCENARIOS)
def test_confirmed_is_said_as_often_as_promised(name):
    scenario, least, most = SCENARIOS[name]
    assert least <= share_confirmed(scenario, DRAWS, 1) <= most
