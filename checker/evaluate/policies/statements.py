"""Determine what policies allow, statement by statement.

An identity policy names no principal: it concerns the identities that it is attached
to.  A statement counts for what it allows to a request that fulfils none of its
conditions, so that one behind MFA or a tag does not count, nor does one that the policy
itself denies again. A resource policy is open where a statement lets everybody in like
that.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from checker.conditions import Unknown
from checker.conditions.sketch import Hole, joined, same
from checker.conditions.wildcards import like
from checker.evaluate.policies.decision import Request, applies, why_unknown
from checker.evaluate.policies.kleene import many
from checker.evaluate.policies.open_keys import Who

# Handing out a guest's own credentials takes no resource, and gives nothing more than
# the guest has: the console puts it on * in the roles that it makes.
_HARMLESS = frozenset({"cognito-identity:getcredentialsforidentity"})


def grants(policy: object, need: Mapping[str, Any]) -> list[dict[str, Any]] | Unknown:
    """Return a row for each statement that allows a part of a need, if all is allowed.

    `need` has `actions`, each of which must be allowed on `resource`.  Rows are
    `{statement, reason}`.
    """
    if isinstance(policy, Unknown):
        among: list[dict[str, Any]] | Unknown = spread_rows(
            policy, lambda each: grants(each, need)
        )
        return among
    actions = [str(each) for each in many(need.get("actions"))]
    requests = [Request(action, resource=need.get("resource")) for action in actions]
    statements = list(_statements(policy))
    allowing: dict[str, str] = {}
    doubtful = False
    for request in requests:
        allows = _answers(statements, "Allow", request)
        denies = _answers(statements, "Deny", request)
        answers = {answer for *_, answer in allows}
        denials = {answer for *_, answer in denies}
        if True in denials or not answers & {True, None}:
            return []
        doubtful |= None in denials or True not in answers
        for name, statement, answer in allows:
            if answer is True:
                allowing[name] = _allowance(statement, actions)
    if doubtful:
        return Unknown(*why_unknown(policy))
    return [
        {"statement": name, "reason": f"{name} allows {what}"}
        for name, what in allowing.items()
    ]


def ungranted(need: object) -> str:
    """Describe what holds where `grants` has no row."""
    actions = many(need.get("actions")) if isinstance(need, Mapping) else []
    return f"no statement allows all of {_listed(actions)} unconditionally"


def wide_statements(policies: object) -> list[dict[str, Any]] | Unknown:
    """Return a row for each statement that allows a wildcard of actions or resources.

    `policies` are rows with PolicyName and PolicyDocument.  Conditions do not make a
    statement narrow.  Rows are `{policy, statement, reason}`.  Unknown is the answer
    only where no policy that could be read has such a statement.
    """
    if isinstance(policies, Unknown):
        return policies
    found: list[dict[str, Any]] = []
    doubts: list[Unknown] = []
    for row in policies if isinstance(policies, list) else ():
        document = row.get("PolicyDocument") if isinstance(row, Mapping) else row
        if isinstance(document, Unknown):
            rows = spread_rows(document, lambda each: wide_statements([_policy(each)]))
            found += rows if isinstance(rows, list) else []
            doubts += [rows] if isinstance(rows, Unknown) else []
        elif isinstance(row, Mapping):
            name = row.get("PolicyName")
            found += _wide_rows("" if isinstance(name, Unknown) else name, document)
            doubts += _unsure_statements(document)
    return doubts[0] if doubts and not found else found


def _policy(value: object) -> object:
    return value if isinstance(value, Mapping) else {"PolicyDocument": value}


def _unsure_statements(document: object) -> Iterator[Unknown]:
    """Yield what is not known of a policy and may hold a wildcard."""
    held = document.get("Statement") if isinstance(document, Mapping) else None
    for statement in many(held):
        if isinstance(statement, Unknown):
            yield statement
        elif isinstance(statement, Mapping) and not _wide(statement):
            effect = statement.get("Effect")
            if isinstance(effect, Unknown) or effect == "Allow":
                keys = ("Effect", "Action", "NotAction", "Resource", "NotResource")
                yield from (
                    value
                    for key in keys
                    for value in many(statement.get(key))
                    if isinstance(value, Unknown) and _may_be_wide(value, key)
                )


def _may_be_wide(value: Unknown, key: str) -> bool:
    """Return whether what is known of a value leaves room for a wildcard."""
    if value.sketch is None or key == "Effect":
        return True
    if key == "Resource":
        return same(value.sketch, ("*",)) is not False
    return any(not (isinstance(part, Hole) and part.resource) for part in value.sketch)


def spread_rows(value: Unknown, read: Callable[[Any], Any]) -> Any:
    """Read each of the values that an unknown one can only be."""
    if value.among is None:
        return value
    answers = [read(each) for each in value.among]
    rows = [each for each in answers if isinstance(each, list)]
    if len(rows) == len(answers) and (all(rows) or not any(rows)):
        return rows[0] if rows else []
    return Unknown(value.reason, value.cause)


def narrow(policies: object) -> str:
    """Describe what holds where `wide_statements` has no row."""
    return f"no wildcard in {_named(policies, 'PolicyName')}"


def open_statements(policies: object, arn: object) -> list[dict[str, Any]] | Unknown:
    """Return a row for each statement of a log group's policies that lets everybody in.

    `policies` are rows with policyName and policy, which together guard the log group
    with that ARN; one of them may deny what another allows.  Rows are `{policy,
    statement, reason}`.
    """
    if isinstance(policies, Unknown):
        return policies
    held = policies if isinstance(policies, list) else []
    doubts = [each for each in map(_document, held) if isinstance(each, Unknown)]
    statements = [
        (row.get("policyName"), name, statement)
        for row in held
        if isinstance(row, Mapping) and not isinstance(_document(row), Unknown)
        for name, statement in _statements(_document(row))
    ]
    denials = [each for *_, each in statements if each.get("Effect") == "Deny"]
    found: list[dict[str, Any]] = []
    for policy, name, statement in statements:
        if isinstance(statement.get("Effect"), Unknown):
            doubts.append(statement["Effect"])
            continue
        if statement.get("Effect") != "Allow":
            continue
        opened = []
        for request in _everybody(statement, arn):
            allowed = applies(statement, request)
            denied = [applies(each, request) for each in denials]
            if allowed is False or True in denied:
                continue
            if allowed is None or None in denied:
                doubts.append(Unknown(*why_unknown([statement, denials])))
            else:
                opened.append(request.action)
        if opened:
            once = list(dict.fromkeys(opened))
            on = f" on {arn}" if isinstance(arn, str) else ""
            reason = (
                f"{name} of the policy {policy} allows everybody {_listed(once)}{on}"
            )
            found.append({"policy": policy, "statement": name, "reason": reason})
    return doubts[0] if doubts and not found else found


def closed(policies: object, arn: object) -> str:
    """Describe what holds where `open_statements` has no row."""
    on = f" on {arn}" if isinstance(arn, str) else ""
    return f"nothing{on} is open to everybody in {_named(policies, 'policyName')}"


def _named(policies: object, key: str) -> str:
    rows = policies if isinstance(policies, list) else []
    names = [row.get(key) for row in rows if isinstance(row, Mapping)]
    return f"the policies {_listed(names)}" if names else "any policy: there is none"


def _document(row: object) -> object:
    return row.get("policy") if isinstance(row, Mapping) else row


def _everybody(statement: Mapping[str, Any], arn: object) -> Iterator[Request]:
    """Return what everybody would ask a statement for: each of its actions.

    A log group has two ARNs, one of them for what lies in it: cloudwatch-logs
    iam-access-control-overview-cwl.html.
    """
    actions = many(statement.get("Action")) or ["logs:PutLogEvents"]
    for action in actions:
        # What a name that is not known allows is as open as any action of the service.
        name = "logs:PutLogEvents" if isinstance(action, Unknown) else str(action)
        for end in ("", ":*", ":log-stream:any"):
            yield Request(name, resource=_extended(arn, end), who=Who.STRANGER)


def _extended(arn: object, end: str) -> str | Unknown:
    if not isinstance(arn, Unknown):
        return f"{arn}{end}"
    sketch = None if arn.sketch is None else joined((*arn.sketch, end))
    return Unknown(arn.reason, arn.cause, sketch=sketch)


def _wide_rows(policy: object, document: object) -> Iterator[dict[str, Any]]:
    for name, statement in _statements(document):
        why = _wide(statement)
        if why:
            reason = f"{name} of the policy {policy} allows {why}"
            yield {"policy": policy, "statement": name, "reason": reason}


def _statements(policy: object) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Return each statement with the name that a person would look for it by."""
    held = policy.get("Statement") if isinstance(policy, Mapping) else None
    for number, statement in enumerate(many(held), 1):
        if isinstance(statement, Mapping):
            sid = statement.get("Sid")
            named = isinstance(sid, str) and sid
            yield f"the statement {named or number}", statement
        elif isinstance(statement, Unknown):
            # It may allow or deny; what applies to it is not known either.
            yield f"the statement {number}", {"Effect": statement}


