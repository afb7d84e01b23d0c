"""Where the band of retained modes ends, in whole modes: one rule for solver and validator.

No JAX and no NumPy: both sides, which share nothing else, may import it.
"""

_LAST_BITS = 1e-9  # what a product of such sizes may be off by; a typed dealias is off by 1/200


def half_band(n_grid: int, dealias: float) -> float:
    """Return dealias N / 2, the end of the band in units of the mode spacing 2 pi / L.

    A whole number where it is one but for the last bits: 0.28 x 50 / 2 is 7, which in floating
    point is a little more, so that rounding up would retain an eighth mode.
    """
    end = dealias * n_grid / 2
    return float(round(end)) if abs(end - round(end)) < _LAST_BITS else end
