"""Every setting of the program, its default and its range.

Each field of `Settings` can be set by the environment variable `IRER_` + its name in capitals
(`IRER_WORKERS=4`); numbers as they are, `IRER_PARAM_SPACE` as JSON. `load()` reads and checks
them once for an entry point, which passes the result on; importing this module checks nothing.

The names of the files' contract (`CONFIG_DIR`, `LEDGER_FILE`, `WORKERS`, ...) are also
attributes of the module, read from the environment at the moment they are asked for.
"""

import logging
import os
from operator import attrgetter
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from irer.base.checking import config_error
from irer.base.errors import ConfigError
from irer.base.machine import usable_cores
from irer.base.models import EQUATIONS, Model, facts_of
from irer.base.records import (
    METRICS,
    RUNNERS,
    SAMPLERS,
    Bounds,
    Generations,
    PolishGenerations,
    Population,
    RunnerName,
    Sampler,
    SncglParams,
    WallSeconds,
)
from irer.base.words import nearest
from irer.home import Home, open_home

_log = logging.getLogger("irer.settings")

HASH_KEY = "job_uuid"
SSE_METRIC_KEY = "log_prime_sse"
STABILITY_METRIC_KEY = "sdg_h_norm_l2"

SOURCE_ROOT = Path(__file__).resolve().parent
_INSTALLED = SOURCE_ROOT / "irer" / "installed"  # only in a copy that pip has installed
# Where `templates`, `static`, `components` and the manifest of the hunt lie.
RESOURCES = _INSTALLED if _INSTALLED.is_dir() else SOURCE_ROOT
IS_INSTALLED = RESOURCES is _INSTALLED

DEFAULT_PARAM_SPACE: dict[str, tuple[float, float]] = {
    "epsilon": (0.2, 1.5),
    "c1": (-2.0, 3.0),
    "c3": (-2.0, 2.0),
    "g_nonlocal": (-0.5, 2.0),
    "sigma_k": (0.1, 1.0),
    "k0": (0.0, 2.5),
    "kappa": (0.1, 1.0),
}

_ORIGIN = r"(self|https?://(\*\.)?[A-Za-z0-9.-]+(:\d{1,5})?)"
Seconds = Annotated[float, Field(ge=1, le=7 * 86_400)]


def _existing_path(path: Path) -> Path:
    """Return an absolute path, `~` resolved. Raises ValueError for an unknown `~name`."""
    try:
        return path.expanduser().absolute()
    except RuntimeError as error:
        raise ValueError(f"must be a path that exists, got {str(path)!r} ({error})") from error


def _home(given: Any) -> Home:
    if not isinstance(given, str | os.PathLike):
        raise ValueError(f"must be a path, got {given!r}")
    if given == "":
        raise ValueError("must name a folder, got ''")
    return Home(_existing_path(Path(given)))


class Settings(BaseSettings):
    """The settings of one process; immutable. `home` says where everything lies."""

    model_config = SettingsConfigDict(
        env_prefix="IRER_", extra="forbid", frozen=True, env_ignore_empty=True
    )

    home: Annotated[Home, NoDecode, BeforeValidator(_home)] = Field(
        default_factory=lambda: open_home("irer_home")
    )
    num_generations: Generations = 10
    population_size: Population = 10
    sampler: Sampler = "gp"
    max_wall_s: WallSeconds | None = None  # a hunt stops after so long; None: never
    max_stagnation: Generations | None = None  # it ends when its hypervolume stagnates so long
    polish_generations: PolishGenerations = 0  # the last of a hunt, by gradients
    runner: RunnerName = "pool"
    workers: int = Field(default_factory=usable_cores, ge=1, le=4096)
    worker_timeout_s: Seconds = 600
    validator_timeout_s: Seconds = 300
    param_space: dict[str, Bounds] = Field(
        DEFAULT_PARAM_SPACE, description='a JSON object {"name": [low, high], ...}'
    )
    batch: int = Field(0, ge=0, le=10_000)  # jobs simulated as one; 0: as the device suggests
    dask_scheduler: str | None = Field(
        None, pattern=r"^(tcp|tls)://\S+:\d+$", description="an address like tcp://host:8786"
    )
    keep_artifacts: str = Field(
        "all",
        pattern=r"^(all|best:[1-9]\d{0,8}|disk:\d{1,6}(\.\d{1,6})?)$",
        description="all, best:N (N runs) or disk:G (gigabytes)",
    )
    worker_script: Path = SOURCE_ROOT / "worker_sncgl_sdg.py"
    validator_script: Path = SOURCE_ROOT / "validation_pipeline.py"
    components_dir: Path = RESOURCES / "components"  # each in a folder of its own
    host: str = "127.0.0.1"
    port: int = Field(8080, ge=1, le=65_535)
    prefix: str = Field(
        "",
        pattern=r"^(/[A-Za-z0-9._~@-]+)*$",
        description="a path like /irer, below which a proxy asks for the hub's addresses",
    )
    frame_origins: str = Field(
        "",
        pattern=rf"^({_ORIGIN}( {_ORIGIN})*)?$",
        description="self, or origins like https://lab.example:8888, with blanks between",
    )
    rescan_s: float = Field(3.0, ge=0.05, le=3600)  # how often the watcher reads the folder itself

    @field_validator("worker_script", "validator_script", "components_dir")
    @classmethod
    def _absolute(cls, path: Path) -> Path:
        return _existing_path(path)

    @field_validator("worker_script", "validator_script")
    @classmethod
    def _existing(cls, script: Path) -> Path:
        if not script.is_file():
            raise ValueError(f"must be a file that exists, got {str(script)!r}")
        return script

    @field_validator("param_space")
    @classmethod
    def _legal_space(cls, space: dict[str, tuple[float, float]]) -> dict[str, tuple[float, float]]:
        if not space:
            raise ValueError("must hold at least one parameter")
        for name, (low, high) in space.items():
            if name not in SncglParams.model_fields:
                near = nearest(name, SncglParams.model_fields)
                meant = f"; did you mean {near}?" if near else ""
                known = ", ".join(SncglParams.model_fields)
                raise ValueError(f"{name!r} is no parameter{meant or ';'} allowed are {known}")
            if not low < high:
                raise ValueError(f"{name} must be [low, high] with low < high, got [{low}, {high}]")
            try:
                [SncglParams(**{name: end}) for end in (low, high)]
            except ValidationError as error:
                raise ValueError(config_error(SncglParams, error).message) from error
        return space

    def search_space(self, model: Model) -> dict[str, tuple[float, float]]:
        """Return the search space of `model`: the one set, by default that of its equation."""
        own = facts_of(model).space
        given = self.param_space != DEFAULT_PARAM_SPACE
        return self.param_space if given or own is None else dict(own)


