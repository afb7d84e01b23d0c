"""What `import irer` costs over bare Python, beside `import numpy`.

    python benchmarks/import_irer.py [ROUNDS]

New processes in alternation, ROUNDS of each (default 20), after one that is not counted. Prints one
JSON line: what each import adds, in milliseconds, by Python's own clock (`-X importtime`) and as
processor time of the whole process over a bare one; the ratios to numpy.
"""

import re
import resource
import statistics
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.timing import report

ROOT = Path(__file__).resolve().parent.parent
CODES = {"bare": "pass", "irer": "import irer", "numpy": "import numpy"}
_LINE = re.compile(r"import time: +\d+ \| +(\d+) \| (\w+)$", re.M)  # of a module at the top


def run(code: str) -> tuple[float, str]:
    """Return the processor milliseconds of a new process, and its import times."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    ended = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return 1000 * used, ended.stderr


def import_ms(name: str, told: str) -> float:
    """Return the cumulative milliseconds of the import of `name`; 0 for the bare process."""
    return next((int(us) / 1000 for us, module in _LINE.findall(told) if module == name), 0.0)


def main() -> None:
    """Measure and print."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    used: dict[str, list[float]] = {name: [] for name in CODES}
    clock: dict[str, list[float]] = {name: [] for name in CODES}
    for number in range(rounds + 1):
        for name, code in CODES.items():
            spent, told = run(code)
            if number:
                used[name].append(spent)
                clock[name].append(import_ms(name, told))
    by_clock = {name: statistics.median(values) for name, values in clock.items()}
    processor = {name: statistics.median(values) for name, values in used.items()}
    more = {name: processor[name] - processor["bare"] for name in ("irer", "numpy")}
    report(
        "import_irer",
        rounds=rounds,
        irer_ms=by_clock["irer"],
        numpy_ms=by_clock["numpy"],
        ratio=by_clock["irer"] / by_clock["numpy"],
        irer_cpu_ms=more["irer"],
        numpy_cpu_ms=more["numpy"],
    )


if __name__ == "__main__":
    main()
