"""Run converted rules, and compare their matches with those of the rules.

python -m tests.convert.proof [TARGET…]    every bundled detection, on all its cases,
                                           on odd records and on the shared corpus
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from checker import convert
from checker.convert import Conversion, Fidelity, Options
from tests.convert import engines
from tests.convert.correlation_proof import correlations, wrong_cases
from tests.convert.subjects import Record, Shown, corpus, detections, odd_records

Matches = Callable[[Conversion, Sequence[Record]], Sequence[bool]]

ENGINES: Mapping[str, Matches] = {
    "eventbridge": engines.eventbridge,
    "metric-filter": engines.metric_filter,
    "athena": engines.athena,
    "sigma": engines.sigma,
}
"""What runs a target: given a conversion, which of some records match."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A record on which a conversion is not what it says it is."""

    rule: str
    matches: bool
    record: Record


def differences(
    shown: Shown, target: str, records: Sequence[Record]
) -> Iterator[Difference]:
    """The records on which a rule and its conversion differ, and may not.

    One that is refused is converted to a superset: of others that is the same.
    """
    made = convert.convert(shown.subject, target)
    if not isinstance(made, Conversion):
        made = convert.convert(shown.subject, target, Options(superset=True))
    if not isinstance(made, Conversion):
        return
    found = ENGINES[target](made, records)
    for record, matches in zip(records, found, strict=True):
        wanted = shown.holds(record)
        wider = matches and made.fidelity is Fidelity.SUPERSET
        if matches != wanted and not wider:
            yield Difference(shown.name, matches, record)


def records_of(shown: Shown, target: str, *, odd: int) -> list[Record]:
    """The records of a rule's cases, and some that are odd but what AWS documents."""
    found = [record for record in shown.records if engines.is_delivered(target, record)]
    scalars = target in engines.SCALARS_ALONE
    made = odd_records(shown, 7, most=odd, scalars=scalars)
    found += [record for record in made if engines.admits(target, shown, record)]
    return found


def prove(targets: Iterable[str]) -> int:
    """Print what is wrong, and how many conversions there are; give the exit code."""
    wrong = 0
    for target in targets:
        begun = time.process_time()
        made = same = 0
        delivered = [x for x in corpus() if engines.is_delivered(target, x)]
        for shown in detections():
            outcome = convert.convert(shown.subject, target)
            made += 1
            same += isinstance(outcome, Conversion)
            for records in (records_of(shown, target, odd=60), delivered):
                found = list(differences(shown, target, records))
                wrong += bool(found)
                for each in found[:1]:
                    sys.stdout.write(f"{target} {each.rule}: {each.record}\n")
        spent = time.process_time() - begun
        sys.stdout.write(f"{target}: {same} of {made} the same, {spent:.0f} s\n")
    if "athena" in targets:
        cases = [case for each in correlations() for case in wrong_cases(*each)]
        sys.stdout.writelines(f"athena {case}\n" for case in cases)
        wrong += len(cases)
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(prove(sys.argv[1:] or ENGINES))
