"""Hostile rule files cost little and stop nothing."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from checker.authoring.lint import lint

HEAD = """\
title: Users listed
name: hostile
id: 7b0f3a52-6f8b-4c51-9a54-0d4a4f1b7c01
status: test
level: low
description: Somebody listed the users of the account, which is worth a look.
"""
LOGSOURCE = "logsource: {product: aws, service: cloudtrail}\n"


def detection(condition: str, call: str = "eventName: ListUsers") -> str:
    return (
        f"{HEAD}{LOGSOURCE}detection:\n  call:\n    eventSource: iam.amazonaws.com\n"
        f"    {call}\n  condition: >-\n    {condition}\n"
    )


FILES = {
    "alias bomb": HEAD + "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]\n",
    "deep nesting": HEAD + "detection: " + "[" * 10_000 + "]" * 10_000 + "\n",
    "deep condition": detection("call && " + "(" * 10_000 + "x" + ")" * 10_000),
    "many negations": detection("call && " + "!" * 10_000 + "errorCode"),
    "huge literal": detection(f"call && userAgent == '{'a' * 60_000}'"),
    "slow pattern": detection("call && matches(userAgent, '(a*)*(a|a)*b{900}$')"),
    "many unknown names": detection(
        "call", "eventName: [" + ", ".join(f"Lizt{n}" for n in range(20_000)) + "]"
    ),
    "many unknown fields": detection(
        "call && (" + " || ".join(f"userIdentity.typ{n}" for n in range(2_500)) + ")"
    ),
    "many clauses": detection(
        "call && " + " && ".join(f"userAgent != 'agent {n}'" for n in range(2_000))
    ),
    "one clause again and again": detection(
        "call && " + " && ".join(["userIdentity.type == 'Root'"] * 2_000)
    ),
    "many alternatives": detection(
        "call && "
        + " && ".join(f"(errorCode == '{n}' || userAgent == '{n}')" for n in range(900))
    ),
    "long reference": f"{HEAD}references: [https://{'a' * 200_000}]\n",
    "nothing": "",
    "one list": "- a\n- b\n",
    "keys of lists": "? [a, b]\n: c\n",
    "other types": HEAD.replace("Users listed", "[1, {a: b}]") + "detection: 5\n",
    "other kinds": f"{HEAD}detection: {{}}\ncorrelation: {{}}\n",
}


@pytest.mark.parametrize("what", FILES)
def test_a_hostile_file_costs_little_and_the_next_is_linted(
    tmp_path: Path, what: str
) -> None:
    (tmp_path / "hostile.yml").write_text(FILES[what])
    (tmp_path / "next.yml").write_text(
        detection("call", "eventName: ListUserz").replace("hostile", "next")
    )
    started = time.process_time()

    found = lint([tmp_path])

    assert time.process_time() - started < 10
    assert "event-not-in-service" in {
        each.check for each in found if Path(each.path).name == "next.yml"
    }
    assert len(found) < 500


@pytest.mark.parametrize("data", [bytes(range(256)) * 100, b"\xff\xfe", b"a: \x00"])
def test_binary_data_is_a_problem_and_no_traceback(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "binary.yml").write_bytes(data)

    found = lint([tmp_path])

    assert {each.check for each in found} <= {"file", "yaml", "schema"}
    assert found
