"""Run commands with random options over hostile files: each ends as documented.

`python -m tests.commands_fuzz --rounds 2000` (`make fuzz-commands`).  A command may end
with 0, 1, 2, 3 or 130, without a traceback, within a minute; it prints no secret, and
no file that it reads is another one afterwards.  Nothing here reaches AWS: whatever
needs it is left out, and no socket connects.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import gzip
import itertools
import json
import os
import random
import re
import signal
import socket
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import click
from click.testing import CliRunner

from checker.cli import main as trailcheck

CODES = frozenset({0, 1, 2, 3, 130})
SECONDS = 60
SECRET = "Tr0ub4dor-and-3-horses"
ROOT = Path(__file__).parents[1]

_EVENT: dict[str, Any] = {
    "eventVersion": "1.11",
    "eventSource": "iam.amazonaws.com",
    "eventName": "CreateLoginProfile",
    "eventID": "00000000-0000-4000-8000-000000000001",
    "eventTime": "2026-11-01T00:00:00Z",
    "awsRegion": "us-east-1",
    "sourceIPAddress": "192.0.2.1",
    "recipientAccountId": "123456789012",
    "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::123456789012:user/u"},
    "requestParameters": {"userName": "v", "password": SECRET},
}
_RULE = """\
title: Anything happened
name: fuzz_anything
id: 8f9f2f3e-0c69-4b64-9f0a-0a2c63f1c001
status: experimental
level: high
description: Holds on every event.
logsource: {product: aws, service: cloudtrail}
detection:
  anything: eventName
  condition: anything
"""
_TEMPLATE = """\
Resources:
  Trail:
    Type: AWS::CloudTrail::Trail
    Properties:
      S3BucketName: !Ref Bucket
      IsLogging: true
      Tags: [{Key: password, Value: %s}]
  Bucket: {Type: AWS::S3::Bucket, Properties: {BucketName: !Sub "${AWS::StackId}-x"}}
  Pool: {Type: AWS::Cognito::UserPool, Properties: {MfaConfiguration: "OFF"}}
"""
_TEXTS = (
    "", "-", "*", "..", "x" * 300, "\x1b[31m", "::error::x", "0", "-1",
    "1e999", "high", "critical", "root_*", "attack.t1078", "CIS-AWS-3.0", "us-east-1",
    "123456789012", "2026-11-01", "2026-11-01T00:00:00Z", "1d", "iam.amazonaws.com",
    "arn:aws:iam::123456789012:user/u", "s3", "\u202e", "nosuch",
)  # fmt: skip
_LEFT_OUT = {"snapshot", "lsp", "spark"}
_NEEDS_AWS = {"--live", "--profile", "--verify", "--refuse-unverified"}
_TAKES_MINUTES = {"--mutants"}
_OF_RULES = {"test", "lint"}
"""Commands that take the whole pack, and so half a minute, unless rules are named."""

_FITTING: dict[str, tuple[str, ...]] = {
    "--rules": ("fuzz_anything.yml",),
    "--settings": ("settings.json", "template.yaml"),
    "--config": ("config.yml",),
    "--addresses": ("addresses.csv",),
    "--from": ("event.json", "log.json"),
    "--false": ("report.json", "report.jsonl", "marks.txt"),
    "--baseline": ("report.json", "log.json"),
    "--exceptions": ("exceptions.yml",),
    "--learned": ("learned.json",),
}
_PLACED: dict[str, tuple[str, ...]] = {
    "audit": ("settings.json", "template.yaml"),
    "compare": ("settings.json", "template.yaml"),
    "convert": ("fuzz_anything",),
    "draft": ("event.json", "log.json", "lines.jsonl"),
    "explain": ("fuzz_anything", "event.json"),
    "import sigma": ("sigma.yml",),
    "learn": ("new-learned", "log.json"),
    "lint": ("fuzz_anything.yml", "sigma.yml"),
    "merge": ("share.part", "bad-share.part"),
    "story": ("arn:aws:iam::123456789012:user/u", "log.json"),
    "tune": ("log.json", "lines.jsonl"),
}
"""What a command reads, given in more than half of its runs: most of it is reached."""

_REQUIRED: dict[str, tuple[str, ...]] = {
    "explain": ("--rules", "fuzz_anything.yml"),
    "convert": ("--to", "athena", "--rules", "fuzz_anything.yml"),
    "import sigma": ("--to", "new-rules"),
    "merge": ("--rules", "fuzz_anything.yml"),
    "tune": ("--false", "report.json", "--rules", "fuzz_anything.yml"),
}

_MADE = ("share.part", "report.json", "report.jsonl")
_SIGMA = """\
title: Anything happened
id: 8f9f2f3e-0c69-4b64-9f0a-0a2c63f1c002
status: test
description: "Holds on \\e[31mevents"
logsource: {product: aws, service: cloudtrail}
detection:
  selection: {eventName|startswith: Create, eventSource: iam.amazonaws.com}
  condition: selection
