"""Shards of a scan: merged they are one scan, and nothing else is taken for a part."""

from __future__ import annotations

import gzip
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from checker import reports, run
from checker.cli import main
from checker.errors import SourceError, TrailcheckError, UsageError
from checker.model import AnyRule, Report
from checker.run.scanning.shards import Shard, parse
from checker.run.sharding import merge_parts, scan_shard
from tests.run.scanning.splits import PACK, some_files, write


def shards(
    inputs: list[str], of: int, folder: Path, pack: list[AnyRule] = PACK, **more: Any
) -> list[str]:
    paths = [folder / f"part-{number}.gz" for number in range(1, of + 1)]
    for number, path in enumerate(paths, 1):
        scan_shard(pack, inputs, Shard(number, of), path, **more)
    return list(map(str, paths))


def text(report: Report) -> str:
    return "".join(reports.FORMATS["json"](report))


@settings(max_examples=settings().max_examples // 5)
@given(files=some_files, of=st.integers(1, 16), data=st.data())
def test_the_parts_of_any_number_of_shards_merge_to_one_scan(
    files: list[Any], of: int, data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as name:
        logs, parts = Path(name) / "logs", Path(name) / "parts"
        logs.mkdir()
        parts.mkdir()
        write(logs, files)
        inputs = [str(logs), str(Path(name) / "gone"), str(Path(name) / "gone")]
        whole = run.scan(PACK, inputs)
        paths = data.draw(st.permutations(shards(inputs, of, parts)))

        merged = merge_parts(PACK, paths)

        told: list[Any] = []
        once: list[Any] = []
        merge_parts(PACK, paths, emit=told.append)
        run.scan(PACK, inputs, emit=once.append)

    assert text(merged) == text(whole)
    assert [each.fingerprint for each in told] == [each.fingerprint for each in once]


ONE: list[Any] = [
    [
        {
            "number": number,
            "eventName": "a",
            "second": number,
            "sourceIPAddress": "192.0.2.1",
            "awsRegion": "us-east-1",
            "sharedEventID": None,
            "corrects": None,
            "kind": "plain",
        }
    ]
    for number in range(8)
]


@pytest.fixture
def logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    # Which shard has a file depends on its name: here that is the same every time.
    monkeypatch.chdir(tmp_path)
    folder = Path("logs")
    folder.mkdir()
    write(folder, ONE)
    return folder


@pytest.fixture
def parts(logs: Path) -> list[str]:
    return shards([str(logs)], 3, Path())


def refusal(paths: list[str], pack: list[AnyRule] = PACK) -> str:
    with pytest.raises(TrailcheckError) as caught:
        merge_parts(pack, paths)
    return str(caught.value)


def test_every_input_is_of_one_shard_wherever_it_is_asked() -> None:
    uris = [f"s3://bucket/AWSLogs/{number}.json.gz" for number in range(1_000)]
    owners = [
        [number for number in range(1, 17) if Shard(number, 16).has(uri)]
        for uri in uris
    ]

    assert all(len(each) == 1 for each in owners)
    assert [each[0] for each in owners[:6]] == [1, 16, 2, 6, 5, 9]
    assert max(owners.count([number]) for number in range(1, 17)) < 100


def test_the_same_shard_is_the_same_file(tmp_path: Path, logs: Path) -> None:
    for name in ("one", "two"):
        scan_shard(PACK, [str(logs)], Shard(1, 2), tmp_path / name)

    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_a_missing_shard_and_one_that_comes_twice_are_named(parts: list[str]) -> None:
    assert "no part of shard 2/3" in refusal([parts[0], parts[2]])
    assert "both are shard 1/3" in refusal([*parts, parts[0]])


def test_parts_of_different_scans_are_not_mixed(logs: Path, parts: list[str]) -> None:
    said = ("another number of shards", "other EVENTS", "other rules")
    scans: list[Callable[[Path], object]] = [
        lambda path: scan_shard(PACK, [str(logs)], Shard(2, 4), path),
        lambda path: scan_shard(PACK, [f"{logs}/"], Shard(2, 3), path),
        lambda path: scan_shard(PACK[1:], [str(logs)], Shard(2, 3), path),
    ]
    for differs, make in zip(said, scans, strict=True):
        make(Path("other"))
        found = refusal([parts[0], "other", parts[2]])
        assert f"not of the same scan as {parts[0]}: {differs}" in found


def test_a_merge_with_other_rules_is_refused(parts: list[str]) -> None:
    changed = [rule for rule in PACK if rule.name != "above"]

    assert "rules that are not here (above)" in refusal(parts, changed)


def test_an_unfinished_part_has_no_name(tmp_path: Path, logs: Path) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        scan_shard(PACK, [str(logs)], Shard(1, 1), tmp_path / "part", advance=stop)

    assert sorted(each.name for each in tmp_path.iterdir()) == ["logs"]


@pytest.mark.parametrize("text", ["0/3", "4/3", "3", "1/0", "1/99999", "a/b", "1/3 "])
def test_a_shard_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="such as 3/16"):
        parse(text)


def lines(path: str) -> list[Any]:
    return [
        json.loads(line)
        for line in gzip.decompress(Path(path).read_bytes()).splitlines()
    ]


def rewritten(path: str, lines: list[Any]) -> str:
    data = "".join(json.dumps(line) + "\n" for line in lines).encode()
    Path(path).write_bytes(gzip.compress(data))
    return path


def with_finding(lines: list[Any]) -> Any:
    return next(line for line in lines if line.get("matches"))


def cut(text: bytes) -> bytes:
    """Leave out the last line, as what is written anew would."""
    return gzip.compress(text.rsplit(b"\n", 2)[0] + b"\n")


DAMAGES: list[Callable[[bytes, bytes], bytes]] = [
    lambda data, _: data[: len(data) // 2],
    lambda data, _: data[:-1],
    lambda data, _: data[:40] + bytes([data[40] ^ 255]) + data[41:],
    lambda _, text: cut(text),
    lambda _, text: gzip.compress(text[:-9]),
    lambda _, text: gzip.compress(text.replace(b'"lines":', b'"lines":1')),
    lambda _, __: b"",
    lambda _, __: b"{}",
    lambda _, __: gzip.compress(b"{}\n"),
    lambda _, __: gzip.compress(b'{"part": 2}\n'),
]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_part_is_refused(
    parts: list[str], damage: Callable[[bytes, bytes], bytes]
) -> None:
    path = Path(parts[1])
    data = path.read_bytes()
    path.write_bytes(damage(data, gzip.decompress(data)))

    with pytest.raises(SourceError, match="part-2"):
        merge_parts(PACK, parts)


@pytest.mark.parametrize(
    "change",
    [
        {"event_ids": "AAAA"},
        {"records": "1"},
        {"number": -1},
        {"more": 1},
        {"matches": [["other", {}, ["x"], {}, "ab", False]]},
        {"hits": [[0, "e", "other", "other", []]]},
        {"hits": [[0, "e", "a", "a", ["one", "too many", "x", "y", "z"]]]},
        {"problems": ["x"]},
    ],
)
def test_a_piece_that_no_rule_gives_is_refused(
    parts: list[str], change: dict[str, Any]
) -> None:
    found = lines(parts[1])
    with_finding(found).update(change)
    rewritten(parts[1], found)

    assert "the part is damaged: scan the shard again" in refusal(parts)


@pytest.mark.parametrize(
    "change",
    [lambda match: match[1].update(type=[None]), lambda match: match.insert(2, "x")],
)
def test_a_match_that_can_be_no_finding_is_refused(
    parts: list[str], change: Callable[[list[Any]], None]
) -> None:
    found = lines(parts[1])
    match = with_finding(found)["matches"][0]
    change(match)
    del match[6:]
    rewritten(parts[1], found)

    assert "the part is damaged: scan the shard again" in refusal(parts)


def test_a_part_that_is_not_there_is_said(parts: list[str], tmp_path: Path) -> None:
    assert "no such file" in refusal([*parts, str(tmp_path / "gone")])
    assert "a folder" in refusal([*parts, str(tmp_path)])


def test_what_changed_between_the_listings_is_noted(
    logs: Path, parts: list[str]
) -> None:
    write(logs, [*ONE, ONE[0]])
    scan_shard(PACK, [str(logs)], Shard(3, 3), Path(parts[2]))

    (note, *_) = [n for n in merge_parts(PACK, parts).notes if "shards" in n]
    assert "listed different inputs (8 to 9)" in note


def test_standard_input_has_no_shards(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="standard input has no shards"):
        scan_shard(PACK, ["-"], Shard(1, 2), tmp_path / "part")


def command(*arguments: object) -> Result:
    return CliRunner().invoke(main, list(map(str, arguments)))


RULE = """
title: Trail deleted
name: it
id: 4c0f6e0e-0000-4000-8000-000000000001
status: test
level: high
logsource: {product: aws, service: cloudtrail}
detection:
  it: {eventName: a}
  condition: it
"""


def test_the_commands_split_and_merge(logs: Path) -> None:
    Path("rules").mkdir()
    Path("rules/it.yml").write_text(RULE)
    given = ("--rules", "rules", "--no-config")
    for number in (1, 2):
        out = f"{number}.part"
        done = command("scan", logs, "--shard", f"{number}/2", "-o", out, *given)
        assert (done.exit_code, done.stdout) == (0, ""), done.stderr

    for form in ("json", "jsonl", "sarif"):
        merged = command("merge", "2.part", "1.part", "-f", form, *given)
        whole = command("scan", logs, "-f", form, *given)
        assert merged.exit_code == whole.exit_code == 1
        assert merged.stdout == whole.stdout


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "writes a file: name it with --output"),
        (("-o", "x", "--format", "json"), "--format is about the report: give it to"),
        (("-o", "x", "--resume", "state"), "--resume does not go with --shard"),
        (("-o", "x", "--since", "3d"), "another moment on each machine"),
    ],
)
def test_a_shard_refuses_what_it_cannot_follow(
    logs: Path, options: tuple[str, ...], said: str
) -> None:
    Path("it.yml").write_text(RULE)

    done = command("scan", logs, "--shard", "1/2", "--rules", "it.yml", *options)

    assert done.exit_code == 2
    assert said in done.stderr


def test_a_shard_with_a_broken_input_ends_with_3(logs: Path) -> None:
    Path("it.yml").write_text(RULE)
    given = ("--rules", "it.yml", "--no-config")

    done = command("scan", logs, "gone", "--shard", "1/1", "-o", "it.part", *given)
    merged = command("merge", "it.part", *given)

    assert done.exit_code == merged.exit_code == 3
    assert "gone" in merged.stdout
