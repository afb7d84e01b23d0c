"""A disk that refuses, in every process that has this folder first on its PYTHONPATH.

The file named by FAULT_FILE holds an error number and a pattern: while it is there, a file whose
name matches is neither put in place nor opened for writing. It stands for a full disk or a folder
without permission, which a test that may run as root cannot have.
"""

import os
import re
import sys


def _refuse(event: str, args: tuple[object, ...]) -> None:
    if event == "os.rename":
        name = args[1]
    elif event == "open" and isinstance(args[2], int) and args[2] & (os.O_WRONLY | os.O_RDWR):
        name = args[0]
    else:
        return
    fault = _fault()
    if fault and isinstance(name, str) and re.search(fault[1], os.path.basename(name)):  # noqa: PTH119
        raise OSError(int(fault[0]), os.strerror(int(fault[0])))


def _fault() -> list[str]:
    try:
        with open(os.environ["FAULT_FILE"]) as file:  # noqa: PTH123 (pathlib is not loaded yet)
            return file.read().split(maxsplit=1)
    except FileNotFoundError:
        return []


sys.addaudithook(_refuse)
