"""What holds for every format: cost, memory, escaping, the options that name it."""

from __future__ import annotations

import time
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, overload

import pytest
from click.testing import CliRunner
from msgspec import structs

from checker.cli import main
from checker.cli.output import Output
from checker.model import Finding, Level, Location, Report, Statistics, Status
from checker.reports import FORMATS
from tests.reports import samples

STREAMED = ("json", "jsonl", "markdown", "csv", "junit", "html", "ocsf")
"""The formats that need no memory for a finding that they have written."""

BIDIRECTIONAL = "\u202e\u2066\u200b\u2028"


class Many(Sequence[Finding]):
    """Findings made as they are asked for, as those of a large scan are read."""

    more: Sequence[Finding] = ()
    suppressed = 0

    def __init__(self, number: int) -> None:
        self.number = number
        self.kinds = Counter({(Status.FAIL, Level.CRITICAL): number})

    def __len__(self) -> int:
        return self.number

    def __iter__(self) -> Iterator[Finding]:
        return map(self.made, range(self.number))

    @overload
    def __getitem__(self, index: int) -> Finding: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Finding]: ...
    def __getitem__(self, index: int | slice) -> Finding | Sequence[Finding]:
        raise NotImplementedError

    def ordered(self, _key: Callable[[Finding], Any]) -> Iterable[Finding]:
        return self

    @staticmethod
    def made(number: int) -> Finding:
        first = samples.DETECTED[0]
        role = f"arn:aws:sts::123456789012:assumed-role/admin/user-{number}"
        subject = {**first.subject, "id": f"event-{number}", "principal": role}
        evidence = {
            **first.evidence,
            "requestParameters.policyDocument": "x" * 200,
            "userAgent": f"aws-cli/{number}",
        }
        place = Location(f"logs/{number}.json.gz", number, 1, 5120, 1260)
        return structs.replace(
            first, subject=subject, evidence=evidence, location=place
        )


def report(number: int) -> Report:
    return Report(findings=Many(number), statistics=Statistics(findings=number))


def cost(render: Callable[[Report], Iterator[str]], findings: Report) -> float:
    begin = time.process_time()
    for _ in render(findings):
        pass
    return time.process_time() - begin


@pytest.mark.parametrize("form", STREAMED)
def test_memory_does_not_grow_with_the_findings(form: str) -> None:
    def peak(number: int) -> int:
        given = report(number)
        tracemalloc.start()
        try:
            for _ in FORMATS[form](given):
                pass
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    # HTML holds one block of findings: both reports have more than that.
    few, many = (2_000, 4_000) if form == "html" else (500, 2_000)
    peak(many)  # fills what is remembered of texts, which is bounded
    assert peak(many) < peak(few) + 200_000


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_no_line_is_a_command_to_a_runner_of_ci(form: str) -> None:
    # https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands
    # https://docs.github.com/actions/reference/workflow-commands-for-github-actions
    hostile = "::error::x ##[group]y ##vso[task.complete result=Failed]z"
    finding = structs.replace(
        samples.hostile().findings[0],
        subject={
            "type": "event",
            "id": hostile,
            "eventName": hostile,
            "principal": hostile,
            "eventTime": hostile,
        },
        message=hostile,
        evidence={"userAgent": hostile},
    )
    text = "".join(
        FORMATS[form](structs.replace(samples.hostile(), findings=(finding,)))
    )

    assert "##vso[" not in text
    assert "##[" not in text
    assert not [line for line in text.splitlines() if line.lstrip().startswith("::")]


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_nothing_hostile_leaves_raw(form: str) -> None:
    text = "".join(FORMATS[form](samples.hostile()))

    assert not set(BIDIRECTIONAL + "\x1b\x07\x00\x7f\x9b\r\t\ud800") & set(text)
    # It can be written to a file: no lone surrogate is left.
    text.encode()


@pytest.mark.parametrize("command", ["scan", "audit", "visibility", "verify"])
def test_the_help_names_every_format(command: str) -> None:
    told = CliRunner().invoke(main, [command, "--help"]).stdout

    assert f"[{'|'.join(FORMATS)}]" in "".join(told.split())


@pytest.mark.parametrize(
    "arguments",
    [
        ["scan", "demo/events"],
        ["audit", "demo/settings.json", "--select", "trail_*"],
        ["visibility", "--settings", "demo/settings.json", "--select", "root_console*"],
    ],
    ids=lambda arguments: arguments[0],
)
def test_the_report_of_every_command_is_written_in_every_format(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    reports: list[Report] = []
    monkeypatch.setattr(Output, "write", lambda _, report: reports.append(report))
    CliRunner().invoke(main, arguments)

    (found,) = reports
    assert found.findings
    for form, render in FORMATS.items():
        text = "".join(render(found))
        assert text.strip(), form
