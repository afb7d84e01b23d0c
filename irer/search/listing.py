"""The ledger as text for a terminal: counts, the best run, the front, the newest runs."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from irer.home.ledger import LedgerRow
from irer.search.history import History

NEWEST = 20  # rows of the table

_HEADING = (
    f"  {'job_uuid':36} {'gen':>6} {'idx':>5} {'origin':8} "
    f"{'log_prime_sse':>14} {'sdg_h_norm_l2':>14} {'fitness':>10}  note"
)


def rank(row: LedgerRow) -> tuple[float, int, int]:
    """Return the key that sorts runs by merit; of equals the first proposed is better."""
    return row.fitness or 0.0, -row.generation, -row.index


def describe(ledger_file: Path, rows: Iterable[LedgerRow]) -> str:
    """Return counts, the best run, the Pareto front and the newest of a ledger's rows."""
    history, count, failed, unscored, hunts = History(remembered=NEWEST), 0, 0, 0, set()
    best: LedgerRow | None = None
    for row in rows:
        history.add(row)
        count += 1
        failed += row.metrics is None
        unscored += row.metrics is not None and row.fitness is None
        hunts.add(row.hunt_id)
        if row.fitness is not None:
            best = row if best is None else max(best, row, key=rank)
    lines = [
        f"{ledger_file}: {count} runs, {count - failed} complete ({unscored} without a score), "
        f"{failed} failed, {len(hunts)} hunts"
    ]
    if best is not None:
        lines += ["best run:", *table([best])]
        lines += [
            f"Pareto front ({len(history.front)} runs, {history.hypervolume:.4f} square decades):",
            *table(history.front),
        ]
    if count:
        newest = history.newest
        lines += [f"newest runs ({len(newest)} of {count}):", *table(newest)]
    return "\n".join(lines)


def table(rows: Sequence[LedgerRow]) -> Iterable[str]:
    """Return a heading and a line for each row."""
    return [_HEADING, *map(_line, rows)]


def _line(row: LedgerRow) -> str:
    scores = ["-", "-", "-"]
    if row.metrics is not None:
        scores = [f"{row.metrics.log_prime_sse:.6f}", f"{row.metrics.sdg_h_norm_l2:.6f}"]
        scores.append("-" if row.fitness is None else f"{row.fitness:.6f}")
    note = row.reason or (row.no_score or "").replace("_", "-")
    line = (
        f"  {row.job_uuid:36} {row.generation:>6} {row.index:>5} {row.origin:8} "
        f"{scores[0]:>14} {scores[1]:>14} {scores[2]:>10}  {note}"
    )
    return line.rstrip()