level: high
"""
_EXCEPTIONS = """\
exceptions:
  - rule: fuzz_anything
    when: userIdentity.userName == 'nobody'
    reason: "\\e[31m ::error::x"
    owner: "::error::x"
    expires: 2099-01-01
"""
_RAW = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""What no output shows as it is."""

_OBEYED = re.compile(r"^\s*::|##(\[|vso\[)", re.MULTILINE)
"""What a CI runner takes for a command."""


def write_files(folder: Path, draw: random.Random) -> list[Path]:
    """Write files of all kinds, some of them damaged; return their paths."""
    records = json.dumps({"Records": [_EVENT, {**_EVENT, "eventName": "StopLogging"}]})
    snapshot = (ROOT / "demo" / "settings.json").read_bytes()
    sound: dict[str, bytes] = {
        "log.json": records.encode(),
        "log.json.gz": gzip.compress(records.encode()),
        "lines.jsonl": "\n".join([json.dumps(_EVENT)] * 3).encode(),
        "rows.csv": b"eventName,eventSource,eventTime,requestParameters\n"
        + f'X,iam,2026-11-01T00:00:00Z,"{{password={SECRET}}}"\n'.encode(),
        "event.json": json.dumps(_EVENT).encode(),
        "settings.json": snapshot,
        "template.yaml": (_TEMPLATE % SECRET).encode(),
        "fuzz_anything.yml": _RULE.encode(),
        "config.yml": b"parameters: {}\n",
        "sigma.yml": _SIGMA.encode(),
        "exceptions.yml": _EXCEPTIONS.encode(),
        "marks.txt": f"{_EVENT['eventID']}\n".encode(),
        "learned.json": b'{"version": 1, "rules": {}}',
        **made(),
        "addresses.csv": b"192.0.2.0/24,office\n",
        "deep.json": b'{"Records":' + b"[" * 3000 + b"]" * 3000 + b"}",
        "empty.json": b"",
        "null.json": b"null",
        "words.json": f"password={SECRET}".encode(),
        "utf16.json": records.encode("utf-16"),
    }
    paths = []
    for name, data in sound.items():
        (folder / name).write_bytes(data)
        damaged = bytearray(data)
        for _ in range(draw.randint(1, 4)):
            _damage(damaged, draw)
        (folder / f"bad-{name}").write_bytes(bytes(damaged))
        paths += [folder / name, folder / f"bad-{name}"]
    with zipfile.ZipFile(folder / "logs.zip", "w") as archive:
        archive.writestr("log.json", records)
    (folder / "self.json").symlink_to("self.json")
    (folder / "folder").mkdir()
    (folder / "folder" / "a.json").write_text(records, encoding="utf-8")
    return [*paths, folder / "logs.zip", folder / "self.json", folder / "folder"]


@functools.cache
def made() -> dict[str, bytes]:
    """Return what commands write for other commands, by the names of the files."""
    with tempfile.TemporaryDirectory(prefix="trailcheck-fuzz-") as folder:
        rule, log = Path(folder, "fuzz_anything.yml"), Path(folder, "log.json")
        rule.write_text(_RULE, encoding="utf-8")
        log.write_text(json.dumps({"Records": [_EVENT]}), encoding="utf-8")
        scan = ["scan", str(log), "--rules", str(rule), "--no-config", "--output"]
        for name, more in zip(
            _MADE, (["--shard", "1/1"], ["-f", "json"], ["-f", "jsonl"]), strict=True
        ):
            CliRunner().invoke(trailcheck, [*scan, str(Path(folder, name)), *more])
        return {name: Path(folder, name).read_bytes() for name in _MADE}


