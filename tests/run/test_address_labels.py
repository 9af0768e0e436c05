"""A table of addresses gives labels, and without one nothing is guessed."""

from __future__ import annotations

import ipaddress
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from checker import resources
from checker.cli import main
from checker.errors import SourceError
from checker.evaluate.correlation import Addresses
from checker.run.address_labels import load_addresses

RULE = "console_logins_from_several_countries"
TABLE = "network,country_iso_code\n192.0.2.0/24,NL\n# Rio\n\n198.51.100.0/24,BR,more\n"


def sign_ins(folder: Path, *addresses: str) -> str:
    name = "console_login_iam_user_with_mfa.json"
    file = resources.root() / "rules" / "events" / name
    event = json.loads(file.read_text(encoding="utf-8"))
    records = [
        {
            **event,
            "eventID": f"e{n}",
            "eventTime": f"2026-11-20T0{n}:00:00Z",
            "sourceIPAddress": address,
        }
        for n, address in enumerate(addresses)
    ]
    path = folder / "events.json"
    path.write_text(json.dumps({"Records": records}))
    return str(path)


def table(folder: Path, text: str = TABLE) -> str:
    path = folder / "table.csv"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_two_countries_are_found_with_a_table_alone(tmp_path: Path) -> None:
    scan = ["scan", sign_ins(tmp_path, "192.0.2.7", "198.51.100.7"), "--select", RULE]
    runner = CliRunner()

    blind = runner.invoke(main, [*scan, "--format", "json"])
    seen = runner.invoke(
        main, [*scan, "--format", "json", "--addresses", table(tmp_path)]
    )

    assert (blind.exit_code, seen.exit_code) == (0, 1)
    (note,) = json.loads(blind.stdout)["notes"]
    assert f"{RULE} was not evaluated: it needs --addresses" in note
    assert "notes" not in json.loads(seen.stdout)
    (finding,) = json.loads(seen.stdout)["findings"]
    assert finding["evidence"]["values"] == ["NL", "BR"]
    assert finding["evidence"]["value_count(country)"] == 2


def test_nothing_is_said_of_a_table_that_nothing_needed(tmp_path: Path) -> None:
    quiet = tmp_path / "empty.json"
    quiet.write_text('{"Records": []}')

    result = CliRunner().invoke(main, ["scan", str(quiet)])

    assert "--addresses" not in result.output


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("192.0.2.0/24\n", "line 1: no label beside 192.0.2.0/24"),
        ("192.0.2.1/24,NL\n", "line 1: .* host bits set"),
        ("network,country\n", "no network in it"),
        ("192.0.2.0/24,NL\nnonsense,NL\n", "line 2: 'nonsense' does not appear to be"),
    ],
)
def test_a_table_with_a_mistake_is_refused(
    tmp_path: Path, text: str, reason: str
) -> None:
    with pytest.raises(SourceError, match=reason):
        load_addresses(table(tmp_path, text))


def test_a_table_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="No such file"):
        load_addresses(str(tmp_path / "none.csv"))


def test_addresses_of_both_kinds_have_labels_and_names_have_none() -> None:
    found = Addresses(
        [("192.0.2.0/24", "wide"), ("192.0.2.7", "one"), ("2001:db8::/32", "six")]
    )

    assert found.label("192.0.2.7") == "one"
    assert found.label("192.0.2.8") == "wide"
    assert found.label("::ffff:192.0.2.8") == "wide"
    assert found.label("2001:db8::1") == "six"
    assert found.label("cloudformation.amazonaws.com") is None
    assert found.label("AWS Internal") is None
    assert found.label(None) is None


addresses = st.integers(0, 63).map(lambda n: f"10.0.0.{n}")
networks = st.builds(
    lambda address, length: str(
        ipaddress.ip_network(f"{address}/{length}", strict=False)
    ),
    addresses,
    st.integers(24, 32),
)


@given(st.dictionaries(networks, st.sampled_from("abc"), max_size=8), addresses)
def test_the_smallest_network_around_an_address_gives_its_label(
    rows: dict[str, str], address: str
) -> None:
    around = [
        (ipaddress.ip_network(text).prefixlen, label)
        for text, label in rows.items()
        if ipaddress.ip_address(address) in ipaddress.ip_network(text)
    ]

    found = Addresses(rows.items()).label(address)

    assert found == (max(around)[1] if around else None)
