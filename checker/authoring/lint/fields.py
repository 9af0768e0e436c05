"""Check the fields that a rule reads against their shapes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from checker import conditions
from checker.authoring.lint import messages
from checker.authoring.lint.found import Found
from checker.authoring.lint.pins import ANYTHING, constants, pins
from checker.authoring.lint.positions import Subject
from checker.authoring.lint.problem import Problem, Severity
from checker.authoring.lint.values import Compared, check_equality, check_text
from checker.authoring.lint.walk import RECORD_VALUE, Value, Walker, Where
from checker.aws.api_parameters import EVERYWHERE
from checker.conditions import STANDARD, show, tree
from checker.conditions.habits import constant
from checker.documents import Path
from checker.errors import ConditionError
from checker.model import ConfigurationRule, CorrelationRule, DetectionRule

_TYPES = {"list": "array"}


@dataclass(slots=True)
class Fields:
    """Collects the problems of one rule's fields and values."""

    found: Found = field(default_factory=Found)
    whole: str = "a CloudTrail record"

    def missing(self, where: Where, path: tree.Path, base: Value, name: str) -> None:
        """Report a path that can never be there."""
        if self.found.is_full:
            return
        if isinstance(where.subject.rule, ConfigurationRule) and name == "null":
            # No resource has such a field, so it is the null that it looks like.
            return
        read = messages.read(base)
        text = show(path)
        if "list" in base.kinds and not base.kinds & {"any"}:
            self.found.add(
                where,
                "list-without-projection",
                f"{text}: {read} is a list, and a list has no field '{name}'",
                f"open it: {messages.opened(base, name)}",
                node=path,
            )
            return
        if not base.kinds & {"object", "any"}:
            kind = " or ".join(sorted(base.kinds))
            before = read or "what stands before it"
            message = f"{text}: {before} is a {kind}, and has no field '{name}'"
            self.found.add(where, "unknown-field", message, "", node=path)
            return
        known = {key for shape in base.shapes for key in shape.members}
        written = [each.instead.get(name.lower()) for each in base.shapes]
        better = next(filter(None, written), None) or messages.spelling(name, known)
        of = " of ".join(dict.fromkeys(messages.call(each) for each in base.calls[:1]))
        place = f"{read} of {of}" if of else read or self.whole
        fix = messages.fields_of(known - set(EVERYWHERE))
        if better:
            fix = f"write {better}"
        elif base.path == () and path.names == (name,):
            fix = constant(name)
        # AWS records some parameters that no model has: only a known one written with
        # other capitals is surely wrong.
        same = (better is not None and better.lower() == name.lower()) or any(written)
        sure = same or not base.calls
        self.found.add(
            where,
            "unknown-field",
            f"{text}: {place} has no field '{name}'",
            fix,
            node=path,
            severity=Severity.ERROR if sure else Severity.WARNING,
        )

    def unopened(self, where: Where, node: tree.Node, base: Value) -> None:
        """Report an index, slice or projection over what is no list: always null."""
        if self.found.is_full:
            return
        kind = " or ".join(sorted(base.kinds))
        article = "an" if kind[0] in "aeiou" else "a"
        inner = {
            name
            for shape in base.shapes
            for name, of in shape.members.items()
            if of().kind == "list"
        }
        place = messages.read(base) or "what stands before it"
        fix = " or ".join(f"{messages.read(base)}.{name}[]" for name in sorted(inner))
        # Some documents that a call takes as text are recorded as what they hold:
        # `policy` of aoss:CreateSecurityPolicy is a list.
        sure = base.kinds != {"string"} or not base.calls
        outcome = "always null" if sure else "null where it is recorded as text"
        self.found.add(
            where,
            "projection-without-list",
            f"{show(node)}: {place} is {article} {kind} and no list: this is {outcome}",
            f"open the list in it: {fix}" if inner else "read it without brackets",
            node=node,
            severity=Severity.ERROR if sure else Severity.WARNING,
        )

    def comparison(
        self, where: Where, node: tree.Node, values: tuple[Value, ...]
    ) -> None:
        """Evaluate a comparison or a call by what its operands can be."""
        if self.found.is_full:
            return
        if isinstance(node, tree.Comparator):
            self._comparator(where, node, values)
        elif isinstance(node, tree.Function):
            self._function(where, node, values)

    def _comparator(
        self, where: Where, node: tree.Comparator, values: tuple[Value, ...]
    ) -> None:
        sides = ((node.left, values[1], node.right), (node.right, values[0], node.left))
        for literal, value, other in sides:
            if isinstance(literal, tree.Literal):
                if node.operator in ("==", "!="):
                    check_equality(
                        Compared(where, node, other, value, literal.value), self.found
                    )
                elif isinstance(literal.value, str):
                    self.found.add(
                        where,
                        "type-mismatch",
                        f"'{literal.value}' is text, and text has no order",
                        f"compare a number: `{literal.value}`"
                        if literal.value.isdigit()
                        else "compare a number, in backticks",
                        at=where.literal(node, literal.value),
                    )
                elif value.kinds == {"string"}:
                    self.found.add(
                        where,
                        "type-mismatch",
                        f"{show(other)} is text, and text has no order",
                        f"compare a number: to_number({show(other)})",
                        node=node,
                    )

    def _function(
        self, where: Where, node: tree.Function, values: tuple[Value, ...]
    ) -> None:
        arguments = node.arguments
        if node.name == "one_of":
            for entry in constants(arguments[1]) or ():
                check_equality(
                    Compared(where, node, arguments[0], values[0], entry), self.found
                )
        if node.name == "contains" and constants(arguments[0]) is not None:
            for entry in constants(arguments[0]) or ():
                check_equality(
                    Compared(where, node, arguments[1], values[1], entry), self.found
                )
        elif node.name == "contains" and isinstance(arguments[1], tree.Literal):
            elements = [s.each() for s in values[0].shapes if s.kind == "list"]
            if elements and len(elements) == len(values[0].shapes):
                inner = Value(tuple(elements), values[0].path)
                entry = arguments[1].value
                check_equality(
                    Compared(where, node, arguments[0], inner, entry, element=True),
                    self.found,
                )
        self._arguments(where, node, values)

    def _arguments(
        self, where: Where, node: tree.Function, values: tuple[Value, ...]
    ) -> None:
        """Report an argument that can only be of a type that the call cannot use."""
        function = STANDARD.get(node.name)
        if function is None:
            return
        for position, (argument, value) in enumerate(
            zip(node.arguments, values, strict=True)
        ):
            if isinstance(argument, tree.ExpRef | tree.Literal):
                self._literal(where, node, argument)
                continue
            wanted = function.arguments[min(position, len(function.arguments) - 1)]
            kinds = {_TYPES.get(kind, kind) for kind in value.kinds}
            accepted = {kind.partition("-")[0] for kind in wanted}
            if not wanted or "any" in kinds or kinds & accepted:
                continue
            self._wrong_argument(where, node, argument, kinds, wanted)

    def _literal(self, where: Where, node: tree.Function, argument: tree.Node) -> None:
        # A pattern names no field, and a part of a mask is no mask.
        if isinstance(argument, tree.Literal) and node.name != "matches":
            check_text(where, node, argument.value, self.found, masked=False)

    def _wrong_argument(
        self,
        where: Where,
        node: tree.Function,
        argument: tree.Node,
        kinds: set[str],
        wanted: frozenset[str],
    ) -> None:
        text = show(argument)
        structured = bool(kinds & {"object", "array"})
        check = "object-used-as-string" if structured else "type-mismatch"
        kind = " or ".join(sorted(kinds))
        needs = " or ".join(sorted(wanted)).replace("array-string", "array of strings")
        article = "an" if kind[0] in "aeiou" else "a"
        if "array" in kinds:
            fix = f"look at each element: {text}[?{node.name}(@, …)], or one by index"
        elif "object" in kinds:
            fix = f"name the field inside it, such as {text}.name"
        else:
            fix = f"compare it as the {kind} that it is"
        message = (
            f"{node.name}() needs {needs}, but {text} is {article} {kind}: "
            "this is always null"
        )
        self.found.add(where, check, message, fix, node=node)


