"""A scan must not fall far behind parsing: floors with a wide margin, in one run.

`make bench` measures (docs/speed.md); this only notices when the fast path is lost.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
corpus = importlib.import_module("corpus")
runner = importlib.import_module("runner")

EVENTS = 5_000


@pytest.mark.parametrize(
    ("told", "floor"),
    [("quiet", 0.1), ("account a", 0.04), ("looked for", 0.02)],
)
def test_a_scan_keeps_up_with_parsing(told: str, floor: float, tmp_path: Path) -> None:
    quiet = corpus.of(corpus.QUIET)
    make = {
        "quiet": corpus.share(0.02, corpus.shipped(), quiet),
        "account a": corpus.mix("a"),
        "looked for": corpus.shipped(),
    }[told]
    corpus.write(tmp_path / "logs", EVENTS, make)

    parsing, scanning = runner.compare(tmp_path / "logs", "parse", "scan", rounds=2)

    # Of so few events a third goes into compiling the rules.
    assert parsing.least / scanning.least > floor
    assert scanning.last.peak < 200
