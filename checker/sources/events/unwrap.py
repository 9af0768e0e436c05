"""Gather events and problems out of JSON values, unwrapping envelopes.

Nothing gets lost here: every value becomes events, a problem, or both.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from checker.model import Batch, Unreadable
from checker.sources.events import (
    answer_rows,
    csv_results,
    envelopes,
    inside,
    salvage,
    whole,
)
from checker.sources.events.envelopes import ERRORS

_LOG_PREFIX = b'{"eventVersion":"1.'
_DEPTH = 6
_TEXT_OF_OBJECT = re.compile(rb'"(?:\\[nrt]|\s)*+\{')
_LIST = msgspec.json.Decoder(list[msgspec.Raw])
_TEXT = msgspec.json.Decoder(str)
_ANY = msgspec.json.Decoder()


class EventExtractor:
    """What is gathered from one text, in the order in which it stands there.

    Records are numbered from `first`, those that cannot be read included.  `known` says
    whether any value had a shape that is known, even one that holds no event.
    """

    def __init__(
        self, uri: str, text: bytes, first: int = 0, first_line: int = 0
    ) -> None:
        self.uri = uri
        self.first_line = first_line
        self.text = text
        self.records: list[bytes] = []
        self.problems: list[Unreadable] = []
        self.known = False
        self._numbers: list[int] = []
        self._regions: list[bytes] = []
        self._wrapped = False
        self._partial = False
        self._others: dict[str, None] = {}
        self._found: bytes | None = None
        self._number = first
        self._at = 0
        self._end = 0
        self._line = (0, 1)
        self._has_lines = b"\n" in text
        self._valid = envelopes.is_utf8(text)

    @property
    def refused(self) -> int:
        """How many problems there are."""
        return len(self.problems)

    def batch(self) -> Batch:
        """Return what was gathered."""
        return Batch(
            self.uri,
            self.text,
            tuple(self.records),
            tuple(self._numbers),
            tuple(self.problems),
            partial=self._partial,
            others=tuple(self._others),
            spans=self._spans() if self._wrapped else (),
        )

    def _spans(self) -> tuple[tuple[int, int], ...]:
        """Find the region of each record, in order."""
        self._at = self._end = 0
        self._found = None
        return tuple((self._find(region), len(region)) for region in self._regions)

    def add_all(self, values: list[bytes]) -> None:
        """Gather all values of the text, which stand there as they are; fast."""
        if self._valid and _are_events(values):
            self.records = values
            self._numbers = list(range(self._number, self._number + len(values)))
            self._number += len(values)
            self.known = True
            return
        for value in values:
            self.add(value)
        self.known = self.known or not values

    def add(self, value: bytes) -> None:
        """Gather one value that stands in the text: an event or an envelope."""
        self.unwrap(value)

    def refuse(self, reason: str, at: int, number: int | None = -1) -> None:
        """Note a problem at a byte of the text; with number None it is the input's."""
        place = ""
        if self._has_lines:
            seen, line = self._line if self._line[0] <= at else (0, 1)
            line += self.text.count(b"\n", seen, at)
            self._line = (at, line)
            place = f" (line {self.first_line + line})"
        if number is not None:
            number = self._number
            self._number += 1
        self.problems.append(Unreadable(self.uri, number, reason + place))

    def is_digest(self, value: bytes) -> bool:
        """Describe whether a value is a digest file of log-file validation."""
        try:
            return envelopes.ENVELOPE.decode(value).is_digest
        except ERRORS:
            return False

    def unwrap(self, value: bytes, depth: int = 0) -> None:
        """Gather the events of one value of valid JSON, whatever its shape."""
        value = value.strip(b" \t\r\n")
        if depth > _DEPTH:
            self._refuse_value("it is wrapped in envelopes over and over", value)
        elif value.startswith(b"["):
            for item in self._items(value):
                self.unwrap(item, depth + 1)
        elif _TEXT_OF_OBJECT.match(value):
            # As of lookup-events --query "Events[].CloudTrailEvent".
            self._message(value)
        elif not value.startswith(b"{"):
            self._refuse_value(f"it is no event but {envelopes.kind_of(value)}", value)
        elif (problem := envelopes.event_problem(value)) is None:
            self._event(value)
        elif problem:
            self._refuse_value(problem, value)
        else:
            self._envelope(value, envelopes.ENVELOPE.decode(value), depth)

    def _envelope(self, value: bytes, seen: envelopes.Envelope, depth: int) -> None:
        """Gather from an object that is no event itself."""
        if len(seen.records) and envelopes.repeats(value, "Records"):
            self._refuse_value("duplicate `Records` key", value)
        elif (
            bytes(seen.message_type) == b'"CONTROL_MESSAGE"'
            and b"eventName" not in value
        ):
            self.known = True  # how CloudWatch Logs tries out a subscription
        elif len(seen.detail) and len(seen.detail_type):
            self._detail(value, seen)
        elif listed := next(
            (
                each
                for each in (seen.records, seen.entries, seen.log_events, seen.events)
                if bytes(each)[:1] == b"["
            ),
            None,
        ):
            self._each(listed, value, depth + 1)
        else:
            self._result(value, seen)

    def _result(self, value: bytes, seen: envelopes.Envelope) -> None:  # noqa: C901 - one branch for each shape
        """Gather from the result of a query, or from what another tool wrapped."""
        if bytes(seen.results)[:2] == b"[[":
            self._rows(answer_rows.insights(self._list_of(seen.results, value)))
        elif len(seen.query_result_rows):
            self._rows(answer_rows.lake(self._list_of(seen.query_result_rows, value)))
        elif len(seen.result_set):
            if (rows := answer_rows.athena(value)) is None:
                reason = "it is no result of Athena: ResultSet lacks Rows"
                self._refuse_value(reason, value)
            else:
                self.known = True
                self._rows(rows)
        elif tables := answer_rows.tables(value):
            self.known = True
            self._rows(tables)
        elif not self._valid and not envelopes.is_utf8(value):
            self._refuse_value("it holds bytes that are not UTF-8", value)
        elif (row := _decoded(value)) is None:
            self._refuse_value("it has a number that is out of range", value)
        elif csv_results.names_event(list(row)):
            self._row(row, value)
        elif found := inside.of(value):
            self._keep(found, value)
        elif envelopes.is_empty(seen) or envelopes.is_bulk_action(value):
            self.known = True
        elif len(message := envelopes.message(seen)):
            self._message(bytes(message))
        else:
            self._refuse_value(envelopes.unknown(value, seen), value)

    def _each(self, raw: msgspec.Raw, value: bytes, depth: int) -> None:
        """Gather from each element of a list inside an envelope."""
        for item in self._list_of(raw, value):
            self.unwrap(item, depth)

    def _list_of(self, raw: msgspec.Raw, value: bytes) -> list[bytes]:
        """Split a list inside an envelope; anything else there is a problem."""
        if bytes(raw).startswith(b"["):
            return self._items(bytes(raw))
        self._refuse_value(envelopes.unknown(value), value)
        return []

    def _items(self, value: bytes) -> list[bytes]:
        self.known = True
        return list(map(bytes, _LIST.decode(value)))

    def _message(self, region: bytes) -> None:
        """Gather from an event that an envelope holds as a string of JSON."""
        try:
            text = _TEXT.decode(region)
        except ERRORS as error:
            self._refuse_value(salvage.describe(error, region), region)
            return
        found = inside.of_text(text)
        if not found:
            reason = f"of a message: {inside.refusal(text)}"
            self._refuse_value(reason, region)
        self._keep(found, region)

    def _event(self, value: bytes) -> None:
        """Keep an event, once its fields are in their places."""
        if not self._valid and not envelopes.is_utf8(value):
            self._refuse_value("it holds bytes that are not UTF-8", value)
        elif whole.is_whole(value):
            self._record(value, value)
        else:
            self._keep(inside.placed(value), value)

    def _keep(self, found: Iterable[inside.Found], region: bytes) -> None:
        """Keep what was found in a region of the text: events, and problems."""
        for each in found:
            if isinstance(each, str):
                self._refuse_value(each, region)
            else:
                self._record(each, region)

    def _detail(self, value: bytes, seen: envelopes.Envelope) -> None:
        """Gather the event of an EventBridge envelope."""
        if not envelopes.is_utf8(value):
            self._refuse_value("it holds bytes that are not UTF-8", value)
            return
        if found := inside.of(bytes(seen.detail)):
            self._keep(found, bytes(seen.detail))
            return
        kind = bytes(seen.detail_type).decode("utf-8", "replace")
        self._refuse_value(
            f"it is an EventBridge event of type {kind}, which carries no CloudTrail "
            "event",
            value,
        )

    def _rows(self, rows: Iterable[answer_rows.Row]) -> None:
        """Gather from the rows of a query's answer."""
        for row, region in rows:
            if row is None:
                self._refuse_value("it is no row of a query's result", region)
            else:
                self._row(row, region)

    def add_rows(self, rows: Iterable[csv_results.Row]) -> None:
        """Gather the events of a table in CSV."""
        self.known = True
        for row in rows:
            if row.reason:
                self._refuse_value(row.reason, row.text)
            else:
                self._row(row.cells, row.text)

    def _row(self, row: Mapping[str, Any], region: bytes) -> None:
        """Gather the event of one row of a query's result."""
        read = inside.row(row)
        self._partial = self._partial or read.partial
        self._others.update(dict.fromkeys(read.others))
        self._keep(read.found, region)

    def _record(self, record: bytes, region: bytes) -> None:
        """Keep an event; `region` is where it stands in the text."""
        if not self._valid and not envelopes.is_utf8(record):
            self._refuse_value("it holds bytes that are not UTF-8", region)
            return
        self.known = True
        self._wrapped = self._wrapped or record is not region
        self._regions.append(region)
        self.records.append(record)
        self._numbers.append(self._number)
        self._number += 1

    def _refuse_value(self, reason: str, region: bytes) -> None:
        self.refuse(reason, self._find(region))

    def _find(self, region: bytes) -> int:
        """Find a region of the text, at or after the one before."""
        if region is self._found:
            return self._at  # one region may hold many events
        self._found = region
        at = self.text.find(region, self._end)
        if at >= 0:
            self._at, self._end = at, at + len(region)
        return self._at


def _are_events(values: list[bytes]) -> bool:
    """Describe whether all values are events.

    CloudTrail's own log files begin each with its `eventVersion`, so that of those only
    the first is looked at more closely.
    """
    if not values or not envelopes.is_event(values[0]):
        return False
    if not all(value.startswith(_LOG_PREFIX) for value in values) and not all(
        map(envelopes.is_event, values)
    ):
        return False
    return all(map(whole.is_whole, values))


def _decoded(value: bytes) -> Any:
    """Return the value of valid JSON; None if a number in it is out of range."""
    try:
        return _ANY.decode(value)
    except msgspec.ValidationError:
        return None
