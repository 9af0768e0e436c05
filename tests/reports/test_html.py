"""The HTML report: its text, and what it does in a browser."""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from checker.model import Acceptance, Report
from checker.reports import FORMATS
from tests.reports import samples
from tests.reports.chromium import PATH, Browser, browser

PACKED = re.compile(r'<script type="text/plain" class="details">([\w+/=]+)</script>')
DATA = re.compile(r'<script type="application/json" (\w+)="(\w+)">(.*?)</script>')

LATER = "new Promise((done) => setTimeout(done, 300))"


def rendered(report: Report) -> str:
    return "".join(FORMATS["html"](report))


def blocks(text: str, name: str) -> list[Any]:
    return [json.loads(data) for _, each, data in DATA.findall(text) if each == name]


def details(text: str) -> list[Any]:
    return [
        finding
        for packed in PACKED.findall(text)
        for finding in json.loads(zlib.decompress(base64.b64decode(packed)))
    ]


def test_the_page_holds_every_finding_of_the_json_report() -> None:
    told = json.loads("".join(FORMATS["json"](samples.REPORT)))["findings"]
    for finding in told:
        del finding["rule"]
    page = rendered(samples.REPORT)

    assert details(page) == told
    rows = [row for block in blocks(page, "rows") for row in block["r"]]
    assert len(rows) == len(told)


def test_nothing_is_fetched() -> None:
    page = rendered(samples.REPORT)
    markup = DATA.sub("", page)

    assert "default-src 'none'" in markup
    assert re.findall(r"""(?:src|href)=(\S+?)>""", markup) == ['"data:,"']
    assert not re.search(r"@import|url\(", markup)


def test_no_text_of_a_report_becomes_markup() -> None:
    page = rendered(samples.hostile())
    tags = re.compile(r"<(/?[a-z!][^\s>]*)")
    harmless = rendered(samples.REPORT)

    assert set(tags.findall(page)) <= set(tags.findall(harmless))
    assert page.count("<script") == page.count("</script>")


def test_the_rules_stand_in_the_page_without_its_script() -> None:
    page = DATA.sub("", rendered(samples.REPORT))
    overview = page[page.index('id="overview"') : page.index('id="results"')]
    levels = re.findall(r'class="level (\w+)"', overview)

    assert levels == ["critical", "high", "high", "medium", "medium", "low"]


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Browser]:
    if not PATH.exists():
        pytest.skip(f"{PATH} is not installed")
    with browser(tmp_path / "profile") as found:
        yield found


def shown(page: Browser) -> int:
    found = page.evaluate("document.querySelectorAll('#findings tbody tr').length")
    assert isinstance(found, int)
    return found


def choose(page: Browser, name: str, value: str) -> int:
    page.evaluate(
        f"(() => {{ const e = document.getElementById({json.dumps(name)});"
        f" e.value = {json.dumps(value)};"
        " e.dispatchEvent(new Event('input', {bubbles: true})); })()"
    )
    page.evaluate(LATER)
    return shown(page)


def quiet(page: Browser, file: Path) -> None:
    """Assert that the page has asked for itself alone and complained of nothing."""
    asked = {
        each["request"]["url"] for each in page.events("Network.requestWillBeSent")
    }
    assert {each for each in asked if not each.startswith("data:")} <= {file.as_uri()}
    assert page.events("Runtime.exceptionThrown") == []
    assert page.events("Runtime.consoleAPICalled") == []
    assert page.events("Log.entryAdded") == []
    assert page.events("Page.javascriptDialogOpening") == []


def test_it_filters_and_opens_a_finding(page: Browser, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(rendered(samples.REPORT), encoding="utf-8")
    page.open(file.as_uri())

    assert shown(page) == 9
    assert choose(page, "status", "all") == 12
    assert choose(page, "level", "high") == 6
    assert choose(page, "identity", "admin/alice") == 1
    page.evaluate("document.querySelector('#findings tbody button').click()")
    page.evaluate(LATER)
    told = page.evaluate("document.querySelector('tr.detail').innerText")
    assert "stopped recording" in told
    assert "requestParameters.name" in told
    page.evaluate("document.querySelector('#findings tbody button').click()")
    assert shown(page) == 1
    choose(page, "identity", "")
    choose(page, "level", "")
    assert choose(page, "framework", "CIS-AWS-3.0") == 3
    choose(page, "framework", "")
    assert choose(page, "from", "2026-11-20T11:00:00") == 2
    quiet(page, file)


def test_a_narrow_page_is_no_wider_than_its_screen(
    page: Browser, tmp_path: Path
) -> None:
    file = tmp_path / "report.html"
    file.write_text(rendered(samples.REPORT), encoding="utf-8")
    page.open(file.as_uri())
    for width in (390, 768):
        page.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=800,
            deviceScaleFactor=1,
            mobile=True,
        )
        assert page.evaluate("document.documentElement.scrollWidth") == width
    # A column that has no room is left out: none is one letter wide.
    narrow = page.evaluate(
        "Math.min(...[...document.querySelectorAll('th')]"
        ".map((cell) => cell.offsetWidth).filter(Boolean))"
    )
    assert narrow > 60


def test_no_column_is_squeezed_on_paper(page: Browser, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(rendered(samples.REPORT), encoding="utf-8")
    page.open(file.as_uri())
    page.call(
        "Emulation.setDeviceMetricsOverride",
        width=700,  # A4 without its margins
        height=1000,
        deviceScaleFactor=1,
        mobile=False,
    )
    page.call("Emulation.setEmulatedMedia", media="print")
    narrow = page.evaluate(
        "Math.min(...[...document.querySelectorAll('th')].map((c) => c.offsetWidth))"
    )
    assert narrow > 50


def test_what_is_accepted_is_listed_with_who_and_until_when() -> None:
    accepted = Acceptance("Runbook <7>", "security team", "2027-03-31")
    finding = structs.replace(samples.AUDITED[0], suppressed=accepted)
    report = structs.replace(samples.REPORT, findings=(finding,))
    page = DATA.sub("", rendered(report))
    listed = page[page.index('id="accepted"') : page.index('id="results"')]
    assert "Runbook &lt;7&gt;</td><td>security team</td><td>2027-03-31" in listed
    assert 'id="accepted"' not in rendered(samples.REPORT)


def test_many_rules_are_folded_and_a_framework_comes_before_them() -> None:
    findings = tuple(
        structs.replace(
            finding, rule=structs.replace(finding.rule, name=f"rule_{number}")
        )
        for number, finding in enumerate(samples.DETECTED * 30)
    )
    page = rendered(structs.replace(samples.REPORT, findings=findings))
    assert page.index("<details><summary>and ") < page.index('id="results"')
    judged = samples.judged()
    page = rendered(judged)
    title = judged.frameworks[0].framework.title
    assert page.index(title) < page.index('id="overview"')


def test_a_hostile_report_does_nothing(page: Browser, tmp_path: Path) -> None:
    file = tmp_path / "hostile.html"
    file.write_text(rendered(samples.hostile()), encoding="utf-8")
    page.open(file.as_uri())
    page.evaluate(
        "document.querySelectorAll('#findings tbody button').forEach(b => b.click())"
    )
    page.evaluate(LATER)

    text = page.evaluate("document.body.innerText")
    assert "<img src=x onerror=alert(1)>" in text
    assert not set("\u202e\u2066\u200b\u2028\x1b\x00") & set(text)
    assert page.evaluate("document.images.length + document.links.length") == 0
    quiet(page, file)
