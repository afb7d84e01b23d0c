"""Exponential time differencing, fourth order: ETDRK4.

Cox & Matthews, J. Comput. Phys. 176 (2002) 430, eqs. 26-29; the coefficients are combinations
of the phi-functions (Hochbruck & Ostermann, Acta Numerica 19 (2010) 209), which a Taylor series
near zero and the recurrence elsewhere give to round-off. They are complex where the linear symbol
is: their real parts alone would cost three orders of accuracy.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVarTuple

import jax.numpy as jnp
import numpy as np
from jax import Array, lax

Arrays = TypeVarTuple("Arrays")

_TAYLOR_TERMS = 18  # 1/21! < 1e-19: exact in float64 for |z| <= 1
_SINGLE_TERMS = 9  # 1/12! < 3e-9: as exact in float32


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
    t3 = _phi_3_near_zero(near)
    t2 = near * t3 + 0.5  # the backward recurrence is exact to round-off for |z| < 1
    t1 = near * t2 + 1
    return xp.where(small, t1, p1), xp.where(small, t2, p2), xp.where(small, t3, p3)


def _phi_3_near_zero(z: Any) -> Any:
    """Return the Taylor series of phi_3 by Horner's rule, for |z| <= 1."""
    terms = _SINGLE_TERMS if z.dtype in (np.float32, np.complex64) else _TAYLOR_TERMS
    total = 1 / math.factorial(terms + 3)
    for m in reversed(range(terms)):
        total = total * z + 1 / math.factorial(m + 3)
    return total


class Parabola(NamedTuple):
    """Coefficients of an interval on which the nonlinear part is a parabola in time."""

    e: Any  # exp(z), z = interval L
    f1: Any  # coefficient of the nonlinear part at the start
    f2: Any  # half the coefficient at the middle
    f3: Any  # coefficient at the end

    def end(self, y: Any, start: Any, middle: Any, last: Any) -> Any:
        """Return the field after the interval, from its value before and the nonlinear parts."""
        gained = times(self.f1, start) + times(self.f2, middle + middle) + times(self.f3, last)
        return times(self.e, y) + gained


class Judged(NamedTuple):
    """Coefficients of a step h, and of the intervals 2 h and 4 h that estimate its error."""

    step: Etdrk4
    two: Parabola
    four: Parabola


def etdrk4(symbol: Any, dt: Any, xp: Any = np) -> Etdrk4:
    """Return the coefficients for d/dt y = symbol y + N(y) and the step `dt`."""
    z = dt * symbol
    half, _, _ = phi_functions(z / 2, xp)
    return _etdrk4(z, dt, half, phi_functions(z, xp), xp)


def judged(symbol: Any, dt: Any) -> Judged:
    """Return the coefficients of `etdrk4` and those of the parabolas, as JAX arrays."""
    z = dt * symbol
    half, _, _ = phi_functions(z / 2, jnp)
    once = phi_functions(z, jnp)
    twice = _doubled(z, once)
    parabolas = [
        Parabola(jnp.exp(n * z), *_weights(n * dt, phi))
        for n, phi in ((2, twice), (4, _doubled(2 * z, twice)))
    ]
    return Judged(_etdrk4(z, dt, half, once, jnp), *parabolas)


def _etdrk4(z: Any, dt: Any, half: Any, phi: tuple[Any, Any, Any], xp: Any) -> Etdrk4:
    return Etdrk4(xp.exp(z), xp.exp(z / 2), dt / 2 * half, *_weights(dt, phi))


def _weights(dt: Any, phi: tuple[Any, Any, Any]) -> tuple[Any, Any, Any]:
    p1, p2, p3 = phi
    return dt * (p1 - 3 * p2 + 4 * p3), dt * (2 * p2 - 4 * p3), dt * (4 * p3 - p2)


def _doubled(z: Any, phi: tuple[Any, Any, Any]) -> tuple[Any, Any, Any]:
    """Return phi_1, phi_2, phi_3 of 2 z from those of z."""
    p1, p2, p3 = phi
    return p1 + z / 2 * p1 * p1, (p1 * p1 + 2 * p2) / 4, (p1 * p2 + p2 + 2 * p3) / 8


