"""Write a report as SARIF 2.1.0 for code scanning and other readers.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os-complete.html

Code scanning makes an alert of every result, whatever its `kind`, and rejects the whole
file for one result without a usable location.  So by default only what is wrong is a
result, each has exactly one location, and what could not be judged is a notification.
The document holds no time, no command line and nothing of the environment: the same
findings give the same bytes.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from msgspec import structs

import checker
from checker.model import Acceptance, AnyRule, Finding, Location, Report, Status
from checker.reports import requirements
from checker.reports.json import acceptance, message, subject, uncommanding
from checker.reports.order import is_visibility, ordered
from checker.reports.sarif_artifacts import Artifacts, region
from checker.reports.sarif_notifications import DESCRIPTORS, notifications
from checker.reports.sarif_rules import LEVELS, Taxonomies, descriptor, sentence
from checker.reports.segments import visible

SCHEMA: Final = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/"
    "sarif-schema-2.1.0.json"
)
MAX_RESULTS: Final = 5_000
"""Code scanning shows no more than this many of a run."""

_WRONG: Final = frozenset({Status.FAIL, Status.BLIND, Status.PARTIAL})
_KINDS: Final = {
    Status.PASS: "pass",
    Status.VISIBLE: "pass",
    Status.NOT_APPLICABLE: "notApplicable",
    Status.UNKNOWN: "open",
    Status.ERROR: "open",
}
_MOST_RELATED: Final = 100


def render(  # noqa: PLR0913 - each is an option of the format
    report: Report,
    *,
    include: Iterable[str] = (),
    max_results: int = MAX_RESULTS,
    rules: Sequence[AnyRule] = (),
    automation_id: str | None = None,
    bundled: bool = False,
) -> Iterator[str]:
    """Yield the report as one SARIF log with one run.

    `include` names statuses (`pass`, `not_applicable`, `unknown`, `error`, `visible`)
    to give as results besides what is wrong; `rules` are described even if none of
    their findings is given; `automation_id` tells several uploads of one commit apart
    (`category/run`, §3.17.3).  `bundled` rules have a base of their own (§3.14.14).
    """
    artifacts = Artifacts(bundled=bundled)
    wanted = {Status(name) for name in include}
    run = _run(report, wanted, max_results, rules, artifacts)
    if automation_id:
        run["automationDetails"] = {"id": automation_id}
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    text = json.dumps(log, indent=1, allow_nan=False)
    yield uncommanding(text) + "\n"


def _run(
    report: Report,
    include: set[Status],
    max_results: int,
    more_rules: Sequence[AnyRule],
    artifacts: Artifacts,
) -> dict[str, Any]:
    given: list[Finding] = []
    covered: list[Finding] = []
    open_: list[Finding] = []
    dropped = 0
    for finding in ordered(report.findings):
        if finding.status in _WRONG | include:
            kept = covered if finding.suppressed else given
            if len(kept) < max_results:
                kept.append(finding)
            else:
                dropped += 1
        elif finding.status in (Status.UNKNOWN, Status.ERROR):
            open_.append(finding)
    # What is accepted takes no room from what is not.
    room = max_results - len(given)
    dropped += len(covered[room:])
    given += covered[:room]
    rules = {rule.name: rule for rule in (*(f.rule for f in given), *more_rules)}
    results = _results(given, list(rules), artifacts)
    told = notifications(report, open_, dropped, artifacts)
    taxonomies = Taxonomies(list(rules.values()))
    return {
        "tool": {"driver": _driver(rules, taxonomies)},
        "invocations": [
            {
                "executionSuccessful": not report.problems,
                "toolExecutionNotifications": told,
            }
        ],
        "columnKind": "unicodeCodePoints",
        "defaultEncoding": "utf-8",
        "originalUriBaseIds": artifacts.bases(),
        "artifacts": artifacts.documents(),
        "taxonomies": taxonomies.documents(),
        "results": results,
        "properties": _run_properties(report),
    }


def _run_properties(report: Report) -> dict[str, Any]:
    """What has no place of its own: SARIF has no answer to a taxon as such."""
    told: dict[str, Any] = {"statistics": structs.asdict(report.statistics)}
    if report.frameworks:
        told["frameworks"] = [requirements.document(one) for one in report.frameworks]
    return told


def _driver(rules: Mapping[str, AnyRule], taxonomies: Taxonomies) -> dict[str, Any]:
    return {
        "name": "trailcheck",
        "version": checker.__version__,
        "semanticVersion": checker.__version__,
        "rules": [descriptor(rule, taxonomies) for rule in rules.values()],
        "notifications": DESCRIPTORS,
        "supportedTaxonomies": taxonomies.references(),
    }


def _results(
    findings: Sequence[Finding], names: Sequence[str], artifacts: Artifacts
) -> list[dict[str, Any]]:
    index = {name: number for number, name in enumerate(names)}
    seen: Counter[str] = Counter()
    results = []
    for finding in findings:
        fingerprint = _hex(finding.fingerprint)
        seen[fingerprint[:16]] += 1
        kind = _KINDS.get(finding.status, "fail")
        result: dict[str, Any] = {
            "ruleId": finding.rule.name,
            "ruleIndex": index[finding.rule.name],
            "level": LEVELS[finding.level] if kind == "fail" else "none",
            "kind": kind,
            "message": {"text": sentence(message(finding) or finding.rule.title)},
            "locations": [_location(finding, artifacts)],
            "partialFingerprints": {
                # The number tells results with one hash apart, as upload-sarif does.
                "primaryLocationLineHash": (
                    f"{fingerprint[:16]}:{seen[fingerprint[:16]]}"
                ),
                "trailcheckIdentity/v1": fingerprint,
            },
            "properties": _properties(finding),
        }
        if finding.suppressed:
            result["suppressions"] = [_suppression(finding.suppressed)]
        related = _related(finding, artifacts)
        if related:
            result["relatedLocations"] = related
        results.append(result)
    return results


def _suppression(accepted: Acceptance) -> dict[str, Any]:
    """The exception of a file beside the code that covers a result (§3.35)."""
    told = acceptance(accepted)
    until = f"Accepted until {told['expires']} by {told['owner']}"
    return {
        "kind": "external",
        "status": "accepted",
        "justification": visible(f"{until}: {told['reason']}"),
        "properties": {"owner": visible(told["owner"]), "expires": told["expires"]},
    }


def _location(finding: Finding, artifacts: Artifacts) -> dict[str, Any]:
    """Return the one location: the finding's, or else the rule's own line.

    A blind rule can be fixed in many places; a change that blinds it is in one.
    """
    place = finding.location
    # Settings that are in no file, and a rule that is blind, are at the rule itself.
    if place is not None and place.uri == finding.rule.path:
        place = None
    if is_visibility(finding) and "change" not in finding.evidence:
        place = None
    at = _physical(place, artifacts) if place else _of_rule(finding.rule, artifacts)
    return {
        "physicalLocation": at,
        "logicalLocations": [_logical(finding)],
    }


def _of_rule(rule: AnyRule, artifacts: Artifacts) -> dict[str, Any]:
    place = Location(uri=rule.path, start_line=max(1, rule.line))
    return {
        "artifactLocation": artifacts.locate_rule(rule.path),
        "region": region(place),
    }


def _physical(place: Location, artifacts: Artifacts) -> dict[str, Any]:
    return {"artifactLocation": artifacts.locate(place.uri), "region": region(place)}


def _logical(finding: Finding) -> dict[str, Any]:
    told = {key: visible(value or "") for key, value in subject(finding).items()}
    name = told["id"] or finding.rule.name
    full = name
    if told["type"] == "event":
        keys = ("accountId", "awsRegion", "eventSource", "eventName", "id")
        full = "/".join(told[key] or "-" for key in keys)
    return {"name": name, "fullyQualifiedName": full, "kind": "resource"}


def _related(finding: Finding, artifacts: Artifacts) -> list[dict[str, Any]]:
    """The other events of a correlation, or the rule that a resource fails."""
    if finding.subject["type"] not in ("event", "rule"):
        places = [(_of_rule(finding.rule, artifacts), "The rule.")]
    else:
        events = itertools.islice(_events(finding), _MOST_RELATED)
        places = [(_physical(place, artifacts), said) for place, said in events]
    return [
        {"id": number, "physicalLocation": place, "message": {"text": said}}
        for number, (place, said) in enumerate(places, 1)
    ]


def _events(finding: Finding) -> Iterator[tuple[Location, str]]:
    """The events of `evidence.events` that say where they stand."""
    events = finding.evidence.get("events")
    for event in events if isinstance(events, (list, tuple)) else ():
        place = event.get("location") if isinstance(event, Mapping) else None
        if isinstance(place, Location):
            yield place, sentence(f"Event '{event.get('id')}'")


def _properties(finding: Finding) -> dict[str, Any]:
    """What a reader filters by: the subject's own fields, never its parameters."""
    told = {key: value for key, value in subject(finding).items() if value is not None}
    told_of = {"status": finding.status.value, "subject": told}
    change = finding.evidence.get("change")
    if told["type"] != "event" and isinstance(change, str):
        # What compare reports is a difference, and no finding to know again.
        told_of["change"] = change
    return told_of


def _hex(fingerprint: str) -> str:
    if re.fullmatch(r"[0-9a-f]{16,}", fingerprint):
        return fingerprint
    return hashlib.sha256(fingerprint.encode("utf-8", "surrogatepass")).hexdigest()
