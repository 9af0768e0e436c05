"""Scan one shard of the inputs into a part, and merge the parts of a scan.

Each runner lists all inputs, scans its own and writes what they gave (`part_file`).
The merge of all parts is the report of one scan, byte for byte.
"""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from checker import __version__
from checker.errors import UsageError
from checker.evaluate.correlation import Addresses, Learned
from checker.model import AnyRule, Match, Report, Unreadable
from checker.parallel.gc_pause import gc_paused
from checker.run.policy.policy import NONE, Policy
from checker.run.scanning.intake import Emit
from checker.run.scanning.job import Job, make_job
from checker.run.scanning.merge import Numbered, merge
from checker.run.scanning.part_file import VERSION, Head, PartFile, PartWriter
from checker.run.scanning.reading import read_inputs
from checker.run.scanning.scan import Advance
from checker.run.scanning.scanned import Scanned
from checker.run.scanning.shards import Listing, Shard, job_digest
from checker.run.scanning.worker import detecting
from checker.sources.events.files import STDIN
from checker.sources.events.inputs import Found, InputFilter, find, watched
from checker.sources.events.inputs import notes as input_notes

_NAMED: Final = 8
"""How many missing shards a message names."""


@dataclass(frozen=True, slots=True)
class Part:
    """What a shard was: how many inputs it read of those listed, and its problems."""

    inputs: int
    listed: int
    problems: int


def scan_shard(  # noqa: PLR0913 - each is an option of the command
    rules: Iterable[AnyRule],
    inputs: Sequence[str],
    shard: Shard,
    path: Path,
    *,
    bases: Iterable[AnyRule] = (),
    jobs: int | None = 1,
    advance: Advance | None = None,
    wanted: InputFilter | None = None,
    policy: Policy = NONE,
) -> Part:
    """Scan the inputs of one shard, and write what they gave to a file.

    The arguments are those of `scan`; of the policy only the exceptions matter here,
    for what they ask about is shown of the events.  Raises `UsageError` where the file
    cannot be written, and for standard input, which no other shard can list.
    """
    if STDIN in inputs:
        raise UsageError("-: standard input has no shards: name files or s3:// inputs")
    notes: list[str] = []
    asked = watched(wanted, advance, notes.append)
    notes.extend(input_notes(inputs, asked))
    job = make_job(rules, bases, period=asked.period, policy=policy)
    listing = Listing(shard)
    numbers: deque[tuple[int, bool]] = deque()

    def own() -> Iterator[Found]:
        for number, each in listing.own(find(inputs, asked)):
            numbers.append((number, isinstance(each, Unreadable)))
            yield each

    read = problems = 0
    try:
        with PartWriter(path, _head(job, inputs, shard, asked)) as part:
            pieces = read_inputs(
                own(), asked, jobs, detecting, job, remark=notes.append
            )
            with contextlib.closing(pieces), gc_paused() as step:
                for piece in pieces:
                    number, listed = numbers[0]
                    part.add(number, piece, listed=listed)
                    problems += len(piece.problems)
                    read += piece.last
                    if piece.last:
                        numbers.popleft()
                    step()
            part.finish(listing.count, listing.digest, tuple(notes))
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError(f"--output {path}: cannot be written: {reason}") from error
    return Part(read, listing.count, problems)


def merge_parts(  # noqa: PLR0913 - each is an option of the command
    pack: Sequence[AnyRule],
    paths: Sequence[str],
    *,
    bases: Iterable[AnyRule] = (),
    learned: Learned | None = None,
    addresses: Addresses | None = None,
    emit: Emit | None = None,
    policy: Policy = NONE,
) -> Report:
    """Return the report of the scan whose parts these are, in any order.

    `pack` are the rules that the shards were given; which of them reported is in the
    parts.  Raises `SourceError` for a part that is damaged or none, and `UsageError`
    where the parts are not all parts of one scan, or were made with other rules.
    """
    parts = sorted(map(PartFile, paths), key=lambda part: part.head.shard)
    _refuse_mixed(parts)
    head = parts[0].head
    known = {rule.name: rule for rule in pack}
    unknown = [name for name in head.chosen if name not in known]
    if unknown:
        raise UsageError(
            f"{parts[0].path}: the scan had rules that are not here ({unknown[0]}): "
            "name the same --rules and --config"
        )
    chosen = [known[name] for name in head.chosen]
    bases = list(bases)
    job = make_job(chosen, bases, policy=policy)
    if job_digest(job) != head.rules:
        raise UsageError(
            f"{parts[0].path}: the scan had other rules or exceptions: name the same "
            "--rules, --config and --exceptions"
        )
    return merge(
        chosen,
        _without_repeats([part.pieces(job) for part in parts]),
        bases=bases,
        learned=learned,
        addresses=addresses,
        emit=emit,
        policy=policy,
        notes=_notes(parts),
    )


