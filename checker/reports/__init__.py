"""Name the formats in which a report can be written.

A format is one module with a free function `render(report, **options)` that yields the
text piece by piece; nothing here opens, writes or looks at a stream.  None of these
modules imports rich or jinja2 before it has to draw.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, TypeAlias

from checker.reports import csv, html, json, jsonl, junit, markdown, sarif, text

Render: TypeAlias = Callable[..., Iterator[str]]
"""Takes a `model.Report` and the format's own keyword options."""

FORMATS: Final[dict[str, Render]] = {
    "text": text.render,
    "json": json.render,
    "jsonl": jsonl.render,
    "sarif": sarif.render,
    "markdown": markdown.render,
    "csv": csv.render,
    "junit": junit.render,
    "html": html.render,
}
