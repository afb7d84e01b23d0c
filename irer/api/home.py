"""A home folder, opened in Python: its runs as rows, as a DataFrame, and one by one."""

import os
from dataclasses import dataclass

from irer.api.run import Run
from irer.api.runs import Runs
from irer.base.errors import ConfigError, NotFoundError
from irer.base.gc_pause import collector_paused
from irer.base.uuids import whole_uuid
from irer.controls.reading import Reading, kept_or_made
from irer.home import Home
from irer.home import open_home as locate
from irer.home.finding import find_hunt, find_run
from irer.home.home_ledger import rows_of_home
from irer.home.provenance import read_provenance
from irer.home.registry import load_kept_plan, load_plan
from settings import load as load_settings


@dataclass(frozen=True)
class OpenHome(Home):
    """A home folder whose runs can be looked at; a `Home` like any other beside that.

    It holds no file open and no lock: a hub or a hunt may work in the folder meanwhile, and every
    call reads anew.
    """

    def runs(self, hunt_id: str | None = None) -> Runs:
        """Return the committed runs in (generation, index) order, of one hunt or of all.

        A hunt may be named by the beginning of its id; what names none has no runs. Raises
        ConfigError for what begins several, ContractError for a ledger or record that is not what
        this program writes.
        """
        with collector_paused():
            rows = tuple(rows_of_home(self))
            if hunt_id is not None:
                known = {row.hunt_id: None for row in rows if row.hunt_id.startswith(hunt_id)}
                if known:
                    hunt_id = whole_uuid(hunt_id, known, what="hunt", field="hunt_id")
                rows = tuple(row for row in rows if row.hunt_id == hunt_id)
        return Runs(rows, Home(self.folder))

    def run(self, job_uuid: str) -> Run:
        """Return a committed run by its uuid or a beginning of it that no other run has.

        Raises ConfigError for what is no such text or begins several, NotFoundError without such a
        run, ContractError for a broken record.
        """
        try:
            record = read_provenance(self.provenance_file(find_run(self, job_uuid)))
        except NotFoundError as error:
            raise NotFoundError(f"there is no committed run {job_uuid} in {self}") from error
        return Run(record, Home(self.folder))

    def reading(self, hunt_id: str | None = None) -> Reading:
        """Return what a hunt means (docs/reading.md), by default the home's current one.

        It is the kept one, else made for the answer and not written. Source: docs/controls.md.
        Raises ConfigError for what can begin no id or begins several, NotFoundError without such a
        hunt or its plan, ContractError for a broken file.
        """
        plan = load_plan(self)
        wanted = None if hunt_id is None else find_hunt(self, hunt_id)
        if wanted is not None and (plan is None or plan.hunt_id != wanted):
            plan = load_kept_plan(self, wanted)
        if plan is None:
            which = "no hunt" if wanted is None else f"no plan of a hunt {wanted}"
            raise NotFoundError(f"there is {which} in {self}")
        return kept_or_made(self, plan)


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
