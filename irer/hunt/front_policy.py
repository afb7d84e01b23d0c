"""The artifact policy of a home, which keeps the artifacts of the Pareto fronts."""

from collections import defaultdict
from collections.abc import Collection, Iterable

from irer.base.records import Provenance
from irer.home.artifact_policy import ArtifactKeeper, CommittedRun
from irer.home.ledger import LedgerRow, read_rows
from irer.search.history import History
from settings import Settings


class FrontKeeper:
    """Applies the artifact policy; spares the Pareto front, with the best run, of every hunt."""

    def __init__(self, settings: Settings, open_jobs: Collection[str]) -> None:
        """Take in the ledger without `open_jobs`: `add` takes these in with their generation."""
        self._fronts: defaultdict[str, History] = defaultdict(lambda: History(remembered=1))
        self._keeper = ArtifactKeeper(
            settings.home,
            settings.keep_artifacts,
            lambda: (
                self._note(row)
                for row in read_rows(settings.home.ledger_file)
                if row.job_uuid not in open_jobs
            ),
        )

    def add(self, records: Iterable[Provenance]) -> None:
        """Take in the records of a generation."""
        self._keeper.add(self._note(LedgerRow.of_provenance(record)) for record in records)

    def apply(self) -> None:
        """Remove artifacts by the policy. Raises StorageError; may then be called again."""
        fronts = self._fronts.values()
        self._keeper.apply({row.job_uuid for history in fronts for row in history.front})

    def _note(self, row: LedgerRow) -> CommittedRun:
        self._fronts[row.hunt_id].add(row)
        return CommittedRun(row.job_uuid, row.generation, row.index, row.fitness)
