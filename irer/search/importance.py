"""How much each searched parameter matters for an objective, by Optuna's PED-ANOVA.

Importing this module does not load Optuna; the first computation does.
"""

import math
import warnings
from collections import deque
from collections.abc import Mapping, Sequence
from typing import NamedTuple

Space = Mapping[str, tuple[float, float]]

REMEMBERED = 2000  # runs that an importance is computed from, the newest
BEST = 0.1  # the share of the runs that counts as the best
SHUFFLES = 19  # one share above all of theirs has p = 1 / 20
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
            params, values = [run for run, _ in self._runs], [value for _, value in self._runs]
            known = _tells_apart(values)
            self._known = _shares(_Runs(self._space, params).divergences(values)) if known else {}
        return dict(self._known)


class Bar(NamedTuple):
    """A parameter's share, and the largest that shuffled values gave it: chance alone does so."""

    share: float
    chance: float

    @property
    def stands_out(self) -> bool:
        """Whether the share is larger than every one of the shuffled values', at 5%."""
        return self.share > self.chance


def importance(
    space: Space, params: Sequence[Mapping[str, float]], values: Sequence[float]
) -> dict[str, float]:
    """Return the shares of the parameters of `space` for the minimised `values` of runs."""
    asked = Importance(space)
    for run, value in zip(params, values, strict=True):
        asked.add(run, value)
    return asked.shares()


def against_chance(
    space: Space, params: Sequence[Mapping[str, float]], objectives: Sequence[Sequence[float]]
) -> list[dict[str, Bar]]:
    """Return for each objective the bars of the parameters, none where there are no shares.

    The shares of an objective add up to 1 also where the parameters decide nothing. Shuffled values
    say what is left then: a tenth of the runs, drawn at random, in place of the best. All
    objectives have the same draws, from a generator seeded with 0.
    """
    import numpy as np  # here, with Optuna: importing this module is cheap

    objectives = [values[-REMEMBERED:] for values in objectives]
    if not any(map(_tells_apart, objectives)):
        return [{} for _ in objectives]
    runs = _Runs(space, params[-REMEMBERED:])
    rng = np.random.default_rng(0)
    shuffled = [runs.divergences(rng.permutation(len(runs)).tolist()) for _ in range(SHUFFLES)]
    largest = {name: max(found[name] for found in shuffled) for name in space}
    return [
        _bars(runs.divergences(values), largest) if _tells_apart(values) else {}
        for values in objectives
    ]


def _bars(found: Mapping[str, float], largest: Mapping[str, float]) -> dict[str, Bar]:
    total = sum(found.values()) or 1.0
    return {name: Bar(share, largest[name] / total) for name, share in _shares(found).items()}


class _Runs:
    """The parameters of runs as an Optuna study, asked for several sets of values."""

    def __init__(self, space: Space, params: Sequence[Mapping[str, float]]) -> None:
        import optuna
        from optuna.distributions import FloatDistribution
        from optuna.trial import create_trial

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        ranges = {name: FloatDistribution(low, high) for name, (low, high) in space.items()}
        self._names, self._n = list(space), len(params)
        self._study = optuna.create_study()
        self._study.add_trials(
            [
                create_trial(
                    params={name: run[name] for name in space},
                    distributions=dict(ranges),
                    value=0.0,
                )
                for run in params
            ]
        )

    def __len__(self) -> int:
        return self._n

    def divergences(self, values: Sequence[float]) -> dict[str, float]:
        """Return how far the best tenth by `values` differs from all runs, by parameter."""
        from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that smaller values are taken for better
            return get_param_importances(
                self._study,
                evaluator=PedAnovaImportanceEvaluator(target_quantile=BEST),
                params=self._names,
                target=lambda trial: float(values[trial.number]),
                normalize=False,
            )


def _tells_apart(values: Sequence[float]) -> bool:
    """Say whether there are runs enough, and the best tenth is better than the worst of all."""
    ordered = sorted(values)
    return len(ordered) >= FEWEST and ordered[math.ceil(BEST * len(ordered)) - 1] < ordered[-1]


def _shares(divergences: Mapping[str, float]) -> dict[str, float]:
    """Return divergences over their sum, in their order; where all are 0 they are equal."""
    total = sum(divergences.values())
    if not total:
        return dict.fromkeys(divergences, 1 / len(divergences))
    return {name: value / total for name, value in divergences.items()}
