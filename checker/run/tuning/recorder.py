"""Keep what a run knows of each finding, as an exception is held against it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec
from msgspec import structs

from checker.evaluate.correlation import Burst
from checker.model import (
    Acceptance,
    AnyRule,
    DetectionRule,
    Finding,
    Match,
    Resource,
)
from checker.run.policy import facts
from checker.run.policy.facts import ISSUER, RESOURCES, Facts
from checker.run.policy.policy import Policy


class Recorder(Policy, frozen=True):
    """A policy that accepts everything, with the number of its facts for a reason.

    `paths` are the fields that proposals may ask about, by the rule's name.
    """

    paths: Mapping[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    facts: list[Facts] = msgspec.field(default_factory=list)

    def prepared(self, rules: Iterable[AnyRule]) -> list[AnyRule]:
        """Return the rules, which also show what proposals may ask about."""
        return [self._prepared(rule) for rule in rules]

    def of_match(self, rule: DetectionRule, match: Match) -> Match:
        """Return the match with the number of its facts."""
        known = facts.of_event(rule, match.subject, match.evidence)
        return match._replace(accepted=(self._kept(known), "", ""))

    def of_burst(self, rule: str, burst: Burst) -> Acceptance | None:
        """Return the number of the facts of a correlation's finding."""
        del rule
        return Acceptance(self._kept(facts.of_burst(burst)), "", "")

    def of_resource(self, rule: str, resource: Resource) -> Acceptance | None:
        """Return the number of the facts of a resource."""
        del rule
        return Acceptance(self._kept(facts.of_resource(resource)), "", "")

    def facts_of(self, finding: Finding) -> Facts | None:
        """Return what was known of a finding."""
        return (
            self.facts[int(finding.suppressed.reason)] if finding.suppressed else None
        )

    def _kept(self, known: Facts) -> str:
        self.facts.append(known)
        return str(len(self.facts) - 1)

    def _prepared(self, rule: AnyRule) -> AnyRule:
        if not isinstance(rule, DetectionRule):
            return rule
        asked = (*rule.fields, ISSUER, RESOURCES, *self.paths.get(rule.name, ()))
        return structs.replace(rule, fields=tuple(dict.fromkeys(asked)))
