"""The parameter files of earlier drafts: which of their names is which here (docs/howto/load.md).

The drafts spelled the same quantities with prefixes (`param_kappa`, `sncgl_epsilon`, `sdg_kappa`)
and had others that the equations here do not have. Nothing is converted: a name whose quantity or
unit is another one has no counterpart.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from irer.base.checking import shown
from irer.base.errors import FieldError
from irer.base.records import SimulationOptions, SncglParams

PREFIXES = ("param_", "sncgl_", "sdg_")
FMIA_ALONE = ("diffusion", "lambda_cubic", "eta")
_OTHER_SPELLINGS = {
    "D": "params.diffusion",
    "param_D": "params.diffusion",
    "sdg_lambda": "params.lambda_sdg",
    "grid_size": "simulation.N_grid",
    "spatial_resolution": "simulation.N_grid",
    "t_steps": "simulation.T_steps",
    "time_steps": "simulation.T_steps",
    "generations": "num_generations",
    "population": "population_size",
}
_OWN_OPTIONS = frozenset(SimulationOptions.model_fields)
_OWN_FIELDS = ("num_generations", "population_size", "model", "sampler")
_GEOMETRY = "the drafts' conformal factor was (rho_vac / rho)^alpha; here it solves an equation"
NO_COUNTERPART = {
    "lambda": "the strength of the cubic term is 1 here, by the scale of psi",
    "lambda_nl": "the strength of the cubic term is 1 here, by the scale of psi",
    "sncgl_lambda": "the strength of the cubic term is 1 here, by the scale of psi",
    "b3": "the real part of the cubic coefficient is 1 here, by the scale of psi",
    "sncgl_b3": "the real part of the cubic coefficient is 1 here, by the scale of psi",
    "alpha": _GEOMETRY,
    "param_alpha": _GEOMETRY,
    "sdg_alpha": _GEOMETRY,
    "rho_vac": _GEOMETRY,
    "param_rho_vac": _GEOMETRY,
    "sdg_rho_vac": _GEOMETRY,
    "param_a_coupling": _GEOMETRY,
    "sdg_eta": "the informational energy has no weight beside kappa here",
    "nu": "its kernel had another norm than that of g_nonlocal",
    "nonlocal_sigma_k": "it counted cycles a grid point; sigma_k is in radians per unit length",
    "k_scale": "it counted cycles a grid point; sigma_k is in radians per unit length",
    "param_splash_coupling": "there is no such term here",
    "param_splash_fraction": "there is no such term here",
}
# Ids, seeds of single runs, results and bookkeeping: no parameters, so nothing is lost.
_NO_PARAMETERS = frozenset(
    {"job_uuid", "uuid", "hunt_id", "run_id", "config_hash", "config_sha256", "hash"}
    | {"simulation_name", "params_filepath", "timestamp", "status", "state", "origin", "index"}
    | {"generation", "fitness", "seed", "global_seed", "metrics", "spectral_fidelity", "seconds"}
    | {"log_prime_sse", "sdg_h_norm_l2", "schema_version", "validation_status", "sentinel_code"}
)
_RESULTS = ("sse_", "n_peaks_", "failure_reason_", "n_bragg_", "bragg_", "pcs", "h_norm")


@dataclass(frozen=True)
class Taken:
    """A name of the file, what it is here, and its value."""

    name: str
    becomes: str
    value: Any

    def __str__(self) -> str:
        return f"{self.name} -> {self.becomes} = {self.value}"


@dataclass(frozen=True)
class Draft:
    """What a draft's file says in the names of an order, and what has no counterpart."""

    taken: tuple[Taken, ...]
    unknown: tuple[FieldError, ...]

    def values(self, part: str) -> dict[str, Any]:
        """Return the values of `params.`, `simulation.` or (with "") the order's own fields."""
        found = {each.becomes: each.value for each in self.taken}
        own = {name: v for name, v in found.items() if name.startswith(part)}
        if not part:
            return {name: value for name, value in own.items() if "." not in name}
        return {name.removeprefix(part): value for name, value in own.items()}


