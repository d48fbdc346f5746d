"""``python -m kg`` is ``trialkg``."""

import sys

from kg.cli import main

__all__: list[str] = []

if __name__ == "__main__":
    sys.exit(main())
