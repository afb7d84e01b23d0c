"""A stand-in for the engine behind a hub: real files and observer calls, no simulation."""

import threading
import uuid
from typing import Any

from irer.base.checking import check
from irer.base.errors import ConfigError
from irer.base.files import read_json, write_json
from irer.base.fitness import fitness
from irer.base.goals import GROUPS, MEASURE_VERSION
from irer.base.hunt_records import HuntOrder, HuntPlan
from irer.base.records import (
    Provenance,
    RunError,
    RunState,
    Seconds,
    SimulationOptions,
    SncglParams,
)
from irer.base.results import NO_BEST_RUN, FinalResult, best_run
from irer.controls.files import confirmation_settings
from irer.controls.groups import RUNS, TOTAL
from irer.controls.judging import assess
from irer.controls.records import ConfirmationReport
from irer.controls.verdict import engineering, judged
from irer.home import Home
from irer.home.provenance import read_provenance
from irer.home.registry import save_plan
from irer.hub.hunts import Engine
from irer.hunt.control import HuntControl
from settings import Settings
from tests.canned import make_metrics


def make_plan(**changes: Any) -> HuntPlan:
    defaults = {
        "hunt_id": str(uuid.uuid4()),
        "seed": 7,
        "num_generations": 2,
        "population_size": 3,
        "sampler": "tpe",
        "model": "sncgl_sdg",
        "runner": "subprocess",
        "simulation": SimulationOptions(N_grid=32, T_steps=10),
        "measure_version": MEASURE_VERSION,
        "fixed_params": SncglParams(),
        "search_space": {"kappa": (0.1, 1.0)},
        "first_generation": 1,
        "generation": 1,
    }
    return HuntPlan(**(defaults | changes))


def make_record(
    *,
    hunt_id: str | None = None,
    generation: int = 1,
    index: int = 0,
    sse: float = 1.5,
    h_norm: float = 0.02,
    failed: str | None = None,
) -> Provenance:
    """A COMPLETE record with these metrics, or a FAILED one with the reason `failed`."""
    metrics = make_metrics(sse, h_norm, n_targets_resolved=4, n_candidates=3)
    return Provenance(
        job_uuid=str(uuid.uuid4()),
        hunt_id=hunt_id or str(uuid.uuid4()),
        generation=generation,
        index=index,
        state=RunState.FAILED if failed else RunState.COMPLETE,
        metrics=None if failed else metrics,
        error=RunError(reason=failed, message="|psi| left the finite numbers") if failed else None,
        model="sncgl_sdg",
        sncgl_params=SncglParams(),
        simulation=SimulationOptions(N_grid=32, T_steps=10),
        global_seed=3,
        seconds=Seconds(simulation=1.0, validation=0.5),
    )


def commit(settings: Settings, record: Provenance) -> None:
    write_json(settings.home.provenance_file(record.job_uuid), record.model_dump(mode="json"))


def leave_report(settings: Settings, job_uuid: str) -> ConfirmationReport:
    """Write what a complete confirmation leaves, its replicates being records made up here."""
    record = read_provenance(settings.home.provenance_file(job_uuid))
    runs = {name: [make_record(sse=1.4 + i / 20) for i in range(RUNS)] for name in GROUPS}
    report = assess(record, runs, None)
    own = confirmation_settings(settings, job_uuid)
    write_json(own.home.confirmation_file, report.model_dump(mode="json"))
    own.home.confirmation_page.write_text("<!doctype html><title>Confirmation</title>")
    return report


def leave_former(settings: Settings, record: Provenance, *, complete: bool) -> dict[str, Any]:
    """Leave the files of a confirmation of version 1; return its report."""
    own = confirmation_settings(settings, record.job_uuid)
    names = ("own_settings", "finer_grid", "half_step", "larger_box")
    ids = {name: [str(uuid.uuid4()) for _ in range(5)] for name in names}
    plan = {"schema_version": 1, "job_uuid": record.job_uuid, "job_uuids": ids}
    write_json(own.home.confirmation_plan_file, plan)
    options = record.simulation.model_dump(mode="json")
    metrics = record.metrics.model_dump(mode="json") if record.metrics else {}
    del metrics["measure_version"]
    runs = [
        {"job_uuid": i, "global_seed": 1, "metrics": metrics, "error": None}
        for i in ids["own_settings"]
    ]
    spread = {"n": 5, "mean": 0.1, "std": 0.0, "median": 0.1, "min": 0.1, "max": 0.1}
    spreads = {"log_prime_sse": spread, "sdg_h_norm_l2": spread}
    group = {"simulation": options, "runs": runs, "spread": spreads}
    pooled = {"n_snapshots": 20, "log_prime_sse": 0.1, "n_targets_resolved": 8}
    test = {"t": 1.0, "p": 0.5, "p_bonferroni": 1.0, "significant": False}
    report = {
        "schema_version": 1,
        "job_uuid": record.job_uuid,
        "hunt_id": record.hunt_id,
        "discovery": {"global_seed": 1, "simulation": options, "metrics": metrics},
        "groups": [{"name": name} | group for name in names],
        "differences": [{"group": n, "metric": "sdg_h_norm_l2"} | test for n in names[1:]],
        "pooled": pooled | {"p_position": 0.01, "p_lines": 0.01},
        "robust": True,
        "medians_pass": True,
        "passed": True,
        "findings": [],
    }
    if complete:
        write_json(own.home.confirmation_file, report)
        own.home.confirmation_page.write_text("of version 1")
    return report


