"""An exception covers exactly what it matches; the unknown never matches."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from checker.conditions.tree import Literal
from checker.model import Acceptance, Detection, DetectionRule, Level
from checker.rules.exceptions import Covers, FindingException, Matcher
from checker.run.policy.exceptions import Exceptions, matches
from checker.run.policy.facts import ISSUER, Facts, of_event

TODAY = date(2026, 11, 30)
SESSION = "arn:aws:sts::123456789012:assumed-role/deploy/run-7"
ROLE = "arn:aws:iam::123456789012:role/ci/deploy"
RULE = DetectionRule(
    path="r.yml",
    line=1,
    title="Thing changed",
    name="thing_changed",
    id="4c0f6e0e-3c9b-4d0c-8b0f-0d1c6d5b6a01",
    level=Level.HIGH,
    status="stable",
    detection=Detection({"readOnly": Literal(value=True)}, Literal(value=True)),
)
SUBJECT = {
    "accountId": "123456789012",
    "awsRegion": "eu-west-1",
    "principal": SESSION,
    "sourceIPAddress": "192.0.2.7",
}


def entry(matcher: Matcher | None = None, **changes: Any) -> FindingException:
    plain = FindingException(
        rule=RULE.name,
        matcher=matcher or Matcher(),
        covers=Covers.FINDINGS,
        expires=date(2027, 3, 31),
        acceptance=Acceptance("because", "me", "2027-03-31"),
        path="exceptions.yml",
        line=2,
        column=5,
    )
    return structs.replace(plain, **changes)


def facts(evidence: dict[str, Any] | None = None, **subject: Any) -> Facts:
    return of_event(RULE, {**SUBJECT, **subject}, evidence or {})


def net(text: str) -> Any:
    return ipaddress.ip_network(text)


@pytest.mark.parametrize(
    ("matcher", "known"),
    [
        (Matcher(), facts()),
        (Matcher(identity=(SESSION,)), facts()),
        (Matcher(identity=("arn:aws:sts::*:assumed-role/deploy/*",)), facts()),
        (Matcher(identity=(ROLE,)), facts({ISSUER: ROLE})),
        (Matcher(account=("123456789012",)), facts()),
        (Matcher(region=("eu-*",)), facts()),
        (Matcher(address=(net("192.0.2.0/24"),)), facts()),
        (
            Matcher(address=(net("192.0.2.0/24"),)),
            facts(sourceIPAddress="::ffff:192.0.2.7"),
        ),
        (
            Matcher(address=(net("2001:db8::/32"),)),
            facts(sourceIPAddress="2001:DB8::1"),
        ),
        (Matcher(resource=("arn:*",)), facts({"resources": [{"ARN": "arn:x"}]})),
        (Matcher(fields={"a.b": ("x*z",)}), facts({"a.b": "xyz"})),
        (Matcher(fields={"a.b": (1,)}), facts({"a.b": 1.0})),
        (Matcher(fields={"a.b": ("x", "y")}), facts({"a.b": ["y", "x"]})),
        (Matcher(fields={"a.b": (True,)}), facts({"a.b": True})),
    ],
)
def test_what_is_asked_for_is_matched(matcher: Matcher, known: Facts) -> None:
    assert matches(matcher, known)


@pytest.mark.parametrize(
    ("matcher", "known"),
    [
        (Matcher(identity=(SESSION.upper(),)), facts()),
        (Matcher(identity=(SESSION,)), facts(principal=None)),
        (Matcher(identity=(ROLE,)), facts()),
        (Matcher(identity=("*(not shown)*",)), facts(principal="a(not shown)b")),
        (Matcher(account=("123456789012",)), facts(accountId=None)),
        (Matcher(address=(net("192.0.2.0/29"),)), facts(sourceIPAddress="192.0.2.8")),
        (Matcher(address=(net("::/1"),)), facts()),
        (
            Matcher(address=(net("192.0.2.0/24"),)),
            facts(sourceIPAddress="cloudformation.amazonaws.com"),
        ),
        (Matcher(resource=("arn:*",)), facts()),
        (Matcher(resource=("arn:*",)), facts({"resources": []})),
        (
            Matcher(resource=("arn:a*",)),
            facts({"resources": [{"ARN": "arn:a"}, {"ARN": "arn:b"}]}),
        ),
        (
            Matcher(resource=("arn:*",)),
            facts({"resources": [{"ARN": "arn:a"}, {"type": "AWS::S3::Object"}]}),
        ),
        (Matcher(resource=("arn:*",)), facts({"resources": [{"ARN": "arn:"}] * 50})),
        (Matcher(fields={"a.b": ("x",)}), facts()),
        (Matcher(fields={"a.b": ("x",)}), facts({"a.b": None})),
        (Matcher(fields={"a.b": ("x",)}), facts({"a.b": ["x", "y"]})),
        (Matcher(fields={"a.b": ("x",)}), facts({"a.b": []})),
        (Matcher(fields={"a.b": ("x",)}), facts({"a.b": ["x"] * 50})),
        (Matcher(fields={"a.b": ("x*",)}), facts({"a.b": "x" * 1024 + "…"})),
        (Matcher(fields={"a.b": ("x*",)}), facts({"a.b": {"x": 1}})),
        (Matcher(fields={"a.b": (1,)}), facts({"a.b": True})),
        (Matcher(fields={"a.b": ("1",)}), facts({"a.b": 1})),
        (Matcher(fields={"readOnly": (True,)}), facts({"readOnly": True})),
    ],
)
def test_what_is_other_or_unknown_is_not(matcher: Matcher, known: Facts) -> None:
    assert not matches(matcher, known)


def test_an_exception_that_has_ended_covers_nothing() -> None:
    ends = entry(expires=TODAY)

    assert Exceptions([ends], [RULE], TODAY).covering(RULE.name, facts())
    late = Exceptions([ends], [RULE], date(2026, 12, 1))
    assert late.covering(RULE.name, facts()) is None
    assert late.expired == [ends]


def test_a_rule_is_known_by_its_id_as_well() -> None:
    found = Exceptions([entry(rule=RULE.id)], [RULE], TODAY)

    assert found.covering(RULE.name, facts()) == entry().acceptance


def test_a_rule_that_is_not_there_is_told() -> None:
    gone = entry(rule="thing_chnaged")
    found = Exceptions([gone], [RULE], TODAY)

    assert found.covering(RULE.name, facts()) is None
    assert found.unknown == [gone]


def test_an_exception_without_a_finding_is_told() -> None:
    used, unused = entry(), entry(Matcher(region=("us-east-1",)))
    found = Exceptions([unused, used], [RULE], TODAY)
    found.covering(RULE.name, facts())

    assert found.unused([RULE.name], Covers.FINDINGS) == [unused]
    assert found.unused([], Covers.FINDINGS) == []


def test_findings_and_visibility_are_accepted_apart() -> None:
    seen, unseen = entry(), entry(covers=Covers.VISIBILITY)

    assert Exceptions([seen], [RULE], TODAY).covering_visibility(RULE.name) is None
    other = Exceptions([unseen], [RULE], TODAY)
    assert other.covering(RULE.name, facts()) is None
    assert other.covering_visibility(RULE.name) == unseen.acceptance


names = st.sampled_from(["a", "ab", "abc", "b", "b1", "*b", "a*", "a*c", "ab*"])
networks = st.sampled_from(
    [net("192.0.2.0/24"), net("192.0.2.7/32"), net("10.0.0.0/8"), net("2001:db8::/32")]
)
matchers = st.builds(
    Matcher,
    identity=st.lists(names, max_size=2).map(tuple),
    resource=st.lists(names, max_size=1).map(tuple),
    account=st.lists(st.sampled_from(["1", "2"]), max_size=1).map(tuple),
    address=st.lists(networks, max_size=2).map(tuple),
    fields=st.dictionaries(
        st.sampled_from(["f", "g.h"]),
        st.lists(names | st.booleans() | st.sampled_from([0, 1, 1.0]), min_size=1).map(
            tuple
        ),
        max_size=2,
    ),
)
values = st.none() | st.sampled_from(["a", "ab", "abc", "b", "bb", 0, 1, True, False])
findings = st.builds(
    lambda f, g, arns, **subject: facts(
        {"f": f, "g.h": g, "resources": [{"ARN": arn} for arn in arns]}, **subject
    ),
    f=values | st.lists(values, max_size=3),
    g=values,
    arns=st.lists(st.sampled_from(["a", "ab", "b"]), max_size=2),
    principal=st.sampled_from([None, "a", "abc", "b"]),
    accountId=st.sampled_from([None, "1", "2"]),
    sourceIPAddress=st.sampled_from(
        [None, "192.0.2.7", "192.0.2.9", "10.1.1.1", "2001:db8::9", "AWS Internal"]
    ),
)


@given(st.lists(matchers, max_size=8), findings)
def test_the_index_finds_the_first_that_matches(
    wanted: Sequence[Matcher], known: Facts
) -> None:
    entries = [
        entry(matcher, acceptance=Acceptance(str(number), "me", "2027-03-31"))
        for number, matcher in enumerate(wanted)
    ]
    first = next(
        (
            each.acceptance
            for each, matcher in zip(entries, wanted, strict=True)
            if matches(matcher, known)
        ),
        None,
    )

    assert Exceptions(entries, [RULE], TODAY).covering(RULE.name, known) == first
