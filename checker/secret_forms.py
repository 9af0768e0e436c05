"""Know the names and the forms of secrets."""

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

HARMLESS: Final = re.compile(
    r"""
      | HIDDEN_\w+ | \*+ | \*{4,}\w{0,4} | \(not[ ]shown\)
      | [\[<(]?(?i:(?:value[ ]|data[ ])?redacted|sensitive[ ]?(?:data|value)?[ ]?removed
        |hidden|masked|sensitive)[\]>)]?
      | A(?:KIA|SIA|IDA|ROA|PKA|BIA|CCA)[A-Z0-9]{12,124}
      | arn:aws[\w-]*:[\w-]*:[\w-]*:[\w-]*:[^\s"']+
      | (?i: true|false|yes|no|none|null|enabled?|disabled?|required|optional|active
        |inactive|present|absent|seconds|minutes|hours|days|success|failure )
      | [0-9]{1,3}
      | \{\{resolve:[^{}\s]*\}\} | \$\{[^{}\s]*\} | \$[A-Za-z_]\w* | <[^<>\s]{1,80}>
      | …
    """,
    re.VERBOSE,
)
"""What is no secret under the name of one: AWS's masks, ids, ARNs, placeholders."""

_WALL = r"(?<![A-Za-z0-9+/_-])"

FORMS: Final = (
    # Keys in PEM and PuTTY's form, to their end or that of the text.
    re.compile(
        r"-----BEGIN[ ][A-Z0-9 ]{0,40}PRIVATE[ ]KEY[A-Z ]{0,20}-----"
        r"(?:(?!-----END).)*+(?:-----END[A-Z0-9 ]{0,60}-----)?"
        r"|PuTTY-User-Key-File-[0-9].*",
        re.DOTALL,
    ),
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp.html
    re.compile(
        rf"{_WALL}(?:IQoJb3JpZ2lu|FwoGZXIvYXdz|FQoGZXIvYXdz"
        r"|FQoDYXdz|AQoDYXdz|AQoEXAMPLE|FwoDYXdz)[A-Za-z0-9+/=%_-]{8,}"
    ),
    # Secret access keys: forty characters of three kinds.
    re.compile(
        r"(?<![A-Za-z0-9+/_.-])(?=[A-Za-z+/]{0,39}[0-9])(?=[0-9A-Z+/]{0,39}[a-z])"
        r"(?=[0-9a-z+/]{0,39}[A-Z])(?!(?:[^/\s]{0,39}/){6})"
        r"[A-Za-z0-9+/]{40}(?![A-Za-z0-9+/=_-])"
    ),
    re.compile(rf"{_WALL}eyJ[\w-]{{8,}}+\.[\w-]{{4,}}+(?:\.[\w-]*+){{0,3}}"),
    # Tokens that their makers made recognizable.
    re.compile(
        r"""(?<![A-Za-z0-9])(?:
          gh[pousr]_[A-Za-z0-9]{16,} | github_pat_\w{20,} | gl(?:pat|ptt|dt|rt|cbt|ft
            |soat|imt|agent|oas)-[\w.-]{16,}
        | xox[a-z]-[\w-]{8,} | xapp-[\w-]{8,} | xwfp-[\w-]{8,}
        | [srp]k_(?:live|test)_\w{8,} | whsec_\w{8,} | sq0[a-z]{3}-[\w-]{16,}
        | AIza[\w-]{30,} | ya29\.[\w.-]{16,} | GOCSPX-[\w-]{16,}
        | npm_[A-Za-z0-9]{30,} | pypi-[\w-]{16,} | dckr_pat_[\w-]{16,}
        | SG\.[\w-]{16,}\.[\w-]{16,} | sk-[\w-]{20,} | hf_[A-Za-z0-9]{24,}
        | shp(?:at|ca|pa|ss)_[A-Fa-f0-9]{16,} | do[opr]_v1_[a-f0-9]{32,}
        | hv[sbr]\.[\w-]{16,} | dapi[a-f0-9]{32} | dp\.(?:pt|st|ct|sa)\.\w{16,}
        | NRAK-[A-Z0-9]{16,} | lin_api_\w{16,} | PMAK-[\w-]{16,} | key-[0-9a-f]{32}
        | SK[0-9a-f]{32} | ATATT3x[\w=-]{16,} | ATCTT3x[\w=-]{16,}
        | AGE-SECRET-KEY-\w{16,}
        | rubygems_[a-f0-9]{32,} | tfp_\w{16,} | ABSK[A-Za-z0-9+/=]{40,}
        | bedrock-api-key-[\w+/=]{16,} | [0-9]{8,10}:AA[\w-]{30,} | EAA[A-Za-z0-9]{40,}
        | [MNO][\w-]{23,25}\.[\w-]{6}\.[\w-]{27,} | [\w-]{14}\.atlasv1\.[\w=-]{40,}
        )""",
        re.VERBOSE,
    ),
    re.compile(r"hooks\.slack\.com/(?:services|workflows)/([\w/]+)"),
    # crypt(3) and its kin.
    re.compile(r"\$(?:[156y]|2[abxy]?|7|gy|argon2\w{1,2})\$[\w./$=,+-]{16,}"),
    re.compile(r"://[^\s:/@\"'?#]*+:([^\s/\"']{1,512})@"),
    re.compile(r"://([\w.~%-]{20,})@"),
    re.compile(r"\b(?i:bearer)[ ]+((?=[A-Za-z+/_-]*[0-9.=])[\w.~+/=-]{8,})"),
    re.compile(r"\b(?i:basic)[ ]+((?=[A-Za-z+/]*[0-9=])[A-Za-z0-9+/]{8,}={0,2})"),
    re.compile(
        r"(?<![\w-])(?:-u|-U|--user|--proxy-user)[ =]{0,4}[^\s:\"']+:([^\s\"']+)"
    ),
    re.compile(
        r"\b(?:mysql\w*|mariadb\w*|sshpass)\b[^|;&\n]{0,200}?\s-p\s?([^\s\"']+)"
    ),
)
"""Forms of secrets; where a form has a group, only that is the secret."""

