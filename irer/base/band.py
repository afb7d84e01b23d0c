"""Where the band of retained modes ends, in whole modes: one rule for solver and validator.

No JAX and no NumPy: both sides, which share nothing else, may import it.
"""

_LAST_BITS = 1e-9  # above rounding error; a dealias of two decimals gives multiples of 1/200


def half_band(n_grid: int, dealias: float) -> float:
    """Return dealias N / 2, the end of the band in units of the mode spacing 2 pi / L.

    Rounding error is removed: 0.28 x 50 / 2 is 7, but floating point gives a little more, and
    rounding that up would retain an eighth mode.
    """
    end = dealias * n_grid / 2
    return float(round(end)) if abs(end - round(end)) < _LAST_BITS else end
