"""The ledger's rows of a hunt's runs that count, and whether their fields are there."""

from collections import Counter
from collections.abc import Sequence

from irer.base.errors import ConflictError
from irer.base.goals import NO_SCORE_WORDS
from irer.base.hunt_records import HuntPlan
from irer.home import Home
from irer.home.ledger import LedgerRow, read_rows


def counted_rows(home: Home, plan: HuntPlan) -> list[LedgerRow]:
    """Return the ledger's rows of the hunt's runs with a score. Raises ConflictError if none."""
    rows = [row for row in read_rows(home.ledger_file) if row.hunt_id == plan.hunt_id]
    counted = [row for row in rows if row.objectives is not None]
    if counted:
        return counted
    why = Counter(NO_SCORE_WORDS[row.no_score] for row in rows if row.no_score)
    why["failed"] = sum(row.metrics is None for row in rows)
    reasons = "; ".join(f"{n} runs: {reason}" for reason, n in why.items() if n)
    found = f" ({reasons})" if reasons else ""
    raise ConflictError(f"the hunt {plan.hunt_id} has no complete run that counts{found}")


def refuse_without_fields(home: Home, plan: HuntPlan, counted: Sequence[str]) -> None:
    """Raise ConflictError unless some of a hunt's runs that count has its fields."""
    if not any(home.artifact_file(job_uuid).exists() for job_uuid in counted):
        raise ConflictError(
            f"the fields of all {len(counted)} runs of the hunt {plan.hunt_id} that count are gone "
            "(keep_artifacts); without them nothing can be rescored"
        )
