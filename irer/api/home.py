"""A home folder, opened in Python: its runs as rows, as a DataFrame, and one by one."""

import os
import re
from dataclasses import dataclass

from irer.api.run import Run
from irer.api.runs import Runs
from irer.base.errors import ConfigError, NotFoundError
from irer.base.gc_pause import collector_paused
from irer.base.records import canonical_uuid
from irer.controls.reading import Reading, kept_or_made
from irer.home import Home
from irer.home import open_home as locate
from irer.home.home_ledger import rows_of_home
from irer.home.paths import job_of_record
from irer.home.provenance import read_provenance
from irer.home.registry import load_kept_plan, load_plan
from settings import load as load_settings

_PREFIX = re.compile("[0-9a-f][0-9a-f-]{0,35}")


@dataclass(frozen=True)
class OpenHome(Home):
    """A home folder whose runs can be looked at; a `Home` like any other beside that.

    It holds no file open and no lock: a hub or a hunt may work in the folder meanwhile, and every
    call reads anew.
    """

    def runs(self, hunt_id: str | None = None) -> Runs:
        """Return the committed runs in (generation, index) order, of one hunt or of all.

        Raises ContractError for a ledger or record that is not what this program writes.
        """
        with collector_paused():
            rows = [row for row in rows_of_home(self) if hunt_id in (None, row.hunt_id)]
        return Runs(tuple(rows), Home(self.folder))

    def run(self, job_uuid: str) -> Run:
        """Return a committed run by its uuid or a beginning of it that no other run has.

        Raises ConfigError for what is no such text or begins several, NotFoundError without such a
        run, ContractError for a broken record.
        """
        if not isinstance(job_uuid, str) or not _PREFIX.fullmatch(job_uuid):
            message = f"must be a uuid or the beginning of one, got {job_uuid!r:.60}"
            raise ConfigError.of_field("job_uuid", message)
        names = (job_of_record(path.name) for path in self.provenance_files())
        found = [name for name in names if name and name.startswith(job_uuid)]
        if not found:
            raise NotFoundError(f"there is no committed run {job_uuid} in {self}")
        if len(found) > 1:
            some = ", ".join(found[:3])
            raise ConfigError.of_field("job_uuid", f"{job_uuid} begins {len(found)} runs: {some}")
        return Run(read_provenance(self.provenance_file(found[0])), Home(self.folder))

    def reading(self, hunt_id: str | None = None) -> Reading:
        """Return what a hunt means (docs/reading.md), by default the home's current one.

        It is the kept one, else made for the answer and not written. Source: docs/controls.md.
        Raises ConfigError for what is no uuid, NotFoundError without such a hunt or its plan,
        ContractError for a broken file.
        """
        plan = load_plan(self)
        if hunt_id is not None and (plan is None or plan.hunt_id != hunt_id):
            plan = load_kept_plan(self, _canonical(hunt_id))
        if plan is None:
            which = "no hunt" if hunt_id is None else f"no plan of a hunt {hunt_id}"
            raise NotFoundError(f"there is {which} in {self}")
        return kept_or_made(self, plan)


def _canonical(hunt_id: str) -> str:
    try:
        return canonical_uuid(hunt_id)
    except ValueError as error:
        raise ConfigError.of_field("hunt_id", str(error)) from error


def open_home(path: str | os.PathLike[str] | None = None) -> OpenHome:
    """Return the home at `path`, which need not exist; nothing is read or written yet.

    The default is the folder that IRER_HOME names, else ./irer_home. Raises ConfigError for `~name`
    of an unknown user.
    """
    if path is None:
        return OpenHome(load_settings().home.folder)
    try:
        return OpenHome(locate(path).folder)
    except RuntimeError as error:
        raise ConfigError.of_field("path", f"must be a path, got {path!r} ({error})") from error
