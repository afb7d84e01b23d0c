"""Steps that hold the local error of every field below a tolerance.

Steps come in blocks: four steps of dt 2^j, or six of two thirds of that. A block of length B starts
at a multiple of B from the start of the run, so its boundaries do not depend on when the run is
observed. At the end of a block its error is estimated from the nonlinear parts at its steps, which
are known: over every four steps h the equation is integrated once more with parabolas through
them, over intervals 2 h and over one of 4 h, and Richardson's extrapolation of the two estimates
the error of the steps (Hairer, Norsett & Wanner, Solving Ordinary Differential Equations I, II.1
and II.4). A block whose estimate is too large is rejected. Each estimate chooses the size of the
next block: any number of sizes down, and up by a factor of 4 at most, and not soon after a larger
block was rejected.

A state that is asked for inside a block is the state after one of the block's steps, or one
further step from there; nothing of that step aside goes back into the run.
"""

from irer.physics.controlled_steps.advance import advance
from irer.physics.controlled_steps.course import Course, Splitting
from irer.physics.controlled_steps.sizes import TOLERANCE

__all__ = ["TOLERANCE", "Course", "Splitting", "advance"]
