"""Exact solutions and measures of error that the numerical tests share."""

import math

import numpy as np

from irer.base.records import SimulationConfig, SncglParams


def plane_wave(config: SimulationConfig, n: int):
    """Return psi(t) of the exact plane wave of the whole system with n waves along x.

    psi = sqrt(r) exp(i (q x - w t)), r = (epsilon - q^2)/(1 + g K^(0)), w = c1 q^2 + c3 r, u = 0.
    """
    p: SncglParams = config.sncgl_params
    q = 2 * math.pi * n / config.box_length
    kernel_at_zero = math.exp(-(p.k0**2) / (2 * p.sigma_k**2))
    r = (p.epsilon - q**2) / (1 + p.g_nonlocal * kernel_at_zero)
    w = p.c1 * q**2 + p.c3 * r
    x = along_x(config)

    def psi(t: float) -> np.ndarray:
        return np.sqrt(r) * np.exp(1j * (q * x - w * t))

    return psi


def along_x(config: SimulationConfig) -> np.ndarray:
    """Return the coordinate x on the whole grid, (N,)*d."""
    n, d = config.N_grid, config.dimensions
    line = np.arange(n).reshape((n,) + (1,) * (d - 1)) * config.box_length / n
    return np.broadcast_to(line, (n,) * d)


def relative_error(got: np.ndarray, exact: np.ndarray) -> float:
    """Return the L2 norm of the difference over the L2 norm of `exact`."""
    return float(np.linalg.norm(got - exact) / np.linalg.norm(exact))


def observed_order(steps: list[float], errors: list[float]) -> float:
    """Return the slope of log(error) against log(step), by least squares."""
    return float(np.polyfit(np.log(steps), np.log(errors), 1)[0])
