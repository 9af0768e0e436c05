"""Write lint's problems as text, JSON and SARIF 2.1.0."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import checker
from checker.authoring.lint.problem import CHECKS, Problem, Severity
from checker.model import Location
from checker.reports.json import printable
from checker.reports.sarif import SCHEMA
from checker.reports.sarif_artifacts import Artifacts, region
from checker.reports.segments import escaped, uncommanding

_LONGEST = 8_000
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def text(problems: Sequence[Problem]) -> Iterator[str]:
    """Yield `file:line:column: severity: check: message — fix`, one a line."""
    for each in problems:
        place = f"{each.path}:{each.line}:{each.column}"
        fix = f" — {each.fix}" if each.fix else ""
        said = f"{each.severity.value}: {each.check}: {each.message}{fix}"
        yield uncommanding(escaped(f"{place}: {said}", _LONGEST)) + "\n"
    counts = Counter(each.severity for each in problems)
    told = [
        f"{counts[severity]} {severity.value}{'s' * (counts[severity] != 1)}"
        for severity in reversed(list(Severity))
        if counts[severity]
    ]
    yield f"{', '.join(told)}\n" if told else "no problems\n"


def to_json(problems: Sequence[Problem]) -> Iterator[str]:
    """Yield one JSON object: `version`, `tool`, and `problems` with their fields."""
    document = {
        "version": 1,
        "tool": {"name": "trailcheck", "version": checker.__version__},
        "problems": [
            dataclasses.asdict(each) | {"severity": each.severity.value}
            for each in problems
        ],
    }
    yield printable(json.dumps(document, indent=1, ensure_ascii=False)) + "\n"


def sarif(problems: Sequence[Problem]) -> Iterator[str]:
    """Yield one SARIF log whose rules are the checks.

    https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
    """
    artifacts = Artifacts()
    names = list(dict.fromkeys(each.check for each in problems))
    results = _results(problems, names, artifacts)
    run: dict[str, Any] = {
        "tool": {
            "driver": {
                "name": "trailcheck lint",
                "version": checker.__version__,
                "semanticVersion": checker.__version__,
                "rules": [_descriptor(name) for name in names],
            }
        },
        "columnKind": "unicodeCodePoints",
        "defaultEncoding": "utf-8",
        "originalUriBaseIds": artifacts.bases(),
        "artifacts": artifacts.documents(),
        "results": results,
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    yield printable(json.dumps(log, indent=1, allow_nan=False)) + "\n"


def _descriptor(name: str) -> dict[str, Any]:
    check = CHECKS[name]
    words = "".join(word.capitalize() for word in name.split("-"))
    return {
        "id": name,
        "name": words,
        "shortDescription": {"text": check.summary},
        "fullDescription": {"text": check.summary},
        "help": {
            "text": f"{check.summary} A rule that means otherwise says so: "
            f"lint: [{{ignore: {name}, reason: …}}]"
        },
        "defaultConfiguration": {"level": _LEVELS[check.severity]},
    }


def _results(
    problems: Sequence[Problem], names: Sequence[str], artifacts: Artifacts
) -> list[dict[str, Any]]:
    index = {name: number for number, name in enumerate(names)}
    seen: Counter[str] = Counter()
    results = []
    for each in problems:
        place = Location(uri=each.path, start_line=each.line, start_column=each.column)
        identity = "\0".join((each.check, each.rule or each.path, each.message))
        fingerprint = hashlib.sha256(identity.encode("utf-8", "replace")).hexdigest()
        seen[fingerprint] += 1
        stop = "" if each.fix.endswith("?") else "."
        fix = f" Fix: {each.fix}{stop}" if each.fix else ""
        results.append(
            {
                "ruleId": each.check,
                "ruleIndex": index[each.check],
                "level": _LEVELS[each.severity],
                "message": {"text": f"{each.message}.{fix}"},
                "locations": [
                    {
                        "physicalLocation": {
                            "artifactLocation": artifacts.locate(each.path),
                            "region": region(place),
                        }
                    }
                ],
                "partialFingerprints": {
                    "primaryLocationLineHash": (
                        f"{fingerprint[:16]}:{seen[fingerprint]}"
                    )
                },
            }
        )
    return results


Render = Callable[[Sequence[Problem]], Iterator[str]]

FORMATS: Final[dict[str, Render]] = {"text": text, "json": to_json, "sarif": sarif}
"""How problems can be written, by the name that `--format` takes."""
