"""The component's entry: `run_bssn_check.py` does the work."""

import sys

from run_bssn_check import main

if __name__ == "__main__":
    sys.exit(main())
