"""A real client speaks with `trailcheck lsp` over standard input and output."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from pygls.lsp.client import LanguageClient

from checker.authoring.language import answers
from checker.authoring.language.buffer import Buffer, problems

RULE = """\
title: Trail deleted
name: trail_gone
id: 0f5e6a53-1c43-4f0b-9f6e-3f6d3a0c7b52
status: test
level: high
description: A trail was deleted and records nothing any more; ask its owner why.
logsource: {product: aws, service: cloudtrail}
falsepositives: [A team that moves its trail.]
detection:
  call:
    eventSource: cloudtrail.amazonaws.com
    eventName: DeleteTrail
  named: starts_with(requestParameters.name, 'audit-')
  succeeded: '!errorCode && !errorMessage'
  condition: call && named && succeeded
"""
CASES = "match:\n  - {name: a, event: nowhere}\nno_match:\n  - {name: b, event: x}\n"


def buffer(text: str, name: str = "trail_gone.yml") -> Buffer:
    return Buffer(Path("/nowhere") / name, text)


def at(text: str, mark: str = "|") -> tuple[Buffer, int, int]:
    """Return the text without its mark, and where that was."""
    before = text[: text.index(mark)]
    line = before.count("\n") + 1
    column = len(before) - before.rfind("\n")
    return buffer(text.replace(mark, "", 1)), line, column


def labels(text: str) -> list[str]:
    return [each.text for each in answers.choices(*at(text))]


def test_problems_stand_at_their_lines() -> None:
    (found,) = problems(buffer(RULE.replace("DeleteTrail", "DeleteTrial")))[1:]

    assert (found.check, found.line) == ("event-not-in-service", 12)


def test_problems_of_cases_and_of_half_a_rule_are_told() -> None:
    assert [each.line for each in problems(buffer(CASES, "a.cases.yml"))] == [2, 4]
    for end in range(0, len(RULE), 25):
        problems(buffer(RULE[:end]))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (RULE.replace("DeleteTrail", "StopL|"), "StopLogging"),
        (RULE.replace("DeleteTrail", "[DeleteTrail, StopL|]"), "StopLogging"),
        (RULE.replace(" DeleteTrail", "\n      - StopL|"), "StopLogging"),
        (RULE.replace("cloudtrail.amazonaws.com", "kine|"), "kinesis.amazonaws.com"),
        (RULE.replace("requestParameters.name", "requestParameters.|"), "name"),
        (RULE.replace("requestParameters.name", "requestParameters.na|"), "name"),
        (RULE.replace("requestParameters.name", "userIdentity.|"), "sessionContext"),
        (
            RULE.replace("requestParameters.name", "userIdentity.sess|"),
            "sessionContext",
        ),
        (RULE.replace("starts_with", "start|"), "starts_with"),
        (RULE.replace("starts_with", "reque|"), "requestParameters"),
        (RULE + "false|", "falsepositives"),
    ],
)
def test_what_can_stand_at_a_place_is_offered(text: str, wanted: str) -> None:
    assert wanted in labels(text)


CORRELATION = (
    RULE.partition("logsource")[0]
    + """\
correlation:
  type: event_count
  rules: [trail_deleted]
  group-by: [userIdentity.arn]
  timespan: 10m
  condition: {gte: 3}
