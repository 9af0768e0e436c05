"""The functions on text: prefixes, RE2 patterns, network addresses."""

from __future__ import annotations

import functools
import ipaddress
import re
from collections.abc import Callable
from typing import Any, TypeAlias

from checker.conditions import habits
from checker.conditions.networks import read_network
from checker.conditions.unknown import refuse

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network
Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Test: TypeAlias = Callable[[Any], Any]

_PIECE = re.compile(
    r"""
    (?P<looks_around>  [$^] | \\[bBAz] )
    | (?P<quotes>  \\Q )
    | \\.
    | \[ \^? \]? (?: \[:\^?\w+:\] | \\. | [^]\\] )* \]
    """,
    re.VERBOSE | re.DOTALL,
)
"""What a pattern of RE2 has besides letters, groups and operators.

https://github.com/google/re2/wiki/Syntax
"""

_PLAIN = re.compile(r"[/@#%&=;<>~!'_GHJ-MO-QS-Z][\w/@#%&=;<>~!'\-]*", re.ASCII)
_ANY_OF = re.compile(r"\([\w/@#%&=;<>~!'\-|]*\)", re.ASCII)
_LARGE = 2_000
"""Instructions of RE2 in a pattern that is searched for without a set."""


def lower(value: Any) -> str | None:
    """`lower(string)`: the text in lower case."""
    return value.lower() if value.__class__ is str else refuse(value)


def starts_with(text: Any, prefix: Any) -> Any:
    """`starts_with(string, prefix)`."""
    if text.__class__ is str and prefix.__class__ is str:
        return text.startswith(prefix)
    return refuse(text, prefix)


def ends_with(text: Any, suffix: Any) -> Any:
    """`ends_with(string, suffix)`."""
    if text.__class__ is str and suffix.__class__ is str:
        return text.endswith(suffix)
    return refuse(text, suffix)


def starts(prefix: Any) -> Test | None:
    """`starts_with` with its prefix given."""
    if type(prefix) is not str:
        return None

    def test(text: Any) -> Any:
        return text.startswith(prefix) if text.__class__ is str else refuse(text)

    return test


def ends(suffix: Any) -> Test | None:
    """`ends_with` with its suffix given."""
    if type(suffix) is not str:
        return None

    def test(text: Any) -> Any:
        return text.endswith(suffix) if text.__class__ is str else refuse(text)

    return test


@functools.lru_cache(maxsize=512)
def _pattern(source: str) -> Any:
    """A compiled RE2 pattern, or the text of what is wrong with it."""
    # Imported here: most runs of the command hold no rule with a pattern.
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(source, options)
    except UnicodeEncodeError:
        return "it holds half a character (a lone surrogate)"
    except re2.error as error:
        reason = error.args[0]
        return reason.decode() if isinstance(reason, bytes) else str(reason)


def pattern_problem(source: Any) -> str | None:
    """What is wrong with a literal pattern of `matches`."""
    if type(source) is not str:
        return "a pattern is a string"
    compiled = _pattern(source)
    if isinstance(compiled, str):
        return f"not an RE2 pattern: {compiled}{habits.beyond_re2(source)}"
    return None


def matches_pattern(source: Any) -> Test | None:
    """`matches` with its pattern given."""
    compiled = _pattern(source) if type(source) is str else ""
    if isinstance(compiled, str):
        return None
    search = _search(source)

    def test(text: Any) -> Any:
        if text.__class__ is not str:
            return refuse(text)
        # JSON can say half a character, UTF-8 cannot: RE2 sees a `?` for it.
        return search(text.encode(errors="replace")) is not None

    return test


def pattern_in_any(source: str) -> Callable[[bytes], bool] | None:
    """Return a function that tells whether a pattern may occur in one of many texts.

    They are given as one, in UTF-8, with whatever between them: where a text begins or
    ends is not looked at.  None for a pattern that is not RE2's.
    """
    if isinstance(_pattern(source), str):
        return None
    pieces = list(_PIECE.finditer(source))
    if any(each["quotes"] for each in pieces):
        return None
    anywhere = _PIECE.sub(lambda it: "(?:)" if it["looks_around"] else it[0], source)
    if isinstance(_pattern(anywhere), str):
        return None
    search = _search(anywhere)

    return lambda texts: search(texts) is not None


def is_spelled_alike(pattern: str) -> bool:
    """Return whether what a pattern matches is spelled alike wherever JSON has it.

    So it is unless JSON has a backslash.  Such a pattern has nothing but characters
    that stand in the strings of JSON as they are, in any spelling, and alternatives of
    such.  It begins with one that ends no escape, and is in no number or constant.
    """
    return _PLAIN.fullmatch(_ANY_OF.sub("", pattern)) is not None


def _search(source: str) -> Test:
    """Return the function from UTF-8 bytes to what is found of a pattern, or None.

    A set of one pattern asks RE2 only whether it occurs, and takes a third of the time.
    Large patterns might exhaust the memory of a set, which would then find nothing.
    """
    import re2

    compiled = _pattern(source)
    if compiled.programsize > _LARGE:
        found: Test = re2.compile(source.encode(), compiled.options).search
        return found
    one = re2.Set.SearchSet(compiled.options)
    one.Add(source.encode())
    one.Compile()
    match: Test = one.Match
    return match


def matches(text: Any, pattern: Any) -> Any:
    """`matches(string, pattern)`: does the RE2 pattern occur anywhere in the text?

    https://github.com/google/re2/wiki/Syntax - time is linear in the text.
    """
    refuse(text, pattern)
    test = matches_pattern(pattern)
    return test(text) if test else None


@functools.lru_cache(maxsize=4096)
def _network(text: str) -> Network | str:
    try:
        return read_network(text)
    except ValueError as error:
        return str(error)


@functools.lru_cache(maxsize=4096)
def _address(text: str) -> Address | None:
    """An address, with IPv4 inside IPv6 (`::ffff:192.0.2.1`) as IPv4; else None."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address):
        return address.ipv4_mapped or address
    return address


def _networks(value: Any) -> list[Network] | str:
    """The networks of one CIDR or an array of them, or what is wrong."""
    found: list[Network] = []
    for each in value if type(value) is list else [value]:
        refuse(each)
        if type(each) is not str:
            return "a network is a string such as 192.0.2.0/24"
        network = _network(each)
        if isinstance(network, str):
            return f"not a network in CIDR form: {network}"
        found.append(network)
    return found


def cidr_problem(value: Any) -> str | None:
    """What is wrong with a literal network (or array of them) of `cidr_contains`."""
    networks = _networks(value)
    return networks if isinstance(networks, str) else None


def cidr_contains_in(value: Any) -> Test | None:
    """`cidr_contains` with its networks given."""
    networks = _networks(value)
    if isinstance(networks, str):
        return None

    @functools.lru_cache(maxsize=4096)
    def contain(text: str) -> bool:
        address = _address(text)
        return address is not None and any(address in each for each in networks)

    return lambda text: contain(text) if text.__class__ is str else refuse(text)


def cidr_contains(value: Any, text: Any) -> Any:
    """`cidr_contains(network or networks, address)`.

    False for text that is no address, such as the service names that CloudTrail puts
    into `sourceIPAddress`; null when a network is not in CIDR form.
    """
    refuse(value, text)
    test = cidr_contains_in(value)
    return test(text) if test else None