def commands(
    group: click.Group, before: str = ""
) -> Iterator[tuple[str, click.Command]]:
    """Yield each command that can be fuzzed, also one of a group, with its words."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{before}{name} ")
        elif name not in _LEFT_OUT:
            yield before + name, command


def _damage(data: bytearray, draw: random.Random) -> None:
    if not data:
        return
    at = draw.randrange(len(data))
    match draw.randrange(4):
        case 0:
            data[at] ^= 1 << draw.randrange(8)
        case 1:
            del data[at:]
        case 2:
            data[at:at] = draw.choice(
                [b"\x00", b"\xff\xfe", b"{", b'"', b"\n", b"&a *a"]
            )
        case _:
            del data[at : at + draw.randint(1, 40)]


def arguments(
    command: click.Command, name: str, draw: random.Random, paths: list[Path]
) -> list[str]:
    """Return a random command line of a command."""
    words = name.split()
    places = 0
    options = []
    for parameter in command.params:
        if not isinstance(parameter, click.Option):
            places = draw.choice([0, 1, 1, 1, 2, 3]) if parameter.nargs < 0 else 1
            places = max(places, int(name in _OF_RULES))
        elif not (_NEEDS_AWS | _TAKES_MINUTES) & set(parameter.opts):
            options.append(parameter)
    chosen = draw.sample(options, min(len(options), draw.choice([0, 1, 1, 2, 2, 4])))
    for option in chosen:
        words.append(draw.choice(option.opts))
        if not option.is_flag and not option.count:
            words.append(_value(option, draw, paths))
    if name in _PLACED and draw.random() < 0.6:
        return [*words, *_PLACED[name], *_REQUIRED.get(name, ())]
    words += [str(draw.choice(paths)) for _ in range(places)]
    return words


def _value(option: click.Option, draw: random.Random, paths: list[Path]) -> str:
    if isinstance(option.type, click.Choice) and draw.random() < 0.9:
        return str(draw.choice(list(option.type.choices)))
    fitting = [path for path in paths for opt in option.opts if _fits(opt, path.name)]
    if fitting and draw.random() < 0.7:
        return str(draw.choice(fitting))
    if draw.random() < 0.3:
        return str(draw.choice(paths))
    if draw.random() < 0.5 and {"--output", "--resume", "--dir"} & set(option.opts):
        return str(paths[0].parent / f"new-{draw.randrange(3)}")
    return draw.choice(_TEXTS)


def _fits(option: str, name: str) -> bool:
    return name.removeprefix("bad-") in _FITTING.get(option, ())


class WrongEndError(AssertionError):
    """A command did not end as documented."""


def check(words: list[str], paths: list[Path]) -> int:
    """Run one command; raises `WrongEndError` unless it ends as it should."""
    before = {path: path.read_bytes() for path in paths if path.is_file()}
    with _bounded():
        result = CliRunner().invoke(trailcheck, words)
    said = result.stdout + result.stderr
    if raw := _RAW.search(said) or _OBEYED.search(said):
        about = said[max(0, raw.start() - 200) : raw.end() + 40]
        raise WrongEndError(f"{words}: written as it is: {about!r}")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise WrongEndError(f"{words}: {result.exception!r}") from result.exception
    if result.exit_code not in CODES or "Traceback" in said:
        raise WrongEndError(f"{words}: exit code {result.exit_code}: {said[-2000:]}")
    if SECRET in said or any(
        SECRET.encode() in path.read_bytes()
        for path in paths[0].parent.glob("new-*")
        if path.is_file() and not _keeps_secrets(words, path)
    ):
        raise WrongEndError(f"{words}: a secret is shown")
    changed = [path for path, data in before.items() if path.read_bytes() != data]
    if changed and not _may_change(words, changed):
        raise WrongEndError(f"{words}: {changed} is another file now")
    return result.exit_code


def _keeps_secrets(words: list[str], path: Path) -> bool:
    """Return whether a file is one of state, which findings are written from."""
    return "--resume" in words and path.read_bytes().startswith(b"SQLite format 3")


def _may_change(words: list[str], changed: list[Path]) -> bool:
    """Return whether each file that changed was named as one to write."""
    named = {
        word
        for option, word in itertools.pairwise(words)
        if option in ("-o", "--output", "--resume", "--dir")
    }
    return all(str(path) in named for path in changed)


@contextlib.contextmanager
def _bounded() -> Iterator[None]:
    """End what takes too long, and let no socket connect."""

    def refuse(*_: object) -> NoReturn:
        raise OSError("no network here")

    def stop(_: int, __: FrameType | None) -> NoReturn:
        raise WrongEndError(f"still running after {SECONDS} seconds")

    connect: Callable[..., None] = socket.socket.connect
    old = signal.signal(signal.SIGALRM, stop)
    signal.alarm(SECONDS)
    socket.socket.connect = refuse  # type: ignore[method-assign]  # put back below
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, old)
        socket.socket.connect = connect  # type: ignore[method-assign]  # as it was


def run(rounds: int, draw: random.Random, folder: Path) -> None:
    """Run so many random commands over files in a folder."""
    os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
    known = dict(commands(trailcheck))
    for number in range(rounds):
        place = folder / str(number)
        place.mkdir()
        paths = write_files(place, draw)
        name = draw.choice(sorted(known))
        with contextlib.chdir(place):
            check(arguments(known[name], name, draw, paths), paths)


def main() -> None:
    """Run many rounds, and print the seed of each hundred."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    for seed in range(options.seed, options.seed + options.rounds // 100):
        with tempfile.TemporaryDirectory(prefix="trailcheck-fuzz-") as folder:
            run(100, random.Random(seed), Path(folder))
        print(f"seed {seed}: 100 commands ended as documented", flush=True)


if __name__ == "__main__":
    main()
