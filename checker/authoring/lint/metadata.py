"""Check what a rule says about itself: title, dates, tags, references."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

from checker import documents
from checker.authoring.lint.positions import Subject
from checker.authoring.lint.problem import Problem
from checker.model import ConfigurationRule, Level
from checker.rules import frameworks

_NAMESPACES = "attack catalogue control cve d3fend tlp car detection stp".split()
_CATALOGUE = re.compile(r"catalogue\.ct\d{3}")
_HOST = re.compile(
    r"https://(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}(?::\d+)?"
    r"(?:[/?#][^\s<>\"{}|\\^`]*)?"
)

_LONGEST = 2_000  # more than browsers and servers agree to take

_LONGEST_TITLE = 70
_ARTICLE = re.compile(r"(A|An|The) ")

_CIS = re.compile(r"\d+(\.\d+)+")
_NIST = re.compile(r"[A-Z]{2}-\d+(\(\d+\)|[a-z](\.\d+)?)?(\([a-z]\)(\(\d+\))?)?")
_PCI = re.compile(r"(A\d+|\d+)(\.\d+)*(\.[a-z])?")
_ISO = re.compile(r"A\.\d+(\.\d+)*")
_FRAMEWORKS: tuple[tuple[re.Pattern[str], re.Pattern[str], str], ...] = (
    (re.compile(r"CIS-AWS-\d+\.\d+(\.\d+)?"), _CIS, "3.1"),
    (re.compile(r"NIST-800-53-r[45]"), _NIST, "AU-12 or AU-6(3)"),
    (re.compile(r"NIST-800-171-r[23]"), _CIS, "3.3.1"),
    (
        re.compile(r"NIST-CSF-[12]\.[01]"),
        re.compile(r"[A-Z]{2}\.[A-Z]{2}-\d+"),
        "DE.CM-1",
    ),
    (re.compile(r"PCI-DSS-\d\.\d(\.\d)?"), _PCI, "10.2.1"),
    (re.compile(r"SOC-?2"), re.compile(r"[A-Z]+\d+\.\d+"), "CC7.2"),
    (
        re.compile(r"HIPAA"),
        re.compile(r"164\.\d{3}(\([A-Za-z0-9]+\))*"),
        "164.312(b)",
    ),
    (re.compile(r"ISO-27001-20(13|22)"), _ISO, "A.8.15"),
    (re.compile(r"FedRAMP-(low|moderate|high)-r[45]"), _NIST, "AU-2"),
    (
        re.compile(r"FedRAMP-20x-KSI"),
        re.compile(r"KSI-[A-Z]+(-\d+|-[A-Z]+)?"),
        "KSI-MLA",
    ),
    (
        re.compile(r"AWS-FSBP|AWS-Security-Hub"),
        re.compile(r"[A-Za-z0-9]+\.\d+"),
        "CloudTrail.1",
    ),
    (
        re.compile(r"AWS-Config"),
        re.compile(r"[a-z0-9]+(-[a-z0-9]+)+"),
        "cloudtrail-enabled",
    ),
    (re.compile(r"MITRE-ATTACK"), re.compile(r"T\d{4}(\.\d{3})?"), "T1562.008"),
)


def check(subject: Subject) -> Iterator[Problem]:
    """Check the facts of one rule of any kind."""
    yield from _title(subject)
    yield from _references(subject)
    yield from _dates(subject)
    yield from _tags(subject)
    yield from _controls(subject)
    rule, document = subject.rule, subject.document
    if rule.status == "experimental" and rule.level >= Level.HIGH:
        yield subject.problem(
            "status-level",
            f"an experimental rule of level {rule.level.value} wakes people up",
            "lower the level until the status is test or stable",
            at=document.position(("level",)),
        )


def _title(subject: Subject) -> Iterator[Problem]:
    rule, document = subject.rule, subject.document
    at = document.position(("title",))
    title = rule.title
    if title != title.strip() or title.endswith(".") or "  " in title:
        yield subject.problem(
            "title-form",
            "a title has no full stop at its end, and no white space around it",
            f"write: {' '.join(title.split()).rstrip('.')}",
            at=at,
        )
    elif title[:1].islower():
        yield subject.problem(
            "title-form",
            "a title begins with a capital letter",
            f"write: {title[:1].upper()}{title[1:]}",
            at=at,
        )
    elif article := _ARTICLE.match(title):
        rest = title[article.end() :]
        yield subject.problem(
            "title-form",
            f"a title begins with its thing, without '{article[1]}'",
            f"write: {rest[:1].upper()}{rest[1:]}",
            at=at,
        )
    if len(title) > _LONGEST_TITLE:
        yield subject.problem(
            "title-form",
            f"the title has {len(title)} characters; reports show {_LONGEST_TITLE}",
            "write the thing and what happened to it; details are for the description",
            at=at,
        )
    description = rule.description or ""
    if len(description.split()) < 5:
        yield subject.problem(
            "description-missing",
            "the description does not explain the finding",
            "describe what happened, why it matters and what to look at next",
            at=document.key_position(("description",)) if description else at,
        )
    if isinstance(rule, ConfigurationRule) and rule.remediation is None:
        yield subject.problem(
            "description-missing",
            "the rule does not say how to fix what it finds",
            "add a remediation block with a text and, if there is one, a command",
            at=at,
        )


def _references(subject: Subject) -> Iterator[Problem]:
    for index, reference in enumerate(subject.rule.references):
        at = subject.document.position(("references", index))
        if reference.startswith("http://"):
            fix = f"write https://{reference.removeprefix('http://')}"
            message = "a reference over plain http can be changed on its way"
            yield subject.problem("reference-form", message, fix, at=at)
        elif len(reference) > _LONGEST or not _HOST.fullmatch(reference):
            message = f"'{reference[:80]}' is no link that works"
            fix = "write https://, a host and a path"
            yield subject.problem("reference-form", message, fix, at=at)


def _dates(subject: Subject) -> Iterator[Problem]:
    rule, document = subject.rule, subject.document
    parsed: dict[str, dt.date] = {}
    for key, text in (("date", rule.date), ("modified", rule.modified)):
        if text is None:
            continue
        try:
            parsed[key] = dt.date.fromisoformat(text)
        except ValueError:
            yield subject.problem(
                "date-invalid",
                f"'{key}' is no day of the calendar: {text}",
                "write a day that exists, as YYYY-MM-DD",
                at=document.position((key,)),
            )
    if len(parsed) == 2 and parsed["modified"] < parsed["date"]:
        yield subject.problem(
            "date-invalid",
            f"modified ({rule.modified}) is before date ({rule.date})",
            "'date' is when the rule was first written, 'modified' when last changed",
            at=document.position(("modified",)),
        )


def _tags(subject: Subject) -> Iterator[Problem]:
    for index, tag in enumerate(subject.rule.tags):
        namespace = tag.partition(".")[0]
        at = subject.document.position(("tags", index))
        if namespace == "catalogue" and not _CATALOGUE.fullmatch(tag):
            yield subject.problem(
                "tag-unknown",
                f"'{tag}' is no row of the catalogue",
                "write catalogue.ct and three digits, such as catalogue.ct002",
                at=at,
            )
        elif namespace not in _NAMESPACES:
            yield subject.problem(
                "tag-unknown",
                f"no tag has the namespace '{namespace}'"
                f"{documents.nearest(namespace, _NAMESPACES)}",
                f"use one of {', '.join(_NAMESPACES)}",
                at=at,
            )


def _missing(
    subject: Subject, framework: str, ids: tuple[str, ...]
) -> Iterator[Problem]:
    """Find ids that a framework, of which every requirement is known, does not have."""
    if framework not in frameworks.shipped():
        return
    table = frameworks.load(framework)
    every = [each.id for each in table.requirements]
    for index, each in enumerate(ids):
        if table.complete and each not in every:
            yield subject.problem(
                "control-unknown",
                f"{framework} has no requirement '{each}'"
                f"{documents.nearest(each, every)}",
                f"see frameworks/{framework}.yml",
                at=subject.document.position(("controls", framework, index)),
            )


def _controls(subject: Subject) -> Iterator[Problem]:
    for framework, ids in subject.rule.controls.items():
        known = next(
            (
                (form, example)
                for name, form, example in _FRAMEWORKS
                if name.fullmatch(framework)
            ),
            None,
        )
        path = ("controls", framework)
        if known is None:
            yield subject.problem(
                "control-unknown",
                f"no framework is called '{framework}'",
                "use a name such as CIS-AWS-3.0, NIST-800-53-r5, PCI-DSS-4.0, SOC-2, "
                "HIPAA, ISO-27001-2022, FedRAMP-moderate-r4 or AWS-FSBP",
                at=subject.document.key_position(path),
            )
            continue
        yield from _missing(subject, framework, ids)
        form, example = known
        for index, each in enumerate(ids):
            if not form.fullmatch(each):
                yield subject.problem(
                    "control-unknown",
                    f"'{each}' is not how {framework} numbers its controls",
                    f"write it as {example}",
                    at=subject.document.position((*path, index)),
                )
