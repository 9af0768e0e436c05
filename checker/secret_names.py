"""Decide by its name what is a secret."""

from __future__ import annotations

import enum
import functools
import re
from typing import Final


class SecretName(enum.Enum):
    """What a name says of its value."""

    NOTHING = enum.auto()
    SECRET = enum.auto()
    METADATA = enum.auto()
    """A fact about something, such as an id, a date or a state."""
    ENVIRONMENT = enum.auto()
    VARIABLES = enum.auto()


@functools.lru_cache(maxsize=16_384)
def classify(name: str) -> SecretName:
    """Return what a name says of its value, in any casing and with any prefix."""
    host = _HOST.fullmatch(name)
    if host:
        # A condition key of a provider: `token.actions.githubusercontent.com:sub`.
        return classify(host[1]) if host[1] else SecretName.NOTHING
    words = [word.lower() for word in _WORD.findall(name[-_LONGEST:])]
    joined = "".join(words)
    if not words:
        return SecretName.NOTHING
    if _VARIABLES.fullmatch(joined):
        return SecretName.VARIABLES
    if _ENVIRONMENT.fullmatch(joined):
        return SecretName.ENVIRONMENT
    if joined.startswith("subjectfrom"):
        return SecretName.METADATA
    if words[-1] in _METADATA or _JOINED_METADATA.search(joined):
        return SecretName.METADATA
    if _STEM.search(joined) or _END.search(joined) or not _WORDS.isdisjoint(words):
        return SecretName.SECRET
    return SecretName.SECRET if _is_key(words) else SecretName.NOTHING


def is_host(name: str) -> bool:
    """Return whether a name is that of a host, or of a key that a host defines."""
    return _HOST.fullmatch(name) is not None


def _is_key(words: list[str]) -> bool:
    """Return whether a name ends in the name of a key that opens something."""
    while len(words) > 1 and words[-1] in _CONTENT:
        words = words[:-1]
    *before, last = words
    if last in ("key", "keys"):
        return bool(before) and _OPEN_KEYS.isdisjoint(before)
    return _JOINED_KEY.search(last) is not None


_LONGEST: Final = 256
_HOST: Final = re.compile(
    r"(?:[\w-]{1,63}\.){1,8}(?:com|net|org|io|dev|cloud|aws)(?::(\w*))?"
)
_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")

_STEM: Final = re.compile(
    "pass(?:word|wd|phrase|code)|secret|token|credential|cookie|privatekey|userdata"
    "|keymaterial|plaintext|connectionstring|authparameters?|saml(?:assertion|response)"
    "|clientassertion|signature|apikey|accesskey|bearer|presharedkey|stringseed"
    "|(?:authorization|confirmation|verification|mfa|otp|user)code"
)
_END: Final = re.compile("authorization(?:header|s)?$")
_WORDS: Final = frozenset("pwd pass pw psk pem cred creds otp totp jwt sig dsn".split())
_CONTENT: Final = frozenset(
    "value values string text plain binary data blob base 64 b64 encoded raw content "
    "contents 1 2 3".split()
)
_OPEN_KEYS: Final = frozenset(
    """
    public kms cmk partition sort range hash primary foreign tag object route attribute
    device dimension s3 bucket file prefix start evaluated marker group context
    condition map cache row column index log output item unique composite dedup
    deduplication idempotency sse selection registry parameter header query
    field label option setting property variable search filter
    """.split()
)
"""Keys that are names or numbers of things, or that everybody may have."""

_JOINED_KEY: Final = re.compile(
    "(?:private|secret|access|api|encryption|decryption|signing|session|master|shared"
    "|auth|account|storage|license|service|host|ssh|rsa|tls|ssl|consumer|app|application"
    "|customer|admin|root|user|client|server|data|hmac|aes|deploy|webhook|db|database"
    ")keys?$"
)

_METADATA: Final = frozenset(
    """
    id ids arn arns urn name names username usernames alias aliases label type types
    state status statuses date dates time times timestamp at on by to in for from since
    until policy policies usage spec format fingerprint fingerprints md5 checksum length
    count counts size number index enabled disabled required supported allowed optional
    active valid validity unit units duration seconds minutes hours days age ttl expiry
    expiration expires expire lifetime version versions stage stages settings setting
    configuration config configurations options option mode source sources provider
    providers manager issuer issuers endpoint url uri urls uris domain path paths file
    prefix algorithm algorithms method methods scope scopes region regions service
    services account principal owner description descriptor metadata tags tag report
    present action actions completed result outcome reason error errors
    last created used changed rotated modified updated deleted rotation revocation
    prevention retrieved reset requirement requirements expression behavior flow flows
    console group groups role roles user users
    """.split()
)
_JOINED_METADATA: Final = re.compile(
    f"(?:{_STEM.pattern}|pwd|key)s?"
    "(?:ids?|arns?|names?|types?|status|state|date|policy|usage|spec|format|fingerprint"
    "|length|count|enabled|disabled|required|validity|units?|duration|seconds|minutes"
    "|hours|days|age|expiry|expiration|versions?|settings|config|configuration|mode"
    "|source|provider|endpoint|ur[li]|path|algorithm|scope|region|description|metadata"
    "|lastused|rotation|manager)$"
)
_ENVIRONMENT: Final = re.compile("(?:container|task|job|build)?(?:environments?|env)")
_VARIABLES: Final = re.compile(
    "(?:[a-z]*env(?:ironment)?|stage)variables?(?:overrides?)?|envvars?|environmentmap"
)

LABEL: Final = re.compile(
    r"(?:[a-z]*[_.-]?)?(?:name|key)|id|field|header|variable|attribute|parameter|label"
)
"""The key, in lower case, of an object's name for the value beside it."""

VALUE: Final = re.compile(
    r"(?i:[a-z_.-]*values?|string|text|data|content|plaintext|default|val)"
)
"""The key of the value beside a name."""
