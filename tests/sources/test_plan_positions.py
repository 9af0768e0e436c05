"""A resource of a plan has a line and a column, also where the plan is one line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from checker.cli import main


def plan(*names: str) -> dict[str, Any]:
    resources = [
        {
            "address": f'aws_cloudtrail.main["{name}"]',
            "mode": "managed",
            "type": "aws_cloudtrail",
            "name": "main",
            "values": {
                "name": name,
                "s3_bucket_name": "logs",
                "enable_log_file_validation": False,
            },
        }
        for name in names
    ]
    return {
        "format_version": "1.2",
        "variables": {"address": {"value": "é"}},
        "planned_values": {"root_module": {"resources": resources}},
        "resource_changes": [],
        "configuration": {},
    }


@pytest.mark.parametrize("indent", [None, 2])
def test_a_finding_is_at_its_resource(tmp_path: Path, indent: int | None) -> None:
    text = json.dumps(plan("first", "sécond"), indent=indent, ensure_ascii=False)
    file = tmp_path / "plan.json"
    file.write_text(text)

    arguments = ["audit", str(file), "-f", "sarif", "--fail-on", "never", "-q"]
    output = CliRunner().invoke(main, [*arguments, "--allow-partial"]).stdout

    (run,) = json.loads(output)["runs"]
    places = {
        each["locations"][0]["logicalLocations"][0]["name"]: each["locations"][0][
            "physicalLocation"
        ]["region"]
        for each in run["results"]
        if each["ruleId"] == "trail_log_file_validation_disabled"
    }
    assert set(places) == {"first", "sécond"}
    for name, region in places.items():
        line = text.splitlines()[region["startLine"] - 1]
        rest = line[region["startColumn"] - 1 :]
        assert rest.startswith('"address": "aws_cloudtrail.main')
        assert name in rest.partition("\n")[0][:60]
