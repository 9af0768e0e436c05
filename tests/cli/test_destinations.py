"""What is written: never over what is read, and complete or exit code 2."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from checker import resources
from checker.cli import main

ROOT = Path(__file__).parents[2]
PACK = Path(str(resources.root() / "rules"))
RULE = PACK / "detections" / "signin" / "root_console_login_without_mfa.yml"
EVENT = (PACK / "events" / "console_login_root_without_mfa.json").read_text()
SNAPSHOT = '{"kind": "cloudtrail-settings-snapshot", "version": 1}'

pytestmark = pytest.mark.skipif(os.name != "posix", reason="about POSIX files")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "logs" / "deep").mkdir(parents=True)
    (tmp_path / "rules").mkdir()
    (tmp_path / "elsewhere").mkdir()
    for name in ("logs/a.json", "logs/deep/b.json", "elsewhere/c.json"):
        (tmp_path / name).write_text(f'{{"Records": [{EVENT}]}}')
    shutil.copy(RULE, tmp_path / "rules")
    (tmp_path / "settings.json").write_text(SNAPSHOT)
    (tmp_path / "set.yml").write_text("parameters: {}\n")
    (tmp_path / "empty").write_text("")
    os.link(tmp_path / "logs/a.json", tmp_path / "hard.json")
    (tmp_path / "link.json").symlink_to("logs/a.json")
    (tmp_path / "folder").symlink_to("logs")
    (tmp_path / "logs" / "more").symlink_to("../elsewhere")
    (tmp_path / "logs" / "outside.json").symlink_to("../elsewhere/c.json")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def contents(place: Path) -> dict[str, bytes]:
    files = (path for path in place.rglob("*") if path.is_file())
    return {str(path): path.read_bytes() for path in files}


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


RULES = f"rules/{RULE.name}"


@pytest.mark.parametrize("form", ["jsonl", "json", "text"])
@pytest.mark.parametrize(
    ("arguments", "output"),
    [
        (["logs/a.json"], "logs/a.json"),
        (["logs/a.json"], "./logs/../logs/a.json"),
        (["logs/a.json"], "folder/a.json"),
        (["link.json"], "logs/a.json"),
        (["logs/a.json"], "link.json"),
        (["logs/a.json"], "hard.json"),
        (["logs"], "hard.json"),
        (["logs"], "logs/a.json"),
        (["logs"], "logs/deep/b.json"),
        (["logs"], "logs/new.json"),
        (["logs"], "logs/deep/new.jsonl"),
        (["logs"], "logs/new"),
        (["folder"], "logs/new.json"),
        (["logs"], "elsewhere/c.json"),
        (["logs"], "elsewhere/new.json"),
        (["."], "new.json"),
        (["logs/*.json"], "logs/a.json"),
        (["logs/*.json"], "logs/new.json"),
        (["logs/**"], "logs/deep/new.json"),
        (["**/*.json"], "new.json"),
        (["elsewhere", "--resume", "s.db"], "s.db"),
        (["elsewhere", "--resume", "s.db"], "s.db-journal"),
        (["elsewhere", "--settings", "settings.json"], "settings.json"),
        (["elsewhere", "--rules", RULES], RULES),
        (["elsewhere", "--rules", "rules"], RULES),
        (["elsewhere", "--rules", "rules"], "rules/new.yml"),
        (["elsewhere", "--config", "set.yml"], "set.yml"),
        (["elsewhere", "--learned", "settings.json"], "settings.json"),
        (["elsewhere", "--addresses", "settings.json"], "settings.json"),
        (["elsewhere", "--keys", "settings.json"], "settings.json"),
    ],
)
def test_an_output_that_is_read_is_refused_before_anything_is_opened(
    place: Path, arguments: list[str], output: str, form: str
) -> None:
    before = contents(place)

    result = run("scan", *arguments, "--format", form, "--output", output)

    assert result.exit_code == 2
    assert "name another file" in result.stderr
    assert contents(place) == before


@pytest.mark.parametrize(
    "arguments",
    [
        ["top", "logs", "--by", "eventName", "-o", "logs/a.json"],
        ["top", "logs", "--by", "eventName", "-o", "folder/new.json"],
        ["audit", "settings.json", "-o", "settings.json"],
        ["audit", "settings.json", "--rules", "rules", "-o", RULES],
        ["audit", "settings.json", "--framework", "empty", "-o", "empty"],
        ["visibility", "--settings", "settings.json", "-o", "settings.json"],
        ["lint", "rules", "-o", RULES],
        ["lint", RULES, "-o", f"./{RULES}"],
        ["lint", "-o", str(RULE)],
        ["verify", "logs", "-o", "logs/a.json"],
        ["verify", "logs", "--save-keys", "logs/a.json"],
        ["verify", "logs", "--keys", "empty", "--save-keys", "empty"],
        ["learn", "logs/new.json", "logs"],
        ["learn", "empty", "logs", "--addresses", "empty"],
        ["learn", "rules/new.yml", "logs", "--rules", "rules"],
        ["scan", "logs", "--resume", "logs/a.json"],
        ["scan", "logs", "--resume", "logs/state.json"],
        ["scan", "logs", "--settings", "empty", "--resume", "empty"],
    ],
)
def test_every_command_that_writes_refuses_what_it_reads(
    place: Path, arguments: list[str]
) -> None:
    before = contents(place)

    result = run(*arguments)

    assert result.exit_code == 2
    assert "name another file" in result.stderr
    assert contents(place) == before


@pytest.mark.parametrize("output", ["logs/report.sarif", "report.json", "-"])
def test_an_output_that_no_scan_reads_is_written(place: Path, output: str) -> None:
    result = run("scan", "logs", "--rules", RULES, "-f", "json", "-o", output)

    assert result.exit_code == 1
    text = result.stdout if output == "-" else Path(output).read_text()
    assert json.loads(text)["statistics"]["inputs"] == 3


def trailcheck(*arguments: str, shell: str = "") -> subprocess.CompletedProcess[str]:
    """Run the command as a shell does, with redirections of its own."""
    words = " ".join(f"'{each}'" for each in arguments)
    line = f"exec '{sys.executable}' -m checker {words} {shell}"
    return subprocess.run(
        ["bash", "-c", line],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


FULL = pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
COMMANDS = {
    "scan": ["scan", "logs", "--rules", RULES],
    "jsonl": ["scan", "logs", "--rules", RULES, "-f", "jsonl"],
    "top": ["top", "logs", "--by", "eventName"],
    "audit": ["audit", "settings.json", "--rules", "rules"],
    "lint": ["lint", "rules"],
    "list": ["list", "--rules", "rules"],
    "show": ["show", RULE.stem],
    "test": ["test", str(RULE)],
    "help": ["--help"],
    "command help": ["scan", "--help"],
    "version": ["--version"],
}


@FULL
@pytest.mark.parametrize("name", COMMANDS)
def test_a_full_disk_is_exit_code_2_with_a_sentence(place: Path, name: str) -> None:
    result = trailcheck(*COMMANDS[name], shell=">/dev/full")

    assert result.returncode == 2
    assert "No space left on device" in result.stderr
    assert "Traceback" not in result.stderr


@FULL
@pytest.mark.parametrize("name", ["scan", "jsonl", "top", "audit", "lint"])
def test_a_full_disk_under_an_output_is_exit_code_2(place: Path, name: str) -> None:
    result = trailcheck(*COMMANDS[name], "--output", "/dev/full")

    assert result.returncode == 2
    assert "No space left on device" in result.stderr
    assert "Traceback" not in result.stderr


@FULL
@pytest.mark.parametrize("name", ["scan", "jsonl", "lint"])
def test_a_full_disk_under_what_is_said_is_exit_code_2(place: Path, name: str) -> None:
    (place / "rules" / "bad.yml").write_text("x")
    (place / "logs" / "bad.json").write_text("{")
    result = trailcheck(*COMMANDS[name], "--output", "report.txt", shell="2>/dev/full")

    assert result.returncode == 2


@pytest.mark.parametrize("name", COMMANDS)
def test_a_closed_output_is_exit_code_2_with_a_sentence(place: Path, name: str) -> None:
    result = trailcheck(*COMMANDS[name], shell=">&-")

    assert result.returncode == 2
    assert "standard output: cannot be written: it is closed" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_closed_output_writes_into_no_other_file(place: Path) -> None:
    state = str(place / "s.db")
    first = trailcheck(*COMMANDS["scan"], "--resume", state, shell=">&-")
    second = trailcheck(*COMMANDS["scan"], "--resume", state)

    assert first.returncode == 2
    assert second.returncode == 1, second.stderr


def test_a_closed_standard_error_is_never_taken_for_findings(place: Path) -> None:
    (place / "logs" / "bad.json").write_text("{")
    result = trailcheck(*COMMANDS["jsonl"], shell="2>&-")

    assert result.returncode == 2


@pytest.mark.parametrize(
    "arguments", [["scan", "-"], ["top", "-", "--by", "eventName"], ["redact", "-"]]
)
def test_a_closed_input_is_exit_code_2_with_a_sentence(
    place: Path, arguments: list[str]
) -> None:
    result = trailcheck(*arguments, shell="<&-")

    assert result.returncode == 2
    assert "standard input is closed" in result.stderr


@pytest.mark.parametrize("form", ["jsonl", "json", "sarif"])
def test_a_file_that_may_not_grow_is_exit_code_2(place: Path, form: str) -> None:
    one = json.loads(EVENT)
    some = [{**one, "eventID": f"{n:036}"} for n in range(400)]
    (place / "logs" / "a.json").write_text(json.dumps({"Records": some}))
    script = (
        "import signal, resource\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))\n"
        "from checker.cli import command; command()\n"
    )
    result = subprocess.run(
        [
            *(sys.executable, "-c", script, "scan", "logs/a.json", "--rules", RULES),
            *("-f", form, "-o", "out"),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )

    assert result.returncode == 2
    assert "File too large" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("resume", [(), ("--resume", "s.db")])
def test_an_output_that_is_removed_meanwhile_is_exit_code_2(
    place: Path, resume: tuple[str, ...]
) -> None:
    script = (
        "import os\n"
        "from checker.run.scanning.collector import ScanCollector\n"
        "take = ScanCollector.take\n"
        "def remove(self, scanned):\n"
        "    if os.path.exists('out'): os.remove('out')\n"
        "    take(self, scanned)\n"
        "ScanCollector.take = remove\n"
        "from checker.cli import command; command()\n"
    )
    result = subprocess.run(
        [
            *(sys.executable, "-c", script, "scan", "logs", "--rules", RULES),
            *("-f", "jsonl", "-o", "out", *resume),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )

    assert result.returncode == 2
    assert "was removed while it was written" in result.stderr


def test_a_reader_that_leaves_early_is_no_error(place: Path) -> None:
    for name in ("scan", "help", "list"):
        result = trailcheck(*COMMANDS[name], shell="| true; exit ${PIPESTATUS[0]}")

        assert result.returncode in (0, 1 if name == "scan" else 0), name
        assert "Traceback" not in result.stderr
        assert "Exception ignored" not in result.stderr


def test_a_bug_does_not_end_with_the_code_of_findings(place: Path) -> None:
    script = (
        "from checker.run.scanning import scan\n"
        "def broken(*a, **k): raise ZeroDivisionError\n"
        "scan.scan = broken\n"
        "from checker.cli import command; command()\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", script, "scan", "logs"],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )

    assert result.returncode == 2
    assert "ZeroDivisionError" in result.stderr
