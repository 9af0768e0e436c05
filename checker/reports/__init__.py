"""Name the formats in which a report can be written.

A format is one module with a free function `render(report, **options)` that yields the
text piece by piece; nothing here opens, writes or looks at a stream.  A module is
loaded once its format is asked for: most runs write one of them.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:  # the names of the formats are asked for by each `--help`
    from checker.model import Report

Render: TypeAlias = Callable[..., Iterator[str]]
"""Takes a `model.Report` and the format's own keyword options."""


def _of_module(name: str) -> Render:
    def render(report: Report, **options: Any) -> Iterator[str]:
        module = importlib.import_module(f"checker.reports.{name}")
        text: Iterator[str] = module.render(report, **options)
        return text

    return render


FORMATS: Final[dict[str, Render]] = {
    name: _of_module(name)
    for name in (
        "text",
        "json",
        "jsonl",
        "sarif",
        "markdown",
        "csv",
        "junit",
        "html",
        "ocsf",
    )
}