_NAMING: Final = (
    "(?i:pass|pwd|pw|psk|pem|secret|token|cred|cookie|key|data|material|plaintext|string"
    "|auth|saml|assertion|signature|bearer|seed|code|otp|jwt|sig|dsn)"
)
"""What the name of a secret has in it."""

HINT: Final = (
    r"[{\[]\s*[\"{\[]|%(?:22|3[ADad]|7[Bb]|2[Ff]|40)|-----BEGIN|PuTTY-User|[A-Za-z0-9+/]{40}|eyJ"
    r"|IQoJb3|FwoGZX|FQoGZX|FQoDYX|AQoDYX|AQoEXA|FwoDYX|\$[0-9a-z]{1,9}\$|://[^\s/]*@"
    r"|gh[pousr]_|github_pat_|gl[a-z]{2,5}-|x(?:ox[a-z]|app|wfp)-|[srp]k_(?:live|test)_"
    r"|whsec_|sq0[a-z]{3}-|AIza|ya29\.|GOCSPX-|npm_|pypi-|dckr_pat_|SG\.|sk-|hf_|shp[a-z]{2}_"
    r"|do[opr]_v1_|hv[sbr]\.|dapi|dp\.|NRAK-|lin_api_|PMAK-|key-|SK[0-9a-f]|AT[AC]TT3x|AGE-"
    r"|rubygems_|tfp_|ABSK|bedrock-api|[0-9]:AA|EAA|[MNO][\w-]{23,25}\.|atlasv1|hooks\.slack"
    r"|(?i:bearer|basic) |(?:^|[^\w-])-[uU][ =]|--user|--proxy|mysql|mariadb|sshpass"
    rf"|{_NAMING}[^\s=:]*\s*!?[=:]|[-<][^\s/=]*{_NAMING}[^\s/=]*[ \t>]"
    r"|(?i:name|key)[\\\"']*\s*[:=]"
)
"""A text without a match of this (in RE2) has none of `FORMS`, and assigns nothing."""
