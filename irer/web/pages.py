"""The pages of the hub, rendered on the server."""

from typing import Any, get_args

from flask import Blueprint, render_template

from irer import __version__
from irer.checking import allowed_values
from irer.records import HuntOrder, Model, RunnerName, Sampler, SimulationOptions
from irer.web.hub import the_hub
from irer.web.status import JOB_STATES

pages = Blueprint("pages", __name__)


@pages.get("/")
def hunt_page() -> str:
    """Render the hunt page with the defaults that an empty form stands for."""
    return render_template("index.html", version=__version__, **_form())


@pages.get("/components")
def components_page() -> str:
    """Render the components page; its forms come from `/api/components`."""
    return render_template("components.html", version=__version__)


def _form() -> dict[str, Any]:
    settings = the_hub().settings
    simulation = SimulationOptions()
    order, options = HuntOrder.model_fields, SimulationOptions.model_fields
    return {
        "defaults": {
            "generations": settings.num_generations,
            "population": settings.population_size,
            "sampler": settings.sampler,
            "runner": settings.runner,
            "N_grid": simulation.N_grid,
            "box_length": simulation.box_length,
            "T_steps": simulation.T_steps,
        },
        "allowed": {
            "generations": allowed_values(order["num_generations"]),
            "population": allowed_values(order["population_size"]),
            "seed": allowed_values(order["seed"]),
            "N_grid": allowed_values(options["N_grid"]),
            "box_length": allowed_values(options["box_length"]),
            "T_steps": allowed_values(options["T_steps"]),
        },
        "samplers": get_args(Sampler),
        "models": get_args(Model),
        "runners": get_args(RunnerName),
        "job_states": JOB_STATES,
    }