def etdrk4_step(
    state: dict[str, Any],
    coefficients: dict[str, Etdrk4],
    nonlinear: Callable[[dict[str, Any]], dict[str, Any]],
) -> dict[str, Any]:
    """Advance every field of `state` by one step; fields are coupled through `nonlinear`.

    The stages are y, a = e y + q N(y), b = e y + q N(a), c = e a + q (2 N(b) - N(y)) with
    e = e_half. They form a loop, so that the nonlinear part is compiled once.
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

        n0 = choose(first, n, now.n0)
        after = combine(following, state, now.a, n, n0)
        return Stages(
            at=after,
            a=choose(first, after, now.a),
            n0=n0,
            total=combine(gained, now.total, n),
        )

    start = combine(lambda c, y: times(c.e_full, y), state)
    end: Stages = lax.fori_loop(0, 4, stage, Stages(state, state, state, start))
    return end.total


def continued_step(
    state: dict[str, Any],
    rest: dict[str, Any],
    slope: dict[str, Any],
    coefficients: dict[str, Etdrk4],
    nonlinear: Callable[[dict[str, Any], dict[str, Any]], tuple[dict[str, Any], dict[str, Any]]],
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Take the step of `etdrk4_step`, given the nonlinear part `slope` of `state`.

    `nonlinear` also takes and returns `rest`: arrays that the fields determine and that are not
    integrated. Returns the next state, its rest and its slope.
    """

    def combine(rule: Callable[..., Any], *terms: dict[str, Any]) -> dict[str, Any]:
        return {k: rule(coefficients[k], *(term[k] for term in terms)) for k in state}

    def half(c: Etdrk4, y: Any, n: Any) -> Any:
        return times(c.e_half, y) + times(c.q, n)

    a = combine(half, state, slope)

    def stage(i: Array, now: Continued) -> Continued:
        n, rest = nonlinear(now.at, now.rest)

        def gained(c: Etdrk4, total: Any, n: Any) -> Any:
            return jnp.where(i < 4, total + times(jnp.where(i < 3, c.f2, c.f3), n), total)

        def following(c: Etdrk4, y: Any, a: Any, n: Any, n0: Any, total: Any) -> Any:
            inner = half(c, jnp.where(i == 1, y, a), jnp.where(i == 1, n, n + n - n0))
            return jnp.where(i < 3, inner, total)

        total = combine(gained, now.total, n)
        return Continued(combine(following, state, a, n, slope, total), rest, n, total)

    total = combine(lambda c, y, n: times(c.e_full, y) + times(c.f1, n), state, slope)
    end: Continued = lax.fori_loop(1, 5, stage, Continued(a, rest, slope, total))
    return end.at, end.rest, end.n


class Continued(NamedTuple):
    """The state of the loop over the evaluations of a continued step."""

    at: dict[str, Any]  # the state at which the nonlinear part is evaluated next
    rest: dict[str, Any]
    n: dict[str, Any]  # the last nonlinear part
    total: dict[str, Any]  # the sum of the step so far


class Stages(NamedTuple):
    """The state of the loop over the stages."""

    at: dict[str, Any]  # the stage at which the nonlinear part is evaluated next
    a: dict[str, Any]
    n0: dict[str, Any]
    total: dict[str, Any]  # the sum of the step so far


def choose(condition: Array, new: dict[str, Any], old: dict[str, Any]) -> dict[str, Any]:
    """Return `new` where the condition holds, else `old`, array by array."""
    return {name: jnp.where(condition, new[name], old[name]) for name in new}


def times(a: Any, b: Array) -> Array:
    """Return a b, written out: XLA's complex product is slower, and a real `a` needs none."""
    if not jnp.iscomplexobj(a):
        return lax.complex(a * b.real, a * b.imag)
    return lax.complex(a.real * b.real - a.imag * b.imag, a.real * b.imag + a.imag * b.real)


def kept(*fields: *Arrays) -> tuple[*Arrays]:
    """Return fields as separate arrays: XLA does not fuse them with the code that reads them."""
    return lax.optimization_barrier(fields)  # type: ignore[no-untyped-call, no-any-return]


def cast(coefficients: Etdrk4, dtype: Any) -> Etdrk4:
    """Return the coefficients as JAX arrays of `dtype`."""
    return Etdrk4(*(jnp.asarray(values, dtype) for values in coefficients))
