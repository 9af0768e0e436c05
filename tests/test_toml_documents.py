"""TOML is read into documents whose keys have places."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker import documents
from checker.errors import MistakeKind

TEXT = '''# a comment
level = "low"
jobs = [ # here
  1,
  2,
]
"odd key" = """
[not.a.table]
x = 1
"""
a.b.c = {d = 1, e = [2]}

[scan] # own
format = "json"

[[pipes]]
role = "x"
[[pipes]]
role = "y"
names = ["n"]
[parameters.some_rule]
days = 2026-11-30
'''


def load(text: str, *table: str) -> documents.Document:
    return documents.load_config("x.toml", text.encode(), table=table)


def test_each_key_has_its_line() -> None:
    document = documents.placed(load(TEXT))

    places = {
        ("level",): 2,
        ("jobs",): 3,
        ("jobs", 1): 3,
        ("odd key",): 7,
        ("a", "b", "c", "e", 0): 11,
        ("scan",): 13,
        ("scan", "format"): 14,
        ("pipes", 0, "role"): 17,
        ("pipes", 1, "role"): 19,
        ("pipes", 1, "names", 0): 20,
        ("parameters", "some_rule", "days"): 22,
    }
    assert {path: document.key_position(path)[0] for path in places} == places
    assert document.value["parameters"]["some_rule"]["days"] == "2026-11-30"


def test_a_table_of_a_project_file_has_its_own_places() -> None:
    text = '[project]\nname = "x"\n\n[tool.trailcheck]\nlevel = "low"\n'
    document = documents.placed(load(text, "tool", "trailcheck"))

    assert document.value == {"level": "low"}
    assert document.key_position(("level",)) == (5, 1)
    assert load("[project]\n", "tool", "trailcheck").value is None


@pytest.mark.parametrize(
    ("text", "line"),
    [("a = 1\nb = \n", 2), ("a = 1\na = 2\n", 2), ("[a", 1), ("a = '''", 1)],
)
def test_what_is_not_toml_is_a_mistake_with_its_line(text: str, line: int) -> None:
    (problem,) = load(text).problems

    assert problem.kind is MistakeKind.YAML
    assert problem.message.startswith("not TOML: ")
    assert problem.line >= line


def test_bytes_that_are_no_text_are_a_mistake() -> None:
    document = documents.load_config("x.toml", b"a = '\xff'", table=())

    assert "not UTF-8" in document.problems[0].message


def test_deep_nesting_is_a_mistake() -> None:
    assert load("a = " + "[" * 100_000).problems


names = st.text("ab-_ .é\"'", min_size=1, max_size=4)
values = st.recursive(
    st.integers(0, 9) | st.booleans() | st.text("ab[]{}#='\"\\\n ", max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=2)
    ),
    max_leaves=4,
)


def toml(value: Any) -> str:
    """Write a value inline."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return f'"{escaped}"'
    if isinstance(value, list):
        return "[\n " + ",\n # ]\n ".join(map(toml, value)) + "]"
    return "{" + ", ".join(f"{toml(k)} = {toml(v)}" for k, v in value.items()) + "}"


@given(st.dictionaries(names, values, max_size=4))
def test_every_key_is_placed_on_the_line_where_it_is_written(
    written: dict[str, Any],
) -> None:
    text, lines = "", {}
    for key, value in written.items():
        lines[key] = text.count("\n") + 1
        text += f"{toml(key)} = {toml(value)}\n"
    assert tomllib.loads(text) == written

    document = documents.placed(load(text))

    assert {key: document.key_position((key,))[0] for key in written} == lines
