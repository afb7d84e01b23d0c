"""The verdict on a run, from its metrics, its confirmation and its hunt's null hunts."""

from irer.base.fitness import scientific_verdict
from irer.base.goals import MEASURE_VERSION, NULL_KINDS, NullKind
from irer.base.hunt_records import HuntPlan
from irer.base.records import Metrics
from irer.base.results import FinalResult, NoBestRun, Verdict
from irer.controls.files import read_null_report, read_report, read_sensitivity
from irer.controls.records import ConfirmationReport, FormerReport, NullReport
from irer.home import Home
from irer.search.significance import ALPHA, p_hunt

AN_EARLIER_ONE = (
    "the confirmation is of an earlier version, in which groups did not have to hold by "
    "themselves: confirm anew"
)
ENGINEERING = "every generation ran, every job has its provenance, nothing stalled"


def verdict_on(job_uuid: str, hunt_id: str, metrics: Metrics, home: Home) -> Verdict:
    """Return the scientific verdict on a run of the home. Raises ContractError."""
    found = scientific(metrics, read_report(home, job_uuid), read_null_report(home, hunt_id))
    seen = read_sensitivity(home, hunt_id)
    if seen is None:
        return found
    limits = {"a95": seen.main.a95, "a_upper_limit": seen.main.upper_limit}
    return found.model_copy(update=limits)


def judged(
    result: FinalResult, home: Home, engineering: tuple[bool, str] | None = None
) -> FinalResult:
    """Return a final result with its whole present verdict; one without a run stays as it is.

    The verdict keeps its word on the engineering unless another is given. Raises ContractError.
    """
    if isinstance(result, NoBestRun):
        return result
    passed, words = engineering or (result.verdict.engineering_passed, result.verdict.engineering)
    found = verdict_on(result.job_uuid, result.hunt_id, result.metrics, home)
    verdict = found.model_copy(update={"engineering": words, "engineering_passed": passed})
    return result.model_copy(update={"verdict": verdict})


def engineering(plan: HuntPlan, committed: int, stalled: int) -> tuple[bool, str]:
    """Say whether a hunt did what it was asked to do, in words.

    Of `stalled` jobs both tries ended by a crash or a limit: their candidates are not judged.
    """
    done = plan.generation - plan.first_generation + 1
    ended_by_rule = plan.state == "Completed" and done < plan.num_generations
    expected = done * plan.population_size if ended_by_rule else plan.total_jobs
    wrong = []
    if plan.state != "Completed":
        state = plan.state.lower()
        wrong.append(f"the hunt is {state} in generation {done} of {plan.num_generations}")
    if committed < expected:
        wrong.append(f"{committed} of {expected} jobs have their provenance")
    if stalled:
        wrong.append(f"{stalled} jobs stalled: both tries ended by a crash or a limit")
    if wrong:
        return False, "; ".join(wrong)
    rule = f" (ended after {done} of {plan.num_generations}: {plan.message})"
    return True, ENGINEERING + (rule if ended_by_rule else "")


def scientific(
    metrics: Metrics,
    report: ConfirmationReport | FormerReport | None,
    null_hunts: NullReport | None,
) -> Verdict:
    """Return the verdict on a run from its metrics, its confirmation and its hunt's null hunts.

    p_hunt is computed for the run's own score, so it is never smaller than for the hunt's best. A
    confirmation of an earlier version, or of an earlier measure, counts as none.
    """
    usable = _usable(report)
    known = _known(metrics, usable, null_hunts)
    missing = _missing(usable, known)
    if report is not None and usable is None:
        missing[0] = AN_EARLIER_ONE
    confirmed = known.scientific == "reached" and not missing
    word = "confirmed" if confirmed else known.scientific
    return known.model_copy(update={"scientific": word, "missing": missing})


def _usable(report: ConfirmationReport | FormerReport | None) -> ConfirmationReport | None:
    if isinstance(report, FormerReport) or report is None:
        return None
    return report if report.measure_version == MEASURE_VERSION else None


def _known(
    metrics: Metrics, report: ConfirmationReport | None, null_hunts: NullReport | None
) -> Verdict:
    """Return what single run and controls say, before anything is called confirmed."""
    bests: dict[NullKind, list[float | None]] = {}
    if null_hunts is not None and null_hunts.measure_version == metrics.measure_version:
        kinds = null_hunts.kinds
        bests = {kind: kinds[kind].bests for kind in NULL_KINDS if kind in kinds}
    p = {kind: p_hunt(metrics.log_prime_sse, values) for kind, values in bests.items() if values}
    pooled = report.pooled if report else None
    return Verdict(
        scientific=scientific_verdict(metrics),
        confirmation=report.outcome if report else None,
        p_position=pooled.p_position if pooled else None,
        p_matched=pooled.p_matched if pooled else None,
        p_lines=pooled.p_lines if pooled else None,
        p_hunt=p.get("decoys"),
        p_flat=p.get("flat"),
        n_null_hunts={kind: len(values) for kind, values in bests.items()},
    )


def _missing(report: ConfirmationReport | None, known: Verdict) -> list[str]:
    """Say what "confirmed" needs besides a run that reaches the goal."""
    found = []
    if report is None:
        found.append("no confirmation")
    elif report.outcome == "unresolved":
        found.append("the confirmation is unresolved: its seeds scatter too much to tell")
    elif report.outcome != "passed":
        found.append("the confirmation did not pass")
    for name in ("p_position", "p_hunt", "p_flat") if report else ("p_hunt", "p_flat"):
        value = getattr(known, name)
        if value is None and name != "p_flat":
            found.append(f"no {name}")
        elif value is None:
            continue
        elif not value < ALPHA:
            found.append(f"{name} = {value:.3g} is not below {ALPHA:g}")
    return found
