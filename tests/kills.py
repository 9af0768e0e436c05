"""Kill scans at random moments: no finding is lost, and none is told twice.

`python -m tests.kills --rounds 200` (`make kill-test`) goes on until so many runs were
killed.  Each story scans a folder in which every event is a finding, with `--resume`,
and is ended by a signal again and again until a run comes to its end.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)

_RULE = """
title: Trail deleted
name: kill_trail_deleted
id: 1c9f3a4e-5d52-4f7e-9a59-6a7a1f2b7c11
status: stable
level: high
description: Holds on every event of the kill test.
logsource: {product: aws, service: cloudtrail}
detection:
  deleted:
    eventSource: cloudtrail.amazonaws.com
    eventName: DeleteTrail
  condition: deleted
"""

_SCRIPT = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
print("started", file=sys.stderr, flush=True)
from checker.run.scanning import state
state._EVERY = 0.02
# A file of some megabytes comes in many batches, and in many more pieces.
from checker.sources.events import chunks
from checker.run.scanning import worker
chunks.UNIT, worker.PIECE = 1 << 17, 100
from checker.cli import command
print("begun", file=sys.stderr, flush=True)
command()
"""


@dataclass(frozen=True, slots=True)
class Story:
    """What is scanned and how: `shape` is of the input, `form` of the report."""

    shape: str
    form: str
    jobs: int


STORIES = tuple(
    Story(*each)
    for each in itertools.product(("small", "large"), ("jsonl", "json"), (1, 2))
)


def event(number: int) -> str:
    """Return an event, as text."""
    return json.dumps(
        {
            "eventVersion": "1.11",
            "eventSource": "cloudtrail.amazonaws.com",
            "eventName": "DeleteTrail",
            "eventID": f"00000000-0000-4000-8000-{number:012}",
            "eventTime": "2026-11-01T00:00:00Z",
            "recipientAccountId": "123456789012",
            "userIdentity": {
                "type": "IAMUser",
                "arn": "arn:aws:iam::123456789012:user/u",
            },
        }
    )


def write(folder: Path, shape: str) -> int:
    """Write the logs of a shape; gives the number of events."""
    folder.mkdir()
    if shape == "small":
        for number in range(300):
            some = ",".join(event(5 * number + each) for each in range(5))
            (folder / f"{number:03}.json").write_text(f'{{"Records":[{some}]}}')
        return 1500
    lines = (event(number) for number in range(9_000))
    (folder / "large.jsonl").write_text("\n".join(lines))
    return 9_000


class LostError(AssertionError):
    """A finding was lost or told twice."""


def tell(
    story: Story, draw: random.Random, place: Path, kills: int = 8
) -> Iterator[signal.Signals]:
    """Run a story to its end, after some `kills`; yields each signal that ended a run.

    Raises `LostError` where the runs that ended well did not tell each finding once.
    """
    number = write(place / "logs", story.shape)
    (place / "kill_trail_deleted.yml").write_text(_RULE)
    told: Counter[str] = Counter()
    perhaps: set[str] = set()
    longest = _taken(story, place)
    for attempt in itertools.count():
        # Before a whole run ends; the later, the longer: some run comes to its end.
        wait = draw.uniform(0, longest * 0.8) + max(attempt - kills, 0)
        output = place / ("out.jsonl" if story.form == "jsonl" else f"{attempt}.json")
        chosen = draw.choice(SIGNALS)
        code = _run(story, place, output, place / "state", wait, chosen)
        if code not in (0, 1, 130, -signal.SIGKILL, -signal.SIGTERM):
            raise LostError(f"{story}: exit code {code}")
        if story.form == "json" and output.exists():
            if code in (0, 1, 130):
                told.update(_ids(json.loads(output.read_text())["findings"]))
            else:
                # A run that is killed behind its report may have marked it as written.
                perhaps.update(_whole(output))
        if code in (0, 1):
            break
        yield chosen
    if story.form == "jsonl":
        lines = (place / "out.jsonl").read_text().splitlines()
        told.update(_ids(map(json.loads, lines)))
    twice = [each for each, times in told.items() if times > 1]
    lost = number - len(told.keys() | perhaps)
    if lost or twice:
        raise LostError(f"{story}: {lost} lost, {len(twice)} twice {place}")


def _taken(story: Story, place: Path) -> float:
    """Return the seconds that a whole run takes here, of which nothing is told."""
    begun = time.monotonic()
    output, state = place / "whole", place / "whole-state"
    code = _run(story, place, output, state, 300, signal.SIGKILL)
    assert code == 1, f"{story}: exit code {code}"
    return time.monotonic() - begun


def _whole(output: Path) -> Iterator[str]:
    """Yield what the report of a killed run tells; nothing if it is not whole."""
    try:
        findings = json.loads(output.read_text())["findings"]
    except ValueError:
        return
    yield from _ids(findings)


def _ids(findings: Iterator[dict[str, dict[str, str]]]) -> Iterator[str]:
    return (each["subject"]["id"] for each in findings)


def _run(
    story: Story,
    place: Path,
    output: Path,
    state: Path,
    wait: float,
    chosen: signal.Signals,
) -> int:
    arguments = [sys.executable, "-c", _SCRIPT, "scan", str(place / "logs")]
    arguments += ["--rules", str(place / "kill_trail_deleted.yml"), "--quiet"]
    arguments += ["--format", story.form, "--output", str(output)]
    arguments += ["--resume", str(state), "--jobs", str(story.jobs)]
    with subprocess.Popen(
        arguments, cwd=ROOT, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        process.stderr.readline()
        time.sleep(0.1)
        try:
            _, errors = process.communicate(timeout=wait)
        except subprocess.TimeoutExpired:
            process.send_signal(chosen)
            _, errors = process.communicate(timeout=300)
    early = chosen is signal.SIGINT and "begun" not in errors
    if "Traceback" in errors and not early:
        raise LostError(f"{story}: {errors}")
    if process.returncode in (-signal.SIGINT, 130) or early:
        return 130
    return process.returncode


def main() -> None:
    """Run stories until enough runs were killed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    draw = random.Random(options.seed)
    killed: Counter[str] = Counter()
    for story in itertools.cycle(STORIES):
        with tempfile.TemporaryDirectory(prefix="trailcheck-kills-") as folder:
            for chosen in tell(story, draw, Path(folder)):
                killed[chosen.name] += 1
        print(f"{killed.total()} runs killed {dict(killed)}: {story}", flush=True)
        if killed.total() >= options.rounds:
            return


if __name__ == "__main__":
    main()
