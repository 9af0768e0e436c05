"""The ATT&CK techniques that cloud rules are tagged with.

The table `attack.json` holds the tactics and cloud-relevant techniques of ATT&CK for
Enterprise v18 and v19, with what v19 gave another id.  https://attack.mitre.org/
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any


@functools.cache
def table() -> Mapping[str, Any]:
    """Return the table: `tactics`, `techniques` (id → name and tactics), `renamed`."""
    text = files("checker.aws").joinpath("attack.json").read_text("utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded
