"""Keep the bundled rules as they were built, for the wheel that is built next.

    python -m tools.ship_rules

To read a thousand rule files takes seconds: a wheel brings what comes of it.
"""

# ruff: noqa: INP001 - a script beside the package, not in it

from __future__ import annotations

import os
import sys
import tempfile

from checker import rules
from checker.rules import files, rule_cache


def main() -> int:
    """Read the bundled rules afresh, and put what is kept of them beside the code."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CACHE_HOME"] = folder
        rules.load()
        rule_cache.ship(files.find())
    size = rule_cache.SHIPPED.stat().st_size
    sys.stderr.write(f"{rule_cache.SHIPPED}: {size:,} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
