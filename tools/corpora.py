"""Measure the pack by public records, and write down what was found.

python -m tools.corpora [CORPUS]           write docs/corpora.md
python -m tools.corpora [CORPUS] --check   write nothing; exit with 1 when it differs

CORPUS is the folder of the shared development corpus, ../shared/corpus when none is
given.  It is no part of the project; without it there is nothing to write.
"""

# ruff: noqa: INP001 - a script beside the package, not in it

from __future__ import annotations

import csv
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from checker import rules
from checker.evaluate import correlation
from checker.evaluate.correlation import Signal
from checker.evaluate.detection import detector
from checker.model import (
    AnyRule,
    Batch,
    CorrelationRule,
    DetectionRule,
    Event,
    Level,
)
from checker.sources.events import files, formats

ROOT: Final = Path(__file__).resolve().parent.parent
CORPUS: Final = ROOT.parent / "shared" / "corpus"
PAGE: Final = ROOT / "docs" / "corpora.md"

FOLDERS: Final = {
    "stratus": "Stratus Red Team",
    "traildiscover": "TrailDiscover",
    "otrf": "OTRF",
    "trailscraper": "trailscraper",
    "custodian_eventbridge": "Cloud Custodian",
    "awsdocs": "AWS documentation",
}
"""The folders of the corpus that hold events as services deliver them, and a name."""


_ABOUT: Final = """\
The corpus is not part of this project. It contains records of
[Stratus Red Team](https://github.com/DataDog/stratus-red-team),
[TrailDiscover](https://github.com/adanalvarez/TrailDiscover),
[Security Datasets](https://github.com/OTRF/Security-Datasets),
[trailscraper](https://github.com/flosell/trailscraper),
[Cloud Custodian](https://github.com/cloud-custodian/cloud-custodian), AWS's user
guides, and half of the labelled tests of
[Panther](https://github.com/panther-labs/panther-analysis).  The tool's user agent is
removed from the techniques, and every Region is replaced."""


@dataclass(frozen=True, slots=True)
class Found:
    """A finding without its evidence: a rule, and the eventIDs that it names.

    That is one event for a detection, and for a correlation those that it lists.
    """

    rule: AnyRule
    events: tuple[str | None, ...]
    lowered: bool = False

    @property
    def level(self) -> Level:
        """The level of the finding: one below the rule's where something lowers it."""
        return self.rule.level.lowered if self.lowered else self.rule.level


class Judge:
    """A pack, compiled once, that judges one set of events after another.

    It does what a scan does, without files: the rules see the events of one set, and
    what one set holds does not reach the next.
    """

    def __init__(self, pack: Iterable[AnyRule]) -> None:
        """Compile the detections and correlations of a pack."""
        self.rules = {rule.name: rule for rule in pack}
        self.plan = correlation.plan(self.rules.values())
        detections = [
            rule for rule in self.rules.values() if isinstance(rule, DetectionRule)
        ]
        self._detector = detector.compile_rules(
            detections, self.plan.carried, self.plan.quiet
        )

    def judge(self, events: Sequence[Event]) -> list[Found]:
        """Return the findings of some events."""
        text = b"\n".join(msgspec.json.encode(event) for event in events)
        batch = formats.split("events", text, header=self._detector.header)
        return self.judge_batches([batch] if isinstance(batch, Batch) else [])

    def judge_file(self, path: Path) -> list[Found]:
        """Return the findings of a file in any shape in which events are held."""
        (source,) = files.find([str(path)])
        assert isinstance(source, files.Input)
        read = files.read(source, self._detector.header)
        return self.judge_batches(each for each in read if isinstance(each, Batch))

    def judge_batches(self, batches: Iterable[Batch]) -> list[Found]:
        """Return the findings of some batches that belong together."""
        found: list[Found] = []
        hits: list[Signal] = []
        for batch in batches:
            evaluated = detector.evaluate(self._detector, batch)
            hits += evaluated.hits
            found += (
                Found(
                    self.rules[match.rule],
                    (match.subject.get("id"),),
                    match.lowered,
                )
                for match in evaluated.matches
            )
        for burst in correlation.correlate(self.plan, hits).bursts:
            rule = self.rules[burst.rule]
            if isinstance(rule, CorrelationRule) and rule.name not in self.plan.quiet:
                found.append(Found(rule, tuple(each.event for each in burst.events)))
        return found


def best(found: Iterable[Found]) -> Level | None:
    """Return the highest level among some findings; None when there are none."""
    return max((each.level for each in found), default=None)


@dataclass(frozen=True, slots=True)
class Labelled:
    """One labelled record: what it is called, whether it is malicious, the record."""

    name: str
    malicious: bool
    event: Event


def techniques(corpus: Path) -> Iterator[tuple[str, list[Event]]]:
    """Return the events of each detonated technique, without what would betray it.

    The user agent of the tool is taken out, and every Region replaced by one that does
    not exist: neither may be what a rule needs.
    """
    with (corpus / "stratus_techniques.csv").open(encoding="utf-8") as table:
        rows = [row for row in csv.DictReader(table) if row["events_file"]]
    for row in rows:
        text = (corpus / row["events_file"]).read_text(encoding="utf-8")
        text = re.sub(r"stratus-red-team_[0-9a-f-]+", "aws-sdk-go-v2/1.30", text)
        events = json.loads(text)
        for event in events:
            event["awsRegion"] = "xx-nowhere-1"
        yield row["technique_id"], events