class FakeEngine:
    """Runs a hunt in microseconds; with `gated`, one job for each `release()`."""

    def __init__(self, *, gated: bool = False) -> None:
        self.started = 0
        self.fail_with: Exception | None = None
        self.fail_before_plan: Exception | None = None  # before it has stored the hunt's plan
        self.hold_before_plan: threading.Event | None = None  # keeps a hunt from storing its plan
        self.pause_with: str | None = None  # pauses the hunt at once, as after a full disk
        self.hold: threading.Event | None = None  # keeps every job but the first running
        self.hold_start: threading.Event | None = None  # keeps a hunt from its first job
        self.stop_by_itself = False  # after one job
        self._gate = threading.Semaphore(0) if gated else None
        self._lock = threading.Lock()

    def as_engine(self) -> Engine:
        return Engine(
            self.plan_hunt,
            self.run_hunt,
            self.load_plan,
            lambda: str(uuid.uuid4()),
            self.confirm_run,
        )

    def release(self, jobs: int = 1) -> None:
        assert self._gate is not None
        self._gate.release(jobs)

    def plan_hunt(self, order: HuntOrder, settings: Settings) -> HuntPlan:
        if order.simulation and order.simulation.get("N_grid") == 33:
            raise ConfigError.of_field("simulation.N_grid", "must be even, got 33")
        former = self.load_plan(settings.home)
        first = former.first_generation + former.num_generations if former else 1
        return make_plan(
            num_generations=order.num_generations or settings.num_generations,
            population_size=order.population_size or settings.population_size,
            first_generation=first,
            generation=first,
        )

    def load_plan(self, home: Home) -> HuntPlan | None:
        if not home.hunt_file.exists():
            return None
        return check(HuntPlan, read_json(home.hunt_file))

    def run_hunt(
        self, *, plan: HuntPlan, settings: Settings, observer: Any, control: HuntControl
    ) -> FinalResult:
        with self._lock:
            self.started += 1
        records = [r for r in _records(settings) if r.hunt_id == plan.hunt_id]
        observer.hunt_started(plan, len(records))
        if self.hold_before_plan:
            self.hold_before_plan.wait()
        if self.fail_before_plan:
            raise self.fail_before_plan
        plan = _store(plan, settings, state="Running")
        if self.hold_start:
            self.hold_start.wait()
        if self.fail_with:
            raise self.fail_with
        if self.pause_with:
            control.pause(self.pause_with)
        for number in range(len(records), plan.total_jobs):
            generation, index = divmod(number, plan.population_size)
            if index == 0:
                observer.generation_started(plan.first_generation + generation)
            if not self._may_go_on(control, observer):
                break
            if number and self.hold:
                self.hold.wait()
            failed = "NONFINITE" if index == 1 else None
            record = make_record(
                hunt_id=plan.hunt_id,
                generation=plan.first_generation + generation,
                index=index,
                sse=1.0 / (number + 1),
                failed=failed,
            )
            commit(settings, record)
            records.append(record)
            observer.jobs_changed(
                {"committed": len(records), "queued": plan.total_jobs - len(records)}
            )
            observer.job_committed(record)
            if self.stop_by_itself:  # as a limit of time does
                control.stop()
        plan = _store(
            plan,
            settings,
            state="Stopped" if control.stopping else "Completed",
            generation=plan.first_generation + plan.num_generations - 1,
        )
        result = judged(_best(records), settings.home, engineering(plan, len(records), 0))
        observer.hunt_ended(plan, result)
        return result

    def confirm_run(
        self, job_uuid: str, settings: Settings, *, progress: Any, control: HuntControl
    ) -> ConfirmationReport | None:
        """Count the runs, one for each `release()` if gated, and leave an honest report."""
        if self.fail_with:
            raise self.fail_with
        for done in range(1, TOTAL + 1):
            if not self._may_go_on(control, None):
                return None
            progress(done, TOTAL)
        return leave_report(settings, job_uuid)

    def _may_go_on(self, control: HuntControl, observer: Any) -> bool:
        while not control.stopping:
            if control.paused:
                observer.hunt_paused(control.reason)
                while control.paused and not control.wait(0.01):
                    pass
                observer.hunt_resumed()
            elif self._gate is None or self._gate.acquire(timeout=0.01):
                break
        return not control.stopping


def _records(settings: Settings) -> list[Provenance]:
    return [
        check(Provenance, read_json(p)) for p in settings.home.provenance_dir.glob("prov*.json")
    ]


def _store(plan: HuntPlan, settings: Settings, **changes: Any) -> HuntPlan:
    plan = plan.model_copy(update=changes)
    save_plan(settings.home, plan)
    return plan


def _best(records: list[Provenance]) -> FinalResult:
    complete = [r for r in records if r.metrics]
    if not complete:
        return NO_BEST_RUN
    return best_run(max(complete, key=lambda r: fitness(r.metrics) if r.metrics else 0.0))
