"""Write rules as queries for CloudWatch Logs Insights.

AWS documents no way to run a query outside the service, so only forms that its pages
show are written.  A comparison with a field that is absent is left open there: each
negation says that the field may be absent.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Filter.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-operations-functions.html
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import assert_never

from checker.conditions import parse, tree
from checker.convert.form import (
    AllOf,
    AnyOf,
    Atom,
    Contains,
    Elements,
    Form,
    InNetworks,
    Matches,
    Names,
    OneOf,
    Opaque,
    Ordered,
    Part,
    SameAs,
    Scalar,
    Text,
    Truthy,
)
from checker.convert.grouping import field, require_scalar
from checker.convert.kinds import Kind, Kinds
from checker.convert.normal import normal
from checker.convert.refusal import Reason, RefusedError, unsaid
from checker.convert.subject import (
    AnySubject,
    Conversion,
    Correlated,
    Fidelity,
    Options,
    Subject,
    fidelity,
    widened,
)
from checker.correlation_types import CorrelationType
from checker.model import Rule

LONGEST = 10_000
"""Characters of a query: API_StartQuery."""
_BARE = re.compile(r"@?[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*")
_SPECIAL = re.compile(r"([\\.+*?()|\[\]{}^$/])")
_USUAL = ("eventName", "userIdentity.arn", "sourceIPAddress", "awsRegion")
_UNITS = (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))


def convert(subject: AnySubject, options: Options) -> Conversion:
    """Return a rule as a query; raises `RefusedError`."""
    if isinstance(subject, Correlated):
        return _correlated(subject)
    condition, dropped = widened(
        subject.form,
        lambda form: _Writer(subject.kinds).whole(form),
        superset=options.superset,
    )
    wanted = dict.fromkeys((*(subject.rule.fields or _USUAL),))
    fields = ", ".join(["@timestamp", *(_field(tuple(f.split("."))) for f in wanted)])
    query = (
        f"filter {condition}\n| fields {fields}\n| sort @timestamp desc\n"
        f"| limit {options.limit}"
    )
    return _conversion(subject, query, fidelity(dropped), dropped)


def _conversion(
    subject: AnySubject,
    query: str,
    found: Fidelity,
    dropped: tuple[Reason, ...],
    notes: tuple[str, ...] = (),
) -> Conversion:
    text = f"# {_title(subject.rule)}\n{query}\n"
    if len(text) > LONGEST:
        raise RefusedError(
            f"its query has {len(text):,} characters, and Insights takes {LONGEST:,}"
        )
    return Conversion(
        text=text,
        core=query,
        suffix=".insights.txt",
        fidelity=found,
        dropped=dropped,
        notes=(*notes, *_notes(subject)),
    )


def _title(rule: Rule) -> str:
    return f"{rule.title} (trailcheck rule {rule.name}, {rule.id})".replace("\n", " ")


def _notes(subject: AnySubject) -> Iterable[str]:
    bases = subject.bases if isinstance(subject, Correlated) else (subject,)
    yield "a query sees what the trail delivers to the log group"
    yield (
        "Insights finds the first 200 fields of a record, and takes others for absent"
    )
    if any(base.events.reads for base in bases):
        yield "the trail must log read-only management events"
    categories = {category for base in bases for category in base.events.categories}
    for category in sorted(categories - {"Management"}):
        yield f"the trail must log {category} events"


def _correlated(subject: Correlated) -> Conversion:
    """Return a count over fixed bins."""
    rule, correlation = subject.rule, subject.rule.correlation
    match correlation.type:
        case CorrelationType.EVENT_COUNT:
            count = "count(*)"
        case CorrelationType.VALUE_COUNT if isinstance(
            correlation.condition.get("field"), str
        ):
            name = correlation.condition["field"]
            count = f"count_distinct({_grouped(subject, name)})"
        case _:
            raise RefusedError(
                f"Insights has no query for {correlation.type.value} over time"
            )
    if correlation.labels:
        raise RefusedError("Insights has no table of address labels")
    operators = {key: v for key, v in correlation.condition.items() if key != "field"}
    if len(operators) != 1 or not operators.keys() <= {"gte", "gt"}:
        raise RefusedError("its condition is not one lower bound")
    [(operator, number)] = operators.items()
    groups = [_grouped(subject, name) for name in correlation.group_by]
    tests = dict.fromkeys(
        _Writer(base.kinds).whole(base.form) for base in subject.bases
    )
    condition = " or ".join(f"({test})" for test in tests)
    there = "".join(f" and ispresent({group})" for group in groups)
    by = ", ".join([*groups, f"bin({_span(correlation.timespan)})"])
    sign = ">=" if operator == "gte" else ">"
    query = (
        f"filter ({condition}){there}\n| stats {count} as n by {by}\n"
        f"| filter n {sign} {number}\n| sort n desc"
    )
    del rule
    fixed = "bins are fixed: what crosses the border of two is missed"
    return _conversion(subject, query, Fidelity.SUBSET, (), (fixed,))


def _grouped(subject: Correlated, name: str) -> str:
    """Return the field of a name; an alias must mean the same field everywhere."""
    aliases = subject.rule.correlation.aliases.get(name)
    paths = {
        name if aliases is None else aliases.get(base.rule.name, name)
        for base in subject.bases
    }
    if len(paths) != 1:
        raise RefusedError(f"'{name}' is another field in each of its rules")
    names = field(paths.pop())
    for base in subject.bases:
        require_scalar(names, base.kinds)
    return _field(names)


def _span(seconds: int) -> str:
    unit, length = next((u, n) for u, n in _UNITS if seconds % n == 0)
    return f"{seconds // length}{unit}"


def top(
    where: str | None,
    by: Sequence[str],
    show: Sequence[str] = (),
    *,
    most: int,
    bucket: int | None,
) -> str:
    """Return the query that counts as `trailcheck top` does, or lists without `by`.

    `where` is a condition, `by` and `show` are paths, `bucket` is in seconds.  Raises
    `RefusedError`, and `ConditionError` for a wrong condition.
    """
    lines = []
    if where:
        node = parse(where)
        lines.append("filter " + _Writer(Kinds()).whole(normal(node)))
    paths = [_path(each) for each in by]
    if bucket:
        paths.append(f"bin({_span(bucket)})")
    if paths:
        lines.append(f"stats count(*) as count by {', '.join(paths)}")
        lines.append("sort count desc")
    else:
        shown = [_path(each) for each in show] or ["@message"]
        lines += [f"fields {', '.join(['@timestamp', *shown])}", "sort @timestamp desc"]
    lines.append(f"limit {most}")
    return "\n| ".join(lines) + "\n"


def _path(text: str) -> str:
    node = parse(text)
    if not isinstance(node, tree.Path):
        raise RefusedError(f"Insights groups by fields, and `{text}` is none")
    return _field(node.names)


def _field(names: Names) -> str:
    text = ".".join(names)
    if "`" in text or not text.isprintable():
        raise RefusedError(f"Insights has no spelling for the field '{text}'")
    return text if _BARE.fullmatch(text) else f"`{text}`"


@dataclass(frozen=True, slots=True)
class _Writer:
    kinds: Kinds

    def whole(self, form: Form) -> str:
        """Write a form without the parentheses around it."""
        text = self.condition(form)
        return text[1:-1] if isinstance(form, AllOf | AnyOf) else text

    def condition(self, form: Form) -> str:
        match form:
            case AllOf(parts) | AnyOf(parts) if not parts:
                why = "it always holds" if isinstance(form, AllOf) else "it never holds"
                raise RefusedError(why)
            case AllOf(parts):
                return f"({' and '.join(map(self.condition, parts))})"
            case AnyOf(parts):
                return f"({' or '.join(map(self.condition, parts))})"
            case Atom():
                return self._atom(form)
            case Elements():
                why = "Insights does not look at each element of an array"
                raise RefusedError(why, form.origin, form)
            case _:
                assert_never(form)

    def _atom(self, atom: Atom) -> str:  # noqa: C901 - one case for each test
        test = atom.test
        if isinstance(test, Opaque):
            return self._opaque(atom, test.node)
        name = _field(atom.names)
        kind = self.kinds.of(atom.names)
        match test:
            case OneOf(values):
                return self._one_of(atom, name, values)
            case Text():
                return self._signed(atom, name, self._text(atom, name, test))
            case Contains(literal):
                if not kind.is_scalar:
                    raise _refused(atom, "it is not known to be a text")
                text = self._text(atom, name, Text(Part.INSIDE, literal))
                return self._signed(atom, name, text)
            case Matches(pattern, fold):
                subject = f"tolower({name})" if fold else name
                escaped = re.sub(r"(?<!\\)/", r"\\/", pattern)
                return self._signed(atom, name, f"{subject} like /{escaped}/")
            case Ordered(operator, number):
                return self._signed(atom, name, f"{name} {operator} {number}")
            case Truthy():
                return self._truthy(atom, name, kind)
            case InNetworks(networks):
                tests = [_in_network(name, network) for network in networks]
                joined = " or ".join(tests)
                return self._signed(
                    atom, name, f"({joined})" if len(tests) > 1 else joined
                )
            case SameAs(names):
                other = _field(names)
                same = (
                    f"((ispresent({name}) and ispresent({other}) and {name} = {other})"
                    f" or (not ispresent({name}) and not ispresent({other})))"
                )
                return same if atom.holds else f"not {same}"
            case _:
                assert_never(test)

    def _signed(self, atom: Atom, name: str, test: str) -> str:
        if atom.holds:
            return test
        return f"(not ispresent({name}) or not ({test}))"

    def _one_of(self, atom: Atom, name: str, values: tuple[Scalar, ...]) -> str:
        rest = [value for value in values if value is not None]
        texts = [_quoted(atom, value) for value in rest if isinstance(value, str)]
        others = [
            test
            for value in rest
            if not isinstance(value, str)
            for test in _equals(name, value)
        ]
        tests = [f"{name} in [{', '.join(texts)}]"] if len(texts) > 1 else []
        tests += [f"{name} = {texts[0]}"] if len(texts) == 1 else []
        tests += others
        if len(rest) < len(values):
            tests.append(f"not ispresent({name})")
            joined = " or ".join(tests)
            return f"({joined})" if atom.holds else f"not ({joined})"
        if not atom.holds and not others and len(texts) == 1:
            return f"(not ispresent({name}) or {name} != {texts[0]})"
        joined = " or ".join(tests)
        wanted = f"({joined})" if len(tests) > 1 else joined
        return self._signed(atom, name, wanted)

    def _text(self, atom: Atom, name: str, test: Text) -> str:
        literal = test.literal
        if not literal.isprintable():
            raise _refused(atom, "AWS documents no escape for a character of it")
        if test.part is Part.INSIDE and not test.fold and literal:
            return f"{name} like {_quoted(atom, literal)}"
        if test.part is Part.WHOLE and not test.fold:
            return f"{name} = {_quoted(atom, literal)}"
        begin = "^" if test.part in (Part.WHOLE, Part.PREFIX) else ""
        end = "$" if test.part in (Part.WHOLE, Part.SUFFIX) else ""
        flag = "(?i)" if test.fold else ""
        escaped = _SPECIAL.sub(r"\\\1", literal)
        return f"{name} like /{flag}{begin}{escaped}{end}/"

    def _truthy(self, atom: Atom, name: str, kind: Kind) -> str:
        if not kind.is_scalar:
            raise _refused(
                atom,
                "it is not known to be a text, number or boolean, and Insights "
                "has no field for an object",
            )
        if kind is Kind.BOOLEAN:
            return self._signed(atom, name, f"({' or '.join(_equals(name, True))})")  # noqa: FBT003 - the value
        if atom.holds:
            return f'(ispresent({name}) and {name} != "")'
        return f'(not ispresent({name}) or {name} = "")'

    def _opaque(self, atom: Atom, node: tree.Node) -> str:
        match node:
            case tree.Function(
                "contains",
                (
                    tree.Function("to_string", (tree.Current(),)),
                    tree.Literal(str(text)),
                ),
            ):
                sign = "" if atom.holds else "not "
                return f"{sign}@message like {_quoted(atom, text)}"
        raise _refused(atom, unsaid(node, "Insights"))


def _equals(name: str, value: Scalar) -> list[str]:
    """Return tests of a number or boolean; Insights shows true as 1."""
    if isinstance(value, bool):
        return [f"{name} = {int(value)}", f'{name} = "{str(value).lower()}"']
    return [f"{name} = {value}"]


def _quoted(atom: Atom, text: str) -> str:
    if '"' in text or "\\" in text or not text.isprintable():
        raise _refused(atom, "AWS documents no escape for a character of it")
    return f'"{text}"'


def _in_network(name: str, network: str) -> str:
    version = ipaddress.ip_network(network, strict=False).version
    return f'isIpv{version}InSubnet({name}, "{network}")'


def _refused(atom: Atom, why: str) -> RefusedError:
    return RefusedError(why, atom.origin, atom)


__all__ = ["LONGEST", "Subject", "convert", "top"]
