"""Write a report as Markdown: a job summary or a comment on a pull request.

One line a rule, worst first, and short: GitHub takes 65,536 characters in a comment and
1 MiB in a job summary.  Whatever an event, a file or a rule says stands in code spans
or escaped, so that it can make no link, no image, no HTML, and mentions nobody.

https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions
https://github.github.com/gfm/
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from checker.framework import Answer, Judgement
from checker.model import ConfigurationRule, Level, Report, Status
from checker.reports import segments, summary
from checker.reports.order import kinds, ordered
from checker.reports.overview import OPEN, Overview, RuleCounts
from checker.reports.segments import uncommanding, visible

MOST_RULES: Final = 100
"""How many rules have a line; of the others the number is said."""

_MOST_NAMES: Final = 2
_MOST_FIXES: Final = 20
_LONGEST: Final = 100
_PUNCTUATION: Final = re.compile(r"([!-/:-@\[-`{-~])")
_NO_PROSE: Final = re.compile(r"[@#<>&]|//|www\.", re.IGNORECASE)
"""What GitHub makes a mention, a reference, a link or a tag of, escaped or not."""


def render(report: Report) -> Iterator[str]:
    """Yield the heading, a table of rules, what fixes them, and what was read."""
    overview = Overview()
    for finding in ordered(report.findings):
        overview.add(finding)
    rules = [counts for counts in overview if counts.open]
    yield f"## trailcheck: {_headline(report)}\n\n"
    if rules:
        yield from _table(rules[:MOST_RULES])
    if len(rules) > MOST_RULES:
        yield f"and {len(rules) - MOST_RULES:,} more rules\n\n"
    yield from _fixes(rules)
    for judgement in report.frameworks:
        yield from _framework(judgement)
    yield "```text\n"
    # No line of the summary begins with a fence: each begins with a label or blanks.
    yield from segments.plain(summary.lines(report))
    yield "```\n"


def code(text: str, limit: int = _LONGEST) -> str:
    """Return the text as a code span that holds within a table."""
    shown = uncommanding(visible(text, limit))
    shown = shown.replace("`", r"\x60").replace("|", r"\x7c")
    return f"`{shown}`" if shown.strip() else "-"


def prose(text: str) -> str:
    """Return the text with nothing in it that Markdown or GitHub would act on."""
    if _NO_PROSE.search(text):
        return code(text, 300)
    return _PUNCTUATION.sub(r"\\\1", visible(text, 300))


def _headline(report: Report) -> str:
    counts = kinds(report.findings)
    told = [
        f"{number:,} {level.value}"
        for level in reversed(Level)
        if (number := counts[Status.FAIL, level])
    ]
    for status in OPEN[1:]:
        number = sum(counts[status, level] for level in Level)
        told += [f"{number:,} {summary.words(status)}"] * bool(number)
    return ", ".join(told) or "nothing found"


def _table(rules: list[RuleCounts]) -> Iterator[str]:
    yield "| level | rule | findings | when | who or what |\n"
    yield "| --- | --- | --- | --- | --- |\n"
    for counts in rules:
        cells = (
            counts.level.value,
            f"{prose(counts.rule.title)}<br>{code(counts.rule.name)}",
            counts.outcomes(),
            _when(counts),
            _names(counts),
        )
        yield f"| {' | '.join(cells)} |\n"
    yield "\n"


def _when(counts: RuleCounts) -> str:
    if counts.first == counts.last:
        return code(counts.first, 40)
    return f"{code(counts.first, 40)} to {code(counts.last, 40)}"


def _names(counts: RuleCounts) -> str:
    # Sorted by name as well, so that the same findings give the same bytes.
    ranked = sorted(counts.names.items(), key=lambda item: (-item[1], item[0]))
    told = [
        code(name) + (f" ({number:,})" if number > 1 else "")
        for name, number in ranked[:_MOST_NAMES]
    ]
    more = len(ranked) - _MOST_NAMES
    if more > 0:
        told.append(f"and {more:,}{' or' * bool(counts.unnamed)} more")
    return "<br>".join(told)


def _fixes(rules: list[RuleCounts]) -> Iterator[str]:
    """Yield how to fix what fails, folded up."""
    fixes = {
        counts.rule.title: counts.rule.remediation
        for counts in rules
        if isinstance(counts.rule, ConfigurationRule) and counts.rule.remediation
    }
    if not fixes:
        return
    yield "<details><summary>How to fix it</summary>\n\n"
    for title, remediation in list(fixes.items())[:_MOST_FIXES]:
        yield f"- **{prose(title)}**: {prose(' '.join(remediation.text.split()))}\n"
    if len(fixes) > _MOST_FIXES:
        yield f"- and {len(fixes) - _MOST_FIXES:,} more: see the text report\n"
    yield "\n</details>\n\n"


def _framework(judgement: Judgement) -> Iterator[str]:
    """Yield the requirements of a framework that somebody has to look at."""
    counts = judgement.counts()
    told = ", ".join(
        f"{counts[each]} {each.value.replace('_', ' ')}"
        for each in Answer
        if counts[each]
    )
    yield f"### {prose(judgement.framework.title)}: {told}\n\n"
    open_ = [
        each
        for each in judgement.requirements
        if each.answer not in (Answer.PASS, Answer.NOT_APPLICABLE)
    ]
    if not open_:
        return
    yield "| answer | requirement | why |\n| --- | --- | --- |\n"
    for judged in open_[:MOST_RULES]:
        name = f"{prose(judged.requirement.id)} {prose(judged.requirement.title)}"
        yield f"| {judged.answer.value} | {name} | {prose(judged.reason)} |\n"
    if len(open_) > MOST_RULES:
        yield f"\nand {len(open_) - MOST_RULES:,} more requirements\n"
    yield "\n"
