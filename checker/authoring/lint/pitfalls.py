"""Find what rules about CloudTrail commonly forget.

Each of these is legal and may be meant; a rule that means it says so in a suppression.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from checker import conditions
from checker.authoring.lint.pins import Pins, pins
from checker.authoring.lint.positions import Subject
from checker.authoring.lint.problem import Problem
from checker.authoring.lint.solver import Solver
from checker.authoring.lint.suggestions import READS
from checker.aws.non_api_events import TWO_FORMS
from checker.conditions import show, tree
from checker.evaluate.detection.prefilter import is_indexable
from checker.model import DetectionRule

_ASKS = re.compile(
    r"\b(attempt|tri(?:es|ed|al)|ask(?:s|ed)|request(?:s|ed)?|fail(?:s|ed|ure)?|denied|"
    r"refused|rejected|blocked|unsuccessful|may|might|could|by or for|listed|read|"
    r"looked|call(?:s|ed)?|used|sent|posted|recorded|logged|suspicious|unusual|"
    r"possible|potential|activity|enumerat\w+|discover\w*|error)\b",
    re.IGNORECASE,
)
_DONE = re.compile(
    r"\b(created|deleted|removed|disabled|enabled|stopped|started|changed|modified|"
    r"updated|attached|detached|added|assigned|replaced|reset|revoked|granted|shared|"
    r"exported|copied|transferred|turned off|turned on|switched off|switched on|"
    r"opened|made public|registered|deregistered|deactivated|activated|linked|"
    r"suspended|restored|signed in|succeeded|obtained|issued|lowered|weakened)\b",
    re.IGNORECASE,
)
_FAILED = re.compile(
    r"\b(failed|fails|failure|denied|refused|rejected|unsuccessful)\b", re.IGNORECASE
)
_SUCCEEDED = re.compile(r"\b(succeeded|successful(?:ly)?)\b", re.IGNORECASE)
_OUTCOMES = ("errorCode", "errorMessage", "responseElements", "additionalEventData.res")
_IDENTITY = (
    "userIdentity.type",
    "userIdentity.sessionContext.sessionIssuer",
    "userIdentity.sessionContext.webIdFederationData",
    "userIdentity.arn",
    "userIdentity.principalId",
    "userIdentity.identityProvider",
    "additionalEventData.SamlProviderArn",
)
_MFA = {
    ("additionalEventData", "MFAUsed"),
    ("userIdentity", "sessionContext", "attributes", "mfaAuthenticated"),
}


def check(subject: Subject) -> Iterator[Problem]:
    """Check one detection rule's habits."""
    rule = subject.rule
    if not isinstance(rule, DetectionRule):
        return
    condition = rule.detection.condition
    about = pins(condition)
    yield from _event_source(subject, condition, about)
    yield from _speed(subject, condition)
    yield from _outcome(subject, rule, about)
    yield from _contradiction(subject, rule)
    yield from _federated(subject, condition)
    yield from _two_forms(subject, condition, about)


def _condition_place(subject: Subject) -> tuple[int, int]:
    return subject.document.position(("detection", "condition"))


def _event_source(
    subject: Subject, condition: tree.Node, about: Pins
) -> Iterator[Problem]:
    """Find names without a source, and the `||` that lets either of them do."""
    if _either_or(about):
        yield subject.problem(
            "either-or-guard",
            "an event needs the eventSource or the eventName here, not both: every "
            "event of the service gets through",
            "join the two with && (by De Morgan, !(a != x && b != y) is a == x || "
            "b == y)",
            at=_condition_place(subject),
        )
        return
    unpinned = [
        pin
        for pin in about
        if pin.sources is None and "eventSource" not in pin.loose
        if pin.names is not None or "eventName" in pin.loose
    ]
    if not unpinned:
        return
    names = sorted({name for pin in unpinned for name in pin.names or ()})
    place = next(_places(subject, condition, ("eventName",)), _condition_place(subject))
    of = f" ({', '.join(names[:3])}{' …' if len(names) > 3 else ''})" if names else ""
    yield subject.problem(
        "missing-event-source",
        f"the rule names events{of} but not their service: others have the same names",
        "add eventSource to the selection, such as eventSource: iam.amazonaws.com",
        at=place,
    )


def _either_or(about: Pins) -> bool:
    if len(about) < 2 or any(pin.loose for pin in about):
        return False
    only_source = any(pin.sources and pin.names is None for pin in about)
    only_name = any(pin.names and pin.sources is None for pin in about)
    return only_source and only_name


def _places(
    subject: Subject, condition: tree.Node, names: tuple[str, ...]
) -> Iterator[tuple[int, int]]:
    """Return where a field, or what is inside it, stands in the rule's own texts."""
    block = subject.document.value["detection"]
    rule = subject.rule
    texts: dict[tuple[str, str], tree.Node] = {}
    if isinstance(rule, DetectionRule):
        for name, node in rule.detection.selections.items():
            if name in block:
                texts["detection", name] = node
    texts["detection", "condition"] = condition
    for path, node in texts.items():
        for each in _own(node):
            if isinstance(each, tree.Path) and each.names[: len(names)] == names:
                yield subject.place(path, each)


