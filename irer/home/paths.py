"""One home folder: where everything in it lies. No other module spells a name in it."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

GOLDEN_PARAMETERS = "golden_parameters.json"
GOLDEN_SPECTRUM, GOLDEN_SPECTRUM_PICTURE = "golden_spectrum.csv", "golden_spectrum.png"
GOLDEN_DENSITY, GOLDEN_DENSITY_PICTURE = "golden_density.csv", "golden_density.png"
GOLDEN_FILES = (GOLDEN_SPECTRUM, GOLDEN_SPECTRUM_PICTURE, GOLDEN_DENSITY, GOLDEN_DENSITY_PICTURE)

_RECORD = re.compile(r"provenance_([0-9a-f-]{36})\.json")
RECORD_UUID = slice(len("provenance_"), len("provenance_") + 36)  # the uuid's place in it


def record_name(job_uuid: str) -> str:
    """Return the name of a job's committed result."""
    return f"provenance_{job_uuid}.json"


def job_of_record(name: str) -> str | None:
    """Return the uuid in the name of a committed result, None for any other name."""
    found = _RECORD.fullmatch(name)
    return found[1] if found else None


@dataclass(frozen=True)
class Home(os.PathLike[str]):
    """A home folder, existing or not: `str(home)` is its path, `open_home` makes one."""

    folder: Path
    of_null_hunt: bool = field(default=False, compare=False)  # whose best run is chance

    def __fspath__(self) -> str:
        return str(self.folder)

    def __str__(self) -> str:
        return str(self.folder)

    def path(self, below: str | Path) -> Path:
        """Return the path of `below`, a path relative to the home."""
        return self.folder / below

    def holds(self, path: Path) -> bool:
        """Say whether `path` is a file in the home, links followed."""
        path = path.resolve()
        return path.is_relative_to(self.folder.resolve()) and path.is_file()

    # Jobs

    @property
    def config_dir(self) -> Path:
        """Folder of the job registrations."""
        return self.folder / "input_configs"

    @property
    def data_dir(self) -> Path:
        """Folder of the simulation artifacts."""
        return self.folder / "simulation_data"

    @property
    def provenance_dir(self) -> Path:
        """Folder of the committed results."""
        return self.folder / "provenance_reports"

    def config_file(self, job_uuid: str) -> Path:
        """Return the path of a job's registration."""
        return self.config_dir / f"config_{job_uuid}.json"

    def artifact_file(self, job_uuid: str) -> Path:
        """Return the path of a job's simulation artifact."""
        return self.data_dir / f"simulation_{job_uuid}.h5"

    def provenance_file(self, job_uuid: str) -> Path:
        """Return the path of a job's committed result."""
        return self.provenance_dir / record_name(job_uuid)

    def provenance_files(self) -> list[Path]:
        """Return the committed results that are there, by uuid."""
        return sorted(self.provenance_dir.glob(record_name("*")))

    @property
    def ledger_file(self) -> Path:
        """The append-only table of all committed jobs."""
        return self.folder / "simulation_ledger.csv"

    @property
    def removed_file(self) -> Path:
        """The record of artifacts that the policy has removed."""
        return self.folder / "artifacts_removed.csv"

    @property
    def journal_file(self) -> Path:
        """The ledger as an Optuna journal, where no other file is asked for."""
        return self.folder / "optuna_journal.log"

    def export_file(self, kind: str) -> Path:
        """Return the file of an exported table of the runs, where no other is asked for."""
        return self.folder / f"runs.{kind}"

    def analyses_dir(self, job_uuid: str) -> Path:
        """Return the folder of the analyses of a run."""
        return self.folder / "analyses" / job_uuid

    # Hunts

    @property
    def hunt_file(self) -> Path:
        """The plan of the current hunt."""
        return self.folder / "hunt.json"

    @property
    def hunts_dir(self) -> Path:
        """Folder of the folders of all hunts."""
        return self.folder / "hunts"

    def hunt_dir(self, hunt_id: str) -> Path:
        """Return the folder that keeps a hunt's plan and results."""
        return self.hunts_dir / hunt_id

    def plan_file(self, hunt_id: str) -> Path:
        """Return the file of a hunt's plan, also when `hunt_file` is another hunt's."""
        return self.hunt_dir(hunt_id) / "plan.json"

    def verdict_file(self, hunt_id: str) -> Path:
        """Return the file of a hunt's final result with its verdict."""
        return self.hunt_dir(hunt_id) / "verdict.json"

    def sensitivity_file(self, hunt_id: str) -> Path:
        """Return the file of a hunt's sensitivity."""
        return self.hunt_dir(hunt_id) / "sensitivity.json"

    def label_file(self, hunt_id: str) -> Path:
        """Return the file of what people called a hunt."""
        return self.hunt_dir(hunt_id) / "label.json"

    def reading_file(self, hunt_id: str) -> Path:
        """Return the file of what a hunt means."""
        return self.hunt_dir(hunt_id) / "reading.json"

    @property
    def golden_file(self) -> Path:
        """Parameters of the best run of the current hunt."""
        return self.folder / GOLDEN_PARAMETERS

    def hunt_golden_file(self, hunt_id: str) -> Path:
        """Return the file of the parameters of a hunt's best run."""
        return self.hunt_dir(hunt_id) / GOLDEN_PARAMETERS

    # Controls: homes of their own

    @property
    def confirmations_dir(self) -> Path:
        """Folder of the homes of all confirmations."""
        return self.folder / "confirmations"

    def confirmation(self, job_uuid: str) -> "Home":
        """Return the home of a run's confirmation."""
        return Home(self.confirmations_dir / job_uuid)

    @property
    def confirmation_plan_file(self) -> Path:
        """In the home of a confirmation: the plan that names its jobs."""
        return self.folder / "plan.json"

    @property
    def confirmation_file(self) -> Path:
        """In the home of a confirmation: its result once it is complete."""
        return self.folder / "confirmation.json"

    @property
    def confirmation_page(self) -> Path:
        """In the home of a confirmation: its result as a page to read."""
        return self.folder / "confirmation.html"

    def null_hunts(self, hunt_id: str) -> "Home":
        """Return the home of a hunt's null hunts together."""
        return Home(self.folder / "null_hunts" / hunt_id)

    def null_report_file(self, hunt_id: str) -> Path:
        """Return the file of the result of a hunt's null hunts."""
        return self.null_hunts(hunt_id).folder / "p_hunt.json"

    def null_hunt(self, hunt_id: str, kind: str, number: int) -> "Home":
        """Return the home of one null hunt."""
        folder = self.null_hunts(hunt_id).folder / kind / f"{number:04d}"
        return Home(folder, of_null_hunt=True)

    def null_hunt_numbers(self, hunt_id: str, kind: str) -> Iterator[int]:
        """Yield the numbers of the null hunts of a kind that have a home."""
        for folder in self.null_hunts(hunt_id).folder.glob(f"{kind}/[0-9]*"):
            yield int(folder.name)

    def control_hunt(self, hunt_id: str) -> "Home":
        """Return the home of a hunt's control hunt, of random draws."""
        return Home(self.folder / "control_hunts" / hunt_id)

    def control_report_file(self, hunt_id: str) -> Path:
        """Return the file of the comparison of a hunt with its control hunt."""
        return self.control_hunt(hunt_id).folder / "control.json"

    @property
    def positive_control(self) -> "Home":
        """The home of the positive control."""
        return Home(self.folder / "positive_control")

    # The hub

    @property
    def status_file(self) -> Path:
        """The hub's status, the bytes that `GET /api/get-status` answers with."""
        return self.folder / "hub_status.json"

    @property
    def token_file(self) -> Path:
        """The hub's token, readable by its owner alone."""
        return self.folder / "hub_token"

    @property
    def queue_file(self) -> Path:
        """The hunts that wait for their turn."""
        return self.folder / "hunt_queue.json"

    @property
    def notes_file(self) -> Path:
        """The notes that people made on runs."""
        return self.folder / "run_notes.json"

    @property
    def layer2_file(self) -> Path:
        """Which components of Layer 2 are switched on."""
        return self.folder / "layer2.json"

    @property
    def component_runs_dir(self) -> Path:
        """Folder of the folders of all component runs."""
        return self.folder / "component_runs"

    def component_run_file(self, run_uuid: str) -> Path:
        """Return the file of what was asked of a component run, and how it ended."""
        return self.component_runs_dir / run_uuid / "run.json"

    def component_run_files(self) -> Iterator[Path]:
        """Yield that file of every component run."""
        return self.component_runs_dir.glob("*/run.json")

    def component_log(self, run_uuid: str) -> Path:
        """Return the file of what a component run has printed."""
        return self.component_runs_dir / run_uuid / "output.log"

    def component_hunt(self, run_uuid: str) -> "Home":
        """Return the home of a hunt that is run as a component."""
        return Home(self.component_runs_dir / run_uuid / "hunt")

    # Of running jobs

    @property
    def live_dir(self) -> Path:
        """Folder of what watched jobs show of themselves; it goes with them."""
        return self.folder / "live"

    @property
    def live_request(self) -> Path:
        """The file whose time says when somebody last asked for fields."""
        return self.live_dir / "asked"

    def live_field_file(self, job_uuid: str) -> Path:
        """Return the file of a running job's last field."""
        return self.live_dir / f"field_{job_uuid}.json"

    def live_field_files(self) -> Iterator[Path]:
        """Yield that file of every job that has one and no record yet."""
        for file in self.live_dir.glob("field_*.json"):
            if not self.provenance_file(file.stem.removeprefix("field_")).exists():
                yield file

    # Logs and locks

    @property
    def hub_log(self) -> Path:
        """The hub's log; the older parts beside it end in .1 to .3."""
        return self.folder / "control_hub.log"

    @property
    def hunt_log(self) -> Path:
        """The engine's log; the older parts beside it end in .1 to .3."""
        return self.folder / "core_engine_hunt.log"

    @property
    def lock_file(self) -> Path:
        """Locked by the one process that works in the home."""
        return self.folder / ".lock"

    @property
    def owner_file(self) -> Path:
        """The pid of that process, kept apart: the lock file belongs to the lock library."""
        return self.folder / ".lock-owner"

    @property
    def golden_lock(self) -> Path:
        """Locked by whoever writes golden parameters."""
        return self.folder / ".golden-lock"

    def cluster_token_file(self, token: str) -> Path:
        """Return the file that the workers of a cluster read back."""
        return self.folder / f"cluster_token_{token}.txt"

    def cluster_token_files(self) -> Iterator[Path]:
        """Yield that file of every session."""
        return self.folder.glob("cluster_token_*.txt")


def open_home(path: str | os.PathLike[str]) -> Home:
    """Return the home at `path`, which need not exist; nothing is read or written.

    Raises RuntimeError for `~name` of an unknown user.
    """
    return Home(Path(path).expanduser().absolute())
