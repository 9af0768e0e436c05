"""Find what marked findings of a rule have in common, and no other finding has."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from checker.rules.exceptions import Matcher, Scalar
from checker.run.policy.exceptions import matches
from checker.run.policy.facts import Facts

_MOST_VALUES: Final = 20
"""More values than these are a list that nobody reads: another entry is better."""

_FIRST: Final = ("identity", "resource", "account")
"""What an exception begins with: one that names nobody is too wide."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """The `match` of an exception, as its file has it; `covers` counts findings."""

    match: Mapping[str, Any]
    covers: int


def propose(
    marked: Sequence[Facts], others: Sequence[Facts], paths: Sequence[str]
) -> tuple[list[Proposal], list[Facts]]:
    """Return exceptions that cover marked findings and none of the others.

    One for all if there is such a one, else one for each caller, else for each finding.
    The second part are the marked findings that nothing tells from another.
    """
    whole = _separating(marked, others, paths) or _separating(
        marked, others, paths, exact=True
    )
    if whole is not None:
        return [Proposal(_written(whole), len(marked))], []
    groups = _by_caller(marked)
    if len(groups) == 1 and len(marked) > 1:
        groups = [[each] for each in marked]
    elif len(groups) == 1:
        return [], list(marked)
    found: dict[str, Proposal] = {}
    lost: list[Facts] = []
    for group in groups:
        proposals, left = propose(group, others, paths)
        lost.extend(left)
        for each in proposals:
            key = repr(each.match)
            before = found[key].covers if key in found else 0
            found[key] = Proposal(each.match, before + each.covers)
    return list(found.values()), lost


def _by_caller(marked: Sequence[Facts]) -> list[list[Facts]]:
    groups: dict[object, list[Facts]] = {}
    for each in marked:
        groups.setdefault(tuple(_values(each, "identity")), []).append(each)
    return list(groups.values())


def _separating(
    marked: Sequence[Facts],
    others: Sequence[Facts],
    paths: Sequence[str],
    *,
    exact: bool = False,
) -> dict[str, list[Scalar]] | None:
    """Return the fewest values that all marked findings have and no other has.

    `exact` names the sessions of a role one by one.
    """
    offered = {
        key: values
        for key in (*_FIRST, *paths, "region", "address")
        if (values := _common(marked, key, exact=exact))
    }
    first = next((key for key in (*_FIRST, *paths) if key in offered), None)
    if first is None:
        return None
    chosen = {first: offered.pop(first)}
    left = _matching(chosen, others)
    while left:
        kept = {
            key: _matching({**chosen, key: values}, left)
            for key, values in offered.items()
        }
        best = min(kept, key=lambda key: len(kept[key]), default=None)
        if best is None or len(kept[best]) == len(left):
            return None
        chosen[best] = offered.pop(best)
        left = kept[best]
    return chosen if len(_matching(chosen, marked)) == len(marked) else None


def _common(marked: Sequence[Facts], key: str, *, exact: bool) -> list[Scalar]:
    """Return all values of a key; none where a finding has none, or there are many."""
    found: dict[tuple[type, Scalar], Scalar] = {}
    for each in marked:
        values = list(_values(each, key))
        if not values or any("*" in value for value in map(str, values)):
            return []
        if key == "identity" and not exact:
            values = [_any_session(str(value)) for value in values]
        found.update({(type(value), value): value for value in values})
    return list(found.values()) if len(found) <= _MOST_VALUES else []


def _any_session(identity: str) -> str:
    """Return a role's session as any of it, unless a person's name tells it apart."""
    session = _SESSION.fullmatch(identity)
    return f"{session[1]}*" if session and "@" not in session[2] else identity


_SESSION: Final = re.compile(r"(arn:[^:]+:sts::[0-9]{12}:assumed-role/[^/]+/)([^/]+)")


def _values(known: Facts, key: str) -> Iterator[Scalar]:
    match key:
        case "identity":
            # Of a session the role, which the next session has as well.
            yield from (names[-1] for names in known.identities)
        case "resource":
            yield from known.resources
        case "account":
            yield from known.accounts
        case "region":
            yield from known.regions
        case "address":
            for text in known.addresses:
                try:
                    yield str(ipaddress.ip_network(text))
                except ValueError:
                    return
        case _:
            yield from known.field(key)


def _matching(
    chosen: Mapping[str, Sequence[Scalar]], known: Sequence[Facts]
) -> list[Facts]:
    matcher = _matcher(chosen)
    return [each for each in known if matches(matcher, each)]


def _matcher(chosen: Mapping[str, Sequence[Scalar]]) -> Matcher:
    def texts(key: str) -> tuple[str, ...]:
        return tuple(map(str, chosen.get(key, ())))

    return Matcher(
        identity=texts("identity"),
        resource=texts("resource"),
        account=texts("account"),
        region=texts("region"),
        address=tuple(map(ipaddress.ip_network, texts("address"))),
        fields={
            key: tuple(values) for key, values in chosen.items() if key not in _KEYS
        },
    )


_KEYS: Final = frozenset({*_FIRST, "region", "address"})


def _written(chosen: Mapping[str, Sequence[Scalar]]) -> dict[str, Any]:
    """Return a `match` as its file has it: one value alone, or a list."""
    alone = {
        key: values[0] if len(values) == 1 else list(values)
        for key, values in chosen.items()
    }
    match = {key: value for key, value in alone.items() if key in _KEYS}
    fields = {key: value for key, value in alone.items() if key not in _KEYS}
    return {**match, "fields": fields} if fields else match
