"""Test every form of the language on values written by hand.

Each row is also held against the jmespath library, unless it says where they differ.
"""

from __future__ import annotations

import warnings
from typing import Any

import jmespath
import pytest

from checker.conditions import compile as compile_condition
from checker.conditions import holds
from tests.conditions import grammar

EVENT: dict[str, Any] = {
    "eventName": "PutBucketAcl",
    "readOnly": False,
    "errors": 0,
    "userIdentity": {"type": "Root", "sessionContext": {"mfa": "true"}},
    "requestParameters": {"x-amz-acl": "public-read", "empty": "", "none": None},
    "resources": [
        {"type": "bucket", "ARN": "arn:b", "n": 2},
        {"type": "object", "n": 1},
        {"type": "bucket", "ARN": "arn:c", "n": 3},
    ],
    "nested": [[1, 2], [3, [4]], 5],
    "tags": {"a": {"v": 1}, "b": {"v": 2}, "c": 3},
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("@.eventName", "PutBucketAcl"),
        ("eventName", "PutBucketAcl"),
        ("userIdentity.sessionContext.mfa", "true"),
        ("userIdentity.type.x", None),
        ("resources.type", None),
        ('requestParameters."x-amz-acl"', "public-read"),
        ("absent.x.y", None),
        ("'it\\'s'", "it's"),
        ('`{"a": [1, null]}`', {"a": [1, None]}),
        ("`plain`", "plain"),
        ("errors == `0`", True),
        ("errors == `false`", False),
        ("readOnly == `0`", False),
        ("readOnly == `false`", True),
        ("`1` == `true`", False),
        ("`1` == `1.0`", True),
        ("errors != `false`", True),
        ("absent == `null`", True),
        ("eventName == absent", False),
        ("absent == gone", True),
        ('resources[0] == `{"type": "bucket", "ARN": "arn:b", "n": 2}`', True),
        ("nested[0] == `[1, 2]`", True),
        ("errors < `1`", True),
        ("errors >= `0`", True),
        ("errors > `0.5`", False),
        ("eventName < 'Z'", True),
        ("eventName <= absent", None),
        ("readOnly < `1`", None),
        ("errors && 'zero is true'", "zero is true"),
        ("!errors", False),
        ("readOnly || eventName", "PutBucketAcl"),
        ("requestParameters.empty && 'x'", ""),
        ("requestParameters.empty || absent || `[]`", []),
        ("!requestParameters.empty", None),
        ("!(requestParameters.empty)", True),
        ("!absent", True),
        ("!`{}`", True),
        ("a || b && c", None),
        ("readOnly == `false` && errors == `0` && absent == `null` && eventName",
         "PutBucketAcl"),
        ("resources[0].ARN", "arn:b"),
        ("resources[-1].ARN", "arn:c"),
        ("resources[9]", None),
        ("resources[-9]", None),
        ("eventName[0]", None),
        ("resources[*].ARN", ["arn:b", "arn:c"]),
        ("eventName[*]", None),
        ("resources[1:].n", [1, 3]),
        ("resources[::-1].n", [3, 1, 2]),
        ("resources[:-1].n", [2, 1]),
        ("nested[0][1:2]", [2]),
        ("nested[]", [1, 2, 3, [4], 5]),
        ("nested[][]", [1, 2, 3, 4, 5]),
        ("eventName[]", None),
        ("tags.*.v", [1, 2]),
        ("*.sessionContext.mfa", ["true"]),
        ("eventName.*", None),
        ("resources[?type == 'bucket'].ARN", ["arn:b", "arn:c"]),
        ("resources[?n > `1`] | [0].n", 2),
        ("resources[?ARN].n", [2, 3]),
        ("eventName[?a]", None),
        ("(resources[*].n)[0]", 2),
        ("resources[*].n | [0]", 2),
        ("resources[*].n.x", []),
        ("resources[*].[type, n]", [["bucket", 2], ["object", 1], ["bucket", 3]]),
        ("resources[0].{t: type, a: absent}", {"t": "bucket", "a": None}),
        ("absent.[a]", None),
        ("absent.{a: a}", None),
        ("[eventName, errors]", ["PutBucketAcl", 0]),
        ("userIdentity | type", "Root"),
        ("absent | @", None),
        ("resources[0].length(@)", 3),
    ],
)  # fmt: skip
def test_each_form_has_the_value_of_the_specification(text: str, value: object) -> None:
    actual = compile_condition(text)(EVENT)
    assert grammar.same(actual, value)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        assert grammar.same(actual, jmespath.search(text, EVENT))


@pytest.mark.parametrize("text", ["eventName < `1`", "errors >= 'a'"])
def test_ordering_unlike_types_gives_null_where_the_library_fails(text: str) -> None:
    assert compile_condition(text)(EVENT) is None


@pytest.mark.parametrize("document", [None, True, 0, 1.5, "", "text", [], [1], {}])
def test_any_json_value_is_a_document(document: object) -> None:
    for text in ("a", "a.b", "a.b.c", "[0]", "a[*]", "*", "a == 'x'", "[a]", "{b: a}"):
        expected = jmespath.search(text, document)
        assert grammar.same(compile_condition(text)(document), expected)


@pytest.mark.parametrize("value", [None, False, "", [], {}])
def test_five_values_do_not_hold(value: object) -> None:
    assert holds(value) is False


@pytest.mark.parametrize("value", [True, 0, 0.0, 1, "0", [None], {"a": None}])
def test_all_others_hold_and_zero_among_them(value: object) -> None:
    assert holds(value) is True
