"""Determine whether somebody is told when a trail records certain events.

It walks the chain: a trail that records them everywhere, its log group, a metric filter
that counts them and not what happens all day, an alarm that goes off by it, and an
action that reaches somebody.  Nothing is judged by how a filter is worded: it is run on
sample events.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudwatch-alarms-for-cloudtrail.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from checker.conditions import Cause, Unknown, UnknownValue
from checker.conditions.sketch import joined
from checker.evaluate.alarms import filter_pattern
from checker.evaluate.alarms.actions import notified
from checker.evaluate.alarms.links import (
    Body,
    Link,
    Watch,
    best,
    broken,
    doubt,
    same,
    shown,
    weakened,
    works,
    written,
)
from checker.evaluate.alarms.samples import samples_of
from checker.evaluate.recording.coverage import coverage
from checker.evaluate.recording.need import Need
from checker.evaluate.recording.placed import somewhere
from checker.evaluate.recording.recorder import Recorders

# What stands before each link of the chain: a failure there is sure only when all of
# these are known.
_SECTIONS = ("trails", "metric_filters", "alarms", "sns_topics")


class Alarmed(msgspec.Struct, frozen=True):
    """Whether somebody is told of all the samples; None where not known."""

    verdict: bool | None
    reason: str
    cause: Cause = Cause.UNDECIDABLE


def alarmed(
    need: Mapping[str, Any],
    snapshot: Mapping[str, Any],
    recorders: Recorders | None = None,
) -> Alarmed:
    """Answer the `alarmed` function of configuration rules (`conditions.settings`)."""
    given = samples_of(need, snapshot)
    need, source, names = given.need, given.need.get("source"), given.names
    wanted = Need("Management", source=source, names=tuple(names)) if names else None
    chain = _Chain(
        snapshot,
        wanted or Need("Management"),
        need.get("events", 1),
        Recorders() if recorders is None else recorders,
    )
    links = [chain.link(sample, given.quiet) for sample in given.samples]
    told = best([link for link in links if link.verdict is False]) or best(
        [link for link in links if link.verdict is None]
    )
    if told is None:
        reasons = dict.fromkeys(link.reason for link in links)
        return Alarmed(verdict=True, reason="; ".join(reasons))
    several = zip(given.samples, links, strict=True)
    first = next(sample for sample, link in several if link is told)
    region = first["awsRegion"]
    where = "" if region == given.home else f" in {region}"
    reason = f"{first['eventName']}{where}: {told.reason}"
    return Alarmed(told.verdict, reason, told.cause)


@dataclass(slots=True)
class _Filter:
    """A metric filter: its row, pattern, and how far its log group's events reach.

    `recording` is that of the trail that delivers to the log group.
    """

    row: Body
    pattern: filter_pattern.Pattern | filter_pattern.Malformed
    told: Link
    recording: Link


class _Chain:
    """What is known of an account's chains, from the trails to the subscribers."""

    def __init__(
        self,
        snapshot: Mapping[str, Any],
        need: Need,
        events: int,
        recorders: Recorders,
    ) -> None:
        self._recorders = recorders
        self._rows = {name: _rows(snapshot.get(name), name) for name in _SECTIONS}
        groups = [*self._delivering(need)]
        self._recording = best([link for _, link in groups]) or broken(
            "no trail delivers to a log group", 0
        )
        delivered = _each_once(
            [(arn, link) for arn, link in groups if link.verdict is not False]
        )
        self._foreign = _foreign(snapshot, [arn for arn, _ in delivered])
        keys = _rows(snapshot.get("kms_keys"), "kms_keys")
        watch = Watch(
            alarms=self._known("alarms"),
            topics=self._known("sns_topics"),
            keys=[row for row in keys if not isinstance(row, Unknown)],
            account=_account(snapshot),
            events=events,
        )
        self._filters = [
            _Filter(row, _pattern(row), weakened(notified(row, watch), of), link)
            for row in self._known("metric_filters")
            for arn, link in delivered
            if (of := _is_of(row, arn)) is not False
        ]

    def link(self, sample: Body, quiet: Sequence[Body]) -> Link:
        """Follow one sample as far as it gets."""
        if self._recording.verdict is False:
            return self._sure(self._recording)
        links = [
            weakened(
                _counted(each, sample, quiet),
                each.row.get("_exists", True),
                _as_doubt(each.recording),
            )
            for each in self._filters
        ]
        none = broken("no metric filter of the trail's log group counts it", 1)
        link = best(links) or none
        if link.verdict is False and self._recording.cause is Cause.UNDECLARED:
            return self._recording
        if link.verdict is False and self._foreign:
            return doubt(f"{self._foreign} belongs to another account", 1)
        return self._sure(link)

    def _sure(self, link: Link) -> Link:
        """Turn a failure into a doubt where what stands before it is not all known."""
        if link.verdict is False:
            for name in _SECTIONS[: link.reached + 1]:
                for row in self._rows[name]:
                    if isinstance(row, Unknown):
                        return doubt(row, link.reached)
        return link

    def _known(self, section: str) -> list[Body]:
        return [row for row in self._rows[section] if not isinstance(row, Unknown)]

    def _delivering(self, need: Need) -> Iterator[tuple[object, Link]]:
        """Return the log groups of trails, and whether it records the need."""
        for trail in self._known("trails"):
            group = trail.get("CloudWatchLogsLogGroupArn")
            if isinstance(group, Unknown):
                link = _recorded(trail, need, self._recorders)
                yield group, weakened(link, group if not _is_there(group) else True)
            elif group:
                yield group, _recorded(trail, need, self._recorders)


