"""The component's entry: `core_engine.py --confirm UUID` does the work."""

from core_engine import main
from irer.base.commandline import run_program

if __name__ == "__main__":
    run_program(main)
