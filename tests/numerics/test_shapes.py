"""The shapes that states and operators say they have are held, wherever a test makes one."""

import jax
import jax.numpy as jnp
import pytest

from irer.physics import SimulationConfig
from irer.physics.equations import equation_of
from irer.physics.program import prepare, prepare_batch
from irer.physics.sncgl_trees import Curved

CONFIG = SimulationConfig(N_grid=16, box_length=10.0, precision="float64")


def test_a_state_of_the_wrong_kind_or_of_two_sizes_is_refused() -> None:
    spectrum, half = jnp.zeros((7, 7), complex), jnp.zeros((7, 4), complex)
    Curved(psi=spectrum, u=half)
    with pytest.raises(TypeError, match="psi"):
        Curved(psi=spectrum.real, u=half)
    operators = prepare(CONFIG).operators
    fields = vars(operators) | {"source": jnp.zeros((9, 9), complex)}
    with pytest.raises(TypeError, match="source"):
        type(operators)(**fields)


def test_a_rate_of_the_wrong_state_is_refused() -> None:
    ready = prepare(CONFIG)
    flat = equation_of(CONFIG.model_copy(update={"model": "sncgl_flat"})).state(
        {"psi": ready.state.psi}
    )
    with pytest.raises(TypeError):
        ready.equation.rate(flat, ready.operators, jnp.zeros(()))


def test_a_batch_is_a_state_too_and_keeps_its_names() -> None:
    ready = prepare_batch([CONFIG, CONFIG.model_copy(update={"global_seed": 1})])
    assert ready.state.psi.shape == (2, 7, 7)
    names = [jax.tree_util.keystr(path) for path, _ in jax.tree.leaves_with_path(ready.state)]
    assert names == [".psi", ".u"]
