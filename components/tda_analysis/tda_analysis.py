"""The component's entry: `run_tda_analysis.py` does the work."""

from irer.base.commandline import run_program
from run_tda_analysis import main

if __name__ == "__main__":
    run_program(main)
