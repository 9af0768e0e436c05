"""How a report leaves: format, file, exit code."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

import click

from checker.cli import endings, screens
from checker.cli.configuration import origin
from checker.cli.destinations import Reads, Target, bundled_alone
from checker.errors import UsageError

if TYPE_CHECKING:
    from checker.model import Report
    from checker.reports.progress import Progress
    from checker.reports.screen import Counts


def _also(text: str, output: str | None, reads: Reads | None) -> tuple[str, Target]:
    """Read one `--also`: a format, and the file for it."""
    from checker.reports import FORMATS

    form, equals, file = text.partition("=")
    if not equals or not file or form not in FORMATS:
        raise UsageError(
            f"--also {text}: write FORMAT=FILE, with a format of {', '.join(FORMATS)}"
        )
    if file in ("-", output):
        raise UsageError(f"--also {text}: name a file of its own")
    return form, Target(file, reads, "--also")


def _not_text(report_format: str) -> str:
    """Return what is wrong with an option of the text report, and what to do."""
    said = "--full, --summary and --by go with --format text"
    where = origin(click.get_current_context(), "report_format")
    if where is None:
        return said
    return f"{said}; {where} sets format = {report_format}: add --format text"


class Output:
    """Where and how a report leaves, and with which exit code."""

    def __init__(
        self,
        *,
        report_format: str,
        output: str | None,
        fail_on: str,
        allow_partial: bool,
        quiet: bool,
        by: str = "rule",
        full: bool = False,
        short: bool = False,
        reads: Reads | None = None,
        also: Sequence[str] = (),
    ) -> None:
        if full and short:
            raise UsageError("--full and --summary exclude each other: name one")
        if (full or short or by != "rule") and report_format != "text":
            raise UsageError(_not_text(report_format))
        self.look = {"full": full, "short": short, "by": by}
        self.following: Callable[[Counts], Sequence[str]] | None = None
        self.format = report_format
        self.target = Target(output, reads)
        self._also = [_also(text, output, reads) for text in also]
        self._bundled = reads is not None and bundled_alone(reads.rules)
        self.fail_on = fail_on
        self.allow_partial = allow_partial
        self.quiet = quiet

    def finish(self, report: Report) -> NoReturn:
        """Write the report and exit."""
        self.write(report)
        self.leave(report)

    def leave(self, report: Report, *, interrupted: bool = False) -> NoReturn:
        """Exit with the code of a report; say why, and what was written."""
        code = 130 if interrupted else self.code(report)
        path = self.target.path
        endings.leave(
            code,
            endings.why(report, code, self.fail_on),
            wrote=f"{path}: {endings.contents(report)}" if path else None,
            quiet=self.quiet,
        )

    def code(self, report: Report, *, findings_first: bool = False) -> int:
        """Return the exit code of a report; `findings_first` lets 1 win over 3."""
        from checker.model import Level
        from checker.run.report import exit_code

        level = None if self.fail_on == "never" else Level(self.fail_on)
        return exit_code(
            report,
            level,
            allow_partial=self.allow_partial,
            findings_first=findings_first,
        )

    def render(
        self, report: Report, stream: TextIO, form: str | None = None
    ) -> Iterator[str]:
        """Return the text of the report, in the format asked for, piece by piece."""
        from checker import reports
        from checker.reports import segments
        from checker.reports.groups import By

        form = form or self.format
        options: dict[str, Any] = {}
        if form == "text":
            colour = segments.wants_colour(terminal=stream.isatty(), environ=os.environ)
            options = {
                "colour": colour,
                "quiet": self.quiet,
                "width": screens.width(stream),
                "height": screens.height(stream),
                "following": self.following,
                **self.look,
                "by": By(self.look["by"]),
            }
        elif form in ("junit", "ocsf", "html"):
            options = {"timestamp": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}"}
        elif form == "sarif":
            options = {"bundled": self._bundled}
        return reports.FORMATS[form](report, **options)

    def write_also(self, report: Report) -> None:
        """Write the report in the other formats that are asked for."""
        for form, target in self._also:
            target.write(functools.partial(self.render, report, form=form))

    def summarise(self, report: Report) -> None:
        """Describe on standard error what was read, left out and found."""
        from checker.reports import segments, text

        colour = segments.wants_colour(terminal=sys.stderr.isatty(), environ=os.environ)
        width = screens.width(sys.stderr)
        sys.stderr.writelines(text.render_summary(report, colour=colour, width=width))

    def write(self, report: Report) -> None:
        """Write the report to standard output or to the file."""
        from checker.reports.progress import progress
        from checker.reports.watched import watched

        with progress(
            sys.stderr,
            total=None,
            environ=os.environ,
            quiet=self.quiet,
            noun="findings read",
        ) as bar:
            if sys.stderr.isatty():
                report = watched(report, lambda number: bar.advance(number, "report"))
            self.target.write(lambda stream: self._pieces(report, stream, bar))
        self.write_also(report)

    def _pieces(self, report: Report, stream: TextIO, bar: Progress) -> Iterator[str]:
        """Render a report; on a terminal the bar ends where the report begins."""
        terminal = stream.isatty()
        for piece in self.render(report, stream):
            if terminal:
                bar.close()
            yield piece
