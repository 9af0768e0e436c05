"""Check that what a caller claims does not silence a rule.

A caller chooses the user agent, and makes CloudFormation or another service act for
it. The positive cases of each rule at medium and above are replayed in such disguises:
a finding at low or above must be left, and at medium or above where the rule is high.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, TypeAlias

from checker import conditions, rules
from checker.authoring.cases import as_batch, as_set, play
from checker.authoring.lint.positions import Subject
from checker.authoring.lint.problem import Problem
from checker.cases import read as cases
from checker.evaluate import correlation
from checker.evaluate.correlation import Addresses, Label, Plan
from checker.evaluate.detection import detector
from checker.model import AnyRule, CorrelationRule, DetectionRule, Event, Level
from checker.rules import RuleFile

Worst: TypeAlias = Callable[[Sequence[Event]], Level | None]
"""From the events of a case to the level of the worst finding on them, if any."""

_PLAIN = "example-client/1.0"
_ADDRESS, _HOST = "192.0.2.24", "host.example.com"

AGENTS = (
    "APN/1.0 HashiCorp/1.0 Terraform/1.13.4 terraform-provider-aws/6.21.0",
    "APN/1.0 Pulumi/1.0 pulumi-aws/7.11.0 aws-sdk-go-v2/1.39.6",
    "aws-cdk/2.1033.0 aws-sdk-js/3.940.0 os/linux lang/js md/nodejs#22.21.1",
    "APN/1.0 Ansible/2.20.0 Boto3/1.41.5 md/Botocore#1.41.5",
    "Boto3/1.41.5 md/Botocore#1.41.5 ua/2.1 os/linux lang/python#3.13.7",
    "cloudformation.amazonaws.com",
    "AWS Internal",
)
"""What infrastructure tools call themselves, and what AWS does."""

SERVICES = (
    "cloudformation.amazonaws.com",
    "servicecatalog.amazonaws.com",
    "aws-mcp.amazonaws.com",
    "codebuild.amazonaws.com",
    "codepipeline.amazonaws.com",
    "ssm.amazonaws.com",
    "states.amazonaws.com",
    "scheduler.amazonaws.com",
    "elasticbeanstalk.amazonaws.com",
    "amplify.amazonaws.com",
    "backup.amazonaws.com",
    "config.amazonaws.com",
)
"""Services that act on behalf of a principal: userIdentity.invokedBy.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
"""

_PEOPLE = frozenset({"IAMUser", "AssumedRole", "Root", "FederatedUser"})
_MOST, _FEW = 6, 2
"""Cases of a detection and of a correlation that are replayed."""


def check(
    subjects: Sequence[tuple[RuleFile, Subject]],
) -> Iterator[Problem]:
    """Replay the cases of detections and correlations at medium and above."""
    own = [subject.rule for _, subject in subjects]
    pack = _Pack(_whole([*rules.bases(own), *own]), {rule.name for rule in own})
    there = {rule.name for rule in pack.rules}
    for rule_file, subject in subjects:
        rule = subject.rule
        if rule.level < Level.MEDIUM or rule.status == "deprecated":
            continue
        if rule.name not in there:
            continue
        if isinstance(rule, DetectionRule | CorrelationRule):
            yield from _replays(rule_file, subject, rule, pack)


def _whole(known: Sequence[AnyRule]) -> list[AnyRule]:
    """Leave out correlations over rules that are not there: `rule-unknown` says so."""
    while True:
        words = {word for rule in known for word in (rule.name, rule.id)}
        kept = [
            rule
            for rule in known
            if not isinstance(rule, CorrelationRule)
            or words.issuperset(rule.correlation.rules)
        ]
        if len(kept) == len(known):
            return kept
        known = kept


def _replays(
    rule_file: RuleFile,
    subject: Subject,
    rule: DetectionRule | CorrelationRule,
    pack: _Pack,
) -> Iterator[Problem]:
    least = Level.MEDIUM if rule.level >= Level.HIGH else Level.LOW
    most = _MOST if isinstance(rule, DetectionRule) else _FEW
    found = [each for each in cases.of_rule(rule_file, []) if each.match][:most]
    silent: dict[str, str] = {}
    for case in found:
        worst, events = _replayed(rule, case, pack)
        for name, address, disguise in _disguises(rule):
            plain = [_plain(event, address) for event in events]
            disguised = [disguise(event) for event in plain]
            if name in silent or not events or _reaches(worst(disguised), least):
                continue
            # A rule about an agent or an address is silent without a claim as well.
            if worst(plain) is None:
                continue
            if not _reaches(pack.worst(disguised), least):
                silent[name] = case.name
    for name, title in silent.items():
        yield subject.problem(
            "silenced-by-claim",
            f"of the case '{title}' nothing at {least.value} is left {name}",
            "take the claim out of the condition and name it under lowered_by",
            at=subject.document.key_position(("title",)),
        )


def _reaches(level: Level | None, least: Level) -> bool:
    return level is not None and level >= least


def _replayed(
    rule: DetectionRule | CorrelationRule, case: cases.Case, pack: _Pack
) -> tuple[Worst, Sequence[Event]]:
    """Return what judges the rule alone, and the events of a case."""
    if isinstance(rule, DetectionRule):
        settled = as_set(rule, case)
        alone = settled if isinstance(settled, DetectionRule) else rule
        return _detection(alone), [dict(case.subject)]
    label = Addresses(case.addresses.items()).label
    return _correlation(rule, pack.rules, label), case.events


def _disguises(rule: AnyRule) -> Iterator[tuple[str, str, Callable[[Event], Event]]]:
    """Yield the words for each disguise, an address without a claim, and the disguise.

    Correlations get few of each kind.
    """
    few = isinstance(rule, CorrelationRule)
    for agent in AGENTS[:1] if few else AGENTS:
        yield f"with the user agent {agent}", _ADDRESS, _with_agent(agent)
    for service in SERVICES[:2] if few else SERVICES:
        yield f"through {service} on behalf of the caller", _HOST, _through(service)


def _with_agent(agent: str) -> Callable[[Event], Event]:
    return lambda event: {**event, "userAgent": agent}


def _through(service: str) -> Callable[[Event], Event]:
    def disguise(event: Event) -> Event:
        identity = event.get("userIdentity")
        if not isinstance(identity, dict) or identity.get("type") not in _PEOPLE:
            return event
        claim: dict[str, Any] = {"sourceIPAddress": service, "userAgent": service}
        return {**event, **claim, "userIdentity": {**identity, "invokedBy": service}}

    return disguise


def _plain(event: Event, address: str) -> Event:
    """Return an event without claims: what rules about an agent or address lose."""
    identity = event.get("userIdentity")
    if isinstance(identity, dict):
        identity = {key: identity[key] for key in identity if key != "invokedBy"}
    return {
        **event,
        "userIdentity": identity,
        "userAgent": _PLAIN,
        "sourceIPAddress": address,
    }


def _detection(rule: DetectionRule) -> Worst:
    condition = conditions.closure(rule.detection.condition)
    claims = [conditions.closure(node) for node in rule.lowered_by.values()]

    def worst(events: Sequence[Event]) -> Level | None:
        (event,) = events
        if not conditions.holds(condition(event)):
            return None
        lowered = any(conditions.holds(claim(event)) for claim in claims)
        return rule.level.lowered if lowered else rule.level

    return worst


def _correlation(
    rule: CorrelationRule, known: Sequence[AnyRule], label: Label
) -> Worst:
    plan = correlation.plan(known, [rule])

    def worst(events: Sequence[Event]) -> Level | None:
        return rule.level if play(rule, plan, known, events, label) else None

    return worst


class _Pack:
    """All rules together: another one may report what a disguise hides from one.

    Bundled rules that correlations of other folders build on report nothing.
    """

    def __init__(self, known: Sequence[AnyRule], reporting: Collection[str]) -> None:
        self.rules = known
        self._reporting = reporting

    @functools.cached_property
    def _plan(self) -> Plan:
        return correlation.plan(self.rules)

    @functools.cached_property
    def _detector(self) -> detector.Detector:
        detections = [each for each in self.rules if isinstance(each, DetectionRule)]
        return detector.compile_rules(detections, self._plan.carried)

    def worst(self, events: Sequence[Event]) -> Level | None:
        """Return the level of the worst finding of any rule on some events."""
        found = detector.evaluate(self._detector, as_batch(events))
        levels = {each.name: each.level for each in self.rules}
        every = [
            levels[match.rule].lowered if match.lowered else levels[match.rule]
            for match in found.matches
            if match.rule in self._reporting
        ]
        bursts = correlation.correlate(self._plan, found.hits).bursts
        every += [levels[each.rule] for each in bursts if each.rule in self._reporting]
        return max(every, default=None)
