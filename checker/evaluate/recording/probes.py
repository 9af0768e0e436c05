"""Make the events that tell whether trails cover a need.

A trail's verdict depends on an event only through a few fields, and on each of them
only through the values that its field selectors compare with.  So a field has finitely
many classes of values that no selector can tell apart, and one probe for each
combination of classes decides the need exactly:

- the values of a field are each value that some selector of some trail names as a
  whole, and each start that one names followed by text that none names, followed by
  each end that one names (a string passes just those tests that its longest named start
  and its longest named end pass, whatever stands between);
- a caller and a console session are also absent once, for absence is selected by
  nothing; other values are bounded by what AWS documents (readOnly, eventType,
  errorCode, the calls of a type whose list AWS calls complete, the head of its ARNs);
- Regions are those of the need, or each home Region, each Region named in an ARN and
  one other;
- values that pass and fail the same tests are one class, so a list of a hundred names
  costs no more than one name.

A probe has one resource.  An event with more can only be recorded more often, except
through them: what is none for a type says nothing of events that touch other types.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from checker.aws import api_calls, data_events
from checker.evaluate.recording.boundaries import Boundaries, Value
from checker.evaluate.recording.event_selector import EventSelector
from checker.evaluate.recording.need import Need
from checker.evaluate.recording.probe_events import ProbeSite, write
from checker.evaluate.recording.scope import GLOBAL_SOURCES, STS, Scope, leader


@dataclass(frozen=True, slots=True)
class Probe:
    """One event, and what sets it apart from the other probes."""

    event: Mapping[str, Any]
    label: str


def probes(
    need: Need,
    scopes: Sequence[Scope],
    selectors: Sequence[EventSelector],
    *,
    newer: bool = False,
) -> Iterator[Probe]:
    """Return the probes of a need, for trails of these scopes and event selectors.

    With `newer` there are probes too for calls that no API model has yet.
    """
    partition = _partition(need, scopes)
    kinds = _kinds(need, Boundaries(selectors))
    for account, kind in itertools.product(_accounts(need, scopes), kinds):
        tests = Boundaries(
            one
            for one in selectors
            if one.types is None or one.types.test(kind.value) is not False
        )
        for source in _sources(need, kind.value, tests):
            regions = _regions(need, partition, scopes, tests)
            for place in _places(need, source.value, regions, account, partition):
                yield from _at(need, place, kind, source, tests, newer=newer)


def _at(  # noqa: PLR0913 - what tells probes apart
    need: Need,
    place: ProbeSite,
    kind: Value,
    source: Value,
    tests: Boundaries,
    *,
    newer: bool,
) -> Iterator[Probe]:
    """Return the probes of one place, resource type and event source."""
    fields = {
        "eventName": _names(need, kind.value, source.value, tests, newer=newer),
        "readOnly": _accesses(need, tests),
        "resources.ARN": _arns(need, kind.value, place, tests),
        "userIdentity.arn": _callers(place, tests),
        "eventType": _types(need, source.value, tests),
        "sessionCredentialFromConsole": tests.merge(
            "sessionCredentialFromConsole",
            [Value(None, "outside the console"), Value("true", "from the console")],
        ),
        "errorCode": tests.merge(
            "errorCode",
            [Value("VpceAccessDenied", "denied"), Value(None, "not denied")],
        ),
        "vpcEndpointId": tests.values("vpcEndpointId", "vpce-"),
    }
    several = [field for field, values in fields.items() if len(values) > 1]
    for combination in itertools.product(*fields.values()):
        values = dict(zip(fields, combination, strict=True))
        if not _occurs(need, source.value, values):
            continue
        told = [values[field].label for field in several]
        if not need.resource_type and kind.value:
            told.append(kind.label)
        elif not need.source and not kind.value:
            told.append(source.label)
        event = write(need, place, kind, source, values)
        yield Probe(event, f"{', '.join(told)} in {place.region}".strip())


def _occurs(need: Need, source: str | None, values: Mapping[str, Value]) -> bool:
    """Return whether AWS's words about a documented data event allow the probe."""
    known = data_events.lookup(source or "", values["eventName"].value or "")
    if known is None or need.category != "Data":
        return True
    access = values["readOnly"].value
    if known.read_only is not None and access not in (None, _word(known.read_only)):
        return False
    return not (known.unsigned and values["userIdentity.arn"].value is not None)


def _word(flag: bool) -> str:  # noqa: FBT001 - it is the flag that is put into words
    return "true" if flag else "false"


def _partition(need: Need, scopes: Sequence[Scope]) -> str:
    regions = [*(need.regions or ()), *(one.region or "" for one in scopes)]
    if need.arn and need.arn.startswith("arn:"):
        return need.arn.split(":")[1]
    known = [one.partition for one in scopes if one.partition]
    if known:
        return known[0]
    for prefix, partition in (("cn-", "aws-cn"), ("us-gov-", "aws-us-gov")):
        if any(region.startswith(prefix) for region in regions):
            return partition
    return "aws"


def _accounts(need: Need, scopes: Sequence[Scope]) -> list[str | None]:
    """Return the accounts: the need's, or each that owns a trail of its own."""
    if need.account is not None:
        return [need.account]
    own = {
        one.account for one in scopes if one.account and one.organization is not True
    }
    return [*sorted(own)] or [None]


def _kinds(need: Need, every: Boundaries) -> list[Value]:
    if need.category != "Data":
        return [Value(None, "no resource")]
    if need.resource_type:
        return [Value(need.resource_type, need.resource_type)]
    return every.values("resources.type")


