"""The text and the page of a story: what it adds up to, the worst first."""

from __future__ import annotations

from checker.model import Level, Statistics
from checker.reports import story as reports
from checker.story import Story, Told

FOUND = {
    ("a_rule", Level.LOW): 9,
    ("b_rule", Level.HIGH): 1,
    ("c_rule", Level.HIGH): 2,
}
STORY = Story((), (), 0, {}, {}, {}, {}, FOUND, events=12)
TOLD = Told("root", "name", STORY, Statistics(), (), ())


def test_a_table_of_the_page_scrolls_where_it_is_too_wide() -> None:
    page = "".join(reports.FORMATS["html"](TOLD))
    regions = page.count('<div class="scroll" role="region" tabindex="0"')
    assert regions == page.count("<table>") == page.count("</table></div>") > 2


def test_the_findings_of_a_level_come_by_their_number_and_not_by_name() -> None:
    text = "".join(reports.text(TOLD, colour=False, width=80, full=False, quiet=True))
    rows = [line.split()[1] for line in text.splitlines() if "_rule (" in line]
    assert rows == ["c_rule", "b_rule", "a_rule"]
