"""Write a report as one HTML page that works offline.

The findings stand in the page as JSON, in blocks of some hundred, their details
compressed (a page of 50,000 findings opens in a second); the script draws a page of
rows at a time, and reads the details of a finding when it is opened.  Nothing
is fetched: the policy of the page forbids it, and runs no other script than its own.
Nothing of an event becomes markup: the data is ASCII without `<`, `>` and `&`, and the
script sets it as text, with invisible and bidirectional characters escaped.

https://www.w3.org/TR/CSP3/
https://html.spec.whatwg.org/multipage/scripting.html#restrictions-for-contents-of-script-elements
"""

from __future__ import annotations

import base64
import hashlib
import importlib.resources
import re
import zlib
from collections.abc import Iterator, Sequence
from html import escape
from typing import Any, Final

import checker
from checker.framework import Answer, Judgement
from checker.model import AnyRule, ConfigurationRule, Finding, Level, Report, Status
from checker.reports import segments, summary
from checker.reports.json import body, encode, member, uncommanding
from checker.reports.order import ordered
from checker.reports.overview import Overview, RuleCounts
from checker.reports.segments import visible

_BLOCK: Final = 500
"""Findings of a block: as many are parsed at once when one is opened."""

_MOST_ACCOUNTS: Final = 20
_MOST_RULES: Final = 50
_UNBROKEN: Final = 1_000_000
"""Columns of a line that is laid out by the browser."""

_JOINTS: Final = re.compile(r"([:/]+|[@.](?=\w)|(?<=[a-z])(?=[A-Z]))")

_FORM: Final = """\
<section aria-labelledby="results">
<h2 id="results" tabindex="-1">Findings</h2>
<noscript><p>The findings themselves need JavaScript; it is part of this page.</p>
</noscript>
<form id="filters" class="filters" aria-label="Filters">
<label>Level at least<select id="level"><option value="">any</option>
{levels}</select></label>
<label>Rule<select id="rule"><option value="">all</option></select></label>
<label>Status<select id="status"><option value="">to look at</option>
<option value="all">all</option>{statuses}</select></label>
<label>Framework<select id="framework"><option value="">any</option></select></label>
<label>Identity<input id="identity" list="names" autocomplete="off"></label>
<label>Text<input id="text" type="search"></label>
<label>From (UTC)<input id="from" type="datetime-local" step="1"></label>
<label>To (UTC)<input id="to" type="datetime-local" step="1"></label>
<label>Order<select id="sort"><option value="worst">worst first</option>
<option value="newest">newest first</option>
<option value="oldest">oldest first</option></select></label>
<button type="reset">Clear</button>
<datalist id="names"></datalist>
</form>
<svg id="timeline" role="img" viewBox="0 0 600 90" preserveAspectRatio="none"></svg>
<p id="period" class="faint" aria-hidden="true"></p>
<div class="pages"><span id="count" role="status" aria-live="polite"></span>
<button type="button" id="previous">Previous</button>
<button type="button" id="next">Next</button></div>
<table id="findings">
<caption>Open a finding by its rule.</caption>
<thead><tr><th scope="col" class="c-level">Level</th>
<th scope="col" class="c-status wide">Status</th><th scope="col" class="time">Time</th>
<th scope="col">Rule</th><th scope="col" class="wide">What</th>
<th scope="col">Who</th><th scope="col" class="wide">Where</th></tr></thead>
<tbody></tbody>
</table>
</section>
"""


def render(report: Report, *, timestamp: str = "") -> Iterator[str]:
    """Yield the page: its data, the table of rules, the findings, the script.

    `timestamp` is when the run was, in UTC; without one, equal runs have equal pages.
    """
    style, script = _asset("report.css"), _asset("report.js")
    overview = Overview()
    rules: dict[str, int] = {}
    described: list[AnyRule] = []
    yield _head(style, script)
    block = _Block()
    for finding in ordered(report.findings):
        number = rules.setdefault(finding.rule.name, len(rules))
        if number == len(described):
            described.append(finding.rule)
        overview.add(finding)
        block.add(number, finding)
        if len(block.rows) == _BLOCK:
            yield block.text()
            block = _Block()
    yield block.text()
    yield _data("rules", [_rule(rule) for rule in described])
    yield "<h1>trailcheck report</h1>\n"
    yield from _about(report, overview, timestamp)
    for judgement in report.frameworks:
        yield from _framework(judgement)
    yield from _rules(overview, rules)
    yield from _accepted(overview)
    yield _FORM.format(
        levels="".join(f"<option>{level.value}</option>" for level in reversed(Level)),
        statuses="".join(
            f'<option value="{each.value}">{summary.words(each)}</option>'
            for each in Status
        )
        + "<option>suppressed</option>",
    )
    yield f"<script>{script}</script>\n</body>\n</html>\n"


