"""The files of a hunt: its plan, the registrations of its jobs, their records."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from irer.base.errors import ConfigError, ConflictError, ContractError, IrerError, NotFoundError
from irer.base.files import read_json, remove_temporaries, write_json, write_json_all
from irer.base.hunt_records import HuntPlan
from irer.base.jobs import JobState, end_state
from irer.base.record_files import find_record, read_record
from irer.base.records import JobConfig, Provenance, SncglParams
from irer.base.seeds import derive_seed
from irer.home.live import remove_live
from irer.home.paths import Home
from irer.home.provenance import read_provenance


def load_plan(home: Home) -> HuntPlan | None:
    """Return the home's current hunt from hunt.json, None without one. Raises ContractError."""
    return find_record(HuntPlan, home.hunt_file, "the hunt")


def load_kept_plan(home: Home, hunt_id: str) -> HuntPlan | None:
    """Return the plan of any hunt of the home, None without one. Raises ContractError."""
    return find_record(HuntPlan, home.plan_file(hunt_id), "the hunt")


def unfinished_plan(home: Home) -> HuntPlan:
    """Return the plan that a resume goes on with. Raises ConflictError, ContractError."""
    plan = load_plan(home)
    if plan is None or plan.state == "Completed":
        raise ConflictError(f"there is no unfinished hunt to resume in {home}")
    return plan


def ended_states(plan: HuntPlan, home: Home, committed: Iterable[Provenance]) -> Iterator[JobState]:
    """Yield the end state of each job of a resumed hunt: from the ledger, then from `committed`."""
    open_jobs = frozenset(plan.job_uuids)
    if plan.generation > plan.first_generation and home.ledger_file.exists():
        with home.ledger_file.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):  # unchecked here: the hunter checks them
                if row["hunt_id"] == plan.hunt_id and row["job_uuid"] not in open_jobs:
                    yield end_state(row["state"], row["reason"])
    for record in committed:
        yield end_state(record.state, record.error.reason if record.error else None)


def save_plan(home: Home, plan: HuntPlan) -> None:
    """Write the plan to hunt.json and to the hunt's folder. Raises StorageError.

    If hunt.json holds another hunt's plan, that is first saved in that hunt's folder.
    """
    earlier = load_plan(home)
    if earlier is not None and earlier.hunt_id != plan.hunt_id:
        keep_plan(home, earlier)
    write_json(home.hunt_file, plan.model_dump(mode="json"))
    keep_plan(home, plan)


def keep_plan(home: Home, plan: HuntPlan) -> None:
    """Write `plan` to its hunt's folder unless it is there already. Raises StorageError."""
    path, data = home.plan_file(plan.hunt_id), plan.model_dump(mode="json")
    with suppress(ContractError, NotFoundError):  # a broken one is written anew
        if read_json(path) == data:
            return
    write_json(path, data)


def make_job(
    plan: HuntPlan,
    job_uuid: str,
    index: int,
    params: Mapping[str, float],
    origin: str = "search",
    candidate: str | None = None,
) -> JobConfig:
    """Return the job at `index` of the plan's generation; its seed follows from both."""
    job = JobConfig(
        job_uuid=job_uuid,
        hunt_id=plan.hunt_id,
        generation=plan.generation,
        index=index,
        origin=origin,
        candidate=None if candidate == job_uuid else candidate,
        global_seed=derive_seed("job", plan.seed, plan.generation, index),
        model=plan.model,
        simulation=plan.simulation,
        sncgl_params=SncglParams(**params),
        comb=plan.comb,
    )
    return job.model_copy(update={"config_sha256": job.fingerprint()})


def read_job(path: Path, job_uuid: str | None = None) -> JobConfig:
    """Read a registration, that of `job_uuid` if given.

    Raises ConfigError naming the file and the wrong fields, also when there is no such file or
    it registers another job.
    """
    try:
        job = read_record(JobConfig, path, "the registration")
    except IrerError as error:
        raise ConfigError(error.message, error.errors) from error
    if job_uuid is not None and job.job_uuid != job_uuid:
        raise ConfigError.of_field("job_uuid", f"{path} registers the job {job.job_uuid}")
    return job


def register(home: Home, jobs: Iterable[JobConfig]) -> None:
    """Write the config file of each job. Raises StorageError; some may be written then."""
    write_json_all({home.config_file(j.job_uuid): j.model_dump(mode="json") for j in jobs})


def sweep(home: Home) -> None:
    """Remove what killed processes left half-written or for viewers; no job may run."""
    for folder in (home.config_dir, home.data_dir, home.provenance_dir):
        remove_temporaries(folder)
    remove_live(home)


def registered_jobs(home: Home, job_uuids: Sequence[str]) -> list[JobConfig]:
    """Return the jobs of a generation, or none when not all of them were registered."""
    paths = [home.config_file(job_uuid) for job_uuid in job_uuids]
    return [read_job(path) for path in paths] if all(p.exists() for p in paths) else []


def committed_records(home: Home, job_uuids: Sequence[str]) -> dict[str, Provenance]:
    """Return the records of those jobs that have one, by uuid. Raises ContractError."""
    paths = {job_uuid: home.provenance_file(job_uuid) for job_uuid in job_uuids}
    return {job: read_provenance(path) for job, path in paths.items() if path.exists()}
