"""Rules that were built before come from a cache, and only if nothing changed."""

from __future__ import annotations

import datetime as dt
import pickle
import shutil
from pathlib import Path

import pytest

from checker import rules
from checker.errors import RulesError
from checker.rules import built, files, known

PACK = Path(__file__).parents[2] / "rules"


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A copy of a part of the pack that is large enough to be kept."""
    copy = tmp_path / "rules"
    for theme in ("cognito", "iam"):
        shutil.copytree(PACK / "detections" / theme, copy / theme)
    shutil.copy(PACK / "selections.yml", copy)
    return copy


def kept() -> list[Path]:
    return sorted(known.cache_folder().glob("rules-*.pickle"))


def test_rules_from_the_cache_are_the_rules_of_the_files(pack: Path) -> None:
    fresh = rules.load([pack])
    assert len(kept()) == 1

    again = built.recall(files.find([pack]))

    assert again == fresh
    assert rules.load([pack]) == fresh


def test_the_shipped_pack_comes_back_whole() -> None:
    fresh = rules.load()
    again = built.recall(files.find())

    assert again == fresh


def test_a_changed_rule_is_read_again(pack: Path) -> None:
    rules.load([pack])
    one = next((pack / "iam").glob("iam_user_created.yml"))
    one.write_text(one.read_text().replace("level: low", "level: high"))

    changed = {rule.name: rule for rule in rules.load([pack])}

    assert changed["iam_user_created"].level.value == "high"


def test_a_changed_shared_selection_is_read_again(pack: Path) -> None:
    rules.load([pack])
    (pack / "selections.yml").write_text("nonsense: 1\n")

    with pytest.raises(RulesError):
        rules.load([pack])


def test_a_mistake_is_told_each_time(pack: Path) -> None:
    one = next((pack / "iam").glob("iam_user_created.yml"))
    one.write_text(one.read_text().replace("level: low", "level: lwo"))

    for _ in range(2):
        with pytest.raises(RulesError):
            rules.load([pack])
    assert kept() == []


@pytest.mark.parametrize("spoilt", [b"", b"x" * 100, None])
def test_a_spoilt_cache_is_no_cache(pack: Path, spoilt: bytes | None) -> None:
    fresh = rules.load([pack])
    (file,) = kept()
    file.write_bytes(file.read_bytes()[:-20] if spoilt is None else spoilt)

    assert rules.load([pack]) == fresh


def test_nothing_but_rules_is_made_of_a_cache(pack: Path) -> None:
    fresh = rules.load([pack])
    (file,) = kept()
    digest = file.read_bytes()[:32]
    file.write_bytes(digest + pickle.dumps(dt.date(2026, 11, 21), 5))

    assert built.recall(files.find([pack])) is None
    assert rules.load([pack]) == fresh


def test_a_folder_that_cannot_be_written_to_is_left_alone(
    pack: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))

    assert rules.load([pack]) == rules.load([pack])
