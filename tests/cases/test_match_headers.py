"""What is read in haste of the bundled cases is what reading them whole gives."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from checker import resources, rules
from checker.cases import match_headers as headers
from checker.cases import read
from checker.errors import DocumentError
from checker.rules import RuleFile

BUNDLED = Path(str(resources.root())) / "rules"


def hastily(files: list[RuleFile], problems: list[DocumentError]) -> headers.Headers:
    return headers.match_headers(files, problems)


def whole(files: list[RuleFile]) -> headers.Headers:
    return {
        file.path: [
            headers._header(case.subject)
            for case in read.of_rule(file, [])
            if case.match
        ]
        for file in files
    }


def test_the_bundled_rules_have_the_headers_of_their_whole_files() -> None:
    files = [
        file
        for file in rules.find([BUNDLED])[::25]
        if "/detections/" in file.path and read.beside(file).is_file()
    ][: headers._FEWEST - 1]
    problems: list[DocumentError] = []

    assert files
    assert hastily(files, problems) == whole(files)
    assert not problems


@pytest.mark.parametrize(
    ("cases", "problem"),
    [
        ("match: [{name: a}]\nno_match: []\n", "no_match"),
        ("match: [1]\nno_match: [1]\n", "match"),
        ("match: [\n", "object_deleted.cases.yml"),
        ("no_match: []\n", "match"),
    ],
)
def test_a_bundled_file_that_is_wrong_is_read_whole(
    cases: str, problem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "rules" / "detections"
    shutil.copytree(BUNDLED / "events", tmp_path / "rules" / "events")
    folder.mkdir()
    source = next(BUNDLED.rglob("object_deleted.yml"))
    shutil.copy(source, folder)
    (folder / "object_deleted.cases.yml").write_text(cases)
    root = SimpleNamespace(root=lambda: tmp_path)
    monkeypatch.setattr(headers, "resources", root)
    problems: list[DocumentError] = []

    hastily(rules.find([tmp_path / "rules"]), problems)

    assert problems
    assert any(problem in f"{one.path}: {one}" for one in problems)
