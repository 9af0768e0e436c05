"""Name who uses a declared key, topic, bucket or log group, as a live snapshot does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from checker.sources.settings.iac.declarations import Declaration, known
from checker.sources.settings.iac.links import Links

KEY_OF = frozenset({"bucket", "topic"})
"""Kinds of users that count for a key only, and where they are themselves used."""

_FORMS = {
    "trail": "arn:aws:cloudtrail:{place}:trail/{address}",
    "store": "arn:aws:cloudtrail:{place}:eventdatastore/{address}",
    "alarm": "arn:aws:cloudwatch:{place}:alarm:{address}",
    "bucket": "arn:aws:s3:::{address}",
    "topic": "arn:aws:sns:{place}:{address}",
}


def used_by(
    declared: Declaration,
    links: Links,
    users: Sequence[tuple[str, str]],
    kinds: Mapping[str, str],
    key: str,
) -> Iterator[str]:
    """Yield who uses a resource: an ARN with the address in the code as the name.

    `users` are the types and attributes that name one, `kinds` what each type is, and
    `key` is the type of a key.
    """
    for user in links.users(users, declared):
        kind, each = kinds[user.type], user
        if kind == "encryption":
            # A bucket's encryption may be a resource of its own.
            buckets = links.parents(user, "bucket", "aws_s3_bucket")
            kind, each = "bucket", buckets[0] if len(buckets) == 1 else user
        if kind in KEY_OF:
            is_key = declared.type == key
            if not is_key or not any(used_by(each, links, users, kinds, key)):
                continue
        place = f"{known(each.region) or ''}:{known(each.account) or ''}"
        yield _FORMS[kind].format(place=place, address=each.address)
