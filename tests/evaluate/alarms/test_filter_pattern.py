"""CloudWatch Logs filter patterns: what AWS's page says of each form, as tables.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.evaluate.alarms.filter_pattern import LONGEST, Malformed, Pattern, parse

EVENT: dict[str, Any] = {
    "eventType": "UpdateTrail",
    "sourceIPAddress": "111.111.111.111",
    "arrayKey": ["value", "another value"],
    "objectList": [{"name": "a", "id": 1}, {"name": "b", "id": 2}],
    "SomeObject": None,
    "ThisFlag": True,
    "ThatFlag": False,
    "errorCode": 400,
    "text": "400",
    "latency": 30.5,
    "negative": -4,
    "empty": "",
    "user": {"id": 1, "name": "Root user", "dotted.key": "x", "kebab-key": "y"},
}


def compiled(text: str) -> Pattern:
    pattern = parse(text)
    assert isinstance(pattern, Pattern), pattern
    return pattern


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ('{ $.eventType = "UpdateTrail" }', True),
        ("{ $.eventType = UpdateTrail }", True),
        ("{$.eventType=UpdateTrail}", True),
        ('{ $.eventType = "updatetrail" }', False),
        ('{ $.eventType = "Update*" }', True),
        ("{ $.eventType = *Trail }", True),
        ("{ $.eventType = *date* }", True),
        ("{ $.eventType = U*T*l }", True),
        ("{ $.eventType = Update }", False),
        ("{ $.eventType = UpdateTrai? }", False),
        ('{ $.eventType = "UpdateTrail*More" }', False),
        ("{ $.sourceIPAddress != 123.123.* }", True),
        ("{ $.sourceIPAddress != 111.111.* }", False),
        ('{ $.user.name = "Root user" }', True),
        ('{ $.user.name = "Root \\"user\\"" }', False),
        ("{ $.user.kebab-key = y }", True),
        ("{ $.user['dotted.key'] = x }", True),
        ('{ $.["eventType"] = UpdateTrail }', True),
        ("{ $.user.dotted.key = x }", False),
        ('{ $.empty = "" }', True),
        ('{ $.empty != "" }', False),
        ("{ $.eventType = %^Update[A-Z]% }", True),
        ("{ $.eventType = %^Trail% }", False),
        ("{ $.eventType != %^Trail% }", True),
    ],
)
def test_strings_are_compared_with_case_and_with_stars(
    pattern: str, *, matches: bool
) -> None:
    assert compiled(pattern).match(EVENT) is matches


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ("{ $.errorCode = 400 }", True),
        ("{ $.errorCode = 400.0 }", True),
        ("{ $.errorCode = 4e2 }", True),
        ("{ $.errorCode = 4* }", True),
        ("{ $.errorCode != 400 }", False),
        ("{ $.errorCode != 4* }", False),
        ("{ $.errorCode >= 400 }", True),
        ("{ $.errorCode > 400 }", False),
        ("{ $.errorCode <= 400 }", True),
        ("{ $.errorCode < 400 }", False),
        ("{ $.text > 399 }", True),
        ("{ $.latency < 30.6 }", True),
        ("{ $.latency > 3.06e1 }", False),
        ("{ $.negative < -3 }", True),
        ("{ $.negative = -4 }", True),
        ("{ $.eventType > 1 }", False),
        ("{ $.ThisFlag > 0 }", False),
        ("{ $.ThisFlag = 1 }", False),
        ("{ $.ThisFlag = true }", True),
    ],
)
def test_numbers_are_compared_by_size(pattern: str, *, matches: bool) -> None:
    assert compiled(pattern).match(EVENT) is matches


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ('{ $.arrayKey[0] = "value" }', True),
        ('{ $.arrayKey[1] = "value" }', False),
        ('{ $.arrayKey[2] = "value" }', False),
        ('{ $.arrayKey[*] = "another value" }', True),
        ("{ $.objectList[1].id = 2 }", True),
        ("{ $.objectList[0].id = 2 }", False),
        ("{ $.objectList[*].id = 2 }", True),
        ("{ $.objectList[*].id = 3 }", False),
        ("{ $.arrayKey = value }", False),
        ("{ $.user = * }", False),
        ("{ $.SomeObject IS NULL }", True),
        ("{ $.user IS NULL }", False),
        ("{ $.Missing IS NULL }", False),
        ("{ $.SomeOtherObject NOT EXISTS }", True),
        ("{ $.SomeObject NOT EXISTS }", False),
        ("{ $.user.id NOT EXISTS }", False),
        ("{ $.user.other NOT EXISTS }", True),
        ("{ $.objectList[5] NOT EXISTS }", True),
        ("{ $.ThisFlag IS TRUE }", True),
        ("{ $.ThatFlag IS TRUE }", False),
        ("{ $.ThatFlag IS FALSE }", True),
        ("{ $.errorCode IS TRUE }", False),
        ("{ $.eventType = * }", True),
        ("{ $.SomeObject = * }", False),
    ],
)
def test_places_and_states(pattern: str, *, matches: bool) -> None:
    assert compiled(pattern).match(EVENT) is matches


@pytest.mark.parametrize("operator", ["=", "!=", "<", "<=", ">", ">="])
def test_no_comparison_holds_of_a_field_that_is_absent_or_null(operator: str) -> None:
    assert not compiled(f"{{ $.Missing {operator} 1 }}").match(EVENT)
    assert not compiled(f"{{ $.SomeObject {operator} 1 }}").match(EVENT)


YES, NO = '$.eventType = "UpdateTrail"', '$.eventType = "DeleteTrail"'


@pytest.mark.parametrize(
    ("expression", "matches"),
    [
        (f"{YES} && {YES}", True),
        (f"{YES} && {NO}", False),
        (f"{YES} || {NO}", True),
        (f"{NO} || {NO}", False),
        # && binds before ||: (yes || (no && no)) and not ((yes || no) && no).
        (f"{YES} || {NO} && {NO}", True),
        (f"({YES} || {NO}) && {NO}", False),
        (f"{NO} && {NO} || {YES}", True),
        (f"{NO} && ({NO} || {YES})", False),
        (f"((({YES})))", True),
        (f"({YES})&&({YES})||({NO})", True),
        ("($.eventType=UpdateTrail)||($.eventType=DeleteTrail)", True),
        ("$.eventType=DeleteTrail||$.eventType=UpdateTrail", True),
    ],
)
def test_and_or_and_parentheses(expression: str, *, matches: bool) -> None:
    assert compiled(f"{{ {expression} }}").match(EVENT) is matches


@pytest.mark.parametrize(
    "text",
    [
        "{ }",
        "{",
        '{ $.a = "b"',
        '{ $.a = "b }',
        "{ $.errorMessage = Failed authentication }",
        "{ ($.a = 1 }",
        "{ $.a = 1) }",
        "{ $.a }",
        "{ $.a = }",
        "{ $.a == 1 }",
        "{ $.a > b }",
        '{ $.a > "1" }',
        "{ $ = 1 }",
        "{ a = 1 }",
        "{ $.a = 1 & $.b = 2 }",
        "{ $.a = 1 $.b = 2 }",
        "{ $.a = 1 && }",
        "{ && $.a = 1 }",
        "{ $.a = %[% }",
        "{ $.a IS SOMETHING }",
        "{ $.a[ = 1 }",
        "{ $.a = 1 } more",
        "[a, b",
        "[a, ..., ...]",
        "[a = ]",
        "[a = 1 && b = 2]",
        "[]",
        '"open',
        "{ " + "(" * 200 + "$.a = 1" + ")" * 200 + " }",
        "x" * (LONGEST + 1),
    ],
)
def test_what_is_no_pattern_says_why(text: str) -> None:
    found = parse(text)

    assert isinstance(found, Malformed)
    assert found.reason
    assert 0 <= found.offset <= len(text)


def test_a_mistake_is_placed() -> None:
    text = "{ $.errorMessage = Failed authentication }"

    assert parse(text) == Malformed(
        "'authentication' is one too many", text.index("authentication")
    )


@pytest.mark.parametrize(
    ("pattern", "line", "matches"),
    [
        ("", "anything", True),
        ("ERROR", "[ERROR 400] BAD REQUEST", True),
        ("ERROR", "[error 400] bad request", False),
        ("ERROR ARGUMENTS", "[ERROR 419] MISSING ARGUMENTS", True),
        ("ERROR ARGUMENTS", "[ERROR 400] BAD REQUEST", False),
        ("?ERROR ?ARGUMENTS", "[ERROR 400] BAD REQUEST", True),
        ("?ERROR ?ARGUMENTS", "BAD REQUEST", False),
        ("ERROR ?WARN", "[ERROR 400] BAD REQUEST", True),
        ('"INTERNAL SERVER ERROR"', "[ERROR 500] INTERNAL SERVER ERROR", True),
        ('"INTERNAL SERVER ERROR"', "[ERROR 500] INTERNAL ERROR", False),
        ("ERROR -ARGUMENTS", "[ERROR 400] BAD REQUEST", True),
        ("ERROR -ARGUMENTS", "[ERROR 419] MISSING ARGUMENTS", False),
        ('ERROR -"BAD REQUEST"', "[ERROR 400] BAD REQUEST", False),
        ("%AUTHORIZED%", "[ERROR 401] UNAUTHORIZED REQUEST", True),
        ("%^AUTHORIZED%", "[ERROR 401] UNAUTHORIZED REQUEST", False),
    ],
)
def test_terms(pattern: str, line: str, *, matches: bool) -> None:
    assert compiled(pattern).match(line) is matches


REQUEST = (
    '127.0.0.1 Prod frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" '
    "404 1534"
)


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ("[ip, id, user, timestamp, request, code, size]", True),
        ("[ip, id, user, timestamp, request, code, size, more]", False),
        ("[ip, id, user, timestamp, request, code]", False),
        ("[ip, id, user, timestamp, request, code = 4*, size]", True),
        ("[ip, id, user, timestamp, request, code = 5*, size]", False),
        ("[ip, id, user = frank, timestamp, request, code = 404, size > 1000]", True),
        ("[ip, id, user = frank, timestamp, request, code = 404, size > 1534]", False),
        ("[ip = %127\\.0\\.0\\.[0-9]%, ...]", True),
        ("[..., size > 1000]", True),
        ("[ip, ..., size > 2000]", False),
        ("[ip, ..., code = 404 || code = 410, size]", True),
        ("[ip, ..., (code = 400 || code = 410), size]", False),
        ("[ip, ..., code >= 400 && code < 500, size]", True),
        ('[ip, id, user, timestamp, request = "GET *", ...]', True),
        ("[ip, id != Prod, ...]", False),
        ("[a, b, c, d, e, f, g, ...]", True),
        ("[a, b, c, d, e, f, g, h, ...]", False),
    ],
)
def test_columns(pattern: str, *, matches: bool) -> None:
    assert compiled(pattern).match(REQUEST) is matches


def test_a_json_pattern_reads_text_and_passes_over_what_is_no_json() -> None:
    pattern = compiled("{ $.eventType = UpdateTrail }")

    assert pattern.match(json.dumps(EVENT))
    assert not pattern.match("eventType = UpdateTrail")
    assert not pattern.match("[1, 2]")


def test_terms_read_a_record_as_the_text_that_is_delivered() -> None:
    assert compiled('"\\"eventType\\":\\"UpdateTrail\\""').match(EVENT)
    assert not compiled('"\\"eventType\\":\\"DeleteTrail\\""').match(EVENT)


@given(st.text(alphabet='{}[]()$.ab=!<>&|"%*?-, 1ISNULOTEX', max_size=60))
def test_every_text_is_a_pattern_or_says_why_it_is_none(text: str) -> None:
    found = parse(text)

    if isinstance(found, Pattern):
        assert found.match(EVENT) in (True, False)
        assert found.match("a line of text") in (True, False)
    else:
        assert found.reason


NAMES = st.text(alphabet="abcXYZ019_-:/ ", min_size=1, max_size=12)


@given(NAMES, NAMES)
def test_equal_and_unequal_are_opposites_of_a_field_that_is_there(
    value: str, wanted: str
) -> None:
    event = {"a": value}

    equal = compiled(f'{{ $.a = "{wanted}" }}').match(event)
    assert equal is (value == wanted)
    assert compiled(f'{{ $.a != "{wanted}" }}').match(event) is not equal
