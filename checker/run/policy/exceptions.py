"""Hold findings against the exceptions of users.

The first exception of the files that matches a finding covers it.  Exceptions are
found by the rule, then by a value that the finding must have: thousands cost no more
than one.
"""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final, TypeAlias

from msgspec import structs

from checker.conditions.wildcards import like
from checker.model import Acceptance, AnyRule, DetectionRule
from checker.rules.exceptions import (
    Covers,
    FindingException,
    Matcher,
    Network,
    Scalar,
    rules_by_word,
)
from checker.run.policy.facts import ISSUER, RESOURCES, Facts

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
_Key: TypeAlias = tuple[object, ...]

_TEXTS: Final[Mapping[str, Callable[[Facts], Sequence[str]]]] = {
    "resource": lambda facts: facts.resources,
    "account": lambda facts: facts.accounts,
    "region": lambda facts: facts.regions,
}


class Exceptions:
    """The exceptions of a run: those in force on its day, and what they covered.

    `counts` has the number of findings that each covered, by its place in `entries`.
    """

    def __init__(
        self,
        entries: Sequence[FindingException],
        rules: Iterable[AnyRule],
        today: date,
    ) -> None:
        """File the exceptions by the rules that there are; `today` is in UTC."""
        self.entries = entries
        self.counts: Counter[int] = Counter()
        self.expired = [entry for entry in entries if not entry.in_force(today)]
        self.unknown: list[FindingException] = []
        by_word = rules_by_word(list(rules))
        self._of: dict[str, _Filed] = {}
        self._unseen: dict[str, int] = {}
        self._places: dict[int, str] = {}
        for place, entry in enumerate(entries):
            rule = by_word.get(entry.rule)
            if rule is None:
                self.unknown.append(entry)
                continue
            if not entry.in_force(today):
                continue
            self._places[place] = rule.name
            if entry.covers is Covers.VISIBILITY:
                self._unseen.setdefault(rule.name, place)
            else:
                self._of.setdefault(rule.name, _Filed()).add(place, entry.matcher)

    def prepared(self, rules: Iterable[AnyRule]) -> list[AnyRule]:
        """Return the rules, which also show of an event what exceptions ask about."""
        return [self._prepared(rule) for rule in rules]

    def _prepared(self, rule: AnyRule) -> AnyRule:
        filed = self._of.get(rule.name)
        if filed is None or not isinstance(rule, DetectionRule):
            return rule
        fields = dict.fromkeys((*rule.fields, *filed.paths))
        return structs.replace(rule, fields=tuple(fields))

    def asks(self, rule: str) -> bool:
        """Return whether some exception is about the findings of a rule."""
        return rule in self._of

    def covering(self, rule: str, facts: Facts) -> Acceptance | None:
        """Return what the first exception that matches says, and count it."""
        filed = self._of.get(rule)
        place = filed.first(facts) if filed else None
        return self._covered(place)

    def covering_visibility(self, rule: str) -> Acceptance | None:
        """Return what the first exception for what a rule cannot see says."""
        return self._covered(self._unseen.get(rule))

    def unused(self, rules: Iterable[str], covers: Covers) -> list[FindingException]:
        """Return the exceptions in force that some rules needed nothing of."""
        names = set(rules)
        return [
            self.entries[place]
            for place, name in self._places.items()
            if name in names
            and self.entries[place].covers is covers
            and not self.counts[place]
        ]

    def _covered(self, place: int | None) -> Acceptance | None:
        if place is None:
            return None
        self.counts[place] += 1
        return self.entries[place].acceptance


