"""The design of a hunt keeps its fingerprint from version to version, and notices a change."""

from typing import Any

import pytest

from irer.base.checking import check
from irer.base.errors import ContractError
from irer.base.hunt_records import HuntPlan
from irer.controls.fingerprint import check_design, sealed

# A hunt as version 11.1 planned it, and as 11.2 and 11.3 do, each with the fingerprint it got.
OF_11_1: dict[str, Any] = {
    "schema_version": 1,
    "hunt_id": "b0e9896c-5a5a-4ada-b3c5-5c7b555898a3",
    "seed": 3980749083, "num_generations": 10, "population_size": 10, "sampler": "gp",
    "model": "sncgl_sdg", "runner": "pool",
    "simulation": {
        "geometry": "coevolve", "dimensions": 2, "N_grid": 256, "box_length": 125.66370614359172,
        "dt": 0.1, "step_control": "controlled", "T_steps": 600, "precision": "float32",
        "dealias": 0.5, "n_frames": 50, "n_snapshots": 4, "initial_amplitude": 0.1,
    },
    "fixed_params": {
        "epsilon": 1.0, "c1": 1.5, "c3": -0.8, "g_nonlocal": 0.3, "sigma_k": 1.0, "k0": 0.0,
        "kappa": 0.1, "lambda_sdg": 5.0, "source_amplitude": 0.0, "source_k": 1.0,
        "source_width": 0.1, "diffusion": 1.0, "lambda_cubic": 1.0, "eta": 0.1,
    },
    "search_space": {
        "epsilon": [0.2, 1.5], "c1": [-2.0, 3.0], "c3": [-2.0, 2.0], "g_nonlocal": [-0.5, 2.0],
        "sigma_k": [0.1, 1.0], "k0": [0.0, 2.5], "kappa": [0.1, 1.0],
    },
    "measure_version": 2, "comb": None, "max_wall_s": None, "max_stagnation": None,
    "polish_generations": 0,
    "design_sha256": "cc3a85f6a38f05f0cd2f9af455d28a73da2ccfd03b7c4821ca4a474f1cbe5deb",
    "first_generation": 1, "generation": 10, "state": "Completed", "message": None,
}  # fmt: skip
OF_11_2 = OF_11_1 | {
    "seeds_per_candidate": 1,
    "design_sha256": "f5f27e8ff54944b2bb798f18c841d38a0456206c522dcf0269e407909779c70e",
}


def plan(data: dict[str, Any]) -> HuntPlan:
    return check(HuntPlan, data, what="the plan")


@pytest.mark.parametrize("data", [OF_11_1, OF_11_2], ids=["11.1", "11.2"])
def test_a_hunt_of_an_earlier_version_can_be_resumed_and_repeated(data: dict[str, Any]) -> None:
    check_design(plan(data))


def test_the_fingerprint_of_today_is_that_of_11_2() -> None:
    assert sealed(plan(OF_11_1)).design_sha256 == OF_11_2["design_sha256"]


@pytest.mark.parametrize(
    "change",
    [{"seeds_per_candidate": 2}, {"seed": 1}, {"search_space": {"c1": [-2.0, 2.0]}},
     {"points": [{"c1": 0.0}]}],
)  # fmt: skip
@pytest.mark.parametrize("data", [OF_11_1, OF_11_2], ids=["11.1", "11.2"])
def test_what_was_fixed_beforehand_cannot_be_changed(
    data: dict[str, Any], change: dict[str, Any]
) -> None:
    with pytest.raises(ContractError, match="not those that were fixed before its first trial"):
        check_design(plan(data | change))
