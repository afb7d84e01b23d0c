"""The component's entry: `run_tda_analysis.py` does the work."""

import sys

from run_tda_analysis import main

if __name__ == "__main__":
    sys.exit(main())
