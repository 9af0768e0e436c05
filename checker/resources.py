"""Find the rules, frameworks and schemas that come with trailcheck.

They lie at the top of the checkout, and in `checker/_data` of an installed wheel.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

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
    code = Path(__file__).resolve().parent
    if (code / "_data").is_dir():
        return code / "_data"
    if code.is_dir():
        return code.parent
    # In a zip file; what reads one takes long to import.
    import importlib.resources

    return importlib.resources.files("checker") / "_data"