def read_draft(data: Mapping[str, Any], *, fmia: bool = False) -> Draft:
    """Return what maps and what does not; `fmia`: parameters of that model alone are wanted too."""
    taken: dict[str, Taken] = {}
    unknown: list[FieldError] = []
    fmia = fmia or data.get("model") == "fmia"
    for name, value in _leaves(data):
        becomes = counterpart(name)
        if becomes is None:
            if not is_bookkeeping(name):
                reason = NO_COUNTERPART.get(name, "no such parameter here")
                unknown.append(FieldError(name, f"has no counterpart: {reason}"))
        elif becomes.removeprefix("params.") in FMIA_ALONE and not fmia:
            unknown.append(FieldError(name, "only the model fmia has it: give that model"))
        elif (wrong := _no_number(name, becomes, value)) is not None:
            unknown.append(wrong)
        elif becomes in taken and taken[becomes].value != value:
            other = taken[becomes].name
            unknown.append(FieldError(name, f"is {shown(value)}, but {other} says another value"))
        else:
            taken[becomes] = Taken(name, becomes, value)
    return Draft(tuple(taken.values()), tuple(unknown))


def counterpart(name: str) -> str | None:
    """Return what a draft's name is called in an order, None for one without counterpart."""
    if name in NO_COUNTERPART:
        return None
    if name in _OTHER_SPELLINGS:
        return _OTHER_SPELLINGS[name]
    if name in _OWN_OPTIONS:
        return f"simulation.{name}"
    if name in _OWN_FIELDS:
        return name
    for prefix in ("", *PREFIXES):
        own = name.removeprefix(prefix)
        if name.startswith(prefix) and own in SncglParams.model_fields:
            return f"params.{own}"
    return None


def with_counterparts(
    errors: Iterable[FieldError], data: Mapping[str, Any]
) -> tuple[FieldError, ...]:
    """Return the errors of an order; of an unknown field of a draft's it says the name here.

    A draft's object of fields gives an error for each field in it.
    """
    told: list[FieldError] = []
    for error in errors:
        *way, name = error.field.split(".")
        value: Any = data
        for part in (*way, name):
            value = value.get(part) if isinstance(value, Mapping) else None
        unknown = error.message.startswith("unknown field")
        if unknown and not way and isinstance(value, Mapping) and _in_words(error, value):
            told += _in_words(error, value)
        elif unknown and (known := _told(name)) and known not in error.message:
            told.append(FieldError(error.field, f"unknown field; {known}"))
        else:
            told.append(error)
    return tuple(told)


def _in_words(error: FieldError, inside: Mapping[str, Any]) -> list[FieldError]:
    """Return an error for each field of a draft's object that has a counterpart or a reason."""
    known = {name: _told(name) for name in inside if isinstance(name, str)}
    return [
        FieldError(f"{error.field}.{name}", f"unknown field; {told}")
        for name, told in known.items()
        if told
    ]


def _told(name: str) -> str | None:
    if name in NO_COUNTERPART:
        return f"it has no counterpart: {NO_COUNTERPART[name]}"
    becomes = counterpart(name)
    return f"did you mean {becomes}" if becomes else None


def is_bookkeeping(name: str) -> bool:
    """Say whether a name is an id, a single run's seed, or a result: no parameter of a hunt."""
    return name in _NO_PARAMETERS or name.startswith(_RESULTS)


def _leaves(data: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the names and values of a file, those inside its objects too; empty cells are none."""
    for name, value in data.items():
        if is_bookkeeping(name):
            continue
        if isinstance(value, Mapping):
            yield from _leaves(value)
        elif value not in (None, ""):
            yield name, value


def _no_number(name: str, becomes: str, value: Any) -> FieldError | None:
    if becomes.startswith("params.") or becomes in ("num_generations", "population_size"):
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not (number and math.isfinite(value)):
            return FieldError(name, f"must be a finite number, got {shown(value)}")
    return None
