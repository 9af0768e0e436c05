"""Rules that were built before come from a cache: the same rules, or none."""

from __future__ import annotations

import os
import pwd
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from msgspec import structs

from checker import conditions, documents, rules
from checker.conditions import tree
from checker.conditions.outline import outline
from checker.errors import RulesError
from checker.model import AnyRule, CorrelationRule, DetectionRule
from checker.rules import correlation, files, frozen, private_files, rule_cache

PACK = Path(__file__).parents[2] / "rules"
CORRELATION = "table_first_scanned_by_caller.yml"
KEPT_BY_TESTS = os.environ.get("XDG_CACHE_HOME", "")


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A copy of a small part of the pack."""
    copy = tmp_path / "rules"
    (copy / "iam").mkdir(parents=True)
    for file in sorted((PACK / "detections" / "iam").glob("iam_user_*.yml")):
        shutil.copy(file, copy / "iam")
    shutil.copy(PACK / "selections.yml", copy)
    return copy


def cache_files() -> list[Path]:
    folder = private_files.cache_folder()
    return sorted(folder.iterdir()) if folder and folder.exists() else []


def recalled(pack: Path) -> list[AnyRule]:
    """The rules that the cache alone knows of a folder, by name."""
    found = files.find([pack])
    kept = rule_cache.recall(found, rule_cache.marks_of(found), {})
    return sorted(kept.rules.values(), key=lambda rule: rule.name)


def test_rules_from_the_cache_are_the_rules_of_the_files(pack: Path) -> None:
    fresh = rules.load([pack])

    assert len(cache_files()) == 1
    assert recalled(pack) == fresh
    assert rules.load([pack]) == fresh


def test_a_process_that_loads_rules_again_has_those_it_had(pack: Path) -> None:
    fresh = rules.load([pack])
    one, other = rules.load([pack]), rules.load([pack])

    assert one == fresh
    assert all(a is b for a, b in zip(one, other, strict=True))


def test_the_bundled_rules_come_back_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", KEPT_BY_TESTS)
    fresh = rules.load()
    table, rows = frozen.freeze(fresh)

    assert frozen.thaw(table, rows) == fresh


def test_detections_come_back_with_the_outlines_of_their_conditions(
    pack: Path,
) -> None:
    rules.load([pack])
    blocks = [
        rule.detection for rule in recalled(pack) if isinstance(rule, DetectionRule)
    ]
    assert blocks
    for block in blocks:
        known = block.known_outline
        assert known is not None
        assert structs.astuple(known) == structs.astuple(outline(block.condition))


def test_the_fields_that_findings_show_come_back_parsed(
    pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules.load([pack])
    kept: dict[str, tree.Node] = {}
    monkeypatch.setattr(conditions, "keep_fields", kept.update)
    rule_cache._thawed.cache_clear()

    found = [rule for rule in recalled(pack) if isinstance(rule, DetectionRule)]
    fields = {field for rule in found for field in rule.fields}
    fields.update(*(conditions.paths(rule.detection.condition) for rule in found))
    assert found
    assert kept == {field: conditions.parse(field) for field in fields}


def test_what_rules_name_fields_by_comes_back_parsed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(PACK / "correlations/dynamodb" / CORRELATION, tmp_path)
    (rule,) = rules.load([tmp_path / CORRELATION])
    assert isinstance(rule, CorrelationRule)
    paths = list(correlation.paths(rule.correlation))
    kept: dict[str, tree.Node] = {}
    monkeypatch.setattr(conditions, "keep_fields", kept.update)
    rule_cache._thawed.cache_clear()

    assert recalled(tmp_path / CORRELATION) == [rule]
    assert paths
    assert kept == {path: conditions.parse(path) for path in paths}


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that a wheel would bring, and a user who has kept nothing."""
    file = tmp_path / "bundled.msgpack"
    monkeypatch.setattr(rule_cache, "SHIPPED", file)
    with monkeypatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", KEPT_BY_TESTS)
        rules.load()
        rule_cache.ship(files.find())
    return file


