"""`trailcheck snapshot` says whose settings it wrote, and what had no answer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from checker.cli import main

DEMO = Path(__file__).parents[2] / "demo" / "settings.json"


@pytest.mark.parametrize(
    ("refused", "code", "end"),
    [(0, 0, ""), (1, 3, "; exit 3: 1 call without an answer")],
)
def test_it_names_the_account(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    refused: int,
    code: int,
    end: str,
) -> None:
    found: dict[str, Any] = json.loads(DEMO.read_text())
    error = {"service": "iam", "operation": "GetUser", "code": "AccessDenied"}
    found["errors"] = [{**error, "state": "denied", "message": ""}] * refused
    monkeypatch.setattr(
        "checker.sources.settings.account.collect", lambda *_, **__: dict(found)
    )
    output = tmp_path / "settings.json"

    result = CliRunner().invoke(main, ["snapshot", "--output", str(output)])

    assert result.exit_code == code
    said = result.stderr.splitlines()[-1]
    assert said.startswith(f"wrote {output}: settings of account 123456789012{end}")
    assert json.loads(output.read_text())["account"]["id"] == "123456789012"
