"""Hold EventBridge patterns against AWS's own event-ruler, where Java and Maven are.

python -m tests.convert.event_ruler    the vectors, then every bundled rule on its cases
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from checker import convert
from checker.convert import Conversion
from tests.convert.engines import admits, envelope, is_delivered
from tests.convert.subjects import corpus, detections, odd_records
from tests.convert.test_eventbridge_matcher import vectors

HERE = Path(__file__).with_name("event_ruler_java")


def answers(asked: Iterable[tuple[Any, Sequence[Any]]]) -> Iterator[Any]:
    """For each pattern which of some events match, or `invalid`."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [
                "mvn",
                "-q",
                "-B",
                "-f",
                str(HERE / "pom.xml"),
                "dependency:copy-dependencies",
                f"-DoutputDirectory={folder}",
            ],
            check=True,
        )
        lines = "".join(
            json.dumps({"pattern": pattern, "events": [json.dumps(e) for e in events]})
            + "\n"
            for pattern, events in asked
        )
        found = subprocess.run(
            ["java", "-cp", f"{folder}/*", str(HERE / "Check.java")],
            input=lines,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=True,
        )
    return map(json.loads, found.stdout.splitlines())


def wrong_vectors() -> list[str]:
    """The vectors on which event-ruler says otherwise."""
    known = vectors()
    said = answers((vector["pattern"], [vector["event"]]) for vector in known)
    found = []
    for vector, answer in zip(known, said, strict=True):
        matched = answer if answer == "invalid" else answer[0]
        if matched != vector["expected"]:
            found.append(vector["id"])
    return found


def wrong_rules() -> list[str]:
    """The bundled rules of which event-ruler finds other records than the rule."""
    asked, wanted, names = [], [], []
    for shown in detections():
        made = convert.convert(shown.subject, "eventbridge")
        if not isinstance(made, Conversion):
            continue
        odd = odd_records(shown, 11, most=20, scalars=True)
        records = [
            *(r for r in (*shown.records, *corpus()) if is_delivered("eventbridge", r)),
            *(r for r in odd if admits("eventbridge", shown, r)),
        ]
        names.append(shown.name)
        asked.append((json.loads(made.core), [envelope(r) for r in records]))
        wanted.append([shown.holds(record) for record in records])
    said = answers(asked)
    return [n for n, a, w in zip(names, said, wanted, strict=True) if a != w]


def main() -> int:
    if not (shutil.which("java") and shutil.which("mvn")):
        sys.stdout.write("event-ruler is not run: it needs Java and Maven\n")
        return 0
    wrong = [*wrong_vectors(), *wrong_rules()]
    sys.stdout.write(f"event-ruler differs: {', '.join(wrong) or 'nowhere'}\n")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
