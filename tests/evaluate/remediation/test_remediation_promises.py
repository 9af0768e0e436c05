"""The three promises on random trails.

They are held against events that are drawn up plainly, and not derived from selectors.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from checker.change import NoChange
from checker.evaluate.recording.coverage import coverage
from checker.evaluate.recording.need import Access, Need
from checker.evaluate.recording.recorder import records
from checker.evaluate.remediation import apply, remedy
from tests.evaluate.recording import selector_strategies as world
from tests.evaluate.recording.trails import (
    ACCOUNT,
    COGNITO,
    LAMBDA,
    S3,
    basic,
    event,
    get_id,
    invoke,
    put_item,
    put_object,
    trail,
    vpce,
)
from tests.evaluate.remediation.remedies import (
    KMS,
    snapshot,
)


@st.composite
def basic_selectors(draw: st.DrawFn) -> dict[str, Any]:
    resources = {
        S3: ("arn:aws:s3", "arn:aws:s3:::shop/", "arn:aws:s3:::shop/a"),
        LAMBDA: ("arn:aws:lambda", f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:pay"),
    }
    kinds = draw(st.lists(st.sampled_from([*resources]), max_size=2, unique=True))
    return basic(
        draw(st.sampled_from(["All", "ReadOnly", "WriteOnly"])),
        IncludeManagementEvents=draw(st.booleans()),
        ExcludeManagementEventSources=draw(st.sampled_from([[], [KMS]])),
        DataResources=[
            {"Type": kind, "Values": [draw(st.sampled_from(resources[kind]))]}
            for kind in kinds
        ],
    )


@st.composite
def accounts(draw: st.DrawFn) -> dict[str, Any]:
    found = []
    for name in draw(st.sampled_from(["a", "ab"])):
        chosen: dict[str, Any] = (
            {"advanced": draw(st.lists(world.advanced_selectors(), max_size=3))}
            if draw(st.booleans())
            else {"basic": draw(st.lists(basic_selectors(), max_size=3))}
        )
        single = draw(st.booleans()) and name == "b"
        found.append(trail(name=name, IsMultiRegionTrail=not single, **chosen))
    return snapshot(*found)


@st.composite
def needs(draw: st.DrawFn) -> Need:
    access: Access = draw(st.sampled_from(["All", "Read", "Write"]))
    if draw(st.booleans()):
        source = draw(st.sampled_from([None, KMS, "s3.amazonaws.com"]))
        return Need("Management", source=source, access=access)
    kind, names, arns = draw(
        st.sampled_from(
            [
                (S3, ("PutObject", "GetObject"), world.ARNS[1:]),
                (COGNITO, ("GetId", "GetOpenIdToken"), world.ARNS[:1]),
            ]
        )
    )
    chosen = draw(st.sampled_from([(), names, names[:1]]))
    return Need(
        "Data",
        resource_type=kind,
        names=chosen,
        arn=draw(st.sampled_from([None, *arns])),
        access="All" if chosen or kind == COGNITO else access,
    )


EVERY_EVENT = tuple(
    one
    for region in ("us-east-1", "eu-west-1")
    for caller in world.CALLERS
    for flag in (True, False)
    for one in (
        *(
            event(source, "Any", readOnly=flag, awsRegion=region)
            for source in (*world.SOURCES, "ec2.amazonaws.com")
        ),
        *(
            {
                **put_object(key),
                "eventName": name,
                "readOnly": flag,
                "awsRegion": region,
                "userIdentity": {"arn": caller} if caller else {"type": "Unknown"},
            }
            for key in ("shop/a", "shop/ab", "shop2/b", "audit-logs/x")
            for name in ("PutObject", "GetObject", "DeleteObject", "Other")
        ),
        *(
            {**get_id(), "eventName": name, "awsRegion": region}
            for name in ("GetId", "GetOpenIdToken", "UnlinkIdentity")
        ),
        invoke(awsRegion=region),
        put_item(awsRegion=region),
        vpce(awsRegion=region),
    )
)


def plainly_fits(need: Need, one: Mapping[str, Any]) -> bool:
    """The need as a person reads it, widened as a trail forces it to be."""
    flag = one["readOnly"]
    if (need.access == "Read" and not flag) or (need.access == "Write" and flag):
        return False
    if need.category == "Management":
        return bool(one["eventCategory"] == "Management")
    if one["eventCategory"] != "Data":
        return False
    (resource,) = one["resources"]
    return (
        resource["type"] == need.resource_type
        and (not need.names or one["eventName"] in need.names)
        and need.arn in (None, resource["ARN"])
    )


def asked(need: Need, one: Mapping[str, Any]) -> bool:
    """The need as it is, in every Region."""
    return plainly_fits(need, one) and need.source in (None, one["eventSource"])


@given(accounts(), needs())
def test_on_random_trails_the_three_promises_hold(
    before: dict[str, Any], need: Need
) -> None:
    answer = remedy(before, [need])
    if isinstance(answer, NoChange):
        assert answer.outcome == "covered", answer
        assert coverage(before["trails"], need).verdict == "full"
        return
    after = apply(before, answer)
    pairs = [*zip(before["trails"], after["trails"], strict=True)]
    for one in EVERY_EVENT:
        old = [records(each, one).verdict for each, _ in pairs]
        new = [records(each, one).verdict for _, each in pairs]
        if asked(need, one):
            assert True in new
        for was, becomes in zip(old, new, strict=True):
            assert becomes or not was, one
            assert was or not becomes or plainly_fits(need, one), one
            assert becomes is not None
    kept = answer.selectors[: len(answer.selectors) - len(answer.added)]
    chosen = next(each for each, _ in pairs if each["TrailARN"] == answer.trail_arn)
    if not answer.converted and chosen["event_selectors"][answer.member]:
        assert [*kept] == chosen["event_selectors"][answer.member]
