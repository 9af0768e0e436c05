"""Test which files below a folder are rules."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from checker.errors import UsageError
from checker.rules.files import find


def test_links_to_files_and_folders_are_followed_and_circles_end(
    tmp_path: Path,
) -> None:
    pack, elsewhere = tmp_path / "pack", tmp_path / "elsewhere"
    (pack / "a").mkdir(parents=True)
    elsewhere.mkdir()
    for file in (
        pack / "a/one.yml",
        elsewhere / "two.yml",
        elsewhere / "one.cases.yml",
    ):
        file.touch()
    (pack / "b").symlink_to(elsewhere)
    (pack / "c.yml").symlink_to(elsewhere / "two.yml")
    (pack / "a/up").symlink_to(pack)
    (pack / "self.yml").symlink_to("self.yml")
    (pack / ".hidden").mkdir()
    (pack / ".hidden/three.yml").touch()

    found = [Path(each.path).relative_to(pack) for each in find([pack])]

    # A link that leads nowhere is an error once its rule is read.
    assert [*map(str, found)] == ["a/one.yml", "b/two.yml", "c.yml", "self.yml"]


def test_a_pipe_among_the_rules_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.yml")

    with pytest.raises(UsageError, match="not a regular file"):
        find([tmp_path])
