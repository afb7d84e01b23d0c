"""False alarms of every p that a verdict uses, on spectra that the solver itself makes.

In each trial the comb that is taken for the truth is drawn at random from the decoys: one fixed
comb on spectra that share a background need not rank uniformly. Where ln p itself ranks is
printed beside. Needs benchmarks/data/own_fields.npz (benchmarks/own_fields.py). One JSON line
for each statistic: the share of trials with p <= 0.05, wanted between 3 and 7%.
"""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
from numpy.typing import NDArray

from benchmarks import own_fields
from irer.validation.combs import TARGETS, decoy_combs
from irer.validation.matched_filter import matched_filter, pooled_matched_filter
from irer.validation.matching import comb_scores, find_peaks
from irer.validation.nulls import p_value
from irer.validation.spectrum import Spectrum

Array = NDArray[np.float64]
Statistic = Callable[[list[Spectrum], Array], Array]  # of combs (n, 8): (n,), small is good
DECOYS = 199


def of_a_run(spectra: list[Spectrum], combs: Array) -> Array:
    """Return the score of the first spectrum for each comb."""
    return comb_scores(find_peaks(spectra[0]), combs, spectra[0])


def matched_of_a_run(spectra: list[Spectrum], combs: Array) -> Array:
    """Return minus the matched filter of the first spectrum."""
    return -matched_filter(spectra[0], combs)


def matched_of_a_group(spectra: list[Spectrum], combs: Array) -> Array:
    """Return minus the pooled matched filter of eight spectra."""
    return -pooled_matched_filter(spectra[:8], combs)


def of_a_hunt(spectra: list[Spectrum], combs: Array) -> Array:
    """Return the best score of all spectra for each comb."""
    return np.min([comb_scores(find_peaks(one), combs, one) for one in spectra], axis=0)


STATISTICS: dict[str, tuple[Statistic, int]] = {  # with how many spectra of the library it takes
    "p_position of a run": (of_a_run, 1),
    "p_matched of a run": (matched_of_a_run, 1),
    "p_matched of eight": (matched_of_a_group, 8),
    "p_position of a hunt of 20": (of_a_hunt, 20),
}


def false_alarms(statistic: Statistic, size: int, library: list[Spectrum], trials: int) -> Array:
    """Return the p-value of each trial; the last entry of each row is that of ln p."""
    rng = np.random.default_rng(7)
    found = []
    for _ in range(trials):
        chosen = [library[n] for n in rng.choice(len(library), size, replace=False)]
        combs = np.concatenate((decoy_combs(DECOYS + 1, rng), TARGETS[None]))
        values = statistic(chosen, combs)
        found.append([p_value(values[0], values[1:-1]), p_value(values[-1], values[1:-1])])
    return np.array(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=2000)
    parser.add_argument("--small", action="store_true", help="40 trials")
    given = parser.parse_args()
    if not own_fields.LIBRARY.exists():
        print(json.dumps({"skipped": f"{own_fields.LIBRARY.name} is not made yet"}))
        return
    library = own_fields.load()
    for name, (statistic, size) in STATISTICS.items():
        p = false_alarms(statistic, size, library, 40 if given.small else given.trials)
        alarms, of_primes = np.mean(p <= 0.05, axis=0)
        print(
            json.dumps(
                {
                    "statistic": name,
                    "spectra": len(library),
                    "trials": len(p),
                    "false_alarms": round(float(alarms), 4),
                    "ln_p_at_or_below_0.05": round(float(of_primes), 4),
                    "ln_p_median": round(float(np.median(p[:, 1])), 3),
                }
            )
        )


if __name__ == "__main__":
    main()