def labelled(corpus: Path) -> Iterator[Labelled]:
    """Return the labelled records that need no more than the record itself."""
    path = corpus / "panther_tests.jsonl"
    for line in path.read_text(encoding="utf-8").splitlines():
        test = json.loads(line)
        if not test["mocks"]:
            name = f"{test['rule_id']}: {test['test_name']}"
            yield Labelled(name, test["expected"], test["event"])


@dataclass(frozen=True, slots=True)
class Scores:
    """What the pack makes of the records whose nature is known.

    `unseen` are the techniques without a finding at medium or above, `missed` the
    malicious records without one at low or above, and `alarmed` the benign ones with
    one at high or above; the numbers say of how many.
    """

    techniques: int
    unseen: tuple[str, ...]
    malicious: int
    missed: tuple[str, ...]
    benign: int
    alarmed: tuple[str, ...]


def score(judge: Judge, corpus: Path) -> Scores:
    """Evaluate the techniques and the labelled records of the corpus."""
    detonated = {name: best(judge.judge(events)) for name, events in techniques(corpus)}
    records = [(each, best(judge.judge([each.event]))) for each in labelled(corpus)]
    bad = [(each.name, level) for each, level in records if each.malicious]
    good = [(each.name, level) for each, level in records if not each.malicious]
    return Scores(
        techniques=len(detonated),
        unseen=tuple(n for n, level in detonated.items() if below(level, Level.MEDIUM)),
        malicious=len(bad),
        missed=tuple(name for name, level in bad if below(level, Level.LOW)),
        benign=len(good),
        alarmed=tuple(name for name, level in good if not below(level, Level.HIGH)),
    )


def below(level: Level | None, floor: Level) -> bool:
    """Return whether a level, or its absence, is below another."""
    return level is None or level < floor


def counted(judge: Judge, corpus: Path) -> dict[str, Counter[str]]:
    """Count the findings of each rule in each corpus, by the name of the rule.

    Each file is judged by itself, but for the labelled records: each is.
    """
    counts = {}
    for folder, name in FOLDERS.items():
        paths = sorted(p for p in (corpus / folder).rglob("*") if p.is_file())
        counts[name] = Counter(
            found.rule.name for path in paths for found in judge.judge_file(path)
        )
    counts["Panther's tests"] = Counter(
        found.rule.name
        for each in labelled(corpus)
        for found in judge.judge([each.event])
    )
    return counts


def page(
    pack: Mapping[str, AnyRule], scores: Scores, counts: Mapping[str, Counter[str]]
) -> str:
    """Write the page."""
    lines = [
        "# Findings of the bundled rules in public records",
        "",
        "<!-- Built by `make corpora`; do not edit. -->",
        "",
        _ABOUT,
        "",
        "## Scores",
        "",
        "| measure | target | result |",
        "|---|---|---|",
        *_bars(scores),
        "",
        *_listed("Techniques not seen", scores.unseen),
        *_listed("Malicious records missed", scores.missed),
        *_listed("Benign records reported at high or above", scores.alarmed),
        "## Findings per rule",
        "",
        "| rule | level | " + " | ".join(counts) + " |",
        "|---|---|" + "--:|" * len(counts),
    ]
    for rule in sorted(pack.values(), key=lambda rule: (-rule.level.rank, rule.name)):
        row = [each[rule.name] for each in counts.values()]
        if any(row):
            link = f"[{rule.name}](rules/{rule.name}.md)"
            cells = " | ".join(str(number or "") for number in row)
            lines.append(f"| {link} | {rule.level.value} | {cells} |")
    return "\n".join(lines) + "\n"


def _bars(scores: Scores) -> Iterator[str]:
    seen = scores.techniques - len(scores.unseen)
    yield (
        "| techniques with a finding at medium or above | all "
        f"| {seen} of {scores.techniques} |"
    )
    caught = scores.malicious - len(scores.missed)
    yield (
        "| malicious records reported at low or above | 95 % "
        f"| {caught} of {scores.malicious}: {caught / scores.malicious:.1%} |"
    )
    alarmed = len(scores.alarmed)
    yield (
        "| benign records reported at high or above | at most 10 % "
        f"| {alarmed} of {scores.benign}: {alarmed / scores.benign:.1%} |"
    )


def _listed(title: str, names: Sequence[str]) -> list[str]:
    return [f"{title}: {', '.join(f'`{name}`' for name in names)}.", ""] * bool(names)


def main(arguments: list[str]) -> int:
    """Write or check the page, and give the exit code."""
    given = [Path(each) for each in arguments if not each.startswith("-")]
    corpus = given[0] if given else CORPUS
    if not corpus.is_dir():
        sys.stderr.write("there is no corpus here\n")
        return 2
    judge = Judge(rules.load())
    text = page(judge.rules, score(judge, corpus), counted(judge, corpus))
    if "--check" in arguments:
        return int(not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != text)
    PAGE.write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
