"""What a user has decided about findings, as one value that a run is given."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final

import msgspec
from msgspec import structs

from checker.evaluate.correlation import Burst
from checker.model import (
    Acceptance,
    AnyRule,
    ConfigurationRule,
    DetectionRule,
    Finding,
    Match,
    Report,
    Resource,
    Status,
)
from checker.reports import order
from checker.rules.exceptions import Covers, FindingException
from checker.run.policy import facts
from checker.run.policy.exceptions import Exceptions
from checker.run.policy.known import Baseline

_NAMED: Final = 5
"""How many exceptions a note names."""


class Policy(msgspec.Struct, frozen=True):
    """Exceptions, and the baseline; either may be missing.

    `remarks` are what every report has to say of the user's settings.
    """

    exceptions: Exceptions | None = None
    baseline: Baseline | None = None
    remarks: tuple[str, ...] = ()

    @property
    def decides(self) -> bool:
        """Return whether there is anything that decides about findings."""
        return self.exceptions is not None or self.baseline is not None

    def prepared(self, rules: Iterable[AnyRule]) -> list[AnyRule]:
        """Return the rules, which also show what exceptions ask about."""
        rules = list(rules)
        return self.exceptions.prepared(rules) if self.exceptions else rules

    def knows(self, fingerprint: str, status: Status) -> bool:
        """Return whether the baseline has a finding."""
        return self.baseline is not None and self.baseline.knows(fingerprint, status)

    def of_match(self, rule: DetectionRule, match: Match) -> Match:
        """Return a match with the exception that covers it, if one does."""
        if not self.exceptions or not self.exceptions.asks(rule.name):
            return match
        known = facts.of_event(rule, match.subject, match.evidence)
        covering = self.exceptions.covering(rule.name, known)
        if covering is None:
            return match
        told = (covering.reason, covering.owner, covering.expires)
        return match._replace(accepted=told)

    def of_burst(self, rule: str, burst: Burst) -> Acceptance | None:
        """Return what covers a finding of a correlation."""
        if not self.exceptions or not self.exceptions.asks(rule):
            return None
        return self.exceptions.covering(rule, facts.of_burst(burst))

    def of_resource(self, rule: str, resource: Resource) -> Acceptance | None:
        """Return what covers a failure of a configuration rule."""
        if not self.exceptions or not self.exceptions.asks(rule):
            return None
        return self.exceptions.covering(rule, facts.of_resource(resource))

    def of_unseen(self, rule: str) -> Acceptance | None:
        """Return what covers that no trail records what a rule needs."""
        return self.exceptions.covering_visibility(rule) if self.exceptions else None

    def new(self, findings: Iterable[Finding]) -> list[Finding]:
        """Return the findings that the baseline does not have."""
        return [
            each for each in findings if not self.knows(each.fingerprint, each.status)
        ]

    def notes(self, rules: Collection[AnyRule], covers: Covers) -> Iterator[str]:
        """Yield what to say of settings and exceptions, after a run of some rules."""
        yield from self.remarks
        if self.exceptions is None:
            return
        names = [rule.name for rule in rules]
        entries = (
            ("has expired", "have expired", _about(self.exceptions.expired, rules)),
            ("names no rule", "name no rule", self.exceptions.unknown),
            (
                "covered nothing in this run",
                "covered nothing in this run",
                self.exceptions.unused(names, covers),
            ),
        )
        for one, several, found in entries:
            if found:
                number = (
                    "1 exception" if len(found) == 1 else f"{len(found):,} exceptions"
                )
                verb = one if len(found) == 1 else several
                yield f"{number} {verb}: {_listed(found)}."


NONE: Final = Policy()


def settled(
    report: Report, policy: Policy, rules: Collection[AnyRule], covers: Covers
) -> Report:
    """Leave out what the baseline has, count, and say what exceptions did.

    For reports whose findings are held, and whose suppressed ones are marked.
    """
    left = policy.new(report.findings)
    statistics = structs.replace(
        report.statistics,
        findings=len(left),
        suppressed=order.suppressed(left),
        known=len(report.findings) - len(left),
    )
    notes = (*report.notes, *policy.notes(rules, covers))
    return structs.replace(
        report, findings=tuple(left), statistics=statistics, notes=notes
    )


def over_events(rules: Iterable[AnyRule]) -> list[AnyRule]:
    """Return the rules that a scan is about."""
    return [rule for rule in rules if not isinstance(rule, ConfigurationRule)]


def _about(
    entries: Sequence[FindingException], rules: Collection[AnyRule]
) -> list[FindingException]:
    words = {word for rule in rules for word in (rule.name, rule.id)}
    return [entry for entry in entries if entry.rule in words]


def _listed(entries: Sequence[FindingException]) -> str:
    shown = ", ".join(f"{each.rule} ({each.source})" for each in entries[:_NAMED])
    return shown + (" …" if len(entries) > _NAMED else "")
