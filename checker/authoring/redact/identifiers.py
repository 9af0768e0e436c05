"""What tells on an AWS customer in a text, and what to say instead.

The values to say instead are those of AWS's own documentation and of the ranges that
are reserved for examples (RFC 2606, 3849, 5737).  What is such a value already stays.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
"""

from __future__ import annotations

import ipaddress
import re
from typing import Final

MASKED: Final = "HIDDEN_DUE_TO_SECURITY_REASONS"

_ACCOUNTS = ("123456789012", "111122223333", "444455556666", "777788889999")
_V4_RANGES = ("192.0.2", "198.51.100", "203.0.113")
_V4_KEPT = frozenset(
    {"0.0.0.0", "127.0.0.1", "255.255.255.255", "169.254.169.254"}  # noqa: S104 - text that stays as it is
)
_V6_EXAMPLES = ipaddress.ip_network("2001:db8::/32")

# Where an identifier can start: not inside a word, but right after a %3A is fine.
_WORD = r"(?<!%)(?<!%[0-9A-Fa-f])(?:(?<![0-9A-Za-z])|(?<=%[0-9A-Fa-f]{2}))"
_DIGIT = r"(?<!%)(?<!%[0-9A-Fa-f])(?:(?<![0-9.])|(?<=%[0-9A-Fa-f]{2}))"
_ACCOUNT = r"(?<!%)(?<!%[0-9A-Fa-f])(?:(?<![0-9])|(?<=%[0-9A-Fa-f]{2}))"
_MAIL = r"(?<!%)(?<!%[0-9A-Fa-f])(?:(?<![\w.+-])|(?<=%[0-9A-Fa-f]{2}))"
_HOST = r"(?<!%)(?<!%[0-9A-Fa-f])(?:(?<![\w.-])|(?<=%[0-9A-Fa-f]{2}))"
_V6 = r"(?<!%)(?<!%[0-9A-Fa-f])(?:(?<![0-9A-Za-z:.])|(?<=%[0-9A-Fa-f]{2}))"
_END = r"(?![0-9A-Za-z])"

PATTERN: Final = re.compile(
    rf"""
      (?P<uuid> {_WORD} [0-9A-Fa-f]{{8}} (?:-[0-9A-Fa-f]{{4}}){{3}} -[0-9A-Fa-f]{{12}}
          {_END} )
    | (?P<secret> {_WORD} eyJ[\w-]{{8,}}\.[\w-]+\.[\w-]*
          | (?<=[?&]X-Amz-Signature=) [^&\s"]+
          | (?<=[?&]X-Amz-Security-Token=) [^&\s"]+ )
    | (?P<email> {_MAIL} [\w.+-]{{1,64}} (?:@|%40) [\w-]{{1,63}} (?:\.[\w-]{{1,63}})+ )
    | (?P<unique> {_WORD}
          (?:ABIA|ACCA|AGPA|AIDA|AIPA|AKIA|ANPA|ANVA|APKA|AROA|ASCA|ASIA)
          [0-9A-Z]{{12,124}} {_END} )
    | (?P<dashed> {_WORD} (?:ip|ec2) (?:-[0-9]{{1,3}}){{4}} (?![0-9]) )
    | (?P<v4> {_DIGIT} [0-9]{{1,3}} (?:\.[0-9]{{1,3}}){{3}} (?![0-9]|\.[0-9]) )
    | (?P<v6> {_V6} (?:[0-9A-Fa-f]{{0,4}}(?::|%3[Aa])){{2,7}}
          (?:[0-9]{{1,3}}(?:\.[0-9]{{1,3}}){{3}}|[0-9A-Fa-f]{{0,4}}) (?![0-9A-Za-z:]) )
    | (?P<resource> {_WORD}
          (?:acl|ami|dopt|eigw|eipalloc|eipassoc|eni|fl|i|igw|lt|nat|pcx|pl|rtb|sg|sgr
            |snap|subnet|tgw|vgw|vol|vpc|vpce|vpn)
          - [0-9a-f]{{8}} (?:[0-9a-f]{{9}})? {_END} )
    | (?P<directory> {_WORD} d-[0-9a-f]{{10}} {_END} )
    | (?P<organization> {_WORD} o-[0-9a-z]{{10,32}} {_END} )
    | (?P<pool> {_WORD} [a-z]{{2}}(?:-[a-z]+){{1,3}}-[0-9]_[0-9A-Za-z]{{9}} {_END} )
    | (?P<canonical> {_WORD} [0-9a-f]{{64}} {_END} )
    | (?P<account> {_ACCOUNT} [0-9]{{12}} (?![0-9]) )
    | (?P<host> {_HOST} (?:[0-9A-Za-z_](?:[0-9A-Za-z_-]{{0,61}}[0-9A-Za-z])?\.)+
          (?:com|net|org|io|dev|aws|cloud|co|internal|local|corp|lan|info|biz|eu|uk|de
            |fr|nl|es|it|ch|at|be|pl|se|jp|in|br|us|ca|au|cn|kr|ru|app|tech|online|site)
          (?![\w-]|\.[0-9A-Za-z]) )
    """,
    re.VERBOSE,
)
"""One group for each kind of identifier; the first that fits names it."""

