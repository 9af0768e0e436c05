"""A file of exceptions is read strictly: what could hide a finding is a mistake."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker import documents
from checker.errors import RulesError, UsageError
from checker.rules.exception_shapes import are_sound
from checker.rules.exceptions import Covers, load_exceptions

WHOLE = """
exceptions:
  - rule: root_console_login_without_mfa
    match:
      identity: ["arn:aws:iam::123456789012:root", "arn:aws:iam::123456789012:role/x*"]
      account: 123456789012
      address: [192.0.2.0/24, "2001:db8::/32"]
      fields: {requestParameters."x-y": [1, false, "1"]}
    reason: |
      Break glass,
      once a year
    owner: security
    expires: 2027-03-31
"""
ENTRY = "reason: r, owner: o, expires: 2027-03-31"


def write(folder: Path, text: str) -> str:
    path = folder / "exceptions.yml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_an_entry_is_read_with_its_place(tmp_path: Path) -> None:
    path = write(tmp_path, WHOLE)

    (entry,) = load_exceptions([path])

    assert entry.rule == "root_console_login_without_mfa"
    assert entry.expires == date(2027, 3, 31)
    assert entry.covers is Covers.FINDINGS
    assert entry.matcher.account == ("123456789012",)
    assert [str(each) for each in entry.matcher.address] == [
        "192.0.2.0/24",
        "2001:db8::/32",
    ]
    assert entry.matcher.fields == {'requestParameters."x-y"': (1, False, "1")}
    assert entry.acceptance.reason == "Break glass, once a year"
    assert entry.source == f"{path}:3"


def test_the_last_day_is_a_day_in_force(tmp_path: Path) -> None:
    (entry,) = load_exceptions([write(tmp_path, WHOLE)])

    assert entry.in_force(date(2027, 3, 31))
    assert not entry.in_force(date(2027, 4, 1))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("exceptions: [{rule: x, reason: r, owner: o}]", "'expires' is missing"),
        ("exceptions: [{rule: x, reason: r, expires: 2027-01-01}]", "'owner' is mis"),
        (f"exceptions: [{{rule: x, reson: r, {ENTRY}}}]", "did you mean 'reason'"),
        (
            "exceptions: [{rule: x, reason: r, owner: o, expires: 2027-02-30}]",
            "2027-02-30 is not in the calendar",
        ),
        (
            "exceptions: [{rule: x, reason: r, owner: o, expires: 31.3.2027}]",
            "must be a date such as 2027-03-31",
        ),
        (
            "exceptions: [{rule: x, reason: ' ', owner: o, expires: 2027-01-01}]",
            "'exceptions.reason' must be",
        ),
        (f"exceptions: [{{rule: '*', {ENTRY}}}]", "the name or id of one rule"),
        (f"exceptions: [{{rule: x, match: {{}}, {ENTRY}}}]", "at least 1"),
        (f"exceptions: [{{rule: x, match: {{idenity: a}}, {ENTRY}}}]", "'identity'?"),
        (f"exceptions: [{{rule: x, match: {{identity: '*'}}, {ENTRY}}}]", "leave it"),
        (f"exceptions: [{{rule: x, match: {{identity: [a, '**']}}, {ENTRY}}}]", "leav"),
        (
            f"exceptions: [{{rule: x, match: {{fields: {{a.b: '*'}}}}, {ENTRY}}}]",
            "holds on every value",
        ),
        (
            f"exceptions: [{{rule: x, match: {{fields: {{a.b: null}}}}, {ENTRY}}}]",
            "must be",
        ),
        (
            f"exceptions: [{{rule: x, match: {{fields: {{'a == b': c}}}}, {ENTRY}}}]",
            "is not the path of a field",
        ),
        (
            f"exceptions: [{{rule: x, match: {{fields: {{'a.[': c}}}}, {ENTRY}}}]",
            "is not the path of a field",
        ),
        (
            f"exceptions: [{{rule: x, match: {{address: 192.0.2.1/24}}, {ENTRY}}}]",
            "has host bits set",
        ),
        (
            f"exceptions: [{{rule: x, match: {{address: 0.0.0.0/0}}, {ENTRY}}}]",
            "holds on every address",
        ),
        (
            f"exceptions: [{{rule: x, match: {{address: '::/0'}}, {ENTRY}}}]",
            "holds on every address",
        ),
        (f"exceptions: [{{rule: x, match: {{account: 12}}, {ENTRY}}}]", "twelve"),
        (
            (
                f"exceptions: [{{rule: x, covers: visibility, match: {{region: a}}, "
                f"{ENTRY}}}]"
            ),
            "has no 'match'",
        ),
        (f"exceptions: [{{rule: x, rule: y, {ENTRY}}}]", "stands twice"),
        (f"exceptions: [&a {{rule: x, {ENTRY}}}, *a]", "an alias or anchor"),
        ("exceptions: !!python/object:os.system {}", "a tag"),
        ("[]", "must be"),
        ("", "must be"),
        ("exceptions: [" * 70, "nested deeper"),
    ],
)
def test_a_mistake_is_told_with_its_place(
    tmp_path: Path, text: str, message: str
) -> None:
    path = write(tmp_path, text)

    with pytest.raises(RulesError) as raised:
        load_exceptions([path])

    assert message in str(raised.value)
    assert str(raised.value).startswith(f"{path}:1:")


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    text = (
        "exceptions:\n"
        "  - {rule: a, reason: r, owner: o, expires: 2027-13-01}\n"
        "  - {rule: b, match: {address: nowhere}, reason: r, owner: o, "
        "expires: 2027-01-01}\n"
    )

    with pytest.raises(RulesError) as raised:
        load_exceptions([write(tmp_path, text)])

    assert [each.line for each in raised.value.problems] == [2, 3]


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-1, 10**12)
    | st.sampled_from(
        ["", " ", "x", "*", "a_b", "A", "2027-01-01", "visibility", "a" * 1001]
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["a", "fields", "identity"]), inner, max_size=2
        )
    ),
    max_leaves=4,
)
entries = st.fixed_dictionaries(
    {
        "rule": st.just("x") | anything,
        "reason": st.just("r") | anything,
        "owner": st.just("o"),
        "expires": st.just("2027-01-01") | anything,
    },
    optional={
        "covers": st.just("findings") | anything,
        "match": st.dictionaries(
            st.sampled_from(["identity", "account", "address", "fields", "other"]),
            st.just("x") | st.dictionaries(st.just("a.b"), anything) | anything,
            max_size=2,
        ),
        "more": anything,
    },
)


@given(st.fixed_dictionaries({"exceptions": st.lists(entries, max_size=2)}) | anything)
def test_what_is_sound_at_a_look_is_so_by_the_schema(value: object) -> None:
    if are_sound(value):
        assert not documents.check(documents.Document("x.yml", "", value), "exceptions")


def test_what_people_write_is_sound_at_a_look() -> None:
    document = documents.load_yaml("x.yml", WHOLE.encode())

    assert are_sound(document.value)


def test_what_cannot_be_read_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file"):
        load_exceptions([str(tmp_path / "none.yml")])
    with pytest.raises(UsageError, match="not a regular file"):
        load_exceptions([str(tmp_path)])