def _answers(
    statements: list[tuple[str, Mapping[str, Any]]], effect: str, request: Request
) -> list[tuple[str, Mapping[str, Any], bool | None]]:
    return [
        (name, statement, _applied(statement, request))
        for name, statement in statements
        if isinstance(statement.get("Effect"), Unknown)
        or statement.get("Effect") == effect
    ]


def _applied(statement: Mapping[str, Any], request: Request) -> bool | None:
    effect = statement.get("Effect")
    if isinstance(effect, Unknown):
        whole = list(statement) == ["Effect"]
        answer = applies(effect if whole else statement, request, identity=True)
        return False if answer is False else None
    return applies(statement, request, identity=True)


def _allowance(statement: Mapping[str, Any], actions: list[str]) -> str:
    """Return what it allows of some actions, and on what."""
    if "NotAction" in statement:
        what = f"everything but {_listed(many(statement['NotAction']))}"
    else:
        patterns = [str(each) for each in many(statement.get("Action"))]
        what = _listed(
            [
                each
                for each in patterns
                if any(like(action.lower(), each.lower()) for action in actions)
            ]
        )
    if "NotResource" in statement:
        return f"{what} on all but {_listed(many(statement['NotResource']))}"
    return f"{what} on {_listed(many(statement.get('Resource')))}"


def _wide(statement: Mapping[str, Any]) -> str | None:
    """Return which wildcard an Allow holds; None for one that surely holds none."""
    effect = statement.get("Effect")
    if isinstance(effect, Unknown) or effect != "Allow":
        return None
    if "NotAction" in statement:
        return f"everything but {_listed(many(statement['NotAction']))}"
    actions = [
        each for each in map(_named_action, many(statement.get("Action"))) if each
    ]
    whole = [each for each in actions if each == "*" or each.endswith(":*")]
    if whole:
        return f"{_listed(whole)}, all the actions there are"
    if "NotResource" in statement:
        return (
            f"{_listed(actions)} on all but {_listed(many(statement['NotResource']))}"
        )
    resources = many(statement.get("Resource"))
    if not any(isinstance(each, str) and each == "*" for each in resources):
        return None
    named = [each for each in actions if each.lower() not in _HARMLESS]
    return f"{_listed(named)} on every resource" if named else None


def _named_action(value: object) -> str | None:
    return None if isinstance(value, Unknown) else str(value)


def _listed(values: list[Any]) -> str:
    shown = [str(each) for each in values[:4]]
    more = len(values) - len(shown)
    return ", ".join([*shown, f"{more} more"] if more > 0 else shown)
