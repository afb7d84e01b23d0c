"""Every group of routes that the hub serves."""

from irer.web.api import api
from irer.web.comparison_api import comparison_api
from irer.web.component_api import component_api
from irer.web.control_api import control_api
from irer.web.hunt_api import hunt_api
from irer.web.pages import pages
from irer.web.queue_api import queue_api
from irer.web.run_api import run_api
from irer.web.sensitivity_api import sensitivity_api

BLUEPRINTS = (
    *(control_api, queue_api, api, run_api, hunt_api, comparison_api, component_api),
    *(sensitivity_api, pages),
)
