"""The runs and hunts of a home by their uuid, or by a beginning that no other has."""

from irer.base.uuids import is_uuid, whole_uuid
from irer.home.paths import Home, job_of_record
from irer.home.registry import load_plan


def find_run(home: Home, text: str, field: str = "job_uuid") -> str:
    """Return the uuid of the committed run that `text` names; a whole one is not looked for.

    Raises ConfigError for what can begin no uuid or begins several runs, NotFoundError for none.
    """
    names = (job_of_record(path.name) for path in home.provenance_files())
    return whole_uuid(text, (name for name in names if name), what="run", field=field)


def find_job(home: Home, text: str, field: str) -> str:
    """Return the uuid of the registered job that `text` names. Raises as `find_run`."""
    names = (path.stem[-36:] for path in home.config_dir.glob(home.config_file("*").name))
    return whole_uuid(text, names, what="job", field=field)


def find_hunt(home: Home, text: str, field: str = "hunt_id") -> str:
    """Return the id of the hunt that `text` names, of those whose plan is kept. Raises alike."""
    plan = load_plan(home)
    ids = dict.fromkeys([*hunts_of(home), *([plan.hunt_id] if plan else [])])
    return whole_uuid(text, ids, what="hunt", field=field)


def hunts_of(home: Home) -> list[str]:
    """Return the ids of the hunts that have a folder."""
    folder = home.hunts_dir
    names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
    return [name for name in names if is_uuid(name)]
