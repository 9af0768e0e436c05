"""Test every function, on right and wrong types."""

from __future__ import annotations

import sys
import time
from typing import Any

import jmespath
import pytest

from checker.conditions import STANDARD, sigma_functions
from checker.conditions import compile as compile_condition
from tests.conditions import grammar

OWN = set(
    "lower matches cidr_contains one_of parse_json split resource_name internet_wide "
    "public_statements full_access_statements foreign_accounts "
    "unbound_federation".split()
)

OWN |= {each.name for each in sigma_functions.FUNCTIONS}

DOCUMENT: dict[str, Any] = {
    "s": "Hello",
    "n": -1.5,
    "z": 0,
    "t": True,
    "nums": [3, 1, 2.5],
    "strs": ["b", "a"],
    "mix": [1, "a"],
    "flags": [True, False],
    "empty": [],
    "o": {"k": 1, "j": 2},
    "people": [{"name": "b", "age": 3}, {"name": "a", "age": 2}, {"name": "c"}],
    "aged": [{"name": "b", "age": 3}, {"name": "a", "age": 2}, {"name": "c", "age": 2}],
    "ip": "192.0.2.7",
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("abs(n)", 1.5),
        ("avg(nums)", 6.5 / 3),
        ("avg(empty)", None),
        ("ceil(n)", -1),
        ("floor(n)", -2),
        ("contains(s, 'ell')", True),
        ("contains(s, 'x')", False),
        ("contains(strs, 'a')", True),
        ("contains(strs, s)", False),
        ("contains(nums, `1`)", True),
        ('contains(`["Hello"]`, s)', True),
        ("contains(`[1, null]`, absent)", True),
        ('contains(`"a"`, s)', False),
        ("ends_with(s, 'lo')", True),
        ("ends_with(s, s)", True),
        ("starts_with(s, 'lo')", False),
        ("starts_with(s, s)", True),
        ("join('-', strs)", "b-a"),
        ("join('-', empty)", ""),
        ("keys(o)", ["k", "j"]),
        ("values(o)", [1, 2]),
        ("length(s)", 5),
        ("length(nums)", 3),
        ("length(o)", 2),
        ("map(&age, people)", [3, 2, None]),
        ("max(nums)", 3),
        ("max(strs)", "b"),
        ("max(empty)", None),
        ("min(nums)", 1),
        ("min(empty)", None),
        ("max_by(aged, &age).name", "b"),
        ("min_by(aged, &age).name", "a"),
        ("min_by(empty, &age)", None),
        ('merge(o, `{"k": 3}`)', {"k": 3, "j": 2}),
        ("merge(o)", {"k": 1, "j": 2}),
        ("not_null(absent, z, s)", 0),
        ("not_null(absent)", None),
        ("reverse(s)", "olleH"),
        ("reverse(strs)", ["a", "b"]),
        ("sort(nums)", [1, 2.5, 3]),
        ("sort(strs)", ["a", "b"]),
        ("sort(empty)", []),
        ("sort_by(aged, &age)[*].name", ["a", "c", "b"]),
        ("sort_by(empty, &age)", []),
        ("sum(nums)", 6.5),
        ("sum(empty)", 0),
        ("to_array(s)", ["Hello"]),
        ("to_array(strs)", ["b", "a"]),
        ("to_number('12')", 12),
        ("to_number('1.5')", 1.5),
        ("to_number(s)", None),
        ("to_number(n)", -1.5),
        ("to_number(t)", None),
        ("to_number(o)", None),
        ("to_number(absent)", None),
        ("to_string(s)", "Hello"),
        ("to_string(o)", '{"k":1,"j":2}'),
        ("to_string(absent)", "null"),
        ("[type(s), type(n), type(t)]", ["string", "number", "boolean"]),
        ("[type(empty), type(o), type(absent)]", ["array", "object", "null"]),
    ],
)  # fmt: skip
def test_jmespaths_functions_give_the_librarys_values(text: str, value: object) -> None:
    actual = compile_condition(text)(DOCUMENT)
    assert grammar.same(actual, value)
    assert grammar.same(actual, jmespath.search(text, DOCUMENT))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("lower(s)", "hello"),
        ("matches(s, '^h')", False),
        ("matches(s, '(?i)^h')", True),
        ("matches(s, 'l+o$')", True),
        ("matches(s, s)", True),
        ("matches(s, join('', `[\"(\"]`))", None),
        ("cidr_contains('192.0.2.0/24', ip)", True),
        ("cidr_contains('198.51.100.0/24', ip)", False),
        ('cidr_contains(`["10.0.0.0/8", "192.0.2.0/24"]`, ip)', True),
        ("cidr_contains('2001:db8::/32', '2001:db8::1')", True),
        ("cidr_contains('2001:db8::/32', ip)", False),
        ("cidr_contains('192.0.2.0/24', '::ffff:192.0.2.1')", True),
        ("cidr_contains('192.0.2.0/24', 'cloudtrail.amazonaws.com')", False),
        ("cidr_contains('192.0.2.0/24', '')", False),
        ("cidr_contains(join('/', [ip, '32']), ip)", True),
        ("cidr_contains(s, ip)", None),
        ('one_of(s, `["Hello", "b"]`)', True),
        ('one_of(s, `["b"]`)', False),
        ("one_of(s, strs)", False),
        ("one_of(`1`, nums)", True),
        ("one_of(t, `[1]`)", False),
        ("one_of(t, `[1, true]`)", True),
        ('one_of(absent, `["b"]`)', False),
        ('one_of(absent, `["b", null]`)', True),
        ("one_of(empty, `[[]]`)", True),
        ("one_of(s, s)", None),
    ],
)
def test_our_own_functions_do_as_they_say(text: str, value: object) -> None:
    assert compile_condition(text)(DOCUMENT) is value or value == "hello"
    assert compile_condition(text)(DOCUMENT) == value


