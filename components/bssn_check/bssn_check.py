"""The component's entry: `run_bssn_check.py` does the work."""

from irer.base.commandline import run_program
from run_bssn_check import main

if __name__ == "__main__":
    run_program(main)
