"""What a home with many runs costs the hub: its start, pages of the table, figures, the status.

    python benchmarks/hub_scale.py [RUNS]

Records and a ledger of RUNS (default 100,000) runs are written into a temporary home without
simulating anything; a hub is started on it and asked over HTTP. Prints one JSON line:
`start_s` from the command to the first answer (`empty_start_s` with an empty home), `page_ms` the
slowest page of the table over sorts, orders, filters and places in it, `figures` milliseconds
(first time, not kept, but for those that the page showed) and kilobytes of each, `interactive_s`
from asking for the hunt page in Chromium until table and charts in view are there and it takes
what is typed (`first` right after the start, when no figure is kept yet; `again` the median of
five), `brush_ms` from a change of what the table is narrowed to until its rows are there, in that
page (`first` of each number, whose column is made then; `again` the median and the slowest of the
changes after; `lasso` of 40 corners, the median), `status_ms` the median and 99th percentile of the
status alone and while another client asks for pages and figures all the time, `memory_mb` of the
hub at the end, `run_kb` what a run adds to it at the start.
"""

import json
import math
import random
import statistics
import sys
import tempfile
import threading
import time
import urllib.request
import uuid
from itertools import product
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import Page

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from irer.base.files import dump_json
from irer.base.hunt_records import HuntPlan
from irer.base.records import JobConfig, SimulationOptions, SncglParams
from irer.controls.reading import make_reading
from irer.home.ledger import LedgerRow, append_rows
from irer.home.registry import keep_plan
from irer.web.figures import FIGURES
from settings import Settings, load
from tests.browser.chromium import chromium
from tests.canned import canned_record
from tests.hub_process import HubProcess

POPULATION = 1000
SORTED = (
    "generation", "job_uuid", "state", "log_prime_sse", "sdg_h_norm_l2", "constraint_violation",
    "fitness", "seconds",
)  # fmt: skip
WHOLE = ("#runs-table tbody tr", "#pareto-chart .main-svg", "#history-chart .main-svg")
TOLD = """async ranges => {
  const rows = document.querySelector('#runs-table tbody');
  const began = performance.now();
  const shown = new Promise(resolve => new MutationObserver((_, observer) => {
    observer.disconnect();
    requestAnimationFrame(() => resolve(performance.now() - began));
  }).observe(rows, {childList: true}));
  const { turnTo } = await import('/static/js/parts/runs.js');
  turnTo(ranges);
  return shown;
}"""
SEARCHED = {"epsilon": (0.2, 1.5), "c1": (-2.0, 3.0), "c3": (-2.0, 2.0), "kappa": (0.1, 1.0)}


