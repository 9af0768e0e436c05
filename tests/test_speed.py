"""A scan must not fall far behind parsing: floors with a wide margin, in one run.

`make bench` measures (docs/speed.md); this only notices when the fast path is lost.
"""

from __future__ import annotations

import importlib
import sys
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from checker import rules
from checker.model import Level
from checker.run.scanning.scan import scan

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))
corpus = importlib.import_module("corpus")

EVENTS = 20_000


def least(run: Callable[[], object]) -> float:
    taken = []
    for _ in range(3):
        begun = time.process_time()
        run()
        taken.append(time.process_time() - begun)
    return min(taken)


@pytest.mark.parametrize(
    ("told", "floor"), [("quiet", 0.25), ("account b", 0.5), ("looked for", 0.06)]
)
def test_a_scan_keeps_up_with_parsing(told: str, floor: float, tmp_path: Path) -> None:
    quiet = corpus.of(corpus.QUIET)
    make = {
        "quiet": corpus.share(0.02, corpus.shipped(), quiet),
        "account b": corpus.mix("b"),
        "looked for": corpus.shipped(),
    }[told]
    logs = corpus.write(tmp_path / "logs", EVENTS, make)
    pack = rules.load()
    loud = rules.at_least(pack, Level.LOW)

    def parse() -> None:
        for log in logs:
            orjson.loads(zlib.decompress(log.read_bytes(), 31))

    parsing = least(parse)
    scanning = least(lambda: scan(loud, [str(tmp_path / "logs")], bases=pack))

    assert parsing / scanning > floor
