"""Sigma's selections find what the specification says.

https://github.com/SigmaHQ/sigma-specification/tree/main/specification (2.1.0); where it
is silent, docs/sigma.md.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker import conditions
from checker.conditions import sigma_text
from checker.documents import load_all_yaml
from checker.errors import DocumentError
from checker.evaluate.detection.detector import compile_rules, evaluate
from checker.model import Batch, Detection, DetectionRule
from checker.rules.files import RuleFile
from checker.rules.sigma import detections, pack

VECTORS = Path(__file__).parents[4] / "shared" / "reference" / "sigma-vectors.jsonl"
HEAD = "title: T\nlogsource: {product: aws, service: cloudtrail}\n"


def read(block: str) -> Detection:
    """Read a detection block, written without its indentation."""
    text = "detection:\n" + "".join(f"  {line}\n" for line in block.splitlines())
    (document,) = load_all_yaml("rule.yml", text.encode())
    problems: list[DocumentError] = []
    found = detections.read(document, ("detection",), problems)
    if found is None:
        raise problems[0]
    return found


def holds(block: str, event: dict[str, Any]) -> bool:
    """Return whether a block holds; a selection alone is its own condition."""
    if "condition" not in block:
        block += "\ncondition: sel"
    test = conditions.closure(read(block).condition)
    return conditions.holds(test(event))


def at(path: str, value: Any) -> dict[str, Any]:
    """Make an event that has a value at a path."""
    for name in reversed(path.split(".")):
        value = {name: value}
    made: dict[str, Any] = value
    return made


@pytest.mark.parametrize(
    ("value", "text", "expected"),
    [
        ("deletetrail", "DeleteTrail", True),
        ("ÄNNE", "änne", True),
        ("STRASSE", "straße", False),
        ("Delete*", "Delete", True),
        ("Delete?", "Delete", False),
        ("D?l*l", "DeleteTrail", True),
        ("rail", "DeleteTrail", False),
        ("a*b", "a\nb", True),
        ("a?b", "a\nb", True),
        (r"a\*b", "a*b", True),
        (r"a\*b", "aXb", False),
        (r"a\\*b", "a\\Xb", True),
        (r"a\\\*b", "a\\*b", True),
        (r"a\\\*b", "a\\Xb", False),
        (r"a\b", "a\\b", True),
        (r"a\\b", "a\\b", True),
        (r"a\\\\b", "a\\\\b", True),
        (r"c:\\", "c:\\", True),
        ("100%_.[x]", "100%_.[x]", True),
        ("*", "", True),
        ("", "", True),
        ("", "x", False),
        ("*[^a]*", "x[^A]y", True),
    ],
)
def test_text_is_compared_whole_in_any_case_with_wildcards(
    value: str, text: str, expected: object
) -> None:
    block = f"sel: {{userAgent: '{value}'}}"
    assert holds(block, {"userAgent": text}) is expected


@pytest.mark.parametrize(
    ("selection", "value", "expected"),
    [
        # https://…/sigma-appendix-modifiers.md#generic-modifiers
        ("f|contains: te*AI", "DeleteTrail", True),
        ("f|startswith: DELETE", "DeleteTrail", True),
        ("f|startswith: rail", "DeleteTrail", False),
        ("f|endswith: TRAIL", "DeleteTrail", True),
        ("f|endswith: Delete", "DeleteTrail", False),
        ("f|endswith: '?rail'", "DeleteTrail", True),
        ("f|startswith: 'D?l'", "DeleteTrail", True),
        ("f|cased: DeleteTrail", "deleteTrail", False),
        ("f|cased: 'Delete*'", "DeleteTrail", True),
        ("f|contains|cased: trail", "DeleteTrail", False),
        ("f|contains|all: [boto, linux]", "Boto3 Linux", True),
        ("f|all|contains: [boto, linux]", "Boto3", False),
        ("f: [a, b]", "B", True),
        ("f|neq: a", "b", True),
        ("f|neq: [a, b]", "b", False),
        # Scalars are text.
        ("f: 443", "443", True),
        ("f: '443'", 443, True),
        ("f: 443", 443.0, True),
        ("f: 4*", 443, True),
        ("f: 'false'", False, True),
        ("f: false", "FALSE", True),
        ("f: 0", False, False),
        ("f: 1", True, False),
        ("f: 1.5", 1.5, True),
        # null, and whether it is there
        ("f: null", None, True),
        ("f: null", "", False),
        ("f: null", [], False),
        ("f: null", {}, False),
        ("f: ''", None, False),
        ("f: '*'", None, False),
        ("f|neq: null", "x", True),
        ("f|neq: null", None, False),
        ("f|exists: true", None, True),
        ("f|exists: true", [], True),
        ("f|exists: false", "", False),
        # any element
        ("f: b", ["a", "b"], True),
        ("f: b", ["a", ["b"]], True),
        ("f|neq: b", ["a", "b"], False),
        ("f|contains|all: [a, b]", ["xa", "xb"], True),
        ("f.id: b", [{"id": "a"}, {"id": "b"}], True),
        ("f.id: b", {"id": ["a", "b"]}, True),
        ("f.id|exists: true", [{"x": 1}, {"id": 1}], True),
        ("f.id|exists: true", [{"x": 1}], False),
        ("f.id: null", [{"x": 1}], True),
        ("f.id: null", [{"id": 1}, {"x": 1}], False),
        ("f.a b-c:d: x", {"a b-c:d": "x"}, True),
        ("f|contains: a", {"a": "a"}, False),
        # regular expressions
        ("f|re: ^delete", "DeleteTrail", False),
        ("f|re|i: ^delete", "DeleteTrail", True),
        ("f|re: ete", "DeleteTrail", True),
        ("f|re: a.b", "a\nb", False),
        ("f|re|s: a.b", "a\nb", True),
        ("f|re|m: ^b$", "a\nb", True),
        ("f|re|i|s: A.B", "a\nb", True),
        ("f|re: [x, '^D']", "DeleteTrail", True),
        ("f|re|all: [x, '^D']", "DeleteTrail", False),
        ("f|re: '^4'", 443, True),
        ("f|re: 'a*b'", "b", True),
        # networks
        ("f|cidr: 192.0.2.0/24", "192.0.2.7", True),
        ("f|cidr: 192.0.2.7/24", "192.0.2.9", True),
        ("f|cidr: 192.0.2.7", "192.0.2.7", True),
        ("f|cidr: 192.0.2.0/24", "cloudformation.amazonaws.com", False),
        ("f|cidr: ['192.0.2.0/24', '2001:db8::/32']", "2001:db8::1", True),
        ("f|cidr: 192.0.2.0/24", "::ffff:192.0.2.1", True),
        # numbers
        ("f|gte: 10", 10, True),
        ("f|gt: 9", "10", True),
        ("f|gt: '9'", 10, True),
        ("f|lt: 9", "x", False),
        ("f|lt: 9", True, False),
        ("f|lte: 9", [30, "8.5"], True),
        ("f|lt: 9", " 8", False),
        ("f|gt: 1", "1_0", False),
        # times, in UTC
        ("f|hour: 3", "2026-01-02T03:04:05Z", True),
        ("f|hour: 3", "2026-01-02T05:04:05+02:00", True),
        ("f|hour: [2, 3]", "2026-01-02T03:04:05.123Z", True),
        ("f|minute: 4", "2026-01-02T03:04:05Z", True),
        ("f|day: 2", "2026-01-02 03:04:05", True),
        ("f|week: 1", "2026-01-02T03:04:05Z", True),
        ("f|month: 1", "2026-01-02T03:04:05Z", True),
        ("f|year: 2026", "2026-01-02T03:04:05Z", True),
        ("f|year: 2026", 1767322800, True),
        ("f|year: 2026", 1767322800000, True),
        ("f|hour: 3", "2026-13-02T03:04:05Z", False),
        ("f|hour: 3", "03:04", False),
        # encodings
        ("f|base64: foo", "Zm9v", True),
        ("f|base64|contains: foo", "xxZm9vyy", True),
        ("f|base64offset|contains: curl", "eCBjdXJsIHk=", True),
        ("f|base64offset|contains: curl", "IGN1cmwg", True),
        ("f|base64offset: curl", "Y3VybCB4", True),
        ("f|wide|base64offset|contains: cmd", "YwBtAGQA", True),
        ("f|utf16|base64|contains: cmd", "//5jAG0AZAA=", True),
        ("f|utf16be|base64|contains: cmd", "AGMAbQBk", True),
        ("f|wide|contains: cmd", "xc\0m\0d\0", True),
        ("f|windash|contains: ' -enc'", "p /enc x", True),
        ("f|windash|contains: ' /enc'", "p \u2013enc x", True),
        ("f|windash|contains: ' -enc-a'", "p /enc/a", False),
    ],
)  # fmt: skip
def test_modifiers_and_types(selection: str, value: Any, expected: object) -> None:
    assert holds(f"sel: {{{selection}}}", {"f": value}) is expected


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        ("f: x", False),
        ("f: '*'", False),
        ("f: ''", False),
        ("f: null", True),
        ("f|exists: true", False),
        ("f|exists: false", True),
        ("f|neq: x", True),
        ("f|neq: null", False),
        ("f|lt: 5", False),
        ("f|re: ''", False),
        ("f|fieldref: g", False),
        ("f|fieldref|neq: g", True),
    ],
)
def test_an_absent_field(selection: str, expected: object) -> None:
    assert holds(f"sel: {{{selection}}}", {"eventName": "X"}) is expected


@pytest.mark.parametrize(
    ("selection", "event", "expected"),
    [
        ("a.b|fieldref: c", {"a": {"b": "X"}, "c": "x"}, True),
        ("a.b|fieldref|cased: c", {"a": {"b": "X"}, "c": "x"}, False),
        ("a.b|fieldref: c", {"a": {"b": "X"}}, False),
        ("a.b|fieldref: c", {"a": {"b": 5}, "c": "5"}, True),
        ("a|fieldref: c.d", {"a": ["x", "y"], "c": [{"d": "y"}]}, True),
        ("a|fieldref: c", {"a": None, "c": None}, False),
        ("a.b: x", {"a.b": "x"}, True),
        ("a.b: x", {"a.b": "y", "a": {"b": "x"}}, False),
        ("a.b.c: x", {"a": {"b.c": "x"}}, False),
        ("EVENTNAME: x", {"eventName": "x"}, False),
    ],
)
def test_fields_by_their_paths(
    selection: str, event: dict[str, Any], expected: object
) -> None:
    assert holds(f"sel: {{{selection}}}", event) is expected


KEYWORDS = {"a": {"user": "bob-ANAYA-1"}, "l": [{"port": 443}, "zoe"], "n": None}


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        ("['anaya']", True),
        ("['nobody', 'ZOE']", True),
        ("{'|all': [an, aya, zoe]}", True),
        ("{'|all': [an, nobody]}", False),
        ("{'|cased': [anaya]}", False),
        ("{'|re': ['b-A.*1$']}", True),
        ("['user']", False),
        ("[443]", True),
        ("['null']", False),
        ("'b?b-*-1'", True),
        ("[nobody, {a.user: 'BOB*'}]", True),
    ],
)
def test_keywords_are_anywhere_in_the_values(selection: str, expected: object) -> None:
    assert holds(f"sel: {selection}", KEYWORDS) is expected


ABC = "a: {eventName: x}\nb: {eventSource: y}\nc: {awsRegion: z}\n_d: {apiVersion: v}\n"


@pytest.mark.parametrize(
    ("condition", "event", "expected"),
    [
        ("a or b and c", {"eventName": "x"}, True),
        ("(a or b) and c", {"eventName": "x"}, False),
        ("not a and b", {"eventSource": "y"}, True),
        ("not (a and b)", {"eventSource": "y"}, True),
        ("not not a", {"eventName": "x"}, True),
        ("1 of them", {"apiVersion": "v"}, False),
        ("any of them", {"awsRegion": "z"}, True),
        ("all of them", {"eventName": "x", "eventSource": "y", "awsRegion": "z"}, True),
        ("1 of _*", {"apiVersion": "v"}, True),
        ("1 of *", {"apiVersion": "v"}, False),
        ("all of a", {"eventName": "x"}, True),
        ("a and not 1 of b*", {"eventName": "x", "eventSource": "y"}, False),
        ("[a, b]", {"eventSource": "y"}, True),
        ("(a)and(b)", {"eventName": "x", "eventSource": "y"}, True),
    ],
)
def test_conditions(condition: str, event: dict[str, Any], expected: object) -> None:
    assert holds(f"{ABC}condition: {condition}", event) is expected


def test_lists_of_maps_are_alternatives_and_maps_are_not() -> None:
    block = "sel:\n  - {eventName: A, eventSource: s}\n  - eventName: B"
    assert holds(block, {"eventName": "B", "eventSource": "x"})
    assert not holds(block, {"eventName": "A", "eventSource": "x"})


@pytest.mark.parametrize(
    ("block", "message", "place"),
    [
        ("sel: {f|foo: x}", "unknown modifier 'foo'", (2, 9)),
        ("sel: {f|contain: x}", "did you mean 'contains'?", (2, 9)),
        ("sel: {f: ['', null]}", "null is not allowed in a list", (2, 17)),
        ("sel: {f|contains: null}", "without modifiers", (2, 21)),
        ("sel: {f: []}", "an empty list", (2, 12)),
        ("sel: {}", "an empty selection", (2, 8)),
        ("sel: []", "an empty list", (2, 8)),
        ("sel:", "an empty selection", (2, 7)),
        ("sel: {f: {g: x}}", "not a map", (2, 12)),
        ("sel: {f|re: '(a'}", "not an RE2 pattern", (2, 15)),
        ("sel: {f|re: '(?=a)'}", "not an RE2 pattern", (2, 15)),
        ("sel: {f|re|contains: a}", "exclude each other", (2, 9)),
        ("sel: {f|i: a}", "'i' is a flag of 're'", (2, 9)),
        ("sel: {f|cidr: 300.0.0.0/8}", "not a network", (2, 17)),
        ("sel: {f|gt: many}", "'gt' takes a number", (2, 15)),
        ("sel: {f|exists: 'yes'}", "true or false", (2, 19)),
        ("sel: {f|fieldref: 'a*'}", "without wildcards", (2, 21)),
        ("sel: {f|base64: 'a*'}", "no base64", (2, 19)),
        ("sel: {f|windash: '-a -b -c -d -e -f'}", "windash makes", (2, 20)),
        ("sel: {'f[any]': a}", "brackets", (2, 9)),
        ("sel: {f..g: a}", "not a field", (2, 9)),
        ("sel: {f|base64|cidr: a}", "'base64' changes text", (2, 9)),
        ("sel: {f|hour: 1.5}", "a whole number", (2, 17)),
        ("sel: {f: x}\ncondition: sel AND sel", "operators are written small", (3, 18)),
        ("sel: {f: x}\ncondition: sl", "did you mean 'sel'?", (3, 14)),
        ("sel: {f: x}\ncondition: sel | count() > 5", "a correlation", (3, 18)),
        ("sel: {f: x}\ncondition: sel | near sel", "of type temporal", (3, 18)),
        ("sel: {f|re: '^(?!a)'}", "a selection of its own, with 'not'", (2, 15)),
        ("sel: {f: x}\ncondition: 2 of them", "'1 of', 'any of'", (3, 14)),
        ("sel: {f: x}\ncondition: 1 of x*", "names no selection", (3, 14)),
        ("sel: {f: x}\ncondition: (sel", "never closed", (3, 14)),
        ("sel: {f: x}\ncondition: sel)", "never opened", (3, 17)),
        ("sel: {f: x}\ncondition: sel and", "ends too early", (3, 21)),
        ("sel: {f: x}\ncondition: sel sel", "join with and or or", (3, 18)),
        ("sel: {f: x}\ncondition: them", "1 of them", (3, 14)),
        ("sel: {f: x}\ncondition: sel && sel", "unexpected '&'", (3, 18)),
        ("sel: {f: x}\ncondition: []", "an empty list", (3, 14)),
    ],
)  # fmt: skip
def test_what_is_refused_names_its_place(
    block: str, message: str, place: tuple[int, int]
) -> None:
    if "condition" not in block:
        block += "\ncondition: sel"
    with pytest.raises(DocumentError) as caught:
        read(block)
    assert message in caught.value.message
    assert (caught.value.line, caught.value.column) == place


def test_deep_and_large_conditions_are_refused_in_time() -> None:
    with pytest.raises(DocumentError, match="levels deep"):
        read(f"sel: {{f: x}}\ncondition: {'(' * 500}sel{')' * 500}")
    many = " and ".join(["sel"] * 5_000)
    values = "[" + ", ".join(f"{{f: {n}}}" for n in range(100)) + "]"
    with pytest.raises(DocumentError, match="name each selection once"):
        read(f"sel: {values}\ncondition: {many}")
    with pytest.raises(DocumentError, match="ends too early"):
        read(f"sel: {{f: x}}\ncondition: {'not ' * 10_000}")


def test_patterns_take_linear_time() -> None:
    event = {"f": "a" * 200_000}
    assert not holds("sel: {f|re: '^(a+)+$x'}", event)
    assert not holds(f"sel: {{f: '{'a*' * 60}b'}}", event)


TEXTS = st.text(alphabet="ab*?\\ß\nİ%_", max_size=8)


@given(TEXTS)
def test_escaped_text_stands_for_itself_alone(text: str) -> None:
    assert sigma_text.plain(sigma_text.escaped(text)) == text


@given(TEXTS, TEXTS)
def test_a_large_list_finds_what_a_short_one_does(one: str, text: str) -> None:
    value = sigma_text.escaped(one)
    inside = sigma_text.Place.INSIDE
    short = sigma_text.test(inside, [value], cased=False)
    many = [value, *(f"other {n} x" for n in range(100))]
    assert sigma_text.test(inside, many, cased=False)(text) is short(text)


@pytest.mark.skipif(not VECTORS.exists(), reason="the vectors are not here")
def test_the_vectors_measured_on_other_engines(tmp_path: Path) -> None:
    for line in VECTORS.read_text(encoding="utf-8").splitlines():
        vector = json.loads(line)
        block = vector.get("detection") or ""
        indented = "".join(f"  {each}\n" for each in block.splitlines())
        text = vector.get("documents") or f"{HEAD}detection:\n{indented}"
        file = tmp_path / "rule.yml"
        file.write_text(text, encoding="utf-8")
        read_ = pack.read([RuleFile(file.name, file, tmp_path, tmp_path)])
        found: object = "refused"
        if not read_.problems:
            rule = read_.rules[0].rule
            assert isinstance(rule, DetectionRule)
            record = json.dumps(vector["event"]).encode()
            batch = Batch("e", record, [record], [0])
            found = bool(evaluate(compile_rules([rule]), batch).matches)
        expected = vector["expected"]
        if expected == "choose":
            refused = vector.get("recommended", "").startswith("refuse")
            expected = "refused" if refused else False
        assert found == expected, vector["id"]