class _Block:
    """Some findings: what is filtered by, each text once, and all the rest."""

    def __init__(self) -> None:
        self.rows: list[list[int]] = []
        self._details: list[str] = []
        self._texts: dict[str, int] = {}

    def add(self, rule: int, finding: Finding) -> None:
        """Take one more finding; its rule is known by number."""
        subject = finding.subject
        event = subject["type"] == "event"
        status = "suppressed" if finding.suppressed else finding.status.value
        columns = (
            finding.level.value,
            status,
            subject.get("eventTime"),
            subject.get("eventName") if event else subject["type"],
            subject.get("principal") if event else subject["id"],
            subject.get("accountId"),
            subject.get("awsRegion") or subject.get("region"),
            subject.get("sourceIPAddress"),
        )
        texts = self._texts
        row = [texts.setdefault(member(text), len(texts)) for text in columns]
        self.rows.append([rule, *row])
        self._details.append(f"{{{body(finding)}")

    def text(self) -> str:
        """Return the two elements that hold them, all texts in JSON already."""
        rows = ", ".join(map(str, self.rows))
        data = f'{{"s": [{", ".join(self._texts)}], "r": [{rows}]}}'
        details = f"[{', '.join(self._details)}]".encode()
        packed = base64.b64encode(zlib.compress(details, 1)).decode()
        block = f'<script type="text/plain" class="details">{packed}</script>\n'
        return _element("rows", data) + block


def _asset(name: str) -> str:
    files = importlib.resources.files("checker.reports")
    return files.joinpath("page", name).read_text(encoding="utf-8")


def _head(style: str, script: str) -> str:
    policy = (
        "default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; "
        f"style-src '{_hash(style)}'; script-src '{_hash(script)}'"
    )
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        '<link rel="icon" href="data:,">\n<title>trailcheck report</title>\n'
        f"<style>{style}</style>\n</head>\n<body>\n"
    )


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def _data(name: str, value: object) -> str:
    """Return a block of data that is found by its id."""
    return _element(name, encode(value), key="id")


def _element(name: str, text: str, key: str = "class") -> str:
    """Return JSON as a block of data in which no character can end the element."""
    text = uncommanding(text)
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return f'<script type="application/json" {key}="{name}">{text}</script>\n'


def _rule(rule: AnyRule) -> dict[str, Any]:
    fixed = rule.remediation if isinstance(rule, ConfigurationRule) else None
    return {
        "name": rule.name,
        "title": rule.title,
        "description": rule.description,
        "references": list(rule.references),
        "tags": list(rule.tags),
        "falsepositives": list(rule.falsepositives),
        "controls": {name: list(ids) for name, ids in rule.controls.items()},
        "fix": fixed and " ".join(fixed.text.split()),
        "cli": fixed and fixed.cli,
    }


def _about(report: Report, overview: Overview, timestamp: str) -> Iterator[str]:
    """Yield what the report is about: who wrote it, when, what was read and found."""
    written = f"trailcheck {checker.__version__}" + f", {timestamp}Z" * bool(timestamp)
    yield f'<dl class="about">\n<dt>written by</dt><dd>{escape(written)}</dd>\n'
    if overview.accounts:
        named = sorted(overview.accounts)
        more = len(named) - _MOST_ACCOUNTS
        told = ", ".join(named[:_MOST_ACCOUNTS]) + f" and {more:,} more" * (more > 0)
        yield f"<dt>accounts</dt><dd>{_shown(told)}</dd>\n"
    # The lines of a terminal: what has no label goes on what the one before it said.
    for first, *others in summary.lines(report, width=_UNBROKEN):
        label = first.text.strip()
        said = "".join(part.text for part in others).strip()
        yield f"<dt>{escape(label)}</dt>" * bool(label) + f"<dd>{escape(said)}</dd>\n"
    yield "</dl>\n"
    yield '<button type="button" id="skip">Go to the findings</button>\n'


