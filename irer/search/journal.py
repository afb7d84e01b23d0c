"""The ledger as an Optuna journal, one study a hunt, for optuna-dashboard and Optuna's plots."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import optuna
from optuna.distributions import FloatDistribution
from optuna.storages import JournalStorage
from optuna.storages.journal import BaseJournalBackend
from optuna.trial import FrozenTrial, TrialState, create_trial

from irer.base.clock import of_timestamp
from irer.base.files import write_text
from irer.base.records import SncglParams
from irer.home.ledger import LedgerRow

Space = Mapping[str, tuple[float, float]]


class _Memory(BaseJournalBackend):
    """Keeps the journal's entries in memory, so that the file is written in one piece."""

    def __init__(self) -> None:
        self.logs: list[dict[str, Any]] = []

    def read_logs(self, log_number_from: int) -> Iterable[dict[str, Any]]:
        return self.logs[log_number_from:]

    def append_logs(self, logs: list[dict[str, Any]]) -> None:
        self.logs.extend(logs)


def write_journal(
    rows: Iterable[LedgerRow], path: Path, space: Space, when: Callable[[str], float]
) -> int:
    """Write rows as the journal `path`, replacing any former one; return how many studies it holds.

    `space` gives the ranges of parameters; a parameter with a value outside has the range of its
    values. `when` returns when a job was committed whose row has no times (before 11.1), in seconds
    since 1970: Optuna requires the times of a finished trial. Raises StorageError.
    """
    hunts: defaultdict[str, list[LedgerRow]] = defaultdict(list)
    for row in rows:
        hunts[row.hunt_id].append(row)
    memory = _Memory()
    storage = JournalStorage(memory)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    for hunt_id, runs in hunts.items():
        study = optuna.create_study(
            storage=storage,
            study_name=f"hunt {hunt_id}",
            directions=["minimize", "minimize"],
        )
        distributions = _distributions(runs, space)
        study.add_trials([_trial(row, _times(row, when), distributions) for row in runs])
    lines = (json.dumps(log, separators=(",", ":"), allow_nan=False) for log in memory.logs)
    write_text(path, "".join(line + "\n" for line in lines))
    return len(hunts)


def _times(row: LedgerRow, when: Callable[[str], float]) -> tuple[str, str]:
    """Return when a run began and ended; without times the end is when its record was made."""
    if row.started_at and row.ended_at:
        return row.started_at, row.ended_at
    end = when(row.job_uuid)
    return of_timestamp(end - row.seconds), of_timestamp(end)


def _distributions(runs: list[LedgerRow], space: Space) -> dict[str, FloatDistribution]:
    """Return the range of each parameter whose value differs between the runs."""
    found = {}
    for name in SncglParams.model_fields:
        values = [getattr(row.params, name) for row in runs]
        low, high = space.get(name, (min(values), max(values)))
        if min(values) < max(values):
            found[name] = FloatDistribution(min(low, *values), max(high, *values))
    return found


def _trial(
    row: LedgerRow, when: tuple[str, str], distributions: dict[str, FloatDistribution]
) -> FrozenTrial:
    """Return a run as a trial; one without a score is a FAIL with its numbers as attributes."""
    params = row.params.model_dump()
    known = row.model_dump(mode="json", exclude={"params", "metrics"}) | {
        name: value for name, value in params.items() if name not in distributions
    }
    if row.metrics is not None:
        known |= row.metrics.model_dump(mode="json")
    trial = create_trial(
        state=TrialState.FAIL if row.objectives is None else TrialState.COMPLETE,
        values=row.objectives,
        params={name: params[name] for name in distributions},
        distributions=dict(distributions),
        user_attrs=known,
    )
    # Optuna's own times are local and without a zone; the attributes keep the zone.
    trial.datetime_start, trial.datetime_complete = (_local(moment) for moment in when)
    return trial


def _local(moment: str) -> datetime:
    return datetime.fromisoformat(moment).astimezone().replace(tzinfo=None)