def _settings(
    subject: Subject, rule: ConfigurationRule, walker: Walker, visitor: Fields
) -> None:
    """Follow the parts of a configuration rule through a resource of its type."""
    # Most rules are about events, and need none of what judges settings.
    from checker.authoring.lint.settings_shapes import resource_shape
    from checker.evaluate.configuration.evaluate import types

    block = rule.configuration
    if block.resource not in types():
        return
    visitor.whole = block.resource
    body = Value((resource_shape(block.resource),), ())
    for name in ("applies", "condition"):
        node = getattr(block, name)
        if node is not None:
            where = Where(subject, ("configuration", name))
            walker.read(node, where, body)


def check(subject: Subject) -> Iterator[Problem]:
    """Check every field that a rule reads, and of one over events what it shows."""
    rule = subject.rule
    visitor = Fields()
    walker = Walker(visitor)
    listed: list[tuple[Path, str]] = []
    about = ANYTHING
    if isinstance(rule, DetectionRule):
        about = pins(rule.detection.condition)
        walker.start(subject, rule.detection.condition)
        listed = [(("fields", index), text) for index, text in enumerate(rule.fields)]
    elif isinstance(rule, CorrelationRule):
        block = rule.correlation
        listed = [
            (("correlation", "group-by", index), text)
            for index, text in enumerate(block.group_by)
            if text not in block.aliases and text not in block.labels
        ]
        listed += [
            (("correlation", "labels", name), text)
            for name, text in block.labels.items()
        ]
    elif isinstance(rule, ConfigurationRule):
        _settings(subject, rule, walker, visitor)
    for path, text in listed:
        try:
            node = conditions.parse(text)
        except ConditionError:
            continue
        walker.read(node, Where(subject, path, pins=about), RECORD_VALUE)
    yield from visitor.found.problems
