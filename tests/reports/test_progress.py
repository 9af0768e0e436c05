"""Tests of the progress bar: where it shows, and that it leaves nothing behind."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest

from checker.reports import progress as module
from checker.reports.progress import Bar, Silent, progress
from tests.reports import samples


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("terminal", "environ", "quiet", "kind"),
    [
        (True, {}, False, Bar),
        (True, {"NO_COLOR": "1"}, False, Bar),
        (False, {}, False, Silent),
        (True, {}, True, Silent),
        (True, {"CI": "true"}, False, Silent),
        (True, {"TERM": "dumb"}, False, Silent),
    ],
)
def test_the_bar_is_for_a_person_at_a_terminal(
    *, terminal: bool, environ: dict[str, str], quiet: bool, kind: type
) -> None:
    stream = Terminal() if terminal else io.StringIO()
    shown = progress(stream, total=None, environ=environ, quiet=quiet)
    assert type(shown) is kind
    with shown as entered:
        entered.advance(10, "a.json")
    assert stream.getvalue() == ""


def test_a_long_run_shows_what_it_reads_and_cleans_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_PATIENCE", 0.0)
    stream = Terminal()
    with progress(stream, total=2_000_000, environ={}, quiet=False) as shown:
        shown.advance(1_000_000, "logs/a.json.gz")
        shown.advance(1_000_000, "logs/" + "b" * 100 + ".json.gz")
    written = stream.getvalue()
    assert "logs/a.json.gz" in written or "…" in written
    assert "2.0/2.0 MB" in written
    assert written.endswith("\x1b[2K")  # the line is erased
    assert "\x1b[?25h" in written  # and the cursor is back


def test_a_hostile_file_name_stays_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PATIENCE", 0.0)
    stream = Terminal()
    with progress(stream, total=None, environ={"NO_COLOR": "1"}, quiet=False) as shown:
        shown.advance(1, "[red]" + samples.HOSTILE[:20])
    assert "\x1b]0;" not in stream.getvalue()
    assert "[red]" in stream.getvalue()
    assert not re.search(r"\x1b\[3\dm", stream.getvalue())


def test_the_bar_goes_away_after_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PATIENCE", 0.0)
    stream = Terminal()

    def interrupted() -> None:
        with progress(stream, total=None, environ={}, quiet=False) as shown:
            shown.advance(1, "a.json")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert "\x1b[?25h" in stream.getvalue()


def test_a_total_is_asked_for_only_when_the_bar_appears(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []

    def total() -> int:
        asked.append(True)
        return 4_000_000

    stream = Terminal()
    with progress(stream, total=total, environ={}, quiet=False) as shown:
        shown.advance(1, "a.json")
    assert not asked
    monkeypatch.setattr(module, "_PATIENCE", 0.0)
    with progress(stream, total=total, environ={}, quiet=False) as shown:
        shown.advance(2_000_000, "a.json")
    assert asked == [True]
    assert "2.0/4.0 MB" in stream.getvalue()


def test_findings_are_counted_while_a_report_is_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_PATIENCE", 0.0)
    stream = Terminal()
    options: dict[str, Any] = {"total": None, "environ": {}, "quiet": False}
    with progress(stream, noun="findings read", **options) as shown:
        shown.advance(1_500, "report")
        shown.close()
        shown.advance(1_500, "report")
    written = stream.getvalue()
    assert "1,500 findings read" in written
    assert "3,000" not in written