def test_what_a_wheel_brings_is_what_its_files_say(
    shipped: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    monkeypatch.chdir(shipped.parent)  # an installed one runs anywhere
    with monkeypatch.context() as patch:
        patch.setattr(documents, "load_yaml", _noting(read))
        brought = rules.load()

    assert read == []
    assert cache_files() == []
    monkeypatch.setenv("XDG_CACHE_HOME", KEPT_BY_TESTS)
    shipped.unlink()
    assert brought == rules.load()


def test_what_a_wheel_brings_is_not_used_for_other_files_or_other_code(
    pack: Path, shipped: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundled = files.find()
    marks = rule_cache.marks_of(bundled)

    assert len(rule_cache.recall(bundled, marks, {}).rules) == len(marks)
    changed = ["", *marks[1:]]
    assert len(rule_cache.recall(bundled, changed, {}).rules) == len(marks) - 1
    assert recalled(pack) == []

    monkeypatch.setattr(rule_cache, "_code", lambda: b"another version")
    assert rule_cache.recall(bundled, marks, {}).rules == {}


def test_nothing_is_shipped_of_rules_that_were_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rule_cache, "SHIPPED", tmp_path / "bundled.msgpack")

    with pytest.raises(FileNotFoundError):
        rule_cache.ship(files.find())
    assert not rule_cache.SHIPPED.exists()


def test_only_a_changed_rule_is_read_again(
    pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules.load([pack])
    one = pack / "iam" / "iam_user_created.yml"
    one.write_text(one.read_text().replace("level: low", "level: high"))
    read: list[str] = []
    monkeypatch.setattr(documents, "load_yaml", _noting(read))

    changed = {rule.name: rule for rule in rules.load([pack])}

    assert changed["iam_user_created"].level.value == "high"
    assert [Path(each).name for each in read if "selections" not in each] == [one.name]


def _noting(read: list[str]) -> Callable[[str, bytes], object]:
    load = documents.load_yaml

    def noting(path: str, data: bytes) -> object:
        read.append(path)
        return load(path, data)

    return noting


def test_a_changed_shared_selection_is_read_again(pack: Path) -> None:
    rules.load([pack])
    (pack / "selections.yml").write_text("nonsense: 1\n")

    with pytest.raises(RulesError):
        rules.load([pack])


def test_a_mistake_is_reported_each_time(pack: Path) -> None:
    one = pack / "iam" / "iam_user_created.yml"
    one.write_text(one.read_text().replace("level: low", "level: lwo"))

    for _ in range(2):
        with pytest.raises(RulesError):
            rules.load([pack])
    assert cache_files() == []


def test_a_name_that_two_rules_have_is_reported_each_time(pack: Path) -> None:
    rules.load([pack])
    shutil.copytree(pack / "iam", pack / "iam2")

    for _ in range(2):
        with pytest.raises(RulesError, match="is taken by"):
            rules.load([pack])


def test_any_flipped_bit_and_any_cut_is_noticed(pack: Path) -> None:
    rules.load([pack])
    (file,) = cache_files()
    whole = file.read_bytes()
    draw = random.Random(19)
    for _ in range(300):
        spoilt = bytearray(whole)
        spoilt[draw.randrange(len(whole))] ^= 1 << draw.randrange(8)
        file.write_bytes(spoilt)
        assert recalled(pack) == []
    for size in (0, 1, 31, 32, 33, len(whole) // 2, len(whole) - 1):
        file.write_bytes(whole[:size])
        assert recalled(pack) == []
    file.write_bytes(whole)
    assert recalled(pack)


@pytest.mark.parametrize("spoil", ["readable", "writable", "link", "fifo", "folder"])
def test_a_file_that_others_can_have_written_is_not_read(
    pack: Path, spoil: str
) -> None:
    fresh = rules.load([pack])
    (file,) = cache_files()
    if spoil == "readable":
        file.chmod(0o644)
    elif spoil == "writable":
        file.chmod(0o620)
    elif spoil == "folder":
        file.parent.chmod(0o777)
    elif spoil == "link":
        file.rename(pack.parent / "elsewhere")
        file.symlink_to(pack.parent / "elsewhere")
    else:
        file.unlink()
        os.mkfifo(file)

    assert recalled(pack) == []
    assert rules.load([pack]) == fresh
    # It gives way to one that is believed.
    assert recalled(pack) == fresh
    assert file.lstat().st_mode & 0o777 == 0o600
    assert not file.parent.stat().st_mode & 0o022


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
@pytest.mark.parametrize("part", ["file", "folder"])
def test_a_file_of_somebody_else_is_not_read(pack: Path, part: str) -> None:
    rules.load([pack])
    (file,) = cache_files()
    os.chown(file if part == "file" else file.parent, 65534, 65534)

    assert recalled(pack) == []


def test_a_linked_folder_is_neither_read_nor_written(pack: Path) -> None:
    rules.load([pack])
    (file,) = cache_files()
    elsewhere = pack.parent / "elsewhere"
    file.parent.rename(elsewhere)
    file.parent.symlink_to(elsewhere)
    file.unlink()

    rules.load([pack])

    assert recalled(pack) == []
    assert list(elsewhere.iterdir()) == []


NOWHERE: list[dict[str, str]] = [
    {},
    {"HOME": ""},
    {"HOME": "/"},
    {"HOME": "."},
    {"HOME": "relative"},
    {"XDG_CACHE_HOME": "cache", "HOME": "~"},
    {"XDG_CACHE_HOME": "", "HOME": "home"},
    {"XDG_CACHE_HOME": "./cache"},
]


@pytest.mark.parametrize("environ", NOWHERE, ids=str)
def test_no_cache_is_in_the_working_folder(
    pack: Path, monkeypatch: pytest.MonkeyPatch, environ: dict[str, str]
) -> None:
    work = pack.parent / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    for name in ("XDG_CACHE_HOME", "HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(pwd, "getpwuid", _nobody)

    assert rules.load([pack])

    assert private_files.cache_folder() is None
    assert list(work.rglob("*")) == []


def _nobody(uid: int) -> pwd.struct_passwd:
    raise KeyError(uid)


def test_a_relative_cache_home_gives_way_to_the_home(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "cache")
    monkeypatch.setenv("HOME", str(tmp_path))

    assert private_files.cache_folder() == tmp_path / ".cache" / "trailcheck"


@pytest.mark.parametrize(
    "row",
    [
        ["date", 2026, 11, 21],
        ["builtins.eval", "1"],
        ["Node"],
        ["Path", "userIdentity", 0],
        ["Path", ["a"], "0"],
        ["Not", 7],
        {"part": "Current"},
        "Current",
    ],
    ids=str,
)
def test_nothing_but_rules_is_made_of_a_table(row: object) -> None:
    table = msgspec.msgpack.encode([row])

    with pytest.raises((ValueError, IndexError)):
        frozen.thaw(table, [0])


def test_a_part_of_a_rule_is_not_a_rule() -> None:
    with pytest.raises(ValueError, match="not a Rule"):
        frozen.thaw(msgspec.msgpack.encode([["Current"]]), [0])


def test_a_folder_that_cannot_be_written_to_is_left_alone(
    pack: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))

    assert rules.load([pack]) == rules.load([pack])


def test_the_caches_used_longest_ago_go(
    pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rule_cache, "_MOST", 2)
    folders = [pack.parent / f"copy{number}" for number in range(3)]
    for number, folder in enumerate(folders):
        shutil.copytree(pack, folder)
        rules.load([folder])
        for file in cache_files():
            os.utime(file, (file.stat().st_mtime - 60, file.stat().st_mtime - 60))
        if number:
            assert recalled(folders[0])

    assert [bool(recalled(folder)) for folder in folders] == [True, False, True]
