"""Exponential time differencing, fourth order: ETDRK4.

Cox & Matthews, J. Comput. Phys. 176 (2002) 430, eqs. 26-29; the coefficients are combinations
of the phi-functions (Hochbruck & Ostermann, Acta Numerica 19 (2010) 209), which a Taylor series
near zero and the recurrence elsewhere give to round-off. They stay complex where the linear
symbol is: keeping the real part costs three orders of accuracy.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import Array, lax

_TAYLOR_TERMS = 18  # 1/21! < 1e-19: exact in float64 for |z| <= 1


class Etdrk4(NamedTuple):
    """Coefficients of one field for one step size, each of the shape of its linear symbol."""

    e_full: Any  # exp(z), z = dt L
    e_half: Any  # exp(z/2)
    q: Any  # dt/2 phi_1(z/2)
    f1: Any  # dt (phi_1 - 3 phi_2 + 4 phi_3)
    f2: Any  # dt (2 phi_2 - 4 phi_3), the factor 2 of the scheme included
    f3: Any  # dt (4 phi_3 - phi_2)


def phi_functions(z: Any, xp: Any = np) -> tuple[Any, Any, Any]:
    """Return phi_1, phi_2, phi_3 of `z`: phi_j = sum_m z^m / (m + j)!.

    `xp` is numpy or jax.numpy; any real or complex dtype, any shape.
    """
    small = abs(z) < 1
    near, far = xp.where(small, z, 0), xp.where(small, 1, z)
    p1 = xp.expm1(far) / far
    p2 = (p1 - 1) / far
    p3 = (p2 - 0.5) / far
    t1, t2, t3 = (sum_taylor(near, j) for j in (1, 2, 3))
    return xp.where(small, t1, p1), xp.where(small, t2, p2), xp.where(small, t3, p3)


def sum_taylor(z: Any, j: int) -> Any:
    """Return the Taylor series of phi_j by Horner's rule, for |z| <= 1."""
    total = 1 / math.factorial(_TAYLOR_TERMS + j)
    for m in reversed(range(_TAYLOR_TERMS)):
        total = total * z + 1 / math.factorial(m + j)
    return total


def etdrk4(symbol: Any, dt: Any, xp: Any = np) -> Etdrk4:
    """Return the coefficients for d/dt y = symbol y + N(y) and the step `dt`."""
    z = dt * symbol
    half, _, _ = phi_functions(z / 2, xp)
    p1, p2, p3 = phi_functions(z, xp)
    return Etdrk4(
        e_full=xp.exp(z),
        e_half=xp.exp(z / 2),
        q=dt / 2 * half,
        f1=dt * (p1 - 3 * p2 + 4 * p3),
        f2=dt * (2 * p2 - 4 * p3),
        f3=dt * (4 * p3 - p2),
    )


def etdrk4_step(
    state: dict[str, Any],
    coefficients: dict[str, Etdrk4],
    nonlinear: Callable[[dict[str, Any]], dict[str, Any]],
) -> dict[str, Any]:
    """Advance every field of `state` by one step; fields are coupled through `nonlinear`.

    The stages are y, a = e y + q N(y), b = e y + q N(a), c = e a + q (2 N(b) - N(y)), with e, q
    for e_half, q; they are a loop, so that the nonlinear part is compiled once.
    """

    def combine(rule: Callable[..., Any], *terms: dict[str, Any]) -> dict[str, Any]:
        return {k: rule(coefficients[k], *(term[k] for term in terms)) for k in state}

    def stage(i: Array, now: Stages) -> Stages:
        n = nonlinear(now.at)
        early, first, last = i < 2, i == 0, i == 3

        def following(c: Etdrk4, y: Any, a: Any, n: Any, n0: Any) -> Any:
            slope = jnp.where(early, n, n + n - n0)
            return times(c.e_half, jnp.where(early, y, a)) + times(c.q, slope)

        def gained(c: Etdrk4, total: Any, n: Any) -> Any:
            return total + times(jnp.where(first, c.f1, jnp.where(last, c.f3, c.f2)), n)

        after = combine(following, state, now.a, n, now.n0)
        return Stages(
            at=after,
            a=choose(first, after, now.a),
            n0=choose(first, n, now.n0),
            total=combine(gained, now.total, n),
        )

    start = combine(lambda c, y: times(c.e_full, y), state)
    end: Stages = lax.fori_loop(0, 4, stage, Stages(state, state, state, start))
    return end.total


class Stages(NamedTuple):
    """The state of the loop over the stages."""

    at: dict[str, Any]  # the stage whose nonlinear part comes next
    a: dict[str, Any]
    n0: dict[str, Any]
    total: dict[str, Any]  # what the step has come to


def choose(condition: Array, new: dict[str, Any], old: dict[str, Any]) -> dict[str, Any]:
    """Return `new` where the condition holds, else `old`, array by array."""
    return {name: jnp.where(condition, new[name], old[name]) for name in new}


def times(a: Any, b: Array) -> Array:
    """Return a b, spelled out: XLA's own complex product is slower, and a real `a` needs none."""
    if not jnp.iscomplexobj(a):
        return lax.complex(a * b.real, a * b.imag)
    return lax.complex(a.real * b.real - a.imag * b.imag, a.real * b.imag + a.imag * b.real)


def cast(coefficients: Etdrk4, dtype: Any) -> Etdrk4:
    """Return the coefficients as JAX arrays of `dtype`."""
    return Etdrk4(*(jnp.asarray(values, dtype) for values in coefficients))