def fill(settings: Settings, runs: int) -> None:
    """Write the files of a completed hunt of `runs` runs."""
    rng = random.Random(1)
    options, hunt_id = SimulationOptions(), str(uuid.uuid4())
    settings.home.provenance_dir.mkdir(parents=True)
    rows = []
    for n in range(runs):
        params = SncglParams(**{name: rng.uniform(*ends) for name, ends in SEARCHED.items()})
        job = JobConfig(
            job_uuid=str(uuid.uuid4()),
            hunt_id=hunt_id,
            generation=n // POPULATION + 1,
            index=n % POPULATION,
            global_seed=n,
            model="sncgl_sdg",
            simulation=options,
            sncgl_params=params,
        )
        record = canned_record(job)
        text = dump_json(record.model_dump(mode="json"))
        settings.home.provenance_file(job.job_uuid).write_text(text)  # unsynced
        rows.append(LedgerRow.of_provenance(record))
    append_rows(settings.home.ledger_file, rows)
    generations = -(-runs // POPULATION)
    plan = HuntPlan(
        hunt_id=hunt_id,
        seed=1,
        num_generations=generations,
        population_size=POPULATION,
        sampler="random",
        model="sncgl_sdg",
        runner="pool",
        simulation=options,
        fixed_params=SncglParams(),
        search_space=SEARCHED,
        first_generation=1,
        generation=generations,
        state="Completed",
    )
    settings.home.hunt_file.write_text(dump_json(plan.model_dump(mode="json")))
    keep_plan(settings.home, plan)
    make_reading(settings.home, plan)  # as the engine leaves it


class Client:
    """Asks a hub and notes how long each answer took."""

    def __init__(self, url: str) -> None:
        self._url = url

    def get(self, path: str) -> tuple[float, bytes]:
        """Return milliseconds and the body."""
        began = time.perf_counter()
        with urllib.request.urlopen(self._url + path) as answer:
            body = answer.read()
        return 1e3 * (time.perf_counter() - began), body

    def statuses(self, times: int) -> dict[str, float]:
        """Return the median and 99th percentile of asking for the status, in ms."""
        took = []
        for _ in range(times):
            took.append(self.get("/api/get-status")[0])
            time.sleep(0.01)
        return {
            "p50": round(statistics.median(took), 2),
            "p99": round(statistics.quantiles(took, n=100)[98], 2),
        }


def table_pages(runs: int) -> list[str]:
    """Return addresses of pages: every sort both ways, at both ends, and every filter."""
    last = max(1, runs // 25)
    pages = [
        f"/api/runs?sort={sort}&order={order}&page={page}"
        for sort, order, page in product(SORTED, ("asc", "desc"), (1, last // 2, last))
    ]
    filters = ("state=FAILED", "state=COMPLETE", "search=a", "search=nothing", "hidden=only",
               "hunt=current", "per_page=500")  # fmt: skip
    return pages + [f"/api/runs?{f}&sort=log_prime_sse" for f in filters]


def start(home: Path) -> tuple[float, HubProcess]:
    """Start a hub; return seconds to its first answer."""
    began = time.perf_counter()
    hub = HubProcess(home).__enter__()
    hub.status()
    return time.perf_counter() - began, hub


def resident(hub: HubProcess) -> int:
    """Return the bytes of memory that a hub holds."""
    return int(psutil.Process(hub.process.pid).memory_info().rss)


def measure(runs: int, home: Path) -> dict[str, Any]:
    """Fill a home, start a hub on it and ask."""
    empty_s, hub = start(home / "empty")
    empty = resident(hub)
    hub.__exit__()
    settings = load(home=home / "full")
    fill(settings, runs)
    start_s, hub = start(settings.home)
    run_kb = (resident(hub) - empty) / runs / 1024
    try:
        interactive, brush = open_page(hub.url)
        client = Client(hub.url)
        alone = client.statuses(200)
        figures = {}
        for name in FIGURES:
            took, body = client.get(f"/api/figures/{name}?hunt=all")
            figures[name] = {"ms": round(took, 1), "kb": round(len(body) / 1e3, 1)}
        pages = {path: client.get(path)[0] for path in table_pages(runs)}
        slowest = max(pages, key=lambda path: pages[path])
        beside = beside_others(client, runs)
        memory = resident(hub)
    finally:
        hub.__exit__()
    return {
        "benchmark": "hub_scale",
        "runs": runs,
        "empty_start_s": round(empty_s, 2),
        "start_s": round(start_s, 2),
        "page_ms": round(pages[slowest], 1),
        "slowest_page": slowest,
        "page_median_ms": round(statistics.median(pages.values()), 1),
        "figures": figures,
        "interactive_s": interactive,
        "brush_ms": brush,
        "status_ms": {"alone": alone, "beside_pages_and_figures": beside},
        "memory_mb": round(memory / 2**20, 1),
        "run_kb": round(run_kb, 2),
    }


def open_page(url: str) -> tuple[dict[str, float], dict[str, float]]:
    """Return seconds until the hunt page is whole, first and later, and milliseconds of a brush."""
    took, brush = [], {}
    with chromium() as browser:
        for _ in range(6):
            context = browser.new_context(viewport={"width": 1280, "height": 900})
            page = context.new_page()
            began = time.perf_counter()
            page.goto(url)
            for place in WHOLE:
                page.wait_for_selector(place)
            page.fill("#generations", "3")  # waits until the page takes it
            took.append(time.perf_counter() - began)
            if len(took) == 6:
                brush = brushed(page)
            context.close()
    return {"first": round(took[0], 2), "again": round(statistics.median(took[1:]), 2)}, brush


def brushed(page: Page) -> dict[str, float]:
    """Return milliseconds from a change of the brush until the table shows what passes."""
    rng = random.Random(3)
    ranges = {**SEARCHED, "log_prime_sse": (0.0, 2.0)}
    first, again = [], []
    for turn in range(12):
        for name, (low, high) in ranges.items():
            ends = sorted(rng.uniform(low, high) for _ in "ab")
            others = f",c1:{rng.uniform(-2, 0):.3f}:" if turn and name != "c1" else ""
            text = f"{name}:{ends[0]:.4g}:{ends[1]:.4g}{others}"
            took = page.evaluate(TOLD, {"ranges": text, "lasso": ""})
            (again if turn else first).append(took)
    angles = [2 * math.pi * n / 40 for n in range(40)]
    lasso = []
    for _ in range(12):
        radius = rng.uniform(0.2, 1)
        corners = [(radius * math.cos(a) - 0.3, radius * math.sin(a)) for a in angles]
        text = ",".join(f"{x:.3f},{y:.3f}" for x, y in corners)
        lasso.append(page.evaluate(TOLD, {"ranges": "fitness::", "lasso": text}))
    return {
        "first": round(max(first), 1),
        "again": round(statistics.median(again), 1),
        "slowest_again": round(max(again), 1),
        "lasso": round(statistics.median(lasso), 1),
    }


def beside_others(client: Client, runs: int) -> dict[str, float]:
    """Return the status's times while another client turns pages and draws figures."""
    done = threading.Event()

    def busy() -> None:
        pages = table_pages(runs)
        while not done.is_set():
            client.get(random.choice(pages))
            client.get(f"/api/figures/{random.choice(list(FIGURES))}")

    other = threading.Thread(target=busy)
    other.start()
    try:
        return client.statuses(300)
    finally:
        done.set()
        other.join()


def main() -> None:
    """Measure and print."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory(prefix="irer-hub-scale-") as home:
        print(json.dumps(measure(runs, Path(home))))


if __name__ == "__main__":
    main()
