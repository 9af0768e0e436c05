"""Every schema stands alone: no other file, no address, a description on every key."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner

from checker import documents, resources
from checker.cli import main
from checker.documents import schemas

ROOT = Path(__file__).parents[2]
WRITTEN_BY_PEOPLE = (
    "detection correlation configuration cases selections exceptions".split()
)


def parts(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        for each in node.values():
            yield from parts(each)
    elif isinstance(node, list):
        for each in node:
            yield from parts(each)


def test_every_file_of_a_schema_can_be_printed() -> None:
    files = {file.stem for file in (ROOT / "schemas").glob("*.json")} - {"rule"}

    assert files == set(resources.SCHEMAS)


@pytest.mark.parametrize("kind", resources.SCHEMAS)
def test_a_printed_schema_is_valid_and_refers_only_to_itself(kind: str) -> None:
    printed = CliRunner().invoke(main, ["schema", kind])

    schema = json.loads(printed.output)
    jsonschema.Draft202012Validator.check_schema(schema)
    references = [str(each["$ref"]) for each in parts(schema) if "$ref" in each]
    assert all(
        reference.removeprefix("#/$defs/") in schema["$defs"]
        for reference in references
    )
    assert "$id" not in schema


@pytest.mark.parametrize("kind", WRITTEN_BY_PEOPLE)
def test_every_key_that_people_write_is_described(kind: str) -> None:
    schema = schemas.standalone(kind)
    bare = [
        name
        for part in parts(schema)
        for name, each in part.get("properties", {}).items()
        if isinstance(each, dict)
        and "description" not in each
        and "description"
        not in schema["$defs"].get(str(each.get("$ref", "")).rsplit("/", 1)[-1], {})
    ]

    assert bare == []


def test_a_printed_schema_decides_as_ours_does() -> None:
    file = next((ROOT / "rules" / "detections").rglob("*[a-z].yml"))
    document = documents.load_yaml("x.yml", file.read_bytes())
    validator = jsonschema.Draft202012Validator(schemas.standalone("detection"))

    assert list(validator.iter_errors(document.value)) == []
    wrong = {**document.value, "level": "severe", "tags": ["NO"], "x": 1}
    assert {str(list(each.path)) for each in validator.iter_errors(wrong)} == {
        "[]",
        "['level']",
        "['tags', 0]",
    }


def test_a_schema_goes_to_a_file(tmp_path: Path) -> None:
    target = tmp_path / "cases.json"

    done = CliRunner().invoke(main, ["schema", "cases", "--output", str(target)])

    assert done.exit_code == 0
    assert target.read_text() == schemas.text("cases")
