"""The sensitivity of a hunt: lines are injected into its runs' spectra and its statistic repeated.

Each artifact is read once and no simulation runs. The result is written whole at the end to
`hunts/{hunt_id}/sensitivity.json`; equal seeds give equal files.
"""

import logging
from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from irer.base.files import write_json
from irer.base.goals import MEASURE_VERSION
from irer.base.hunt_records import HuntPlan
from irer.base.seeds import generator
from irer.controls.complete_hunt import complete_hunt
from irer.controls.counted import counted_rows
from irer.controls.efficiency import clopper_pearson, crossing
from irer.controls.estimate import estimate_s
from irer.controls.hunt_spectra import HuntSpectra, read_spectra
from irer.controls.injections import Injector, Trials, balls, rank_of_best
from irer.controls.sensitivity_records import NEED, Ball, Curve, CurveName, Sensitivity
from irer.home import Home
from irer.hunt.control import HuntControl
from irer.validation import decoy_combs
from irer.validation.combs import Array
from irer.validation.injected_shells import profiles
from irer.validation.injection import LINE_WIDTH
from irer.validation.matching import TIE

_log = logging.getLogger("irer.engine.sensitivity")

VOLUME_SHARES = (0.1, 0.3)
HEIGHTS: tuple[float, ...] = (0.0, *(round(0.1 * 10 ** (n / 4), 4) for n in range(13)))
N_TRIALS = 200  # at each height
N_DECOYS = 999  # for p_position of the hunt
N_RANK_DECOYS = 199  # for p_position of a trial
_LEVELS = {"a50": 0.5, "a95": 0.95}

Progress = Callable[[int, int], object]


def sensitivity_of(
    home: Home,
    seed: int | None = None,
    progress: Progress | None = None,
    control: HuntControl | None = None,
) -> Sensitivity | None:
    """Return the sensitivity of the home's complete hunt, kept in its file.

    None if `control` ended it early; nothing is written then. `seed`, by default the hunt's,
    determines every trial. `progress` receives the steps done. Raises ConflictError for a hunt
    that is not complete, has no run with a score, or whose artifacts are gone.
    """
    plan = complete_hunt(home, NEED)
    seed = plan.seed if seed is None else seed
    steps = _Steps(home, plan, progress, control)
    try:
        spectra = read_spectra(home, plan, steps.step)
        found = measure(spectra, plan, seed, steps.step)
    except _Stopped:
        return None
    write_json(home.sensitivity_file(plan.hunt_id), found.model_dump(mode="json"))
    _log.info("hunt %s: sensitivity of %d runs", plan.hunt_id, found.n_runs)
    return found


def estimated_s(home: Home) -> float:
    """Return about how many seconds the home's hunt takes. Raises as `sensitivity_of`."""
    rows = counted_rows(home, complete_hunt(home, NEED))
    return estimate_s(home, [row.job_uuid for row in rows])


class _Stopped(Exception):
    """Leaves a loop that was asked to end; no error."""


class _Steps:
    """Counts steps: a step is a run read, or a run at one height for one ball."""

    def __init__(
        self,
        home: Home,
        plan: HuntPlan,
        progress: Progress | None,
        control: HuntControl | None,
    ) -> None:
        runs = len(counted_rows(home, plan))
        self._total = runs * (1 + len(VOLUME_SHARES) * len(HEIGHTS))
        self._done = 0
        self._progress = progress
        self._control = control

    def step(self) -> None:
        self._done += 1
        if self._progress is not None:
            self._progress(self._done, self._total)
        if self._control is not None and self._control.stopping:
            raise _Stopped


def measure(
    spectra: HuntSpectra, plan: HuntPlan, seed: int, each: Callable[[], object]
) -> Sensitivity:
    """Return the sensitivity by the spectra; `each` is called at every run of every height."""
    p_position = rank_of_best(spectra, N_DECOYS, generator("injections", seed, 0))
    found = [
        ball(spectra, plan, share, partial(generator, "injections", seed, number), each)
        for number, share in enumerate(VOLUME_SHARES, start=1)
    ]
    return Sensitivity(
        hunt_id=plan.hunt_id,
        measure_version=MEASURE_VERSION,
        seed=seed,
        comb=plan.comb,
        statistic="smallest log_prime_sse of the runs that count",
        n_runs=len(spectra.runs),
        n_without_artifact=spectra.n_without_artifact,
        observed_best=spectra.observed_best,
        p_position=p_position,
        n_decoys=N_DECOYS,
        line_width=LINE_WIDTH,
        n_trials=N_TRIALS,
        n_rank_decoys=N_RANK_DECOYS,
        heights=list(HEIGHTS),
        balls=found,
    )


def ball(
    spectra: HuntSpectra,
    plan: HuntPlan,
    share: float,
    stream: Callable[[int], np.random.Generator],
    each: Callable[[], object],
) -> Ball:
    """Return the curves of lines in balls of one volume; uses the streams 0 and 1 + run."""
    rng = stream(0)
    combs = decoy_combs(N_TRIALS, rng)
    members = balls(spectra.places(), share, N_TRIALS, rng)
    trials = Trials(profiles(combs, plan.simulation), members)
    decoys = decoy_combs(N_RANK_DECOYS, rng)
    injector = Injector(spectra, trials, decoys, lambda run: stream(1 + run))
    seen: dict[CurveName, list[int]] = {"reached": [], "position": [], "as_good": []}
    for height in HEIGHTS:
        bests = injector.at(height, each)
        seen["reached"].append(int(bests.reached.sum()))
        seen["position"].append(int(bests.position.sum()))
        seen["as_good"].append(int(np.sum(bests.best <= spectra.observed_best + TIE)))
    runs = members.sum(axis=0)
    return Ball(
        volume_share=share,
        mean_runs=float(runs.mean()),
        empty=float(np.mean(runs == 0)),
        curves={name: curve(found, N_TRIALS) for name, found in seen.items()},
    )


def curve(found: list[int], trials: int) -> Curve:
    """Return shares, intervals and the heights at which half and 95% are found."""
    share = np.array(found) / trials
    low, high = clopper_pearson(found, trials)
    at = {
        name: tuple(crossing(HEIGHTS, values, level) for values in (share, high, low))
        for name, level in _LEVELS.items()
    }
    return Curve(
        found=found,
        share=_numbers(share),
        low=_numbers(low),
        high=_numbers(high),
        a50=at["a50"][0],
        a95=at["a95"][0],
        a50_interval=at["a50"][1:],
        a95_interval=at["a95"][1:],
    )


def _numbers(values: Array | NDArray[np.float64]) -> list[float]:
    return [round(float(value), 6) for value in values]
