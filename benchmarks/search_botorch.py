"""BoTorch on the problems of benchmarks/search.py, with the same judge.

    pip install botorch    # a benchmark's need alone: about 5 GB with the usual wheels of torch
    python benchmarks/search_botorch.py [--noise 0,0.5] [--seeds 20] [--workers 16] [--limit 280]

qLogNoisyExpectedHypervolumeImprovement (Ament et al. 2023; Daulton, Balandat and Bakshy 2021) over
a SingleTaskGP with inferred noise for each objective, BoTorch's priors and defaults as they are,
after the same 10 first points as `gp`. A failed run counts as the worst value of each objective so
far in both models. Prints the lines of benchmarks/search.py; `sampler` says whose means recommend:
  botorch      the hub's own processes, as for every other sampler
  botorch_own  the means of BoTorch's models
"""

import json
import os
import sys
import warnings
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
if find_spec("botorch") is None:  # `make bench` does not install it
    print(json.dumps({"benchmark": "search_botorch", "left_out": "BoTorch is not installed"}))
    sys.exit()

import numpy as np
import torch
from botorch.acquisition.multi_objective.logei import qLogNoisyExpectedHypervolumeImprovement
from botorch.fit import fit_gpytorch_mll
from botorch.models import ModelListGP, SingleTaskGP
from botorch.optim import optimize_acqf
from botorch.sampling.normal import SobolQMCNormalSampler
from gpytorch.mlls import SumMarginalLogLikelihood

from benchmarks.search_hunts import BATCH, BOX, PROBLEMS, Case, Hunt, Outcome, outcome
from benchmarks.search_table import parser_of, table
from irer.home.ledger import LedgerRow
from irer.search.box import Point
from irer.search.hypervolume import Front

SAMPLES, RESTARTS, RAW = 64, 4, 128  # of the acquisition and of its optimiser


class BotorchHunt(Hunt):
    """A hunt that BoTorch proposes for."""

    def proposals(self) -> Sequence[Point]:
        """Return the points of the next batch."""
        if len(self.rows) < BATCH:
            return super().proposals()  # a Sobol' sequence, as `gp` begins
        torch.manual_seed(self.seed * 1000 + len(self.rows))
        x, y = self._data(self.rows)
        model = _fitted(x, y)
        with torch.no_grad():
            means = model.posterior(x).mean
        worst, best = means.min(dim=0).values, means.max(dim=0).values
        acquisition = qLogNoisyExpectedHypervolumeImprovement(
            model=model,
            ref_point=worst - 0.1 * (best - worst),  # where `gp` has it
            X_baseline=x,
            sampler=SobolQMCNormalSampler(torch.Size([SAMPLES]), seed=self.seed),
            prune_baseline=True,
        )
        bounds = torch.tensor([[0.0] * BOX.dimensions, [1.0] * BOX.dimensions], dtype=x.dtype)
        found, _ = optimize_acqf(
            acquisition, bounds, BATCH, RESTARTS, RAW, sequential=True, options={"maxiter": 100}
        )
        return [BOX.point(place) for place in found.numpy()]

    def _data(self, rows: Sequence[LedgerRow]) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the runs' places, (n, d), and their objectives to be maximised, (n, 2)."""
        values = np.array([row.objectives or (np.nan, np.nan) for row in rows])
        values = np.where(np.isnan(values), np.nanmax(values, axis=0), values)
        return torch.from_numpy(BOX.of_rows(rows)), torch.from_numpy(-values)


class SelfJudged(BotorchHunt):
    """The same hunt, its recommended set the front of its own models' means."""

    def volume(self, n: int) -> float:
        """Return the hypervolume, without noise, of the set recommended after `n` runs."""
        rows = self.rows[:n]
        x, y = self._data(rows)
        with torch.no_grad():
            means = -_fitted(x, y).posterior(x).mean
        front = Front[LedgerRow]()
        for row, (first, second) in zip(rows, means.tolist(), strict=True):
            if row.objectives is not None:
                front.add((first, second), row)
        return self.volume_of(front.items)


HUNTS = {"botorch": BotorchHunt, "botorch_own": SelfJudged}


def _fitted(x: torch.Tensor, y: torch.Tensor) -> ModelListGP:
    """Return a process for each objective, fitted to the runs."""
    model = ModelListGP(*(SingleTaskGP(x, column[:, None]) for column in y.T))
    fit_gpytorch_mll(SumMarginalLogLikelihood(model.likelihood, model))
    return model


def run(case: Case) -> Outcome:
    """Run one hunt."""
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")  # of a fit that stops early; the hunt goes on with it
    hunt = HUNTS[case.sampler](PROBLEMS[case.problem], case.noise, "gp", case.seed)
    return outcome(hunt, case.runs)


def main() -> None:
    """Compare and print."""
    parser = parser_of("Measure BoTorch on analytic problems.", runs=120)
    parser.add_argument("--samplers", default=",".join(HUNTS))
    given = parser.parse_args()
    table("search_botorch", given, given.samplers.split(","), run)


if __name__ == "__main__":
    main()
