"""Drive the rooms: rules and inputs in, a report out.

Each driver gives the same report for the same arguments, in the order of the inputs,
however many processes work on them.  `scan` is public; a command imports the one driver
that it needs.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from checker.model import AnyRule, Report
    from checker.sources.events.inputs import Path

__all__ = ["scan"]


def scan(
    rules: Iterable[AnyRule], inputs: Path | Iterable[Path], **options: Any
) -> Report:
    """Return the report on some inputs; see `checker.run.scanning.scan` for the rest.

        from checker import rules, run

        report = run.scan(rules.load(), ["logs/"])
        for finding in report.findings:
            print(finding.rule.level.value, finding.message)

    Raises `UsageError` when rules or options do not fit together, and `Interrupted`,
    with the report so far, on Ctrl-C.
    """
    # What only other drivers need is not loaded, nor this for those.
    from checker.run.scanning.scan import scan as scan_inputs

    return scan_inputs(rules, inputs, **options)
