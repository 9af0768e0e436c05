"""No command shows a secret of the events that it reads, in any file or format."""

from __future__ import annotations

import contextlib
import gzip
import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from checker.cli import main
from tests.test_secrets import NAMES, PLACES, RULE, SECRETS, SHAPES

USER = "arn:aws:iam::123456789012:user/alice"
GZIP = b"\x1f\x8b"
PLANTED = st.tuples(NAMES, st.sampled_from(SHAPES), st.sampled_from(PLACES), SECRETS)
COMMANDS = {
    **{
        f"scan as {kind}": ["scan", "log.json", "--rules", "rules", "-f", kind]
        for kind in ("csv", "html", "junit", "markdown", "ocsf", "jsonl")
    },
    "scan of a shard": [
        *("scan", "log.json", "--rules", "rules", "--shard", "1/1"),
        *("--output", "part"),
    ],
    **{
        f"story as {kind}": ["story", USER, "log.json", "--full", "-f", kind]
        for kind in ("text", "json", "html")
    },
    "draft": ["draft", "log.json", "--dir", "drafts", "--name", "thing_created"],
    "tune": ["tune", "log.json", "--rules", "rules", "--false", "event-0"],
}


def event(number: int, place: str, value: Any) -> dict[str, Any]:
    return {
        "eventVersion": "1.11",
        "eventSource": "iam.amazonaws.com",
        "eventName": "CreateUser",
        "eventID": f"event-{number}",
        "eventTime": f"2026-11-01T00:{number:02}:00Z",
        "awsRegion": "us-east-1",
        "sourceIPAddress": "192.0.2.1",
        "userAgent": "aws-cli/2.15.0",
        "userIdentity": {"type": "IAMUser", "arn": USER, "accountId": "123456789012"},
        "recipientAccountId": "123456789012",
        place: value,
    }


@settings(
    # Smaller events would say no more: the planted secrets name themselves.
    max_examples=2,
    phases=[Phase.generate],
)
@given(
    planted=st.lists(PLANTED, min_size=25, max_size=25, unique_by=lambda each: each[3])
)
@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_shows_a_secret(
    command: str,
    planted: list[tuple[str, Callable[[str, str], Any], str, str]],
) -> None:
    runner = CliRunner()
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        Path("rules").mkdir()
        Path("rules/anything.yml").write_text(RULE)
        events = [
            event(number, place, shape(name, secret))
            for number, (name, shape, place, secret) in enumerate(planted)
        ]
        Path("log.json").write_text(json.dumps({"Records": events}))

        answer = runner.invoke(main, COMMANDS[command])

        # Some of the shapes are not what AWS writes there: those records are problems.
        assert answer.exit_code in (0, 1, 3), answer.output
        written = "".join((answer.output, *_written()))
    assert len(written) > 200
    assert [each for each in planted if each[3] in written] == []


def _written() -> Iterator[str]:
    """Yield the text of the files that a command wrote."""
    for path in Path().rglob("*"):
        if path.is_file() and path.name not in ("log.json", "anything.yml"):
            data = path.read_bytes()
            yield (gzip.decompress(data) if data[:2] == GZIP else data).decode()
