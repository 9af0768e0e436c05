"""Speak the Language Server Protocol with an editor, over standard input and output."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from pathlib import Path
from typing import Any, Final

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

import checker
from checker.authoring.language import answers
from checker.authoring.language.answers import Fix
from checker.authoring.language.buffer import Buffer, bundled, problems
from checker.authoring.lint.problem import Problem, Severity
from checker.aws import api_models

_PAUSE: Final = 0.03
"""Seconds without another change after which a text is linted."""

_NAME: Final = re.compile(r"^name: *(\w+) *$", re.MULTILINE)
_SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.INFO: types.DiagnosticSeverity.Information,
}


def make_server() -> LanguageServer:
    """Return a server that knows rules; `start_io` runs it."""
    server = LanguageServer("trailcheck", checker.__version__)
    _publish_problems(server)
    _answer_questions(server)
    return server


def _publish_problems(server: LanguageServer) -> None:
    """Send the editor what is wrong with a text, whenever it is another one."""

    def publish(uri: str) -> None:
        held = _buffer(server, uri)
        lines = held.text.splitlines()
        found = [_diagnostic(each, lines) for each in problems(held)]
        version = server.workspace.get_text_document(uri).version
        server.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(uri, found, version)
        )

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: types.DidOpenTextDocumentParams) -> None:
        publish(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    async def changed(params: types.DidChangeTextDocumentParams) -> None:
        uri, version = params.text_document.uri, params.text_document.version
        await asyncio.sleep(_PAUSE)
        document = server.workspace.text_documents.get(uri)
        if document is not None and document.version == version:
            publish(uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: types.DidCloseTextDocumentParams) -> None:
        # Where the file is renamed or gone, no editor would take its marks away.
        server.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(params.text_document.uri, [])
        )


def _answer_questions(server: LanguageServer) -> None:
    """Answer what an editor asks about a place: completions, hover and fixes."""

    @server.feature(
        types.TEXT_DOCUMENT_COMPLETION,
        types.CompletionOptions(trigger_characters=[".", " "]),
    )
    def complete(params: types.CompletionParams) -> types.CompletionList:
        held = _buffer(server, params.text_document.uri)
        line, column = _place(held, params.position)
        found = answers.choices(held, line, column)
        text = _line(held.text.splitlines(), line)
        items = [
            types.CompletionItem(
                label=each.text,
                detail=each.detail or None,
                text_edit=types.TextEdit(
                    _range(text, line, each.start, column), each.text
                ),
            )
            for each in found
        ]
        return types.CompletionList(is_incomplete=False, items=items)

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def hover(params: types.HoverParams) -> types.Hover | None:
        held = _buffer(server, params.text_document.uri)
        told = answers.hover(held, *_place(held, params.position))
        if told is None:
            return None
        return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, told))

    @server.feature(
        types.TEXT_DOCUMENT_CODE_ACTION,
        types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix]),
    )
    def actions(params: types.CodeActionParams) -> list[types.CodeAction]:
        uri = params.text_document.uri
        held = _buffer(server, uri)
        lines = held.text.splitlines()
        first, last = params.range.start.line + 1, params.range.end.line + 1
        return [
            _action(uri, lines, problem, fix)
            for problem in problems(held)
            if first <= problem.line <= last
            for fix in answers.fixes(held, problem)
        ]


def _buffer(server: LanguageServer, uri: str) -> Buffer:
    text = server.workspace.get_text_document(uri).source
    return Buffer(Path(to_fs_path(uri) or _unsaved(text)), text)


def _unsaved(text: str) -> str:
    """Return the name that a rule without a file must have."""
    name = _NAME.search(text)
    return f"{name[1] if name else 'rule'}.yml"


def _action(uri: str, lines: list[str], problem: Problem, fix: Fix) -> types.CodeAction:
    edit = types.TextEdit(
        _range(_line(lines, fix.line), fix.line, fix.start, fix.end), fix.text
    )
    return types.CodeAction(
        title=fix.title,
        kind=types.CodeActionKind.QuickFix,
        diagnostics=[_diagnostic(problem, lines)],
        edit=types.WorkspaceEdit(changes={uri: [edit]}),
    )


def _diagnostic(problem: Problem, lines: list[str]) -> types.Diagnostic:
    text = _line(lines, problem.line)
    end = problem.column + max(len(text[problem.column - 1 :].rstrip()), 1)
    fix = f"\n{problem.fix}" if problem.fix else ""
    return types.Diagnostic(
        range=_range(text, problem.line, problem.column, end),
        message=problem.message + fix,
        severity=_SEVERITIES[problem.severity],
        code=problem.check,
        source="trailcheck",
    )


def _line(lines: list[str], number: int) -> str:
    return lines[number - 1] if 0 < number <= len(lines) else ""


def _place(held: Buffer, position: types.Position) -> tuple[int, int]:
    """Return a line and column from 1, of characters and not of UTF-16 units."""
    text = _line(held.text.splitlines(), position.line + 1)
    units = text.encode("utf-16-le", "surrogatepass")[: position.character * 2]
    return position.line + 1, len(units.decode("utf-16-le", "replace")) + 1


def _range(text: str, line: int, start: int, end: int) -> types.Range:
    def at(column: int) -> types.Position:
        units = len(text[: column - 1].encode("utf-16-le", "surrogatepass")) // 2
        return types.Position(line - 1, units)

    return types.Range(at(start), at(end))


def serve(server: Any = None) -> None:
    """Run the server until the editor ends it."""
    # What the first answer would wait for: the linter, names of events and rules.
    api_models.by_source()
    bundled()
    problems(Buffer(Path("rule.yml"), "name: rule"))
    # The server closes what it writes to; the command still flushes its own.
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as stream:
        (server or make_server()).start_io(stdout=stream)
