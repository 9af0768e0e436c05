"""Decide what is a secret, and hide it: the one place for every output.

A value is a secret by the name that it has (`masterUserPassword`), by the name beside
it (`{"name": "DB_PASSWORD", "value": …}`), by the object that it is in, or by its own
form (a private key, a token).  Inside text the same holds for JSON, URLs, assignments
and options of commands.

What names a secret and opens nothing is evidence and stays: ids of access keys, names,
ids and ARNs of keys and secrets, dates, states.  So do the masks that AWS puts in the
place of a secret, true and false, and placeholders.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
"""

from __future__ import annotations

import enum
import functools
import json
import re
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any, Final
from urllib.parse import unquote

import msgspec

from checker.secret_names import LABEL, VALUE, SecretName, classify, is_host

MASK: Final = "(not shown)"
_DEEPEST: Final = 100
_LONGEST: Final = 32_768
"""Characters of a text that are looked at; what is longer is cut there."""

_LONGEST_JSON: Final = 262_144
_CACHED: Final = 256
_CACHED_LONG: Final = 1_100
"""Policies in evidence come again as well; fewer of them are remembered."""


class Within(enum.Enum):
    """What kind of object a value is in."""

    # They are keys of caches: by identity, which takes no call.
    __hash__ = object.__hash__

    PLAIN = enum.auto()
    SECRET = enum.auto()
    """Values are secrets but those whose names say otherwise."""
    ENVIRONMENT = enum.auto()
    """Lists of variables, and variables themselves, come here."""
    VARIABLES = enum.auto()
    """Every value is a secret, whatever its name."""


class Shape(msgspec.Struct, frozen=True):
    """What a copy without secrets looks like.

    `mask` stands for each secret.  Of arrays and objects there are the first `entries`,
    of texts the first `characters`.
    """

    mask: str = MASK
    entries: int | None = None
    characters: int | None = None


_WHOLE: Final = Shape()


def hide(value: Any, within: Within = Within.PLAIN, shape: Shape = _WHOLE) -> Any:
    """Return a copy of a value without secrets."""
    return _hide(value, within, shape, 0)


def within(path: str) -> Within:
    """Return what kind of object the value at a path is in, by the names of the path.

    A path is a name, names with dots between, or any JMESPath expression.
    """
    return _through(Within.PLAIN, path)


def needs_parent(path: str) -> bool:
    """Return whether what is beside a value decides whether it is a secret."""
    names = _names(path)
    return len(names) > 1 and bool(VALUE.fullmatch(names[-1]))


def shows_texts(path: str) -> bool:
    """Return whether a text at a path is shown, but for the secrets in it.

    False where the path, or what is beside the text, may make a secret of all of it.
    """
    return within(path) not in HIDING and not needs_parent(path)


def reading(path: str, shape: Shape = _WHOLE) -> tuple[str, Callable[[Any], Any]]:
    """Return what to read for a path, and how to show what that is.

    What is read is the object around a value where that decides how the value is shown,
    as for `{"name": "DB_PASSWORD", "value": …}`.
    """
    state = within(path)
    if state is Within.PLAIN and needs_parent(path):
        if _SIMPLE.fullmatch(path):
            parent = path.rpartition(".")[0]
            return parent, lambda value: _hide_member(value, path, shape)
        state = Within.SECRET
    return path, _shower(state, shape)


def _shower(state: Within, shape: Shape) -> Callable[[Any], Any]:
    """Return the function that hides the secrets of what is in an object of a kind."""
    mask, longest = shape.mask, min(shape.characters or _CACHED, _CACHED)

    def show(value: Any) -> Any:
        # Most of what is shown of events is short text that comes again.
        if value.__class__ is str and len(value) <= longest:
            return _cut(_hidden_short(value, mask), shape.characters)
        return _hide(value, state, shape, 0)

    def show_hiding(value: Any) -> Any:
        return _hide(value, state, shape, 0)

    return show_hiding if state in HIDING else show


_SIMPLE: Final = re.compile(r"""[\w.\[\]*"-]+\.\w+""")


def _hide_member(parent: Any, path: str, shape: Shape) -> Any:
    """Return what an object, or each of an array, has under the last name of a path."""
    *above, name = _names(path)
    state = within(".".join(above))
    if not isinstance(parent, list):
        return _hide_one(parent, name, state, shape)
    if not path.endswith(f"].{name}"):
        return None
    shown = (_hide_one(each, name, inside(state), shape) for each in parent)
    return [each for each in shown if each is not None]


def _hide_one(parent: Any, name: str, state: Within, shape: Shape) -> Any:
    if not isinstance(parent, Mapping):
        return None
    below = Within.SECRET if is_labelled(parent) else _below(state, name)
    return _hide(parent.get(name), below, shape, 0)


