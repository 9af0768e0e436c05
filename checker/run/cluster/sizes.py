"""How many tasks a scan is parted into: enough for every core, and never too many."""

from __future__ import annotations

from typing import Final

OBJECT: Final = 16 << 10
"""What an object weighs besides its bytes: to ask for it takes as long as to evaluate
some 16 KiB.  Small objects are packed by their number, large ones by their bytes."""

SHARE: Final = 64 << 20
"""The weight of what one task reads."""

BUCKET: Final = 256 << 20
"""The weight of inputs for which there is one bucket."""

MOST_SHARES: Final = 20_000
MOST_BUCKETS: Final = 2_000
"""The most tasks of a round: what the driver knows of each stays small.  Beyond this,
tasks grow."""

_EACH_CORE: Final = 4
"""How many tasks a core gets at least, so that the last ones end together."""


def shares(weight: int, count: int, cores: int) -> int:
    """Return how many tasks read `count` inputs."""
    return _between(min(_EACH_CORE * cores, count), weight // SHARE, MOST_SHARES)


def buckets(weight: int, cores: int) -> int:
    """Return into how many buckets their rows go."""
    return _between(cores, weight // BUCKET, MOST_BUCKETS)


def _between(least: int, number: int, most: int) -> int:
    return max(1, min(max(least, number), most))
