"""Read networks, and add them up: two halves of the internet are the internet.

What is wider than /8 (IPv6: /32) is too wide to name anybody: AWS counts it as public.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import Any, TypeAlias

from checker.conditions.unknown import refuse

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

_MAPPED = ipaddress.IPv6Network("::ffff:0:0/96")
_MOST_4 = 1 << 24
_MOST_6 = 1 << 96
_PRIVATE = [
    ipaddress.ip_network(text)
    for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
]


def read_network(text: str, *, strict: bool = True) -> Network:
    """Return the network of a text in CIDR form, or of a single address.

    Addresses of IPv4 in IPv6 form (`::ffff:192.0.2.0/120`) are those of IPv4, as they
    are where they are looked up.  Without `strict` bits of the host are left out.
    Raises `ValueError` for a text that is no network.
    """
    network = ipaddress.ip_network(text, strict=strict)
    if isinstance(network, ipaddress.IPv6Network) and network.subnet_of(_MAPPED):
        first = network.network_address.ipv4_mapped
        return ipaddress.IPv4Network((first, network.prefixlen - 96))
    return network


def internet_wide(value: Any) -> Any:
    """`internet_wide(network or networks)`: do they hold a large part of the internet?

    Networks are in CIDR form or single addresses, and count together, private ones not
    at all; what is no network counts for nothing.  Null when none of them is a network.
    """
    refuse(value)
    texts = value if type(value) is list else [value]
    refuse(*texts)
    networks = [each for each in map(_network, texts) if each is not None]
    if not networks:
        return None
    networks = [each for each in networks if not _is_private(each)]
    four = [each for each in networks if isinstance(each, ipaddress.IPv4Network)]
    six = [each for each in networks if isinstance(each, ipaddress.IPv6Network)]
    return _held(four) > _MOST_4 or _held(six) > _MOST_6


def _network(text: Any) -> Network | None:
    if type(text) is not str:
        return None
    try:
        return read_network(text.strip(), strict=False)
    except ValueError:
        return None


def _is_private(network: Network) -> bool:
    return any(
        network.version == each.version and network.subnet_of(each)  # type: ignore[arg-type] # of one version
        for each in _PRIVATE
    )


def _held(networks: Iterable[Any]) -> int:
    """Count the addresses that some networks of one version hold."""
    return sum(each.num_addresses for each in ipaddress.collapse_addresses(networks))