def _sources(need: Need, kind: str | None, tests: Boundaries) -> list[Value]:
    documented = data_events.source(kind) if kind else None
    one = need.source or documented
    if one:
        return [Value(one, one)]
    found = tests.values("eventSource")
    if need.category == "Management":
        found += [Value(name, name) for name in (*sorted(GLOBAL_SOURCES), STS)]
    special = {name: name in GLOBAL_SOURCES for name in GLOBAL_SOURCES}
    return tests.merge("eventSource", found, {**special, STS: STS})


def _regions(
    need: Need, partition: str, scopes: Sequence[Scope], tests: Boundaries
) -> list[str]:
    """Return the Regions to look at, one of those that nothing tells apart.

    A start such as `arn:aws:lambda:eu-` tells Regions apart in the middle of a name.
    """
    special = {one.region for one in scopes if one.region}
    parts: set[str] = set()
    for values in tests.named("resources.ARN"):
        for pieces in (value.split(":") for value in values):
            if len(pieces) > 4:
                special.add(pieces[3])
            elif len(pieces) == 4:
                parts.add(pieces[3])
    special -= {""}
    parts -= {""}
    first = leader(partition)
    if need.regions is None:
        named = special | {f"{part}…" for part in parts} | ({first} if first else set())
        return [*sorted(named), "any other Region"]
    alike: dict[object, str] = {}
    for region in need.regions:
        passed = tuple(region.startswith(part) for part in sorted(parts))
        known = region if region in special or region == first else None
        alike.setdefault((known, passed), region)
    return list(alike.values())


def _places(
    need: Need,
    source: str | None,
    regions: Sequence[str],
    account: str | None,
    partition: str,
) -> Iterator[ProbeSite]:
    """Return where events of a source are recorded: global services in one Region."""
    first = leader(partition)
    if source in GLOBAL_SOURCES and first:
        if need.source or need.regions is None or first in regions:
            yield ProbeSite(first, account, partition)
        return
    for region in regions:
        host = f"sts.{region}.amazonaws.com" if source == STS else None
        yield ProbeSite(region, account, partition, host)
        if source == STS and region == first:
            yield ProbeSite(region, account, partition, STS)


def _names(
    need: Need,
    kind: str | None,
    source: str | None,
    tests: Boundaries,
    *,
    newer: bool,
) -> list[Value]:
    documented = data_events.names(kind) if kind else ()
    if need.category == "Insight":
        found = need.names or ("ApiCallRateInsight", "ApiErrorRateInsight")
        return [Value(name, name) for name in found]
    if need.names:
        values = [Value(name, name) for name in need.names]
    elif kind and data_events.complete(kind):
        values = [Value(name, name) for name in documented]
    else:
        values = _possible(source, tests.values("eventName"), tests, newer=newer)
        values += [Value(name, name) for name in documented]
    known = {
        one.value or "": data_events.lookup(source or "", one.value or "")
        for one in values
    }
    return tests.merge("eventName", values, known)


def _possible(
    source: str | None, values: Sequence[Value], tests: Boundaries, *, newer: bool
) -> list[Value]:
    """Leave out the names that no event of a source has.

    A made-up name stands for those that pass the same tests: one of them must be real.
    """
    known = api_calls.known_names(source) if source else None
    if known is None or (len(values) == 1 and values[0].fresh):
        return [*values]
    if newer:
        named, _, _ = tests.named("eventName")
        known = known.union(name for name in named if not api_calls.owners(name))
    real = {
        tests.passed("eventName", name): name for name in sorted(known, reverse=True)
    }
    found: list[Value] = []
    for one in values:
        name = real.get(tests.passed("eventName", one.value))
        if name is not None:
            keep = one.fresh or one.value in known
            found.append(one if keep else replace(one, value=name))
    return found


def _accesses(need: Need, tests: Boundaries) -> list[Value]:
    """Return read and write; where nothing tells them apart, neither has to be said."""
    read, write = Value("true", "read events"), Value("false", "write events")
    if need.access == "Read":
        return [read]
    if need.access == "Write":
        return [write]
    if len(tests.merge("readOnly", [read, write])) == 1:
        return [Value(None, "all events")]
    return [read, write]


def _arns(
    need: Need, kind: str | None, place: ProbeSite, tests: Boundaries
) -> list[Value]:
    if kind is None:
        return [Value(None, "no resource")]

    def fits(arn: str) -> bool:
        return data_events.arn_fits(kind, arn)

    if need.arn is None:
        account = place.account or "000000000000"
        head, _ = data_events.arn_head(kind, place.partition, place.region, account)
        return tests.values("resources.ARN", head, fits)
    if need.arn.endswith(("/", "*")):
        return tests.values("resources.ARN", need.arn.rstrip("*"), fits)
    return [Value(need.arn, need.arn)]


def _callers(place: ProbeSite, tests: Boundaries) -> list[Value]:
    found = [Value(None, "callers without an arn")]
    found += tests.values("userIdentity.arn", f"arn:{place.partition}:")
    return tests.merge("userIdentity.arn", found)


def _types(need: Need, source: str | None, tests: Boundaries) -> list[Value]:
    """Return the event types that AWS documents for such events."""
    found = ["AwsApiCall", "AwsServiceEvent"]
    if need.category == "NetworkActivity":
        found = ["AwsVpceEvent"]
    elif need.category == "Insight":
        found = ["AwsCloudTrailInsight"]
    elif need.category == "Management":
        found.append("AwsConsoleAction")
        if source in (None, "signin.amazonaws.com") or not need.source:
            found.append("AwsConsoleSignIn")
    elif need.names and all(data_events.lookup(source or "", n) for n in need.names):
        found = ["AwsApiCall"]
    return tests.merge("eventType", [Value(kind, kind) for kind in found])
