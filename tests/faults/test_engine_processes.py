"""Children under limits: trees, held pipes, orphans."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from irer.runners.processes import run_process

ORPHANING = """
import subprocess, sys
sleeper = "import time, sys; print('up', flush=True); time.sleep(600)"
child = subprocess.Popen([sys.executable, "-c", sleeper], start_new_session={session})
print("grandchild", child.pid, flush=True)
open({up!r}, "w").close()
{then}
"""


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def gone(pid: int) -> bool:
    """Wait for a process to end; a zombie that nobody waits for counts as ended."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.02)
    return False


def grandchild_of(stdout: str) -> int:
    line = next(line for line in stdout.splitlines() if line.startswith("grandchild"))
    return int(line.split()[1])


def test_streams_and_exit_code():
    ended = run_process(
        python("import sys; print('a'); print('x\\nwhy\\n', file=sys.stderr); sys.exit(3)"),
        timeout_s=60,
    )
    assert (ended.returncode, ended.stdout, ended.last_error_line) == (3, "a\n", "why")
    assert not ended.timed_out


def test_endless_output_neither_blocks_nor_piles_up():
    code = "import sys\nfor _ in range(64): sys.stdout.write('y' * 100_000)\nprint('end')"
    ended = run_process(python(code), timeout_s=60)
    assert ended.returncode == 0
    assert ended.stdout.endswith("end\n")
    assert len(ended.stdout) <= 64 * 1024


@pytest.mark.parametrize("session", [False, True])
@pytest.mark.parametrize("then", ["import time; time.sleep(600)", "sys.exit(0)"])
def test_grandchild_holding_the_pipe_does_not_outlive_the_job(tmp_path, session, then):
    up, over = tmp_path / "up", threading.Event()
    code = ORPHANING.format(session=session, up=str(up), then=then)
    waiter = threading.Thread(target=cancel_when, args=(up, over)) if "sleep" in then else None
    if waiter:
        waiter.start()
    ended = run_process(python(code), timeout_s=120, cancelled=over)
    assert ended.cancelled == ("sleep" in then)
    assert gone(grandchild_of(ended.stdout))


def cancel_when(path: Path, over: threading.Event) -> None:
    while not path.exists():
        time.sleep(0.02)
    over.set()


def test_child_that_ignores_termination_ends_at_the_limit():
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
    ended = run_process(python(code), timeout_s=1)
    assert ended.timed_out
    assert ended.returncode == -signal.SIGKILL


def test_cancel_ends_the_child():
    cancelled = threading.Event()
    threading.Timer(0.3, cancelled.set).start()
    ended = run_process(python("import time; time.sleep(600)"), timeout_s=300, cancelled=cancelled)
    assert ended.cancelled
    assert not ended.timed_out


def test_child_runs_on_its_core_at_lower_priority():
    core = sorted(os.sched_getaffinity(0))[-1]
    code = "import os, time; time.sleep(1); print(os.sched_getaffinity(0), os.nice(0))"
    ended = run_process(python(code), timeout_s=60, core=core)
    assert ended.stdout == f"{{{core}}} {max(10, os.nice(0))}\n"


PARENT = """
import sys
from irer.runners.processes import run_process
child = '''
import os, time
from irer.runners.processes import end_with_parent
end_with_parent(0.05)
open(%r, "w").write(str(os.getpid()))
time.sleep(600)
'''
run_process([sys.executable, "-c", child % sys.argv[1]], timeout_s=600)
"""


def test_child_ends_with_a_killed_parent(tmp_path):
    pid_file = tmp_path / "pid"
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(pid_file)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    while not (pid_file.exists() and pid_file.read_text()):
        assert parent.poll() is None
        time.sleep(0.02)
    parent.kill()  # and not waited for: it stays a zombie while the child looks
    assert gone(int(pid_file.read_text()))
    parent.wait()


def test_command_without_parent_runs_on():
    code = "import irer.runners.processes as p; p.end_with_parent(0.01); print('ran')"
    env = {k: v for k, v in os.environ.items() if k != "IRER_PARENT_PID"}
    out = subprocess.run(python(code), env=env, capture_output=True, text=True, check=True)
    assert out.stdout == "ran\n"


def test_command_whose_parent_is_gone_ends_at_once():
    finished = subprocess.Popen(python(""))
    finished.wait()
    code = "import irer.runners.processes as p; p.end_with_parent(); print('ran')"
    env = os.environ | {"IRER_PARENT_PID": str(finished.pid)}
    out = subprocess.run(python(code), env=env, capture_output=True, text=True, check=False)
    assert (out.returncode, out.stdout) == (1, "")
