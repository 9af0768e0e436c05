"""Audit: configuration rules on settings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from msgspec import structs

from checker.conditions import Cause
from checker.errors import UsageError
from checker.evaluate.configuration import evaluate
from checker.evaluate.recording.recorder import Recorders
from checker.model import (
    AnyRule,
    ConfigurationRule,
    Finding,
    Location,
    Report,
    Status,
)
from checker.run.policy.policy import NONE, Policy
from checker.run.scanning.fingerprints import fingerprint
from checker.run.settings import Given, read_settings, settings_report
from checker.sources.settings import read as sources

_WORDS = {
    # Not "Pass": what follows that word and a colon is hidden as a password.
    Status.PASS: "Passed",
    Status.NOT_APPLICABLE: "Not applicable",
    Status.UNKNOWN: "Unknown",
    Status.ERROR: "Error",
}


def audit(rules: Iterable[AnyRule], settings: Given, policy: Policy = NONE) -> Report:
    """Evaluate the configuration rules on settings.

    Every outcome is in the report, a pass as well as a failure.  Findings stand where
    the settings say it, or at the rule for settings that stand in no file.  Those that
    an exception of the `policy` covers are marked; `settled` applies the rest of it.
    """
    chosen = [rule for rule in rules if isinstance(rule, ConfigurationRule)]
    check_types(chosen)
    read, problems = read_settings(settings)
    findings: list[Finding] = []
    for each in read:
        recorders = Recorders()
        findings += [
            _outcome_finding(rule, outcome, location(rule, outcome, each), policy)
            for rule in chosen
            for outcome in outcomes(rule, each, recorders)
        ]
    return settings_report(findings, problems, read, len(settings), len(chosen))


def outcomes(
    rule: ConfigurationRule, settings: sources.Settings, recorders: Recorders
) -> Iterator[evaluate.Outcome]:
    """Evaluate a rule on one source of settings.

    Resources that have no ARN or name yet have their address for an id.

    A plan or template declares its own resources only: a rule on resources of which it
    declares none does not apply to it.
    """
    undeclared = settings.declared and not evaluate.declared(rule, settings.snapshot)
    for outcome in evaluate.evaluate(rule, settings.snapshot, recorders):
        status, resource = outcome.status, outcome.resource
        if undeclared and outcome.cause is Cause.UNDECLARED:
            status = Status.NOT_APPLICABLE
        if not resource.id:
            place, rest = _place(settings, resource.pointer)
            address = f"{place.address}{rest}" if place else resource.pointer
            resource = structs.replace(resource, id=address)
        yield replace(outcome, status=status, resource=resource)


def location(
    rule: ConfigurationRule, outcome: evaluate.Outcome, settings: sources.Settings
) -> Location:
    """Return the line of a resource, or the rule's for settings without a file."""
    if not settings.places and not settings.size:
        return Location(rule.path, None, rule.line)
    place, _ = _place(settings, outcome.resource.pointer)
    if place is None:
        return Location(settings.uri)
    return Location(settings.uri, None, place.line, start_column=place.column)


def _place(
    settings: sources.Settings, pointer: str
) -> tuple[sources.SourcePosition | None, str]:
    """Find where a resource stands, or what it lies in, and the rest of its pointer."""
    held = pointer
    while held and held not in settings.places:
        held = held.rpartition("/")[0]
    return settings.places.get(held), pointer[len(held) :]


def _outcome_finding(
    rule: ConfigurationRule,
    outcome: evaluate.Outcome,
    location: Location,
    policy: Policy,
) -> Finding:
    resource = outcome.resource
    fails = outcome.status is Status.FAIL
    reason = f"{outcome.reason.removesuffix('.')}."
    title = rule.title if fails else f"{_WORDS[outcome.status]}: {rule.title}"
    return Finding(
        rule=rule,
        status=outcome.status,
        subject={
            "type": resource.type,
            "id": resource.id,
            "accountId": resource.account,
            "region": resource.region,
        },
        location=location,
        evidence=outcome.evidence,
        message=f"{title}: {reason}",
        fingerprint=fingerprint(rule, f"{resource.type}\x1f{resource.id}"),
        reason=reason if fails else None,
        cause=outcome.cause,
        suppressed=policy.of_resource(rule.name, resource) if fails else None,
    )


def check_types(rules: Sequence[ConfigurationRule]) -> None:
    """Raise `UsageError` for a rule on a type that no snapshot has."""
    known = evaluate.types()
    for rule in rules:
        if rule.configuration.resource not in known:
            message = (
                f"{rule.path}: no snapshot holds {rule.configuration.resource}; "
                f"a configuration rule can be on {', '.join(known)}"
            )
            raise UsageError(message)
