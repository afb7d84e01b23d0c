"""Make the examples of /api/openapi.json: run a small hunt in a fresh home and keep the answers.

usage: python docs/make_api_examples.py      (writes irer/web/api_examples.json)

Long lists are cut to their first entries, and this machine's folders are renamed.
"""

import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from irer import __version__
from irer.base.files import write_json
from irer.components import Registry
from irer.components.skeleton import write_skeleton
from irer.web.describe import EXAMPLES_FILE
from tests.hub_process import ROOT, HubProcess

ORDER = {
    "num_generations": 1,
    "population_size": 3,
    "seed": 7,
    "simulation": {"N_grid": 64, "T_steps": 600, "box_length": 50.0},
}
LONGEST = 4  # entries of a list


def answers(hub: HubProcess) -> dict[str, Any]:
    """Return answers and bodies by the names of their models."""
    found: dict[str, Any] = {"StartBody": ORDER, "Nothing": {}}
    found["HuntAccepted"] = hub.post("start-hunt", ORDER)
    found["Status"] = hub.wait_for("Completed")
    found["BestRunSoFar"] = get(hub, "best")
    run = f"runs/{found['BestRunSoFar']['job_uuid']}"
    for model, route in {
        "RunsPage": "runs?per_page=2&sort=log_prime_sse&order=asc",
        "Hunts": "hunts",
        "HuntDetails": f"hunts/{found['HuntAccepted']['hunt_id']}",
        "Reading": f"hunts/{found['HuntAccepted']['hunt_id']}/reading",
        "HuntSensitivity": f"hunts/{found['HuntAccepted']['hunt_id']}/sensitivity",
        "Figure": "figures/pareto",
        "Constants": "get-constants",
        "RunDetails": run,
        "RunSpectrum": f"{run}/spectrum",
        "RunDiagnostics": f"{run}/diagnostics",
        "RunLog": f"{run}/log",
        "Components": "components",
    }.items():
        found[model] = get(hub, route)
    hunt = f"hunts/{found['HuntAccepted']['hunt_id']}"
    found["FindingBegun"] = hub.post(f"{hunt}/findings/chance/act", {})
    hub.post(f"component-runs/{found['FindingBegun']['run_uuid']}/cancel", {})
    found |= next_hunts(hub, found["HuntAccepted"]["hunt_id"])
    found["LabelChange"] = {"name": "a first look", "tags": ["small"]}
    found["Label"] = hub.call(f"/api/{hunt}/label", found["LabelChange"])[1]
    found["NoteChange"] = {"note": "a nice one", "hidden": False}
    found["Note"] = hub.call(f"/api/{run}/note", found["NoteChange"])[1]
    found["ConfirmationAccepted"] = hub.post(f"{run}/confirm", {})
    hub.post(f"{run}/stop-confirmation", {})
    found["ConfirmationState"] = get(hub, f"{run}/confirmation")
    found |= component_answers(hub, found["Components"], run)
    draft = {"text": '{"sncgl_epsilon": 0.7, "sdg_kappa": 0.4, "N_grid": 64}'}
    found["ParameterFile"] = draft
    found["LoadedParameters"] = hub.call("/api/load-parameters", draft)[1]
    found["Problem"] = hub.call("/api/start-hunt", {"population_size": 0})[1]
    found["Health"] = hub.call("/healthz")[1]
    info = {"title": "IRER Control Hub", "version": __version__}
    found["OpenApi"] = {"openapi": "3.1.0", "info": info, "paths": {}, "components": {}}
    return found


def next_hunts(hub: HubProcess, first: str) -> dict[str, Any]:
    """Let two hunts wait behind another; return what the queue's routes and a comparison answer."""
    found: dict[str, Any] = {"HuntTime": hub.call("/api/estimate-hunt", ORDER)[1]}
    second = hub.post("queue", ORDER | {"seed": 8, "params": {"kappa": 0.2}})["hunt_id"]
    waiting = [hub.post("queue", ORDER | {"seed": seed})["hunt_id"] for seed in (9, 10)]
    found["QueueMove"] = {"by": -1}
    found["Queue"] = hub.call(f"/api/queue/{waiting[1]}/move", found["QueueMove"])[1]
    hub.call("/api/queue/clear", {})
    hub.wait_for("Completed")
    found["HuntComparison"] = get(hub, f"hunts/{first}/comparison?other={second}")
    return found


def component_answers(hub: HubProcess, all_of_them: Any, run: str) -> dict[str, Any]:
    """Run a component on a run, and return what the routes of components answer."""
    component = next(c for c in all_of_them["components"] if c["trigger"])
    (given,) = component["inputs"]
    route = f"components/{component['name']}".replace(" ", "%20")
    body = {given["name"]: run.removeprefix("runs/")}
    found: dict[str, Any] = {"RunValues": body, "SwitchBody": {"on": True}}
    began = hub.post(f"{route}/run", body)
    while (state := get(hub, f"component-runs/{began['run_uuid']}"))["state"] == "running":
        time.sleep(0.2)
    found["ComponentRunState"] = state
    found["ComponentRunList"] = get(hub, "component-runs")
    found["Analyses"] = get(hub, f"{run}/analyses")
    found["TriggerState"] = hub.call(f"/api/{route}/trigger", found["SwitchBody"])[1]
    return found


def get(hub: HubProcess, route: str) -> Any:
    """Return the answer to a GET; it must succeed."""
    code, answer = hub.call(f"/api/{route}")
    if code != 200:
        raise RuntimeError(f"{route}: {code} {answer}")
    return answer


def shortened(value: Any, renamed: dict[str, str]) -> Any:
    """Cut lists, and give folders their other names."""
    if isinstance(value, dict):
        return {name: shortened(item, renamed) for name, item in value.items()}
    if isinstance(value, list):
        return [shortened(item, renamed) for item in value[:LONGEST]]
    if isinstance(value, str):
        for folder, name in renamed.items():
            value = value.replace(folder, name)
    return value


def main() -> None:
    """Run, ask, write."""
    with tempfile.TemporaryDirectory(prefix="irer-examples-") as folder:
        home, own = Path(folder) / "home", Path(folder) / "components"
        write_skeleton("Wall time", Registry({}, ()), own)  # so that one takes a single run
        shutil.copytree(ROOT / "components" / "null_hunts", own / "null_hunts")
        with HubProcess(home, IRER_COMPONENTS_DIR=str(own)) as hub:
            found = answers(hub)
        renamed = {str(home): "/home/you/irer_home", str(ROOT): "/home/you/irer"}
        write_json(EXAMPLES_FILE, shortened(dict(sorted(found.items())), renamed))


if __name__ == "__main__":
    main()
