"""An objective over two parameters: the mean over seeds that a Gaussian process expects.

The other parameters stay as in the run whose expected mean is the best.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from irer.search.gaussian import GaussianProcess
from irer.search.improvement import spans_decades

Array = NDArray[np.float64]

MOST_LEARNED = 200  # runs; the cost grows with their cube
TILES = 24  # along each of both parameters


@dataclass(frozen=True)
class PosteriorMap:
    """The expected mean and its standard deviation at the centres of tiles of the unit square.

    Arrays are (TILES, TILES), the first axis that of the first parameter. `in_decades`: both are of
    the natural logarithm of the objective.
    """

    mean: Array
    deviation: Array
    in_decades: bool
    held_at: int  # the run whose other parameters the map is drawn for


def posterior_map(x: Array, y: Array, axes: tuple[int, int]) -> PosteriorMap:
    """Map the objective `y`, (n,), of runs at points `x`, (n, d), of the unit box; n >= 2.

    `axes` are the numbers of the two parameters. Raises ValueError for more than MOST_LEARNED runs.
    """
    if len(x) > MOST_LEARNED:
        raise ValueError(f"at most {MOST_LEARNED} runs are learned from, got {len(x)}")
    in_decades = spans_decades(y)
    process = GaussianProcess(x, np.log(y) if in_decades else y)
    held_at = int(np.argmin(process.predict(x)[0]))
    centres = (np.arange(TILES) + 0.5) / TILES
    places = np.tile(x[held_at], (TILES * TILES, 1))
    places[:, axes[0]] = np.repeat(centres, TILES)
    places[:, axes[1]] = np.tile(centres, TILES)
    mean, deviation = (found.reshape(TILES, TILES) for found in process.predict(places))
    return PosteriorMap(mean, deviation, in_decades, held_at)