_EXAMPLES: Final = {
    "uuid": re.compile(r"11111111-2222-4333-8444-[0-9]{12}"),
    "email": re.compile(r".*(?:@|%40|\.)example\.(?:com|net|org)"),
    "unique": re.compile(r".*EXAMPLE"),
    "resource": re.compile(r"[a-z]+-0{4,13}[0-9a-f]{4}"),
    "directory": re.compile(r"d-0{6}[0-9a-f]{4}"),
    "organization": re.compile(r"o-example.*"),
    "pool": re.compile(r".*_EXAMPLE.*"),
    "canonical": re.compile(r"0{56}.*"),
    "account": re.compile(rf"{'|'.join(_ACCOUNTS)}|([0-9])\1{{11}}|98765432[0-9]{{4}}"),
}
_AWS_HOST = re.compile(
    r"(?:.*\.)?(?:amazonaws\.com(?:\.cn)?|amazon\.com|aws\.dev|aws"
    r"|example\.(?:com|net|org)|w3\.org)"
)
_OWN_AWS_HOST = re.compile(
    r"(?P<own>[\w.-]+?)\.(?P<rest>(?:(?:execute-api|rds|elb|es|aos|s3|s3-website"
    r"|s3-control|lambda-url|iot|mq|cache|redshift|auth|elasticbeanstalk)(?:[.-][\w-]+)*"
    r"\.(?:amazonaws\.com(?:\.cn)?|amazoncognito\.com|on\.aws))"
    r"|awsapps\.com|cloudfront\.net)"
)

_OWN_EXAMPLE = re.compile(r"(?:example|amzn-s3-demo-bucket)[0-9]*")


def is_example(kind: str, text: str) -> bool:
    """Return whether an identifier is one of documentation, or no identifier at all."""
    if kind == "v4":
        documented = text.rpartition(".")[0] in _V4_RANGES or text in _V4_KEPT
        return documented or any(int(part) > 255 for part in text.split("."))
    if kind == "v6":
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            return True
        return address in _V6_EXAMPLES or int(address) < 2
    if kind == "host":
        own = _OWN_AWS_HOST.fullmatch(text)
        if own:
            return _OWN_EXAMPLE.fullmatch(own["own"]) is not None
        return _AWS_HOST.fullmatch(text) is not None
    pattern = _EXAMPLES.get(kind)
    return pattern is not None and pattern.fullmatch(text) is not None


def example(  # noqa: C901 - one case for each kind
    kind: str, number: int, text: str
) -> str:
    """Return the documentation value with a number (from 1) in the place of `text`.

    Its form follows the text: an access key stays an access key, `%40` stays `%40`.
    """
    head, _, tail = text.partition("-")
    match kind:
        case "uuid":
            return f"11111111-2222-4333-8444-{number:012d}"
        case "email":
            return f"user{number}{'%40' if '%40' in text else '@'}example.com"
        case "unique":
            return f"{text[:4]}IOSFODN{number:02d}EXAMPLE"
        case "v4":
            return _address(number)
        case "v6":
            return f"2001:db8::{number:x}"
        case "resource":
            return f"{head}-{number:0{len(tail)}x}"
        case "directory":
            return f"d-{number:010x}"
        case "organization":
            return f"o-exampleorg{number}"
        case "pool":
            return f"{text.partition('_')[0]}_EXAMPLE{number:02d}"
        case "canonical":
            return f"{number:064x}"
        case "account":
            known = number <= len(_ACCOUNTS)
            return _ACCOUNTS[number - 1] if known else f"98765432{number:04d}"
        case "host":
            own = _OWN_AWS_HOST.fullmatch(text)
            return (
                f"example{number}.{own['rest']}" if own else f"host{number}.example.com"
            )
    return MASKED


def _address(number: int) -> str:
    """The address with a number: those for documentation, then those for benchmarks."""
    block, last = divmod(number - 1, 254)
    if block < len(_V4_RANGES):
        return f"{_V4_RANGES[block]}.{last + 1}"
    # RFC 2544; no file for people names so many addresses.
    return str(ipaddress.ip_address("198.18.0.0") + number)