class _Filed:
    """The exceptions of one rule, by a value that what they match must have."""

    def __init__(self) -> None:
        self.paths: dict[str, None] = {}
        self._by_key: dict[_Key, list[tuple[int, Matcher]]] = {}
        self._others: list[tuple[int, Matcher]] = []
        self._lengths: set[tuple[int, int]] = set()
        self._fields: dict[str, None] = {}
        self._begun: dict[str, dict[int, None]] = {}

    def add(self, place: int, matcher: Matcher) -> None:
        """File one exception; places come in their order."""
        self.paths.update(dict.fromkeys(matcher.fields))
        self.paths.update({ISSUER: None} if matcher.identity else {})
        self.paths.update({RESOURCES: None} if matcher.resource else {})
        keys = self._keys(matcher)
        if keys is None:
            self._others.append((place, matcher))
            return
        for key in dict.fromkeys(keys):
            self._by_key.setdefault(key, []).append((place, matcher))

    def first(self, facts: Facts) -> int | None:
        """Return the place of the first exception that matches."""
        best: int | None = None
        for key in self._asked(facts):
            best = _first(self._by_key.get(key, ()), facts, best)
        return _first(self._others, facts, best)

    def _keys(self, matcher: Matcher) -> list[_Key] | None:
        """Return what to file an exception by: one is met by all that it matches."""
        for kind in ("identity", "resource", "account"):
            wanted: tuple[str, ...] = getattr(matcher, kind)
            if wanted and all(map(_beginning, wanted)):
                return [self._begin(kind, text) for text in wanted]
        for path, values in matcher.fields.items():
            if all(_beginning(each) for each in values):
                self._fields[path] = None
                return [self._begin(path, each) for each in values]
        if matcher.address:
            self._lengths.update(
                (net.version, net.prefixlen) for net in matcher.address
            )
            return [_network_key(net) for net in matcher.address]
        return None

    def _begin(self, kind: str, wanted: Scalar) -> _Key:
        """Return the key for a value, or for how a text with `*` begins."""
        if not isinstance(wanted, str) or "*" not in wanted:
            return kind, _exact(wanted)
        begins = _beginning(wanted)
        self._begun.setdefault(kind, {})[len(begins)] = None
        return kind, len(begins), begins

    def _begins(self, kind: str, value: Scalar) -> Iterator[_Key]:
        """Yield the keys that a value may be filed under."""
        yield kind, _exact(value)
        if isinstance(value, str):
            for length in self._begun.get(kind, ()):
                yield kind, length, value[:length]

    def _asked(self, facts: Facts) -> Iterator[_Key]:
        """Yield the keys under which exceptions for a finding may be filed."""
        # All values must be covered: the exceptions for the first have those for all.
        for name in facts.identities[0] if facts.identities else ():
            yield from self._begins("identity", name)
        for kind in ("resource", "account"):
            for text in _TEXTS[kind](facts)[:1]:
                yield from self._begins(kind, text)
        for path in self._fields:
            for value in facts.field(path)[:1]:
                yield from self._begins(path, value)
        address = _address(facts.addresses[0]) if facts.addresses else None
        if address is not None:
            for version, length in self._lengths:
                if version == address.version:
                    rest = address.max_prefixlen - length
                    yield "address", version, length, int(address) >> rest << rest


def _beginning(wanted: Scalar) -> str:
    """Return what a value begins with: all of it, or a text as far as its first `*`."""
    return wanted.partition("*")[0] if isinstance(wanted, str) else str(wanted)


def _first(
    filed: Iterable[tuple[int, Matcher]], facts: Facts, best: int | None
) -> int | None:
    for place, matcher in filed:
        if best is not None and place >= best:
            break
        if matches(matcher, facts):
            return place
    return best


def matches(matcher: Matcher, facts: Facts) -> bool:
    """Return whether all that a matcher asks for is known, and as it says."""
    if matcher.identity and not _every(
        facts.identities,
        lambda names: any(_is_like(name, matcher.identity) for name in names),
    ):
        return False
    for kind, known in _TEXTS.items():
        wanted: tuple[str, ...] = getattr(matcher, kind)
        if wanted and not _every(known(facts), lambda text: _is_like(text, wanted)):  # noqa: B023 - called at once
            return False
    if matcher.address and not _every(
        facts.addresses, lambda text: _is_within(text, matcher.address)
    ):
        return False
    return all(
        _every(facts.field(path), lambda value: _is_one(value, values))  # noqa: B023 - called at once
        for path, values in matcher.fields.items()
    )


def _every(values: Sequence[Any], test: Callable[[Any], bool]) -> bool:
    """Return whether all values pass; without any, nothing is known."""
    return bool(values) and all(map(test, values))


def _is_like(text: str, patterns: Iterable[str]) -> bool:
    return any(like(text, pattern, single="") for pattern in patterns)


def _is_one(value: Scalar, wanted: Iterable[Scalar]) -> bool:
    if isinstance(value, str):
        return _is_like(value, (each for each in wanted if isinstance(each, str)))
    return any(_exact(value) == _exact(each) for each in wanted)


def _exact(value: Scalar) -> tuple[str, Scalar]:
    """Return a value that only its like equals: `true` is not 1, and 1.0 is 1."""
    if isinstance(value, bool):
        return "boolean", value
    return ("text" if isinstance(value, str) else "number"), value


def _is_within(text: str, networks: Iterable[Network]) -> bool:
    address = _address(text)
    return address is not None and any(address in network for network in networks)


def _address(text: str) -> Address | None:
    """Return an address, IPv4 within IPv6 as IPv4; None for the name of a service."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address):
        return address.ipv4_mapped or address
    return address


def _network_key(network: Network) -> _Key:
    return "address", network.version, network.prefixlen, int(network.network_address)
