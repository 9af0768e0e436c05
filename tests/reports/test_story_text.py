"""The text of a story: what it adds up to, the worst first."""

from __future__ import annotations

from checker.model import Level, Statistics
from checker.reports import story as reports
from checker.story import Story, Told


def test_the_findings_of_a_level_come_by_their_number_and_not_by_name() -> None:
    found = {
        ("a_rule", Level.LOW): 9,
        ("b_rule", Level.HIGH): 1,
        ("c_rule", Level.HIGH): 2,
    }
    story = Story((), (), 0, {}, {}, {}, {}, found, events=12)
    told = Told("root", "name", story, Statistics(), (), ())
    text = "".join(reports.text(told, colour=False, width=80, full=False, quiet=True))
    rows = [line.split()[1] for line in text.splitlines() if "_rule (" in line]
    assert rows == ["c_rule", "b_rule", "a_rule"]