def hide_text(text: str, mask: str = MASK) -> str:
    """Return a text in which `mask` stands for each secret."""
    if len(text) <= _CACHED:
        return _hidden_short(text, mask)
    if len(text) <= _CACHED_LONG:
        return _hidden_long(text, mask)
    return _hidden(text, mask)


@functools.lru_cache(maxsize=2_048)
def _hidden_long(text: str, mask: str) -> str:
    return _hidden(text, mask)


@functools.lru_cache(maxsize=16_384)
def _hidden_short(text: str, mask: str) -> str:
    return _hidden(text, mask)


def _hide(value: Any, state: Within, shape: Shape, depth: int) -> Any:
    kind = value.__class__
    if kind is str:
        if state in HIDING and not _is_harmless(value):
            return shape.mask
        return _cut(hide_text(value, shape.mask), shape.characters)
    if kind is bool or value is None:
        return value
    if kind is int or kind is float:
        # No secret is as short as a count, or a flag.
        return shape.mask if state in HIDING and abs(value) > 999 else value
    if kind is dict or isinstance(value, Mapping):
        if depth == _DEEPEST:
            return "…"
        return _members(value, state, shape, depth + 1)
    if isinstance(value, (list, tuple)):
        if depth == _DEEPEST:
            return "…"
        inner = inside(state)
        return [_hide(each, inner, shape, depth + 1) for each in value[: shape.entries]]
    return value


HIDING: Final = frozenset({Within.SECRET, Within.VARIABLES})


def _is_harmless(text: str) -> bool:
    from checker import secret_forms

    return secret_forms.HARMLESS.fullmatch(text) is not None


def _members(
    value: Mapping[Any, Any], state: Within, shape: Shape, depth: int
) -> dict[str, Any]:
    mask, longest = shape.mask, min(shape.characters or _CACHED, _CACHED)
    labelled: bool | None = None
    members: dict[str, Any] = {}
    for key, entry in islice(value.items(), shape.entries):
        name = str(key)
        facts = _of_short_key if len(name) <= _CACHED else _of_key
        shown, below, is_value = facts(state, name, mask)
        if is_value:
            labelled = is_labelled(value) if labelled is None else labelled
            if labelled:
                below = Within.SECRET
        # Most of what is in objects is short text that comes again: no call for it.
        if entry.__class__ is str and len(entry) <= longest and below not in HIDING:
            text = _hidden_short(entry, mask)
            members[shown] = (
                text if len(text) <= longest else _cut(text, shape.characters)
            )
        else:
            members[shown] = _hide(entry, below, shape, depth)
    return members


def key_facts(state: Within, name: str) -> tuple[str, Within, bool]:
    """Return how to show a key, what its value is in, and whether a name labels it."""
    return _of_key(state, name, MASK)


def _of_key(state: Within, name: str, mask: str) -> tuple[str, Within, bool]:
    """Return how to show a key, what its value is in, and whether a name labels it."""
    return hide_text(name, mask), _through(state, name), bool(VALUE.fullmatch(name))


def inside(state: Within) -> Within:
    """Return what the elements of an array are in."""
    # The variables of a container are an array of names and values.
    return Within.PLAIN if state is Within.PLAIN else Within.SECRET


def is_labelled(value: Mapping[Any, Any]) -> bool:
    """Return whether an object says that the value in it is a secret.

    https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
    https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ConnectionHeaderParameter.html
    """
    for key, entry in value.items():
        lowered = str(key).lower()
        if entry.__class__ is str:
            if lowered == "type" and entry.lower() == "securestring":
                return True
            if LABEL.fullmatch(lowered) and classify(entry) is SecretName.SECRET:
                return True
        elif entry is True and lowered in _MARKS:
            return True
    return False


def _through(state: Within, path: str) -> Within:
    """Return what a value is in that has a name, or a path, in an object."""
    if "." not in path or is_host(path):
        return _below(state, path)
    for name in _names(path):
        state = _below(state, name)
    return state


_of_short_key: Final = functools.lru_cache(maxsize=4096)(_of_key)
_MARKS: Final = frozenset({"type", "isvaluesecret", "noecho", "sensitive"})


def _below(state: Within, name: str) -> Within:
    """Return what a value is in that has a name in an object of some state."""
    if state is Within.VARIABLES:
        return state
    match classify(name):
        case SecretName.SECRET:
            return Within.SECRET
        case SecretName.METADATA:
            return Within.PLAIN
        case SecretName.VARIABLES:
            return Within.VARIABLES
        case SecretName.ENVIRONMENT:
            return Within.SECRET if state is Within.SECRET else Within.ENVIRONMENT
    if state is Within.ENVIRONMENT:
        if name.lower() == "variables":
            return Within.VARIABLES
        return Within.SECRET if _VARIABLE.fullmatch(name) else Within.PLAIN
    return state


def _cut(text: str, characters: int | None) -> str:
    if characters is None or len(text) <= characters:
        return text
    return text[:characters] + "…"


