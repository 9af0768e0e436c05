"""Take in what a scan finds, once each: as matches, or as lines (`lines`)."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Protocol, TypeVar

from checker.model import DetectionRule, Finding, Match, Status
from checker.parallel.signals import defer_sigint
from checker.run.policy.policy import NONE, Policy
from checker.run.scanning.findings import Spool
from checker.run.scanning.fingerprints import dedup_key, shared_key
from checker.run.scanning.matches import finding
from checker.spill.key_set import KeySet

if TYPE_CHECKING:
    from checker.run.scanning.resume import Resuming

Emit = Callable[[Finding], None]
"""Called with each finding, in the order of the inputs."""

_AT_ONCE = 256
"""After so many findings Ctrl-C is heard again."""

Row_contra = TypeVar("Row_contra", contravariant=True)


class Spooled(Protocol):
    """The matches of findings that were taken in, to be read again."""

    @property
    def count(self) -> int:
        """How many there are."""

    @property
    def spilled(self) -> bool:
        """Whether to read them only where that is needed."""

    def __iter__(self) -> Iterator[Match]:
        """Yield them in the order in which they came."""


class Intake(Protocol[Row_contra]):
    """What a scan has found so far, each finding once.

    `found` counts by rule and whether the level is lowered, `suppressed` what an
    exception covers, `known` what the baseline has, and `shared` the findings on one
    act of which two accounts have an event.
    """

    found: Counter[tuple[str, bool]]
    suppressed: int
    known: int
    shared: int

    @property
    def spool(self) -> Spooled:
        """The matches that were taken in."""

    def take(self, rows: Iterable[Row_contra]) -> None:
        """Take what a piece of an input gave."""

    def tell(self) -> None:
        """Emit what is certain; each exactly once, also with Ctrl-C."""

    def emit(self, finding: Finding) -> None:
        """Emit one more, of a correlation or of an event that was corrected."""


class MatchIntake:
    """Takes matches in: against copies, the baseline, exceptions and earlier runs."""

    def __init__(
        self,
        rules: dict[str, DetectionRule],
        emit: Emit | None = None,
        *,
        policy: Policy = NONE,
        resuming: Resuming | None = None,
    ) -> None:
        """Begin with nothing; `rules` are those of the matches, by name."""
        self.found: Counter[tuple[str, bool]] = Counter()
        self.suppressed = self.known = self.shared = 0
        self.spool = Spool()
        self._rules = rules
        self._emit = emit
        self._policy = policy
        self._resuming = resuming
        self._seen = KeySet()
        self._untold: deque[Match] = deque()

    def take(self, rows: Iterable[Match]) -> None:
        """Take the matches of a piece that were not found before."""
        for match in rows:
            self._take(match)

    def _take(self, match: Match) -> None:
        key = dedup_key(match.fingerprint)
        if not self._seen.add(key) or self._is_known(match):
            return
        if self._resuming and not self._resuming.is_new(key):
            return
        shared = shared_key(self._rules[match.rule], match.evidence)
        if shared is not None:
            self.shared += not self._seen.add(shared)
        self._keep(match)
        if self._resuming:
            self._resuming.take(match)

    def take_up(self, pending: Iterable[tuple[Match, DetectionRule]]) -> None:
        """Take what earlier runs have found and not told, each with its rule."""
        for match, rule in pending:
            name = rule.name
            if self._rules.setdefault(name, rule) is not rule:
                # Another rule has the name today.
                name = f"{rule.name}\x1f{rule.id}"
                self._rules[name] = rule
            if not self._is_known(match):
                self._keep(match._replace(rule=name))

    def _is_known(self, match: Match) -> bool:
        """Return whether the baseline has a finding, and count it."""
        known = self._policy.knows(match.fingerprint, Status.FAIL)
        self.known += known
        return known

    def _keep(self, match: Match) -> None:
        match = self._policy.of_match(self._rules[match.rule], match)
        self.spool.add(match)
        if match.accepted:
            self.suppressed += 1
        else:
            self.found[match.rule, match.lowered] += 1
        if self._emit:
            self._untold.append(match)

    def tell(self) -> None:
        """Emit the findings that are certain; each exactly once, also with Ctrl-C."""
        while self._untold:
            with defer_sigint():
                for _ in range(min(len(self._untold), _AT_ONCE)):
                    self.emit(finding(self._rules, self._untold[0]))
                    self._untold.popleft()

    def emit(self, finding: Finding) -> None:
        """Emit a finding, if somebody wants it."""
        if self._emit:
            self._emit(finding)


def rules_by_name(rules: Iterable[DetectionRule]) -> dict[str, DetectionRule]:
    """Return the rules of matches by their names."""
    return {rule.name: rule for rule in rules}
