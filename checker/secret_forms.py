"""Hide the secrets that texts hold in some form, or assign to a name.

Keys and tokens are known by their form, other secrets by the name before them
(`secret_names`): in URLs, assignments and options of commands.
"""

from __future__ import annotations

import re
from typing import Final

from checker.secret_names import SecretName, classify


def hide_forms(text: str, mask: str) -> str:
    """Return a text in which `mask` stands for each secret."""
    for pattern in FORMS:
        text = pattern.sub(lambda found: _masked(found, mask), text)
    for pattern in (_ASSIGNED, _LABELLED):
        text = _assigned(pattern, text, mask)
    return text


def _masked(found: re.Match[str], mask: str) -> str:
    """Return a match with `mask` for its group; for all of it if it has none."""
    if not found.re.groups:
        return mask
    whole, text = found.group(), found.string
    start, end = found.span(1)
    if text.startswith(mask, start) or HARMLESS.fullmatch(text, start, end):
        return whole
    return text[found.start() : start] + mask + text[end : found.end()]


_ASSIGNED: Final = re.compile(
    r"""
      (?<![\w.-]) (\w[\w.-]*+) (?:\[\])? \\{0,3}["'`]? \s{0,8}
        (?: =>|[=!]=|= ) \s{0,8}
    | (?<![\w.:/@-]) (\w[\w.-]*+) \\{0,3}["'`]? \s{0,8} :(?![:/]) \s{0,8}
    | (?<![\w-]) --?([A-Za-z][\w-]*+) (?: = | [ \t]{1,8} (?!-) )
    | <(\w[\w.:-]*+)>
    """,
    re.VERBOSE,
)
"""A name before its value: `name=`, `"name": `, `--name `."""

_LABELLED: Final = re.compile(
    r"""
    (?<![\w-]) [\w-]{0,24}(?i:name|key) \\{0,3}["']? \s{0,8} [:=] \s{0,8}
    \\{0,3}["']? ([\w./-]++) \\{0,3}["']? [,;]? \s{0,32}
    \\{0,3}["']? \w{0,24}(?i:value) \\{0,3}["']? \s{0,8} [:=] \s{0,8}
    """,
    re.VERBOSE,
)
"""The same in two steps: `Name=name,Value=`."""

_VALUE: Final = re.compile(
    r"""
      (<[^<>"]{1,80}>)(?![^\s"',;&])
    | \\{1,3}"(.*?)\\{1,3}"
    | "((?:[^"\\]|\\.)*+)"?
    | '((?:[^'\\]|\\.)*+)'?
    | `([^`]*+)`?
    | ([{\[].*)
    | ((?:(?i:Bearer|Basic|Token|Digest|AWS4-HMAC-SHA256)[ ]+)?
       (?:\(not[ ]shown\)|[^\s"'`&;,]|,(?!\s)|&(?![\w.%-]{1,64}=))++)
    """,
    re.VERBOSE | re.DOTALL,
)


def _assigned(pattern: re.Pattern[str], text: str, mask: str) -> str:
    pieces: list[str] = []
    done = position = 0
    while found := pattern.search(text, position):
        assert found.lastindex is not None
        position = found.end(found.lastindex)
        if classify(found[found.lastindex]) is not SecretName.SECRET:
            continue
        value = _VALUE.match(text, found.end())
        if value is None or value.lastindex is None:
            continue
        start, end = value.span(value.lastindex)
        if text.startswith(mask, start) or HARMLESS.fullmatch(text, start, end):
            continue
        position = max(position, end)
        pieces += (text[done:start], mask)
        done = end
    return "".join((*pieces, text[done:])) if pieces else text


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
    re.compile(r"\$(?:[156y]|2[abxy]?|7|gy|argon2[a-z]{1,2})\$[\w./$=,+-]{16,}"),
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
