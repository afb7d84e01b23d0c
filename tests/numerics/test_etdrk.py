"""ETDRK4 coefficients and order (Cox & Matthews 2002; Kassam & Trefethen 2005)."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from irer.spectral.etdrk import etdrk4, etdrk4_step, phi_functions
from tests.numerics.exact import observed_order


def contour_phi3(z: complex) -> complex:
    """phi_3 by the mean over a full circle, Kassam & Trefethen's way around cancellation."""
    points = z + 2 * np.exp(2j * np.pi * (np.arange(256) + 0.5) / 256)
    return complex(np.mean((np.exp(points) - 1 - points - points**2 / 2) / points**3))


@pytest.mark.parametrize("z", [0, 1e-9, -0.3 + 0.2j, 0.99j, -1.01, -1 + 2j, -40 - 60j])
def test_phi_functions_agree_with_contour_integrals(z: complex) -> None:
    phi3 = phi_functions(np.array([z], complex))[2][0]
    assert phi3 == pytest.approx(contour_phi3(z), rel=2e-13)


def test_phi_functions_obey_their_recurrence_across_the_switch() -> None:
    z = -np.logspace(-3, 2, 400) * np.exp(0.4j)
    p1, p2, p3 = phi_functions(z)
    np.testing.assert_allclose(p2 * z + 1, p1, rtol=1e-12)
    np.testing.assert_allclose(p3 * z + 0.5, p2, rtol=1e-12)


@pytest.mark.parametrize("symbol", [-1.0, -1.0 + 2.0j, -30.0 + 40.0j])
def test_order_is_four_for_a_complex_symbol(symbol: complex) -> None:
    """Taking the real part of the coefficients would show as order 1 here."""

    def error(n_steps: int) -> float:
        # y' = s y + N(t), N chosen so that y = sin(t) + 2; t is carried as a second field.
        dt = 1.0 / n_steps
        state = {"y": np.array(2 + 0j), "t": np.array(0j)}
        coefficients = {"y": etdrk4(np.array(symbol), dt), "t": etdrk4(np.array(0j), dt)}
        for _ in range(n_steps):
            state = step(state, coefficients)
        return abs(state["y"] - np.sin(1) - 2)

    def rate(s):
        forcing = jnp.cos(s["t"]) - symbol * (jnp.sin(s["t"]) + 2)
        # quadratic coupling, zero on the exact solution, makes the problem nonlinear
        square = 0.5 * (s["y"] - jnp.sin(s["t"]) - 2) ** 2
        return {"y": forcing + square, "t": jnp.ones_like(s["t"])}

    step = jax.jit(lambda state, coefficients: etdrk4_step(state, coefficients, rate))
    steps = [16, 32, 64, 128]
    order = observed_order([1 / n for n in steps], [error(n) for n in steps])
    assert order == pytest.approx(4, abs=0.3)