"""
)


def test_a_rule_that_a_correlation_is_over_is_offered_and_checked(
    tmp_path: Path,
) -> None:
    def found(base: str) -> list[tuple[str, int, str]]:
        text = CORRELATION.replace("trail_deleted", base)
        held = Buffer(tmp_path / "rules/a/trail_gone.yml", text)
        return [
            (each.check, each.line, fix.text)
            for each in problems(held)
            if each.check == "rule-unknown"
            for fix in answers.fixes(held, each)
        ]

    assert "trail_deleted" in labels(CORRELATION.replace("trail_deleted", "trail_d|"))
    assert found("trail_deleted") == []
    assert found("trail_delted") == [("rule-unknown", 9, "trail_deleted")]
    assert found("[") == []
    # A rule of one's own, in another folder of the same rules.
    (tmp_path / "rules/b").mkdir(parents=True)
    (tmp_path / "rules/b/trail_delted.yml").touch()
    assert found("trail_delted") == []


def test_parameters_of_services_without_a_schema_of_their_records_are_offered() -> None:
    ec2 = RULE.replace("cloudtrail.amazonaws", "ec2.amazonaws").replace(
        "DeleteTrail", "RunInstances"
    )

    found = labels(ec2.replace("requestParameters.name", "requestParameters.|"))

    assert {"imageId", "instanceType", "userData"} <= set(found)
    assert len(found) > 15


def test_an_event_and_a_key_and_a_function_are_explained() -> None:
    def told(text: str) -> str:
        return answers.hover(*at(text)) or ""

    assert "cloudtrail.amazonaws.com" in told(
        RULE.replace("DeleteTrail", "Dele|teTrail")
    )
    assert "urgent" in told(RULE.replace("level:", "lev|el:"))
    assert "starts_with()" in told(RULE.replace("starts_with", "starts|_with"))
    assert "text" in told(RULE.replace("Parameters.name", "Parameters.na|me"))
    assert answers.hover(*at(RULE + "\n|")) is None


@pytest.mark.parametrize(
    ("wrong", "right", "title"),
    [
        ("DeleteTrail", "DeleteTrial", "Write DeleteTrail"),
        ("DeleteTrail", "deletetrail", "Write DeleteTrail"),
        ("requestParameters.name", "userIdentity.typ", "Write userIdentity.type"),
        ("cloudtrail.amazonaws.com", "cloudtrial.amazonaws.com", "Write cloudtrail"),
    ],
)
def test_a_slip_has_a_fix_that_mends_it(wrong: str, right: str, title: str) -> None:
    text = RULE.replace(wrong, right)
    held = buffer(text)
    found = [fix for each in problems(held) for fix in answers.fixes(held, each)]

    (fix,) = [each for each in found if each.title.startswith(title)]
    lines = text.splitlines()
    line = lines[fix.line - 1]
    lines[fix.line - 1] = line[: fix.start - 1] + fix.text + line[fix.end - 1 :]
    assert "\n".join(lines) + "\n" == RULE.replace(
        wrong, fix.text if wrong != "requestParameters.name" else "userIdentity.type"
    )


class _Editor:
    """An editor with one file; it keeps the slowest answer."""

    def __init__(self, file: Path) -> None:
        self.uri = file.as_uri()
        self.client = LanguageClient("editor", "1")
        self.version = 0
        self.slowest = 0.0
        self.told: asyncio.Queue[list[types.Diagnostic]] = asyncio.Queue()

        @self.client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def diagnosed(params: types.PublishDiagnosticsParams) -> None:
            self.told.put_nowait(list(params.diagnostics))

    async def start(self) -> types.InitializeResult:
        await self.client.start_io(sys.executable, "-m", "checker", "lsp")
        result = await self.client.initialize_async(
            types.InitializeParams(capabilities=types.ClientCapabilities())
        )
        self.client.initialized(types.InitializedParams())
        return result

    async def write(self, text: str) -> list[types.Diagnostic]:
        began = time.perf_counter()
        if self.version == 0:
            self.version = 1
            item = types.TextDocumentItem(self.uri, "yaml", 1, text)
            self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        else:
            self.change(text)
        found = await asyncio.wait_for(self.told.get(), 30)
        self.slowest = max(self.slowest, time.perf_counter() - began)
        return found

    def change(self, text: str) -> None:
        self.version += 1
        document = types.VersionedTextDocumentIdentifier(self.version, self.uri)
        change = types.TextDocumentContentChangeWholeDocument(text)
        self.client.text_document_did_change(
            types.DidChangeTextDocumentParams(document, [change])
        )

    async def ask(self, question: Callable[..., Any], params: Any) -> Any:
        began = time.perf_counter()
        answer = await asyncio.wait_for(question(params), 30)
        self.slowest = max(self.slowest, time.perf_counter() - began)
        return answer

    async def close(self) -> list[types.Diagnostic]:
        document = types.TextDocumentIdentifier(self.uri)
        params = types.DidCloseTextDocumentParams(document)
        self.client.text_document_did_close(params)
        self.version = 0
        return await asyncio.wait_for(self.told.get(), 30)

    async def stop(self) -> None:
        await self.client.shutdown_async(None)
        self.client.exit(None)
        process = self.client._server
        assert process is not None
        assert await asyncio.wait_for(process.wait(), 30) == 0
        await self.client.stop()  # type: ignore[no-untyped-call] # has no types


async def _session(file: Path) -> float:
    editor = _Editor(file)
    started = await editor.start()
    assert started.capabilities.completion_provider is not None
    document = types.TextDocumentIdentifier(editor.uri)

    bad = RULE.replace("DeleteTrail", "DeleteTrial")
    found = await editor.write(bad)
    (wrong,) = [each for each in found if each.code == "event-not-in-service"]
    assert wrong.range.start == types.Position(11, 15)
    editor.slowest = 0.0  # what comes first loads AWS's models

    found = await editor.write(
        RULE.replace("requestParameters.name", "requestParameters.")
    )
    assert [each.code for each in found] != []
    place = types.Position(12, RULE.splitlines()[12].index("name,"))
    ask = types.CompletionParams(document, place)
    offered = await editor.ask(editor.client.text_document_completion_async, ask)
    assert "name" in [each.label for each in offered.items]

    hover = types.HoverParams(document, types.Position(11, 18))
    told = await editor.ask(editor.client.text_document_hover_async, hover)
    assert "DeleteTrail" in told.contents.value

    found = await editor.write(bad)
    where = next(each.range for each in found if each.code == "event-not-in-service")
    params = types.CodeActionParams(document, where, types.CodeActionContext(found))
    actions = await editor.ask(editor.client.text_document_code_action_async, params)
    edit = actions[0].edit.changes[editor.uri][0]
    assert (edit.new_text, edit.range.start) == ("DeleteTrail", types.Position(11, 15))

    assert [each.code for each in await editor.write(RULE)] == ["cases-missing"]
    slowest = editor.slowest

    for number in range(20):
        editor.change(bad + "#" * number)
    last, published = await editor.write(RULE), 1
    while [each.code for each in last] != ["cases-missing"]:
        last, published = await asyncio.wait_for(editor.told.get(), 30), published + 1
    assert published < 20, "every text that was there for a moment was linted"
    assert await editor.close() == []

    # A file that is not saved yet, whose name the rule alone says.
    editor.uri = "untitled:Untitled-1"
    codes = [each.code for each in await editor.write(bad)]
    assert codes == ["cases-missing", "event-not-in-service"]
    await editor.stop()
    return slowest


def test_an_editor_is_answered_at_once(tmp_path: Path) -> None:
    slowest = asyncio.run(asyncio.wait_for(_session(tmp_path / "trail_gone.yml"), 60))

    # 200 ms on a quiet machine; tests share theirs.
    assert slowest < 2
    print(f"slowest answer: {slowest * 1000:.0f} ms")
