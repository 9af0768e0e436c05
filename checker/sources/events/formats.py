"""Recognise the shapes in which people hold CloudTrail events.

Shapes are told apart by content, never by name.  The plain ones (the `Records` wrapper
of log files, arrays, JSON lines) are split without decoding an event; the others are
unwrapped.  A shape that is not known is a problem that says what was seen.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-examples.html
"""

from __future__ import annotations

import re

import msgspec

from checker.model import Batch, Event, Header, Unreadable
from checker.sources.events import (
    compiled,
    envelopes,
    plain,
    salvage,
    whole,
)
from checker.sources.events.envelopes import ERRORS

ACCEPTED = (
    'accepted are CloudTrail log files ({"Records": [...]}), arrays, JSON lines and '
    "single events; answers of lookup-events; EventBridge events; CloudWatch Logs "
    "answers, exports and subscription messages; Athena and CloudTrail Lake results, "
    "as JSON or CSV"
)

_BOM = b"\xef\xbb\xbf"
SPACE = b" \t\r\n"
RECORDS_HEAD = re.compile(rb'\s*+\{\s*+"Records"\s*+:\s*+\[')
ARRAY_HEAD = re.compile(rb"\s*+\[")
_PREFIX = re.compile(rb"[^{\[\"\s][^{\r\n]{0,400}+(?=\{\s*+\")")
"""What stands before the event on its line: a time, as in exports of CloudWatch Logs,
the name of a stream after it, as of `aws logs tail`, or the words of a forwarder."""

_OTHER_LINES = re.compile(rb"(?:^|[\s>])(CEF|LEEF):\d")
"""How ArcSight's and QRadar's own formats begin, perhaps behind syslog's words."""

_SAMPLE = 1 << 20


_RAW = msgspec.json.Decoder(msgspec.Raw)
_EVENT = msgspec.json.Decoder()


class Digest(msgspec.Struct, frozen=True):
    """A digest file of log-file validation: recognised, counted, holds no events."""

    uri: str


def decode(record: bytes) -> Event | str:
    """Decode one record of a batch, or say why it cannot be.

    Integers keep every digit; of a key that comes twice the last value counts, as in
    Python's json.
    """
    try:
        event = _EVENT.decode(record)
    except (*ERRORS, ValueError) as error:
        return salvage.describe(error, record)
    return event if isinstance(event, dict) else "it is not a JSON object"


def split(
    uri: str, text: bytes, *, cut: bool = False, header: type[Header] = Header
) -> Batch | Digest | Unreadable:
    """Find the events of a text, each as its own JSON bytes.

    `cut` says that the text ends where its file was cut off, which its reader reports.
    `header` is what is read of each event at once, where that is possible.
    """
    text = text.removeprefix(_BOM)
    if not cut and (skimmed := _skim(uri, text, header)) is not None:
        return skimmed
    # Of the logs of a trail none needs what gathers from other shapes.
    from checker.sources.events import gathering

    return gathering.gather(uri, text, cut=cut, header=header)


def split_lines(
    uri: str,
    text: bytes,
    *,
    first: int = 0,
    first_line: int = 0,
    header: type[Header] = Header,
) -> Batch:
    """Find the events of some lines of JSON: a part of a larger input."""
    if read := plain_lines(uri, text, header, first):
        return read
    from checker.sources.events import gathering

    return gathering.lines(uri, text, first, first_line)


def split_elements(
    uri: str, text: bytes, *, first: int = 0, first_line: int = 0
) -> Batch:
    """Find the events of some elements of an array: a part of a larger input."""
    from checker.sources.events import gathering

    return gathering.elements(uri, text, first, first_line)


def is_array(text: bytes) -> int | None:
    """Return the offset of the first element of an array of records."""
    head = RECORDS_HEAD.match(text) or ARRAY_HEAD.match(text)
    return head.end() if head else None


def is_line(text: bytes) -> bool:
    """Whether a text is one object or array, perhaps after a forwarder's words."""
    value = text[prefix_length(text) :].rstrip(SPACE + b",")
    return value[:1] in (b"{", b"[") and salvage.is_valid(value)


def prefix_length(text: bytes) -> int:
    """Return the length of what stands before the event on a line."""
    found = _PREFIX.match(text)
    # A line whose beginning was cut off has keys there.
    return found.end() if found and b'":' not in found[0] else 0


def first_line(text: bytes) -> bytes:
    """Return the first line that holds anything; all of the text if it is but one."""
    return text.lstrip(SPACE).partition(b"\n")[0].rstrip(SPACE)


