"""Count findings that are written where they are found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from checker.model import Finding, Match


class Elsewhere:
    """Takes the place of an intake, where no finding passes the driver."""

    known = suppressed = 0
    spilled = True
    count = 0

    def __init__(self) -> None:
        self.found: Counter[tuple[str, bool]] = Counter()
        self.shared = 0

    @property
    def spool(self) -> Elsewhere:
        """Return itself: there is no finding to be read again."""
        return self

    def __iter__(self) -> Iterator[Match]:
        return iter(())

    def take(self, rows: Iterable[Match]) -> None:
        """Take none."""

    def tell(self) -> None:
        """Emit none."""

    def emit(self, finding: Finding) -> None:
        """Emit none."""
