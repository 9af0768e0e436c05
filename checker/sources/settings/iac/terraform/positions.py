"""Find where in the text of a plan its resources are.

`terraform show -json` writes one line, tools that format it write many: a resource has
a line, and a column.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from checker.sources.settings.iac.declarations import Settings, SourcePosition

_ADDRESS: Final = re.compile(rb'"address"\s*:\s*("(?:[^"\\]|\\.)*+")')
_BEGINS: Final = b'"planned_values"'


def placed(settings: Settings, data: bytes) -> Settings:
    """Return the settings of a plan with the line and column of each resource.

    The first place that names an address in the planned values counts.
    """
    found = _positions(data, max(data.find(_BEGINS), 0))
    return replace(
        settings,
        places={
            pointer: _moved(place, found) for pointer, place in settings.places.items()
        },
    )


def _moved(
    place: SourcePosition, found: Mapping[str, tuple[int, int]]
) -> SourcePosition:
    line, column = found.get(place.address, (place.line, None))
    return replace(place, line=line, column=column)


def _positions(data: bytes, start: int) -> dict[str, tuple[int, int]]:
    """Return the line and the column of each address, both from 1."""
    found: dict[str, tuple[int, int]] = {}
    line, column, before = 1, 1, 0
    for match in _ADDRESS.finditer(data, start):
        # What is between two addresses is looked at once, however long the line.
        between = data[before : match.start()].decode("utf-8", "replace")
        lines = between.count("\n")
        line += lines
        column = len(between) - between.rfind("\n") if lines else column + len(between)
        before = match.start()
        with contextlib.suppress(ValueError):
            found.setdefault(json.loads(match[1]), (line, column))
    return found
