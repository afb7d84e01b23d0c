"""What chance gives: the hunt's best score beside those of its decoy hunts."""

from collections.abc import Mapping, Sequence

import numpy as np

from irer.base.records import Bounds
from irer.controls.reading.facts import HuntFacts
from irer.controls.reading.reading_records import Chance
from irer.search.significance import p_hunt


def chance_of(facts: HuntFacts) -> Chance | None:
    """Return what the decoy hunts found; None without any, or without a run with a score.

    The best run's own score is compared with the best scores of the decoy hunts, as in the verdict.
    """
    bests = facts.decoy_bests
    if facts.best is None or facts.best.metrics is None or not bests:
        return None
    own = facts.best.metrics.log_prime_sse
    known = [value for value in bests if value is not None]
    low, high = decoy_band(bests) or (None, None)
    p = p_hunt(own, bests)
    p_hunts = {**facts.p_hunts, facts.plan.hunt_id: p}
    return Chance(
        n=len(bests),
        low=low,
        high=high,
        as_good=sum(value <= own for value in known) / len(bests),
        p_hunt=p,
        n_hunts=len(p_hunts),
        p_holm=holm(p_hunts)[facts.plan.hunt_id],
    )


def decoy_band(bests: Sequence[float | None]) -> Bounds | None:
    """Return the 5% and 95% quantiles of the best of decoy hunts; None where none has a score."""
    known = [value for value in bests if value is not None]
    if not known:
        return None
    low, high = np.quantile(known, [0.05, 0.95]).tolist()
    return low, high


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """Return p-values corrected for their number (Holm, Scand. J. Statist. 6 (1979) 65).

    The i-th smallest of n, from 0, is multiplied by n - i; none is below a smaller one's, or
    above 1.
    """
    corrected, largest = {}, 0.0
    for i, (name, p) in enumerate(sorted(p_values.items(), key=lambda item: item[1])):
        largest = max(largest, min(1.0, (len(p_values) - i) * p))
        corrected[name] = largest
    return corrected
