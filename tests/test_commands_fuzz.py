"""Random commands over hostile files end well: `make fuzz-commands` in short."""

from __future__ import annotations

import os
import random
from pathlib import Path

import click
import pytest

from tests import commands_fuzz

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs signals")


def test_random_commands_end_with_a_documented_exit_code(tmp_path: Path) -> None:
    commands_fuzz.run(12, random.Random(20261130), tmp_path)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [("", False), (f"read {commands_fuzz.SECRET}", True), ("Traceback (most", True)],
)
def test_the_fuzzer_notices_a_wrong_end(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str, *, wrong: bool
) -> None:
    monkeypatch.setattr(
        commands_fuzz, "trailcheck", click.Command("x", callback=lambda: print(text))
    )
    file = tmp_path / "a"
    file.write_text("a")
    if wrong:
        with pytest.raises(commands_fuzz.WrongEndError):
            commands_fuzz.check([], [file])
    else:
        assert commands_fuzz.check([], [file]) == 0
