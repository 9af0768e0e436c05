"""The command spark is there without pyspark, and says what it needs."""

from __future__ import annotations

import sys

import pytest
from click.testing import CliRunner

from checker.cli import main


def test_without_pyspark_one_line_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delitem(sys.modules, "checker.spark", raising=False)
    for name in ("py4j", "py4j.protocol", "pyspark"):
        monkeypatch.setitem(sys.modules, name, None)

    done = CliRunner().invoke(main, ["spark", "logs"])

    assert done.exit_code == 2
    assert done.stderr.count("\n") == 1
    assert "needs py" in done.stderr
    assert "pip install 'trailcheck[spark]'" in done.stderr