def _accepted(overview: Overview) -> Iterator[str]:
    """Yield the exceptions that cover findings: why, who accepted them, how long."""
    if not overview.accepted:
        return
    yield '<h2 id="accepted">Accepted findings</h2>\n'
    yield '<table aria-labelledby="accepted">\n<thead><tr><th scope="col">Rule</th>'
    yield '<th scope="col" class="c-short">Findings</th><th scope="col">Reason</th>'
    yield '<th scope="col">Owner</th><th scope="col" class="c-short">Until</th></tr>'
    yield "</thead>\n<tbody>\n"
    for (title, accepted), number in overview.accepted.items():
        cells = (
            title,
            f"{number:,}",
            accepted.reason,
            accepted.owner,
            accepted.expires,
        )
        yield "<tr>" + "".join(f"<td>{_shown(cell)}</td>" for cell in cells) + "</tr>\n"
    yield "</tbody>\n</table>\n"


def _rules(overview: Overview, numbers: dict[str, int]) -> Iterator[str]:
    """Yield the rules that have something to look at, worst first; many are folded."""
    found = [counts for counts in overview if counts.open]
    yield '<h2 id="overview">Rules</h2>\n'
    yield from _rule_table(found[:_MOST_RULES], numbers)
    if len(found) > _MOST_RULES:
        left = len(found) - _MOST_RULES
        yield f"<details><summary>and {left:,} more</summary>\n"
        yield from _rule_table(found[_MOST_RULES:], numbers)
        yield "</details>\n"


def _rule_table(found: Sequence[RuleCounts], numbers: dict[str, int]) -> Iterator[str]:
    timed = any(counts.first for counts in found)
    yield '<table aria-labelledby="overview"' + ' class="timeless"' * (not timed)
    yield '>\n<thead><tr><th scope="col" class="c-level">Level</th>'
    yield '<th scope="col">Rule</th><th scope="col" class="c-short">Findings</th>'
    yield '<th scope="col" class="time wide">First</th>'
    yield '<th scope="col" class="time">Last</th>'
    yield '<th scope="col" class="wide">Most by</th></tr></thead>\n<tbody>\n'
    for counts in found:
        yield _rule_row(counts, numbers[counts.rule.name])
    yield "</tbody>\n</table>\n"


def _rule_row(counts: RuleCounts, number: int) -> str:
    level = counts.level.value
    ranked = sorted(counts.names.items(), key=lambda item: (-item[1], item[0]))
    name = _name(ranked[0][0]) if ranked else ""
    return (
        f'<tr><td class="level {level}">{level}</td>'
        f'<td><button type="button" class="plain" data-rule="{number}">'
        f"{_shown(counts.rule.title)}</button></td><td>{counts.outcomes()}</td>"
        f'<td class="time wide mono">{_shown(counts.first)}</td>'
        f'<td class="time mono">{_shown(counts.last)}</td>'
        f'<td class="wide">{name}</td></tr>\n'
    )


def _framework(judgement: Judgement) -> Iterator[str]:
    """Yield the answer to every requirement of a framework."""
    name, counts = judgement.framework.name, judgement.counts()
    told = ", ".join(
        f"{counts[each]} {each.value.replace('_', ' ')}"
        for each in Answer
        if counts[each]
    )
    yield f"<h2>{_shown(judgement.framework.title)}</h2>\n"
    yield f"<p>{_shown(name)}: {told}</p>\n<table>\n<thead><tr>"
    yield '<th scope="col" class="c-short">Answer</th><th scope="col">Requirement</th>'
    yield '<th scope="col">Why</th></tr></thead>\n<tbody>\n'
    for judged in judgement.requirements:
        name = _shown(f"{judged.requirement.id} {judged.requirement.title}")
        answer = judged.answer.value.replace("_", " ")
        yield f"<tr><td>{answer}</td><td>{name}</td><td>{_shown(judged.reason)}</td>"
        yield "</tr>\n"
    yield "</tbody>\n</table>\n"


def _name(text: str) -> str:
    """Return a name that is broken between its parts, if it has to be."""
    return _JOINTS.sub(r"\1<wbr>", _shown(text))


def _shown(text: str) -> str:
    return escape(segments.uncommanding(visible(text)))
