"""Find the rules, frameworks and schemas that come with trailcheck.

They lie at the top of the checkout, and in `checker/_data` of an installed wheel.
"""

from __future__ import annotations

import functools
import importlib.resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

SCHEMAS: Final = (
    "detection",
    "correlation",
    "configuration",
    "cases",
    "selections",
    "exceptions",
    "config",
    "framework",
    "report",
    "catalogue",
    "snapshot",
    "story",
    "top",
    "learned",
)
"""The schemas by name: first what people write, then what trailcheck writes."""


@functools.cache
def root() -> Traversable:
    """Return the folder that holds `rules/`, `frameworks/` and `schemas/`."""
    packaged = importlib.resources.files("checker") / "_data"
    return packaged if packaged.is_dir() else Path(__file__).resolve().parent.parent