def load(**overrides: Any) -> Settings:
    """Read the environment, apply `overrides` (None means not given), check everything.

    Raises ConfigError naming each wrong variable and its allowed range. A variable that only looks
    like a setting may be another program's: it causes one warning and changes nothing.
    """
    given = {name: value for name, value in overrides.items() if value is not None}
    _warn()
    try:
        return Settings(**given)
    except ValidationError as error:
        named = config_error(Settings, error)
        text = "; ".join(f"{_source(e.field, given)}: {e.message}" for e in named.errors)
        raise ConfigError(text, named.errors) from error
    except ValueError as error:  # a variable that should hold JSON does not
        raise ConfigError(f"IRER_PARAM_SPACE: must be a JSON object ({error})") from error


def _source(field: str, given: dict[str, Any]) -> str:
    name = field.split(".")[0]
    return f"--{name}" if name in given else f"IRER_{name.upper()}"


_TREE_VARIABLE = "_IRER_PROCESS_TREE"  # what the engine's processes inherit
_PARENT_VARIABLE = "IRER_PARENT_PID"  # how it tells a child whose child it is
_warned: set[str] = set()  # what this process has warned of


def _warn() -> None:
    """Warn once of what is ignored: a child's parent has done so."""
    if _TREE_VARIABLE in os.environ:
        return
    _warn_of_unknown_variables()
    for kind in (EQUATIONS, METRICS, RUNNERS, SAMPLERS):
        for line in kind.refused().values():
            if line not in _warned:
                _log.warning("%s", line)
                _warned.add(line)


def _warn_of_unknown_variables() -> None:
    known = [f"IRER_{name.upper()}" for name in Settings.model_fields]
    for name in sorted(os.environ.keys() - known - _warned - {_PARENT_VARIABLE}):
        if name.startswith("IRER_"):
            near = nearest(name, known)
            meant = f"; did you mean {near}?" if near else ""
            _log.warning("%s: there is no such setting, it changes nothing%s", name, meant)
            _warned.add(name)


def public_names(found: Settings) -> dict[str, Any]:
    """Return the names of the contract and their values in `found`, as JSON can hold them."""
    names = {name: globals()[name] for name in _CONSTANTS} | STATUS_KEYS
    names |= {name: attrgetter(where)(found) for name, where in _FROM_SETTINGS.items()}
    return {k: str(value) if isinstance(value, Path) else value for k, value in names.items()}


# The keys of the status, by the names under which dashboards of earlier versions ask for them.
STATUS_KEYS = {
    "HUNT_STATUS": "hunt_status",
    "LAST_EVENT": "last_event",
    "LAST_SSE": "last_sse",
    "LAST_STABILITY": "last_h_norm",
    "FINAL_RESULT": "final_result",
}
_CONSTANTS = ("HASH_KEY", "SSE_METRIC_KEY", "STABILITY_METRIC_KEY")
_FROM_SETTINGS = {
    "NUM_GENERATIONS": "num_generations",
    "POPULATION_SIZE": "population_size",
    "HOME": "home.folder",
    "WORKER_SCRIPT": "worker_script",
    "VALIDATOR_SCRIPT": "validator_script",
    "CONFIG_DIR": "home.config_dir",
    "DATA_DIR": "home.data_dir",
    "PROVENANCE_DIR": "home.provenance_dir",
    "LEDGER_FILE": "home.ledger_file",
    "STATUS_FILE": "home.status_file",
    "WORKER_TIMEOUT_S": "worker_timeout_s",
    "VALIDATOR_TIMEOUT_S": "validator_timeout_s",
    "RUNNER": "runner",
    "WORKERS": "workers",
    "PARAM_SPACE": "param_space",
}


def __getattr__(name: str) -> Any:
    if name in _FROM_SETTINGS:
        return attrgetter(_FROM_SETTINGS[name])(load())
    raise AttributeError(f"module 'settings' has no attribute {name!r}")
