"""What holds for every file of the project: words, reasons, and paths that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("checker", "tools", "benchmarks", "tests")
PAGE = ROOT / "docs" / "architecture.md"

EXCUSED = re.compile(
    r"#\s*(?:noqa(?:: *[A-Z]+\d+(?:, *[A-Z]+\d+)*)?|type: *ignore(?:\[[\w, -]+\])?)\s*$"
)
"""An excuse at the end of a line, after which no reason comes."""

WORDS = re.compile(
    r'^ *r?"""\s*(?:This module|Gives?|Tells?|Says?|Judges?)\b.*', re.MULTILINE
)


def sources() -> list[Path]:
    return [file for name in FOLDERS for file in sorted((ROOT / name).rglob("*.py"))]


def test_every_excuse_has_a_reason() -> None:
    bare = [
        f"{file.relative_to(ROOT)}:{number}"
        for file in sources()
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1)
        if EXCUSED.search(line.rstrip())
    ]

    assert bare == []


@pytest.mark.parametrize(
    ("line", "excused"),
    [
        ("noqa: E501", True),
        ("noqa: PLR0913, FBT001", True),
        ("noqa", True),
        ("type: ignore[arg-type]", True),
        ("type: ignore", True),
        ("noqa: E501 - one statement", False),
        ("type: ignore[arg-type]  # all are text", False),
    ],
)
def test_the_search_for_excuses_finds_them(line: str, *, excused: bool) -> None:
    assert bool(EXCUSED.search(f"x = 1  # {line}")) == excused


def test_docstrings_begin_with_what_is_done() -> None:
    odd = [
        f"{file.relative_to(ROOT)}: {found[0].strip()}"
        for file in sources()
        for found in WORDS.finditer(file.read_text("utf-8"))
    ]

    assert odd == []


def test_every_path_of_the_architecture_page_exists() -> None:
    gone = [text for text in named() if not exists(text)]

    assert gone == []


def named() -> list[str]:
    """Return what the page writes as code and reads like a path of the project."""
    code = re.findall(r"`([\w./<>*-]+)`", PAGE.read_text("utf-8"))
    assert len(code) > 60
    return [text for text in code if "/" in text or text.endswith((".py", ".toml"))]


def exists(text: str) -> bool:
    """Return whether there is such a file, folder, or name in a file."""
    path = re.sub(r"<\w+>", "*", text).removesuffix("/").replace("*.py", "*")
    bases = [
        ROOT,
        *(ROOT / each for each in ("checker", "checker/sources/events", "schemas")),
    ]
    for base in bases:
        for form in (path, f"{path}.py", f"{path}.yml", path.removesuffix(".py")):
            if any(base.glob(form)):
                return True
        owner, _, name = path.rpartition(".")
        for file in base.glob(f"{owner}.py") if owner else ():
            if re.search(
                rf"^(?:def|class) {name}\b|^{name}\b", file.read_text(), re.MULTILINE
            ):
                return True
    return False
