"""Find the compiled reader (`core/`, distribution trailcheck-core) if it is there."""

from __future__ import annotations

import functools
import os
from typing import Any

SWITCH = "TRAILCHECK_CORE"
"""The environment variable that, with the value `off`, leaves all to Python."""

VERSION = "0.4."
"""How the version of a package begins that has the classes which `compiled` calls."""


def module() -> Any:
    """Return the module of the compiled reader; None where Python reads all."""
    return None if os.environ.get(SWITCH) == "off" else _installed()


def version() -> str | None:
    """Return the version of the compiled reader; None where Python reads all."""
    core = module()
    return None if core is None else str(core.__version__)


@functools.cache
def _installed() -> Any:
    try:
        import trailcheck_core
    except ImportError:
        return None
    return trailcheck_core if trailcheck_core.__version__.startswith(VERSION) else None