_VARIABLE: Final = re.compile(r"[A-Z_][A-Z0-9_]*")
_NAME: Final = re.compile(r'"((?:[^"\\]|\\.)*+)"|([A-Za-z_$@][\w$:/-]*+)')


@functools.lru_cache(maxsize=4096)
def _names(path: str) -> tuple[str, ...]:
    return tuple(quoted or bare for quoted, bare in _NAME.findall(path))


PLAIN: Final = re.compile(
    r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z|[0-9.]{1,15}"
)
"""An id of an event or a request, a time, an address: `_HINT` is never in one."""

is_plain: Final = PLAIN.fullmatch


def _hidden(text: str, mask: str) -> str:
    # One look in linear time settles nearly every text; ids and times need none.
    if is_plain(text) or not _searching(_HINT)(text.encode(errors="replace")):
        return text
    if len(text) <= _LONGEST_JSON:
        text = _documents(text, mask)
    if len(text) > _LONGEST:
        text = text[:_LONGEST] + "…"
    if _ENCODED.search(text):
        # A document in a query or in a log of one: read as what it stands for.
        plain = unquote(text)
        if plain != text and (hidden := _hidden(plain, mask)) != plain:
            return hidden
    if not _searching(_FORM)(text.encode(errors="replace")):
        return text
    # Many patterns, which are seldom needed.
    from checker import secret_forms

    return secret_forms.hide_forms(text, mask)


def _documents(text: str, mask: str) -> str:
    """Hide the secrets of the JSON that a text is, or has in it."""
    pieces: list[str] = []
    done = position = 0
    for _ in range(_MOST_DOCUMENTS):
        found = _DOCUMENT.search(text, position)
        if found is None:
            break
        start = position = found.start()
        try:
            value, position = _DECODER.raw_decode(text, start)
            hidden = hide(value, shape=Shape(mask))
        except (ValueError, RecursionError):
            position = found.end()
            continue
        if hidden != value:
            separators = (", ", ": ") if '": ' in text else (",", ":")
            document = json.dumps(hidden, ensure_ascii=False, separators=separators)
            pieces += (text[done:start], document)
            done = position
    return "".join((*pieces, text[done:])) if pieces else text


_MOST_DOCUMENTS: Final = 16
_DOCUMENT: Final = re.compile(r"""[{\[](?=\s{0,64}["{\[])""")
_DECODER: Final = json.JSONDecoder()


_ENCODED: Final = re.compile(r"%(?:22|3[ADad]|7[Bb]|2[Ff]|40)")


_NAMING: Final = (
    "(?i:pass|pwd|pw|psk|pem|secret|token|cred|cookie|key|data|material|plaintext|string"
    "|auth|saml|assertion|signature|bearer|seed|code|otp|jwt|sig|dsn)"
)
"""What the name of a secret has in it."""

_FORM: Final = (
    r"-----BEGIN|PuTTY-User|[A-Za-z0-9+/]{40}|eyJ"
    r"|IQoJb3|FwoGZX|FQoGZX|FQoDYX|AQoDYX|AQoEXA|FwoDYX|\$[0-9a-z]{1,9}\$|://[^\s/]*@"
    r"|gh[pousr]_|github_pat_|gl[a-z]{2,5}-|x(?:ox[a-z]|app|wfp)-|[srp]k_(?:live|test)_"
    r"|whsec_|sq0[a-z]{3}-|AIza|ya29\.|GOCSPX-|npm_|pypi-|dckr_pat_|SG\.|sk-|hf_|shp[a-z]{2}_"
    r"|do[opr]_v1_|hv[sbr]\.|dapi|dp\.(?:pt|st|ct|sa)\.|NRAK-|lin_api_|PMAK-|key-|SK[0-9a-f]|AT[AC]TT3x|AGE-"
    r"|rubygems_|tfp_|ABSK|bedrock-api|[0-9]:AA|EAA|[MNO](?:[\w-]|[^\x00-\x7f]){23,25}\.|atlasv1|hooks\.slack"
    r"|(?i:bearer|basic) |(?:^|[^\w-])-[uU]|--user|--proxy|mysql|mariadb|sshpass"
    rf"|{_NAMING}[^\s=:]*\s*!?[=:]|[-<][^\s/=]*{_NAMING}[^\s/=]*[ \t>]"
    r"|(?i:name|key)[\\\"']*\s*[:=]"
)
"""A text without a match of this (in RE2) has no form of a secret, and assigns none.

It may be JSON, or encoded, and have a secret inside of that.
"""

_HINT: Final = rf"[{{\[]\s*[\"{{\[]|%(?:22|3[ADad]|7[Bb]|2[Ff]|40)|{_FORM}"
"""A text without a match of this has no secret."""


@functools.cache
def _searching(pattern: str) -> Callable[[bytes], object]:
    import re2

    options = re2.Options()
    options.never_capture = True
    search: Callable[[bytes], object] = re2.compile(pattern.encode(), options).search
    return search
