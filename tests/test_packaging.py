"""An installed wheel finds the rules and schemas that a checkout has."""

from __future__ import annotations

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest

from checker import rules
from checker.sources.events import accelerator

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    build = ["build", "-t", "wheel", "-d", str(folder)]
    command = [sys.executable, "-m", "hatchling", *build]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_holds_every_rule_and_schema(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())

    for folder in ("rules", "schemas", "frameworks"):
        for file in (ROOT / folder).rglob("*.*"):
            assert f"checker/_data/{file.relative_to(ROOT).as_posix()}" in names


def test_the_wheel_loads_the_same_pack(wheel: Path, tmp_path: Path) -> None:
    """Wheels are zip files, so this also shows that no rule needs a real folder."""
    script = (
        f"import sys; sys.path.insert(0, {str(wheel)!r})\n"
        "import checker; from checker import rules\n"
        "print(checker.__file__); print(len(rules.load()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    )

    where, count = done.stdout.split("\n")[:2]
    assert ".whl" in where
    assert int(count) == len(rules.load())


def test_the_extra_asks_for_the_compiled_reader_that_is_built_here() -> None:
    def read(path: str) -> dict[str, Any]:
        return tomllib.loads((ROOT / path).read_text("utf-8"))

    built = read("core/Cargo.toml")["package"]["version"]
    major, minor, _ = built.split(".")
    (asked,) = read("pyproject.toml")["project"]["optional-dependencies"]["fast"]
    assert asked == f"trailcheck-core>={major}.{minor},<{major}.{int(minor) + 1}"
    assert built.startswith(accelerator.VERSION)