def is_sequence(text: bytes) -> bool:
    """Describe whether a text is JSON values that follow each other."""
    try:
        _RAW.decode_lines(text)
    except ERRORS:
        return False
    return True


def is_elements(text: bytes) -> bool:
    """Describe whether a text is elements of an array, whole ones only."""
    return salvage.is_valid(b"[%b]" % text)


def refusal(text: bytes) -> str | None:
    """Describe why a text cannot hold events at all."""
    start = text[:256].lstrip(SPACE)
    if not start and not text.strip(SPACE):
        return "it is empty"
    if text[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in text[:4]:
        if text[:4].strip(b"\0") and (text[:2] in (b"\xff\xfe", b"\xfe\xff")):
            return "it is UTF-16 text: convert it to UTF-8 (iconv -f UTF-16 -t UTF-8)"
        if text[:1] in b"{[" or text[1:2] in b"{[":
            return "it is UTF-16 text: convert it to UTF-8 (iconv -f UTF-16 -t UTF-8)"
        return f"it is binary data, not JSON; {ACCEPTED}"
    if text[257:262] == b"ustar":
        return f"it is a tar archive: unpack it first (tar -xf); {ACCEPTED}"
    if start[:1] == b"<" and has_lines(text):
        return None  # a line of syslog begins with its priority
    for magic, what in (
        (
            b"PAR1",
            "a Parquet file, as Amazon Security Lake writes in OCSF: read the log "  # noqa: ISC004 - one text
            "files of the trail (s3://BUCKET/AWSLogs/…), or export the rows as JSON",
        ),
        (b"Obj\x01", "an Avro file: export its rows as JSON lines"),
        (b"ORC", "an ORC file: export its rows as JSON lines"),
        (b"7z\xbc\xaf", "a 7z archive: unpack it first"),
        (b"\x04\x22\x4d\x18", "compressed with LZ4: decompress it first (lz4 -d)"),
        (b"BZh", "compressed with bzip2: decompress it first (bunzip2)"),
        (b"\xfd7zXZ", "compressed with xz: decompress it first (xz -d)"),
        (b"<", "XML or HTML"),
    ):
        if start.startswith(magic):
            return f"it is {what}; {ACCEPTED}"
    if start[:1] in b'{["' or has_lines(text):
        return None
    from checker.sources.events import csv_results

    return None if csv_results.is_table(text) else _no_json(text)


def _no_json(text: bytes) -> str:
    if other := _OTHER_LINES.search(first_line(text)[:256]):
        return f"its lines are in {other[1].decode()}, {envelopes.EXPORT_RAW}"
    start = text[:256].lstrip(SPACE)
    return f"it is not JSON: it begins with {_shown(start)}; {ACCEPTED}"


def _skim(uri: str, text: bytes, header: type[Header]) -> Batch | None:
    """Read a log file as CloudTrail delivers it in one pass: no more than headers.

    None for anything else, and for a file with anything odd in it, which is then looked
    at record by record.
    """
    head = RECORDS_HEAD.match(text)
    if not head:
        return None
    if read := _of_columns(uri, text, compiled.log_file(text, header)):
        return read
    return plain.log_file(uri, text, head.end(), header)


def plain_lines(
    uri: str, text: bytes, header: type[Header], first: int = 0
) -> Batch | None:
    """Read events on lines of their own in one pass; None for anything else."""
    read = _of_columns(uri, text, compiled.lines(text, header), first)
    return read or plain.lines(uri, text, header, first)


def _of_columns(
    uri: str, text: bytes, read: compiled.Read | None, first: int = 0
) -> Batch | None:
    """Return the batch of what was read as columns, if each event is whole."""
    if read is None:
        return None
    if not (
        all(map(whole.is_whole_identity, read.headers.identities.values))
        and all(map(whole.is_whole_shape, read.records.at(read.samples)))
    ):
        return None
    numbers = range(first, first + len(read.records))
    headers, ascii_ = read.headers, read.is_ascii
    return Batch(uri, text, read.records, numbers, headers=headers, ascii=ascii_)


def has_lines(text: bytes) -> bool:
    """Return whether lines stand on their own, judging by the first few."""
    sample = text[:_SAMPLE].split(b"\n")[:16]
    return any(is_line(line.strip(SPACE)) for line in sample)


def _shown(text: bytes) -> str:
    return repr(text[:20].decode("utf-8", "replace"))