def _own(node: tree.Node) -> Iterator[tree.Node]:
    """Walk a text's own nodes, not those of the selections that it names."""
    stack = [node]
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, tree.Selection):
            stack.extend(reversed(tree.children(node)))


def _speed(subject: Subject, condition: tree.Node) -> Iterator[Problem]:
    if not is_indexable(condition):
        yield subject.problem(
            "slow-rule",
            "nothing that the condition requires lets events be looked up: every event "
            "is decoded and judged",
            "require something of eventSource and eventName, or of one other field, "
            "outside any ||",
            at=_condition_place(subject),
        )


def _outcome(subject: Subject, rule: DetectionRule, about: Pins) -> Iterator[Problem]:
    """Find a title that says that something was done, without a look at the outcome."""
    if _ASKS.search(rule.title) or not _DONE.search(rule.title):
        return
    read = conditions.paths(rule.detection.condition)
    if any(path.startswith(_OUTCOMES) for path in read):
        return
    names = {name for pin in about for name in pin.names or ()}
    if not names or any(pin.names is None for pin in about):
        return
    if any(READS.match(name) for name in names):
        return
    yield subject.problem(
        "no-outcome-guard",
        f"the title says that it was {_did(rule.title)}, and the condition also holds "
        "when the call was refused",
        "add && !errorCode (for ConsoleLogin: responseElements.ConsoleLogin == "
        "'Success'), or say 'attempt' in the title",
        at=_condition_place(subject),
    )


def _did(title: str) -> str:
    found = _DONE.search(title)
    return found.group().lower() if found else "done"


def _contradiction(subject: Subject, rule: DetectionRule) -> Iterator[Problem]:
    """Find a title of one outcome over a condition of the other."""
    condition = rule.detection.condition
    read = conditions.paths(condition)
    if any(path.startswith("responseElements.") for path in read):
        return
    failed = tree.Or((tree.Path(("errorCode",)), tree.Path(("errorMessage",))))
    at = subject.document.position(("title",))
    if _FAILED.search(rule.title):
        if "errorCode" in read and not Solver().possible(condition, failed):
            yield subject.problem(
                "title-contradiction",
                "the title speaks of a failure, and the condition asks for success",
                "ask for the failure: errorCode instead of !errorCode",
                at=at,
            )
    elif _SUCCEEDED.search(rule.title) and "errorCode" in read:
        succeeded = tree.Not(tree.Path(("errorCode",)))
        if not Solver().possible(condition, succeeded):
            yield subject.problem(
                "title-contradiction",
                "the title speaks of a success, and the condition asks for an error",
                "ask for the success: !errorCode instead of errorCode",
                at=at,
            )


def _federated(subject: Subject, condition: tree.Node) -> Iterator[Problem]:
    """Find MFA fields that are read for every kind of caller.

    A federated user's second factor is the identity provider's: AWS writes "No", or
    "false", for each of them.
    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-aws-console-sign-in-events.html
    """
    read = conditions.paths(condition)
    if any(path.startswith(_IDENTITY) for path in read):
        return
    for names in sorted(_MFA):
        place = next(_places(subject, condition, names), None)
        if place:
            text = show(tree.Path(names))
            yield subject.problem(
                "federated-mfa",
                f"{text} says 'no' for every federated user, whatever their identity "
                "provider asked for",
                "ask only about others: one_of(userIdentity.type, ['Root', 'IAMUser'])",
                at=place,
            )


def _two_forms(
    subject: Subject, condition: tree.Node, about: Pins
) -> Iterator[Problem]:
    """Find a parameter that is read in one of the two places that callers put it in."""
    called = {
        (source, name)
        for pin in about
        for source in pin.sources or ()
        for name in pin.names or ()
    }
    read = conditions.paths(condition)
    for call in sorted(called & set(TWO_FORMS)):
        flat, listed = TWO_FORMS[call]
        in_list = [p for p in read if p.startswith(f"requestParameters.{listed}")]
        alone = [p for p in read if p.removeprefix("requestParameters.") in flat]
        if bool(in_list) == bool(alone):
            continue
        if alone:
            inner = alone[0].removeprefix("requestParameters.")
            inner = f"ipRanges.items[].{inner}" if inner == "cidrIp" else inner
            other = f"requestParameters.{listed}.items[].{inner}"
        else:
            other = "requestParameters." + (
                in_list[0].rpartition(".")[2].strip("[]")
                if in_list[0].endswith(flat)
                else flat[0]
            )
        field = alone[0] if alone else f"requestParameters.{listed}"
        yield subject.problem(
            "half-of-the-calls",
            f"callers of {call[1]} choose where to put this, and {field} is one of two "
            "places",
            f"read the other as well: {other}",
            at=next(
                _places(subject, condition, tuple(field.split("."))),
                _condition_place(subject),
            ),
        )
        return
