"""Write changes of event selectors for people and for tools.

Each form holds all selectors of the trail, for each replaces what the trail has:

- `cli`: a shell line with the input of PutEventSelectors,
  https://docs.aws.amazon.com/cli/latest/reference/cloudtrail/put-event-selectors.html
- `terraform`: the blocks of `aws_cloudtrail`,
  https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/cloudtrail
- `cloudformation`: the property of `AWS::CloudTrail::Trail`,
  https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudtrail-trail.html
"""

from __future__ import annotations

import dataclasses
import json
import re
import shlex
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import checker
from checker.change import Change, NoChange, Remedy
from checker.reports import layout, segments
from checker.reports.json import printable, uncommanding

VERSION: Final = 1
"""The version of the JSON form."""

_WIDTH: Final = 88
_SHOWN: Final = 12
_LONGEST: Final = 20_000
# A list of one string, which needs no lines of its own.
_LONE: Final = re.compile(r'\[\n *("(?:[^"\\]|\\.)*")\n *\]')
_SPECIAL: Final = re.compile(
    "[\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff]"
)


def cli_input(change: Change) -> dict[str, Any]:
    """Return the input of PutEventSelectors, for `--cli-input-json` or boto3."""
    return {"TrailName": change.trail_arn, change.member: [*change.selectors]}


def command(change: Change) -> str:
    """Return the command line that makes the change, ready for a shell."""
    given = _LONE.sub(r"[\1]", printable(json.dumps(cli_input(change), indent=2)))
    region = f" --region {shlex.quote(_shown(change.region))}" if change.region else ""
    return (
        f"aws cloudtrail put-event-selectors{region} "
        f"--cli-input-json {shlex.quote(given)}"
    )


def hcl(change: Change) -> str:
    """Return the blocks of Terraform's `aws_cloudtrail`."""
    block = (
        "advanced_event_selector"
        if change.member == "AdvancedEventSelectors"
        else "event_selector"
    )
    blocks = [
        "\n".join([f"{block} {{", *_arguments(each), "}"]) for each in change.selectors
    ]
    return "\n\n".join(blocks)


_BLOCKS: Final = {"FieldSelectors": "field_selector", "DataResources": "data_resource"}


def _arguments(value: Mapping[str, Any]) -> Iterator[str]:
    """Write the arguments of a block, their equals signs in one column."""
    plain = {_snake(key): each for key, each in value.items() if key not in _BLOCKS}
    width = max((len(key) for key in plain), default=0)
    for key, each in plain.items():
        if each != []:
            yield f"  {key:<{width}} = {_literal(each)}"
    for key, name in _BLOCKS.items():
        for inner in value.get(key) or ():
            yield ""
            yield f"  {name} {{"
            yield from (f"  {line}" if line else "" for line in _arguments(inner))
            yield "  }"


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def _literal(value: Any) -> str:
    """Write a value as HCL, where `${` and `%{` begin a template."""
    return re.sub(r"([$%])\{", r"\1\1{", _quoted(value))


def _quoted(value: Any) -> str:
    """Write a value so that JSON, YAML and HCL all read the same."""
    text = json.dumps(value, ensure_ascii=False)
    text = re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[0], found[0]), text)
    return uncommanding(_SPECIAL.sub(lambda found: f"\\u{ord(found[0]):04x}", text))


_ESCAPES: Final = {"\\b": "\\u0008", "\\f": "\\u000c"}


def yaml(change: Change) -> str:
    """Return the property of `AWS::CloudTrail::Trail`, in YAML."""
    return "\n".join([f"{change.member}:", *_items(change.selectors, "  ")])


def _items(values: Sequence[Any], indent: str) -> Iterator[str]:
    for value in values:
        if isinstance(value, Mapping):
            first, *rest = _members(value, indent + "  ")
            yield f"{indent}- {first.lstrip()}"
            yield from rest
        else:
            yield f"{indent}- {_quoted(value)}"


def _members(value: Mapping[str, Any], indent: str) -> Iterator[str]:
    for key, each in value.items():
        if isinstance(each, list) and each:
            yield f"{indent}{key}:"
            yield from _items(each, indent + "  ")
        elif each != []:
            yield f"{indent}{key}: {_quoted(each)}"


def render(
    remedies: Sequence[Remedy],
    *,
    form: str = "text",
    settings: str = "",
    width: int = layout.WIDTH,
) -> Iterator[str]:
    """Yield the remedies of one source of settings, in one of `FORMS`.

    What is for people is `width` columns wide.
    """
    if form == "json":
        yield printable(json.dumps(document(remedies, settings), indent=2)) + "\n"
    elif form == "text":
        yield from _text(remedies, settings, width)
    else:
        for remedy in remedies:
            yield from _commented(remedy, _WRITERS[form])


