"""The component's entry: `core_engine.py --confirm UUID` does the work."""

import sys

from core_engine import main

if __name__ == "__main__":
    sys.exit(main())
