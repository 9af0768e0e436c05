"""What is told of a condition without an event."""

from __future__ import annotations

import pytest
from msgspec import structs

from checker import conditions
from checker.conditions.outline import Key, outline
from checker.conditions.sigma_functions import PREFIX
from checker.conditions.tree import Function, Literal, Path
from checker.model import Detection

TRAIL = "eventSource == 'cloudtrail.amazonaws.com'"


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        (f"{TRAIL} && eventName == 'A'", [("cloudtrail.amazonaws.com", "A")]),
        (
            "one_of(eventName, ['B', 'A']) && errorCode",
            [(None, "A"), (None, "B")],
        ),
        ("eventName == 'A' && one_of(eventName, ['a', 'B'])", [(None, "A")]),
        ("one_of(eventName, `[]`)", []),
        ("eventName == 'A' || eventSource == 'b'", [(None, None)]),
        ("eventName == `1`", [(None, None)]),
        ("!(eventName != 'A' || errorCode)", [(None, "A")]),
    ],
)
def test_keys_are_the_source_and_the_name_that_an_event_must_have(
    text: str, keys: list[Key]
) -> None:
    assert list(outline(conditions.parse(text)).keys) == keys


def test_a_part_has_what_it_reads_of_an_event_and_what_else_stands_in_it() -> None:
    node = conditions.parse("a.b == 'x' && c[?d == 'y'] && [@][?e].f")
    one, filtered, document = outline(node).parts
    assert (one.paths, one.named) == ((("a", "b"),), ())
    assert (filtered.paths, filtered.named) == ((("c",),), (("c",), ("d",)))
    assert (document.paths, document.named) == ((("e",), ("f",)), ())


def test_paths_that_functions_of_sigma_open_are_named() -> None:
    node = Function(f"{PREFIX}equals", (Path(("a", "b")), Literal("x")))
    found = outline(node)
    assert found.opened == (("a", "b"),)
    assert found.parts[0].paths == (("a",),)
    assert found.parts[0].named == (("a", "b"),)


def test_an_outline_is_that_of_the_condition_it_was_made_of_alone() -> None:
    one, other = conditions.parse("a == 'x'"), conditions.parse("b == 'x'")
    block = Detection({}, one, outline(one))
    changed = structs.replace(block, condition=other)
    assert block.known_outline is block.outline
    assert changed.known_outline is None
    assert block == Detection({}, one) != changed
