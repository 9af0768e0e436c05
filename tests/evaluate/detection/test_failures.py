"""What goes wrong with one event ends nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from checker import conditions, run
from checker.evaluate.detection import detector as module
from checker.evaluate.detection.batch_reader import DEEPEST
from checker.model import AnyRule, Batch, Detection, DetectionRule, Level


def rule(name: str, text: str, **more: Any) -> DetectionRule:
    return DetectionRule(
        path="x.yml",
        line=1,
        title=name,
        name=name,
        id=name,
        level=Level.HIGH,
        status="stable",
        detection=Detection({}, conditions.parse(text)),
        **more,
    )


def event(number: int, **more: Any) -> dict[str, Any]:
    return {
        "eventVersion": "1.11",
        "eventSource": "cloudtrail.amazonaws.com",
        "eventName": "DeleteTrail",
        "eventID": f"00000000-0000-4000-8000-{number:012}",
        "eventTime": "2026-11-01T00:00:00Z",
        "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::123456789012:user/u"},
        **more,
    }


def nested(depth: int, kind: str = "list") -> str:
    if kind == "list":
        return "[" * depth + "]" * depth
    return '{"a":' * depth + "1" + "}" * depth


def with_value(path: str, value: str) -> str:
    """Return an event as text, with JSON at a path of two names."""
    first, second = path.split(".")
    text = json.dumps(event(7, **{first: {second: "@@"}}))
    return text.replace('"@@"', value)


PATHS = [
    "userIdentity.arn",
    "userIdentity.type",
    "requestParameters.name",
    "responseElements.x",
    "additionalEventData.x",
    "addendum.reason",
]


@pytest.mark.parametrize("depth", [60, 65, 400, 900, 1_100, 5_000, 200_000])
@pytest.mark.parametrize("kind", ["list", "dict"])
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("shape", ["records", "lines"])
def test_a_value_nested_at_any_depth_is_a_problem_of_its_event(
    tmp_path: Path, depth: int, kind: str, path: str, shape: str
) -> None:
    texts = [json.dumps(event(1)), with_value(path, nested(depth, kind))]
    texts.append(json.dumps(event(2)))
    whole = "\n".join(texts)
    if shape == "records":
        whole = f'{{"Records":[{",".join(texts)}]}}'
    file = tmp_path / "a.json"
    file.write_text(whole)
    chosen = [
        rule("named", "eventName == 'DeleteTrail'", fields=(path, "userIdentity")),
        rule("arn", f"starts_with(to_string({path} || 'a'), 'zz') || userIdentity"),
    ]

    found = run.scan(chosen, [str(file)])

    told = {each.subject["id"] for each in found.findings}
    assert {event(1)["eventID"], event(2)["eventID"]} <= told
    assert found.statistics.events + found.statistics.unreadable_records >= 3
    # What AWS documents as text is a problem at any depth.
    is_text = path in {"userIdentity.arn", "userIdentity.type", "addendum.reason"}
    assert bool(found.problems) is (is_text or depth > DEEPEST - 3)
    for each in found.findings:
        json.dumps(each.evidence)


@pytest.mark.parametrize("files", [[[1, 2, 3]], [[1, 3], [2]]])
def test_an_exception_of_one_event_is_its_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: list[list[int]]
) -> None:
    for name, numbers in enumerate(files):
        # What holds on the like of an event in another file is remembered.
        events = [event(n, errorMessage="broken" * (n == 2)) for n in numbers]
        file = tmp_path / f"{name}.json"
        file.write_text(json.dumps({"Records": events}))
    form = module.Matches.form

    def failing(self: Any, compiled: Any, fields: Any) -> Any:
        said = fields.having(None).get("errorMessage")
        if compiled.rule.name == "one" and said == "broken":
            raise RecursionError("too deep")
        return form(self, compiled, fields)

    monkeypatch.setattr(module.Matches, "form", failing)
    condition = "eventName == 'DeleteTrail' && userIdentity.arn"
    chosen: list[AnyRule] = [
        rule("one", condition, fields=("errorMessage",)),
        rule("two", "eventName == 'DeleteTrail'"),
    ]

    found = run.scan(chosen, [str(tmp_path)])

    told = sorted((each.rule.name, each.subject["id"][-1]) for each in found.findings)
    assert told == [
        ("one", "1"),
        ("one", "3"),
        ("two", "1"),
        ("two", "2"),
        ("two", "3"),
    ]
    assert found.statistics.events == 3
    (problem,) = found.problems
    assert problem.record == files[-1].index(2)
    assert "one" in problem.reason
    assert "RecursionError" in problem.reason


def test_headers_that_defeat_the_index_are_judged_one_by_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    detector = module.compile_rules([rule("one", "eventName == 'DeleteTrail'")])
    batch = Batch(
        "x", b"", tuple(json.dumps(event(n)).encode() for n in (1, 2)), (0, 1)
    )

    def fail(*_: Any) -> Any:
        raise RecursionError

    monkeypatch.setattr(type(detector.index), "candidates", fail)

    assert len(module.evaluate(detector, batch).matches) == 2
