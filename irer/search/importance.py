"""How much each searched parameter matters for an objective, by Optuna's PED-ANOVA.

Importing this module does not load Optuna; the first computation does.
"""

import math
from collections import deque
from collections.abc import Mapping, Sequence

Space = Mapping[str, tuple[float, float]]

REMEMBERED = 2000  # runs that an importance is computed from, the newest
BEST = 0.1  # the share of the runs that counts as the best
FEWEST = 20  # with fewer, the best tenth would hold a single run


class Importance:
    """The importance of parameters for one objective, for a hunt whose runs come in one by one.

    PED-ANOVA (Watanabe et al., IJCAI 2023, arXiv:2304.10255) compares the distribution of the best
    tenth of the runs with that of all, one parameter at a time. It is computed on request, if runs
    were added since the last one.
    """

    def __init__(self, space: Space) -> None:
        self._space = dict(space)
        self._runs: deque[tuple[dict[str, float], float]] = deque(maxlen=REMEMBERED)
        self._known: dict[str, float] | None = None

    def add(self, params: Mapping[str, float], value: float) -> None:
        """Add a measured run: its parameters by name (others are ignored) and its objective."""
        self._runs.append(({name: params[name] for name in self._space}, value))
        self._known = None

    def shares(self) -> dict[str, float]:
        """Return name -> share, the largest first, summing to 1.

        Empty before FEWEST runs, and where the best tenth is as good as all the rest.
        """
        if self._known is None:
            self._known = _ped_anova(self._space, self._runs) if self._tells_apart() else {}
        return dict(self._known)

    def _tells_apart(self) -> bool:
        values = sorted(value for _, value in self._runs)
        return len(values) >= FEWEST and values[math.ceil(BEST * len(values)) - 1] < values[-1]


def importance(
    space: Space, params: Sequence[Mapping[str, float]], values: Sequence[float]
) -> dict[str, float]:
    """Return the shares of the parameters of `space` for the minimised `values` of runs."""
    asked = Importance(space)
    for run, value in zip(params, values, strict=True):
        asked.add(run, value)
    return asked.shares()


def _ped_anova(space: Space, runs: Sequence[tuple[dict[str, float], float]]) -> dict[str, float]:
    import optuna
    from optuna.distributions import FloatDistribution
    from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances
    from optuna.trial import create_trial

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    distributions = {name: FloatDistribution(low, high) for name, (low, high) in space.items()}
    study = optuna.create_study()
    study.add_trials(
        [
            create_trial(params=params, distributions=dict(distributions), value=value)
            for params, value in runs
        ]
    )
    shares = get_param_importances(
        study, evaluator=PedAnovaImportanceEvaluator(target_quantile=BEST), params=list(space)
    )
    return {name: float(share) for name, share in shares.items()}