@pytest.mark.parametrize("name", sorted(STANDARD))
def test_a_wrong_or_absent_argument_gives_null(name: str) -> None:
    function = STANDARD[name]
    wrong = {"string": "s", "number": "n", "boolean": "t", "null": "absent"}
    wrong |= {"object": "o", "array": "flags"}
    for position, allowed in enumerate(function.arguments):
        if not allowed or allowed == {"expref"}:
            continue
        for kind, bad in wrong.items():
            if kind in allowed:
                continue
            arguments = [_right(each) for each in function.arguments]
            arguments[position] = bad
            text = f"{name}({', '.join(arguments)})"
            assert compile_condition(text)(DOCUMENT) is None, text


def _right(allowed: frozenset[str]) -> str:
    for kind, text in (
        ("string", "s"),
        ("number", "n"),
        ("array", "aged"),
        ("object", "o"),
        ("array-number", "nums"),
        ("array-string", "strs"),
        ("expref", "&age"),
    ):
        if kind in allowed:
            return text
    return "s"


@pytest.mark.parametrize(
    "text",
    [
        "max(mix)",
        "sort(mix)",
        "sum(flags)",
        "sum(strs)",
        "join(',', nums)",
        "max(flags)",
        "sort_by(people, &age)",
        "min_by(people, &age)",
        "max_by(aged, &@)",
        "sort_by(mix, &@)",
        "contains(s, n)",
        "contains(s, `1`)",
        "contains(o, 'k')",
        "merge(o, strs)",
        "sum(`[1e308, 1e308]`) | ceil(@)",
    ],
)
def test_arrays_of_the_wrong_elements_give_null(text: str) -> None:
    assert compile_condition(text)(DOCUMENT) is None


def test_null_goes_on_where_the_library_would_stop() -> None:
    run = compile_condition("!starts_with(absent, 'a') && length(absent) == `null`")
    assert run(DOCUMENT) is True


def test_all_of_jmespaths_functions_are_there_and_trailchecks_own() -> None:
    assert set(STANDARD) - OWN == set(jmespath.functions.Functions.FUNCTION_TABLE)
    assert set(STANDARD) >= OWN
    assert all(name == function.name for name, function in STANDARD.items())


def test_a_pattern_that_explodes_elsewhere_is_linear_here() -> None:
    run = compile_condition("matches(s, '^(a+)+$') || matches(s, '(x+x+)+y')")
    started = time.perf_counter()
    assert run({"s": "a" * 100_000 + "!"}) is False
    assert run({"s": "x" * 100_000}) is False
    assert time.perf_counter() - started < 5


def test_half_a_character_is_no_error() -> None:
    run = compile_condition("matches(s, 'a.b')")
    assert run({"s": "a\ud800b"}) is True


def test_a_bound_literal_gives_what_the_function_gives() -> None:
    """The quick form of a call with a literal agrees with the general one."""
    values: list[Any] = [
        None,
        True,
        1,
        0,
        "a",
        "Hello",
        "",
        ["a"],
        [1],
        {},
        ["Hello", None],
    ]
    for function in STANDARD.values():
        for position, bind in function.bind.items():
            for literal in [*values, ["192.0.2.0/24"], "192.0.2.0/24"]:
                quick = bind(literal)
                if quick is None:
                    continue
                for value in values:
                    arguments = [value, value]
                    arguments[position] = literal
                    assert grammar.same(quick(value), function.call(*arguments))


def test_re2_is_imported_only_for_a_pattern() -> None:
    import subprocess

    code = (
        "import sys; from checker.conditions import compile;"
        "compile('contains(a, `1`)'); assert 're2' not in sys.modules;"
        "compile('matches(a, `\"1\"`)'); assert 're2' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"Statement": [{"Effect": "Allow"}]}', [{"Effect": "Allow"}]),
        ('{"Statement": {"Effect": "Allow"}}', {"Effect": "Allow"}),
        ('{"Statement": NaN}', None),
        ('{"Statement": 1} more', None),
        ("{", None),
        ("", None),
        ("HIDDEN_DUE_TO_SECURITY_REASONS", None),
        ([], None),
        (None, None),
    ],
)
def test_a_policy_in_text_is_read_as_the_value_that_it_is(
    text: object, value: object
) -> None:
    ask = compile_condition("parse_json(text).Statement")
    assert ask({"text": text}) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("split(s, 'l')", ["He", "", "o"]),
        ("split(s, 'll')", ["He", "o"]),
        ("split(s, 'x')", ["Hello"]),
        ("split(s, '')", ["Hello"]),
        ("split(n, 'l')", None),
        ("split(missing, 'l')", None),
    ],
)
def test_text_is_split_where_its_separator_is(text: str, value: object) -> None:
    assert compile_condition(text)(DOCUMENT) == value


def test_text_nested_deeper_than_any_policy_is_no_value() -> None:
    ask = compile_condition("parse_json(@)")
    for opening, closing in (("[", "]"), ('{"a":', "}")):
        for deep in (1, 62, 65, 100_000):
            found = ask(opening * deep + "1" + closing * deep)
            assert (found is None) is (deep > 62)
