"""Look up addresses in a table of the user's: where does one belong?

Nothing is guessed: an address that no network of the table holds has no label.
"""

from __future__ import annotations

import functools
import ipaddress
from collections.abc import Callable, Iterable
from typing import TypeAlias

from checker.conditions.networks import read_network
from checker.evaluate.correlation.hit import Key

Label: TypeAlias = Callable[[Key], Key]
"""Returns the label of an address, or None."""


_LONGEST = 64
"""The most characters of an address."""


def nameless(_: Key) -> Key:
    """Return no label: there is no table."""
    return None


class Addresses:
    """Networks, and the label of each; of several around an address the smallest wins.

    It takes about 150 bytes for each network.  Raises `ValueError` for a text that is
    neither a network in CIDR notation, its host bits zero, nor an address.
    """

    def __init__(self, rows: Iterable[tuple[str, str]]) -> None:
        self._networks: dict[tuple[int, int], dict[int, str]] = {}
        for text, label in rows:
            network = read_network(text)
            bits = (network.version, network.max_prefixlen - network.prefixlen)
            some = self._networks.setdefault(bits, {})
            some[int(network.network_address) >> bits[1]] = label
        # From the longest prefix, which leaves the fewest bits, to the shortest.
        self._order = sorted(self._networks)
        self._find = functools.lru_cache(maxsize=65_536)(self._look_up)

    def __len__(self) -> int:
        """Count the networks."""
        return sum(map(len, self._networks.values()))

    def label(self, value: Key) -> Key:
        """Return the label of an address; None for one in no network, or is none.

        CloudTrail writes the name of a service in the place of an address when a
        service makes the call:
        https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
        """
        if not isinstance(value, str) or len(value) > _LONGEST:
            return None
        return self._find(value)

    def _look_up(self, text: str) -> str | None:
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            return None
        mapped = getattr(address, "ipv4_mapped", None)
        address = mapped or address
        number = int(address)
        for version, bits in self._order:
            if version == address.version:
                label = self._networks[version, bits].get(number >> bits)
                if label is not None:
                    return label
        return None