def _refuse_mixed(parts: Sequence[PartFile]) -> None:
    """Raise `UsageError` unless these are all parts of one scan, each once."""
    if not parts:
        raise UsageError("name the parts of a scan: scan --shard writes them")
    first = parts[0]
    if first.head.trailcheck != __version__:
        raise UsageError(
            f"{first.path}: made by trailcheck {first.head.trailcheck}, and this is "
            f"{__version__}: merge with the version that scanned"
        )
    by_number: dict[int, PartFile] = {}
    for part in parts:
        for what, differs in _differences(first.head, part.head):
            if differs:
                raise UsageError(
                    f"{part.path}: not of the same scan as {first.path}: {what}"
                )
        other = by_number.setdefault(part.head.shard, part)
        if other is not part:
            shard = Shard(part.head.shard, part.head.of)
            raise UsageError(f"{other.path} and {part.path}: both are shard {shard}")
    missing = [n for n in range(1, first.head.of + 1) if n not in by_number]
    if missing:
        named = ", ".join(str(Shard(n, first.head.of)) for n in missing[:_NAMED])
        more = ", …" if len(missing) > _NAMED else ""
        raise UsageError(f"no part of shard {named}{more}: name the parts of all")


def _differences(one: Head, other: Head) -> Iterator[tuple[str, bool]]:
    """Yield what parts of one scan have in common, and whether these differ in it."""
    yield "another version of trailcheck", one.trailcheck != other.trailcheck
    yield "another number of shards", one.of != other.of
    yield "other EVENTS", one.inputs != other.inputs
    for name in one.options | other.options:
        differs = one.options.get(name) != other.options.get(name)
        yield f"another --{name}", differs
    yield "other rules", (one.rules, one.chosen) != (other.rules, other.chosen)


def _without_repeats(
    parts: Sequence[Iterator[tuple[int, Scanned[Match], bool]]],
) -> list[Iterator[Numbered]]:
    """Leave of what could not be listed, which every shard has, one."""
    seen: set[tuple[int, Scanned[Match]]] = set()

    def kept(part: Iterator[tuple[int, Scanned[Match], bool]]) -> Iterator[Numbered]:
        for number, piece, listed in part:
            if listed:
                if (number, piece) in seen:
                    continue
                seen.add((number, piece))
            yield number, piece

    return list(map(kept, parts))


def _notes(parts: Sequence[PartFile]) -> list[str]:
    notes = list(dict.fromkeys(note for part in parts for note in part.tail.notes))
    if len({part.tail.listing for part in parts}) > 1:
        counts = sorted(part.tail.listed for part in parts)
        notes.append(
            f"The shards listed different inputs ({counts[0]:,} to {counts[-1]:,}): "
            "what was added or removed meanwhile may be missing."
        )
    return notes


def _head(job: Job, inputs: Sequence[str], shard: Shard, asked: InputFilter) -> Head:
    period = asked.period
    options: Mapping[str, str | tuple[str, ...] | None] = {
        "since": period.since.isoformat() if period.since else None,
        "until": period.until.isoformat() if period.until else None,
        "account": asked.accounts,
        "region": asked.regions,
        "late": str(asked.late),
    }
    return Head(
        trailcheck=__version__,
        part=VERSION,
        shard=shard.number,
        of=shard.of,
        rules=job_digest(job),
        chosen=tuple(rule.name for rule in job.chosen),
        inputs=tuple(inputs),
        options=dict(options),
    )