def _each_once(delivered: Sequence[tuple[object, Link]]) -> list[tuple[object, Link]]:
    """Return each log group once, with the best of the trails that deliver to it."""
    known: dict[str, list[Link]] = {}
    for arn, link in delivered:
        if isinstance(arn, str):
            known.setdefault(arn, []).append(link)
    found: list[tuple[object, Link]] = [
        (arn, one) for arn, links in known.items() if (one := best(links))
    ]
    return found + [each for each in delivered if not isinstance(each[0], str)]


def _is_there(value: Unknown) -> bool:
    try:
        return bool(value)
    except UnknownValue:
        return False


def _as_doubt(link: Link) -> Unknown | bool:
    return True if link.verdict else Unknown(link.reason, link.cause)


def _account(snapshot: Mapping[str, Any]) -> object:
    account = snapshot.get("account")
    known = account.get("id") if isinstance(account, Mapping) else None
    return (
        Unknown("account: not collected", Cause.NOT_COLLECTED)
        if known is None
        else known
    )


def _foreign(snapshot: Mapping[str, Any], groups: Sequence[object]) -> str | None:
    """Find a log group of which this account cannot see the filters.

    The trails of an organization deliver to a log group of the management account.
    """
    account = snapshot.get("account")
    known = account.get("id") if isinstance(account, Mapping) else None
    if not isinstance(known, str):
        return None
    owners = {
        arn.removesuffix(":*"): arn.split(":")[4]
        for arn in groups
        if isinstance(arn, str) and arn.count(":") > 4
    }
    return next((arn for arn in owners if owners[arn] != known), None)


def _rows(section: object, name: str) -> list[Body | Unknown]:
    if isinstance(section, Unknown):
        return [section]
    if not isinstance(section, list):
        return [Unknown(f"{name}: not collected", Cause.NOT_COLLECTED)]
    return section


def _recorded(trail: Body, need: Need, recorders: Recorders) -> Link:
    name = shown(trail.get("Name"))
    try:
        answer = coverage([trail], need, recorders)
        if answer.verdict == "unknown" and "full" in answer.possible:
            placed = [coverage(each, need) for each in somewhere([trail])]
            if {each.verdict for each in placed} & {
                "full",
                "unknown",
                "",
            } or not placed:
                return doubt(answer.unknown, 0)
            answer = placed[-1]
        if answer.verdict != "full":
            return broken(f"not all is recorded: {answer.reason}", 0)
        error = _delivery_error(trail.get("status"))
    except UnknownValue as unknown:
        return doubt(unknown.unknown, 0)
    if error:
        return broken(f"{name} does not reach its log group: {error}", 0)
    return works(f"recorded by {name}", 0)


def _delivery_error(status: object) -> str | None:
    if isinstance(status, Unknown):
        raise UnknownValue(status)
    known = status if isinstance(status, Mapping) else {}
    return known.get("LatestCloudWatchLogsDeliveryError")


def _is_of(row: Body, group: object) -> bool | None:
    """Return whether a filter is on a log group, by ARN or by name and Region."""
    arn = row.get("log_group_arn")
    if isinstance(arn, str | Unknown):
        return same(_without_star(arn), _without_star(group))
    text = written(group)
    end = [] if text is None else text.removesuffix(":*").split(":", 6)
    if len(end) < 7:
        return None if isinstance(group, Unknown) else False
    if not isinstance(group, Unknown):
        return (end[3], end[6]) == (row.get("region"), row.get("logGroupName"))
    return None


def _without_star(arn: object) -> object:
    """Return a log group's ARN as its filters have it."""
    if isinstance(arn, str):
        return arn.removesuffix(":*")
    if not isinstance(arn, Unknown) or not arn.sketch:
        return arn
    *rest, last = arn.sketch
    if not isinstance(last, str) or not last.endswith(":*"):
        return arn
    sketch = joined((*rest, last.removesuffix(":*")))
    return Unknown(arn.reason, arn.cause, sketch=sketch)


def _pattern(row: Body) -> filter_pattern.Pattern | filter_pattern.Malformed:
    text = row.get("filterPattern")
    if isinstance(text, Unknown):
        return filter_pattern.Malformed(text.reason, 0)
    return filter_pattern.parse(text or "")


def _counted(each: _Filter, sample: Body, quiet: Sequence[Body]) -> Link:
    name = shown(each.row.get("filterName"))
    for key in ("filterPattern", "applyOnTransformedLogs", "fieldSelectionCriteria"):
        value = each.row.get(key)
        if isinstance(value, Unknown):
            said = f"the {key} of {name} is not known ({value.reason})"
            return doubt(Unknown(said, value.cause), 1)
    if each.row.get("applyOnTransformedLogs"):
        return doubt(f"{name} is run on what a transformer makes of the events", 1)
    if isinstance(each.pattern, filter_pattern.Malformed):
        return broken(f"the pattern of {name} is wrong: {each.pattern.reason}", 1)
    if not each.pattern.match(sample):
        return broken(f"the metric filter {name} does not count it", 1)
    if each.row.get("fieldSelectionCriteria"):
        return doubt(f"{name} counts the events of some accounts or Regions only", 1)
    for record in quiet:
        if each.pattern.match(record):
            what = f"also counts an ordinary {record['eventName']}"
            return broken(f"the metric filter {name} {what}", 1)
    return each.told