_WRITERS: Final[Mapping[str, Callable[[Change], str]]] = {
    "cli": command,
    "terraform": hcl,
    "cloudformation": yaml,
}
FORMS: Final = ("text", *_WRITERS, "json")
"""The forms that `render` knows."""


def document(remedies: Sequence[Remedy], settings: str = "") -> dict[str, Any]:
    """Return all of it as one JSON object."""
    return {
        "version": VERSION,
        "tool": {"name": "trailcheck", "version": checker.__version__},
        "settings": settings,
        "remedies": [
            {
                "rules": [*remedy.rules],
                "change": _change(remedy.answer),
                "reason": None
                if isinstance(remedy.answer, Change)
                else remedy.answer.reason,
                "commands": [command(remedy.answer)]
                if isinstance(remedy.answer, Change)
                else [*remedy.answer.commands],
            }
            for remedy in remedies
        ],
    }


def _change(answer: Change | NoChange) -> dict[str, Any] | None:
    if isinstance(answer, NoChange):
        return None
    return {**dataclasses.asdict(answer), "input": cli_input(answer)}


def _commented(remedy: Remedy, write: Callable[[Change], str]) -> Iterator[str]:
    """Write one remedy with who asks for it as comments, in any of the languages."""
    answer = remedy.answer
    yield from _comment(f"fixes {_rules(remedy)}")
    if isinstance(answer, NoChange):
        yield from _comment(f"no change of selectors: {answer.reason}")
        for line in answer.commands:
            yield f"# {_shown(line)}\n"
    else:
        yield from _comment(f"all selectors of {answer.trail_arn}")
        for note in (*answer.billing, *answer.also):
            yield from _comment(note)
        yield write(answer) + "\n"
    yield "\n"


def _rules(remedy: Remedy) -> str:
    """Name the rules, the first of many; the JSON form has all."""
    more = len(remedy.rules) - _SHOWN
    shown = ", ".join(remedy.rules[:_SHOWN])
    return f"{shown} and {more} more rules" if more > 0 else shown


def _comment(text: str) -> Iterator[str]:
    for line in _wrapped(text, "# ", "#   "):
        yield f"{line}\n"


def _wrapped(text: str, first: str, rest: str, width: int = _WIDTH) -> list[str]:
    wrapped = textwrap.wrap(
        _shown(text),
        max(width, layout.NARROWEST),
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [segments.uncommanding(line) for line in wrapped]


def _shown(text: str) -> str:
    """Return the text on one line, so that it leaves no comment and no line."""
    return segments.uncommanding(segments.visible(text, _LONGEST))


def _text(remedies: Sequence[Remedy], settings: str, width: int) -> Iterator[str]:
    if settings:
        yield f"{_shown(settings)}\n\n"
    if not remedies:
        yield "Nothing is missing: no change of event selectors is needed.\n"
    for remedy in remedies:
        lines = (
            _told(remedy, remedy.answer, width)
            if isinstance(remedy.answer, Change)
            else _refused(remedy, remedy.answer, width)
        )
        yield from (f"{line}\n" for line in lines)
        yield "\n"


def _told(remedy: Remedy, change: Change, width: int) -> Iterator[str]:
    heading = f"Change the event selectors of {change.trail_arn}"
    yield from _wrapped(heading, "", "  ", width)
    proof = change.proof
    for label, entries in (
        ("fixes", [_rules(remedy)]),
        ("records", change.records),
        ("costs", change.billing or ["nothing more of CloudTrail"]),
        ("also", change.also),
        ("proved", [proof.covered, proof.kept, proof.nothing_else]),
    ):
        yield from _listed(label, entries, width)
    yield ""
    yield command(change)


def _refused(remedy: Remedy, answer: NoChange, width: int) -> Iterator[str]:
    if answer.outcome == "covered":
        yield "Nothing is missing"
    elif answer.outcome == "unknown":
        yield "What to change cannot be told"
    else:
        yield "No change of event selectors helps"
    yield from _listed("for", [_rules(remedy)], width)
    yield from _listed("why", [answer.reason], width)
    if answer.commands:
        yield ""
    for command_ in answer.commands:
        lines = layout.command(_shown(command_), indent=0, width=width)
        yield from (line.rstrip("\n") for line in segments.plain(lines))


def _listed(label: str, entries: Sequence[str], width: int) -> Iterator[str]:
    for index, entry in enumerate(entries):
        head = f"  {label if index == 0 else '':<8} "
        yield from _wrapped(entry, head, " " * (len(head) + 2), width)
