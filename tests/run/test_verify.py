"""Log files on disk are held against their digests, and each tampering is told."""

from __future__ import annotations

import gzip
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from checker.cli import main
from checker.errors import SourceError, UsageError
from checker.evaluate.integrity import digest, digest_chain, public_keys
from checker.run import verify as driver
from checker.verdict import Integrity, Verification
from tests.digest_chains import (
    BUCKET,
    PKCS1,
    SPKI,
    START,
    Chain,
    chain,
    der,
    digest_key,
    key_list,
    log_key,
)

NEWEST = "its signature is missing"


def judged(made: Chain, folder: Path) -> dict[str, tuple[str, str]]:
    """Verdict and reason of each file by the key that it has or should have."""
    root = made.write(folder / "copy")
    keys = str(made.keys(folder / "keys.json"))
    found = driver.verify([str(root)], keys=keys)
    return {
        each.uri.removeprefix(f"{root.as_posix()}/").removeprefix(f"s3://{BUCKET}/"): (
            each.integrity.value,
            each.reason,
        )
        for each in found.verdicts
    }


@pytest.mark.parametrize("form", [PKCS1, SPKI])
@pytest.mark.parametrize("prefix", ["", "audit/trail/"])
def test_all_but_the_newest_hour_of_a_copy_is_valid(
    tmp_path: Path, form: Any, prefix: str
) -> None:
    made = chain(form=form, prefix=prefix)

    found = judged(made, tmp_path)

    for key in made.digests[:-1] + made.logs[:-1]:
        assert found[key] == ("valid", "")
    assert found[made.digests[-1]][0] == "unverifiable"
    assert NEWEST in found[made.digests[-1]][1]
    assert found[made.logs[-1]][0] == "unverifiable"
    assert "it matches its digest" in found[made.logs[-1]][1]
    assert len(found) == 6


def test_a_copy_may_begin_below_the_prefix(tmp_path: Path) -> None:
    made = chain(prefix="audit/")
    made.objects = {k.removeprefix("audit/"): v for k, v in made.objects.items()}

    found = judged(made, tmp_path)

    assert found[made.digests[0].removeprefix("audit/")] == ("valid", "")
    assert found[made.logs[0].removeprefix("audit/")] == ("valid", "")


def test_a_copy_may_be_unpacked(tmp_path: Path) -> None:
    made = chain()
    made.objects = {
        key.removesuffix(".gz"): gzip.decompress(data)
        for key, data in made.objects.items()
    }

    found = judged(made, tmp_path)

    assert found[made.logs[0].removesuffix(".gz")] == ("valid", "")
    assert found[made.digests[0].removesuffix(".gz")] == ("valid", "")


def test_a_modified_log_file_is_told(tmp_path: Path) -> None:
    made = chain()
    made.put(made.logs[0], b'{"Records": []}')

    found = judged(made, tmp_path)

    assert found[made.logs[0]][0] == "modified"
    assert found[made.digests[0]] == ("valid", "")


def test_a_log_file_that_was_modified_in_the_newest_hour_is_told(
    tmp_path: Path,
) -> None:
    made = chain()
    made.put(made.logs[-1], b'{"Records": []}')

    assert judged(made, tmp_path)[made.logs[-1]][0] == "modified"


def test_a_deleted_log_file_is_told(tmp_path: Path) -> None:
    made = chain()
    del made.objects[made.logs[1]]

    assert judged(made, tmp_path)[made.logs[1]][0] == "deleted"


def test_a_log_file_moved_to_another_folder_is_deleted_where_it_was(
    tmp_path: Path,
) -> None:
    made = chain()
    moved = made.logs[0].replace("us-east-1/", "us-west-2/")
    made.objects[moved] = made.objects.pop(made.logs[0])

    found = judged(made, tmp_path)

    assert found[made.logs[0]][0] == "deleted"
    assert found[moved] == ("unverifiable", "no digest names it")


def test_a_modified_digest_takes_its_log_files_along(tmp_path: Path) -> None:
    made = chain()
    key = made.digests[0]
    said = json.loads(made.texts[key])
    made.put(made.logs[0], b'{"Records": []}')
    said["logFiles"][0]["hashValue"] = hashlib.sha256(b'{"Records": []}').hexdigest()
    made.put(key, json.dumps(said).encode())

    found = judged(made, tmp_path)

    assert found[key][0] == "modified"
    assert found[made.logs[0]][0] == "unverifiable"
    assert found[made.digests[1]] == ("valid", "")


def test_a_valid_digest_convicts_another_in_place_of_the_one_before(
    tmp_path: Path,
) -> None:
    """Even one with a signature of its own: the next one has its hash."""
    made = chain(4)
    previous = made.digests[0]
    end = START.replace(hour=12)
    old = dict(made.signatures)
    made.seal(START.replace(hour=11), end, [], previous)
    made.digests.pop()
    forged = made.digests[1]
    assert made.signatures[forged] != old[forged]

    found = judged(made, tmp_path)

    assert found[forged] == ("modified", "the digest after it names another hash")


def test_a_deleted_digest_is_told_and_the_walk_goes_on_before_it(
    tmp_path: Path,
) -> None:
    made = chain(5)
    del made.objects[made.digests[2]]

    found = judged(made, tmp_path)

    assert found[made.digests[2]][0] == "deleted"
    assert found[made.logs[2]] == ("unverifiable", "no digest names it")
    assert found[made.digests[0]] == ("valid", "")
    # Its signature stood in the one that is gone.
    assert NEWEST in found[made.digests[1]][1]


def test_a_copy_that_begins_later_misses_no_digest(tmp_path: Path) -> None:
    made = chain(4)
    for key in (made.digests[0], made.logs[0]):
        del made.objects[key]

    found = judged(made, tmp_path)

    assert found[made.digests[0]][0] == "unverifiable"
    assert "the chain goes on before" in found[made.digests[0]][1]
    assert found[made.digests[1]] == ("valid", "")


def test_a_signature_that_does_not_match_is_told(tmp_path: Path) -> None:
    made = chain(1)
    made.signatures[made.digests[0]] = "ab" * 256
    made.hour(1)

    found = judged(made, tmp_path)

    assert found[made.digests[0]] == ("modified", "its signature does not match")


def test_a_signature_that_is_no_hexadecimal_is_told(tmp_path: Path) -> None:
    made = chain(1)
    made.signatures[made.digests[0]] = "signature"
    made.hour(1)

    assert "hexadecimal" in judged(made, tmp_path)[made.digests[0]][1]


def test_without_its_key_a_digest_is_unverifiable(tmp_path: Path) -> None:
    made = chain()
    root = made.write(tmp_path / "copy")
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps(key_list(der(1))))

    found = driver.verify([str(root)], keys=str(keys))

    assert {each.integrity.value for each in found.verdicts} == {"unverifiable"}
    assert any("there is no public key" in each.reason for each in found.verdicts)


def test_a_key_under_the_fingerprint_of_another_is_refused(tmp_path: Path) -> None:
    answer = key_list(der(0), der(1))
    first, second = answer["PublicKeyList"]
    first["Value"] = second["Value"]
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps(answer))

    with pytest.raises(UsageError, match="its fingerprint is"):
        driver.load_keys(str(keys))


@pytest.mark.parametrize("text", ["[]", "{}", '{"PublicKeyList": [{}]}', "x", "\xff"])
def test_a_file_without_keys_is_refused(tmp_path: Path, text: str) -> None:
    keys = tmp_path / "keys.json"
    keys.write_text(text, encoding="latin-1")

    with pytest.raises(UsageError, match=r"keys\.json"):
        driver.load_keys(str(keys))


def test_an_hour_without_log_files_has_a_valid_digest(tmp_path: Path) -> None:
    made = Chain()
    made.hour(0)
    made.hour(1, empty=True)
    made.hour(2)

    found = judged(made, tmp_path)

    assert found[made.digests[1]] == ("valid", "")
    assert len(made.logs) == 2


def test_a_gap_is_told_and_is_no_fault(tmp_path: Path) -> None:
    made = chain(2)
    made.hour(6, first=True)
    made.hour(7)
    root = made.write(tmp_path / "copy")

    found = driver.verify([str(root)], keys=str(made.keys(tmp_path / "keys.json")))

    (gap,) = found.gaps
    assert "between 2026-11-20T12:00:00Z and 2026-11-20T16:00:00Z" in gap
    assert not {"modified", "deleted"} & {v.integrity.value for v in found.verdicts}


def test_backfilled_digests_are_a_chain_of_their_own(tmp_path: Path) -> None:
    made = chain(3)
    late = chain(2, tail="_backfill")
    made.objects |= late.objects

    root = made.write(tmp_path / "copy")
    found = driver.verify([str(root)], keys=str(made.keys(tmp_path / "keys.json")))

    verdicts = {each.uri.rpartition("/")[2]: each for each in found.verdicts}
    assert verdicts[late.digests[0].rpartition("/")[2]].integrity.value == "valid"
    assert verdicts[made.logs[0].rpartition("/")[2]].integrity.value == "valid"
    assert not found.gaps


def test_a_renamed_digest_is_told(tmp_path: Path) -> None:
    made = chain()
    moved = digest_key(START.replace(hour=20))
    made.objects[moved] = made.objects.pop(made.digests[0])

    found = judged(made, tmp_path)

    assert found[moved][0] == "modified"
    assert "not where it was delivered" in found[moved][1]


def test_a_log_file_newer_than_every_digest_is_said_to_be_so(tmp_path: Path) -> None:
    made = chain()
    extra = log_key(START.replace(hour=14))
    planted = log_key(START.replace(minute=40))
    made.put(extra, b"{}")
    made.put(planted, b"{}")

    found = judged(made, tmp_path)

    assert "newer than the newest digest" in found[extra][1]
    assert found[planted] == ("unverifiable", "no digest names it")


def test_one_file_is_judged_by_the_copy_around_it(tmp_path: Path) -> None:
    made = chain()
    root = made.write(tmp_path / "copy")
    keys = str(made.keys(tmp_path / "keys.json"))

    found = driver.verify([str(root / made.logs[0])], keys=keys)

    told = {each.uri: each.integrity.value for each in found.verdicts}
    assert told == {
        (root / made.logs[0]).as_posix(): "valid",
        (root / made.digests[0]).as_posix(): "valid",
    }


def test_a_folder_that_is_not_there_is_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such file or folder"):
        driver.verify([str(tmp_path / "none")], keys="keys.json")


def test_files_that_were_fetched_one_by_one_are_known_by_their_names(
    tmp_path: Path,
) -> None:
    made = chain()
    made.objects = {k.rpartition("/")[2]: v for k, v in made.objects.items()}

    found = judged(made, tmp_path)

    assert found[made.digests[0].rpartition("/")[2]] == ("valid", "")
    assert found[made.logs[0].rpartition("/")[2]] == ("valid", "")


def test_a_digest_that_nobody_can_trust_says_nothing_against_a_valid_one(
    tmp_path: Path,
) -> None:
    made = chain()
    planted = digest_key(START.replace(hour=9))
    said = json.loads(made.texts[made.digests[0]])
    said["digestS3Object"] = planted
    said["logFiles"][0]["hashValue"] = "00" * 32
    made.put(planted, json.dumps(said).encode())

    found = judged(made, tmp_path)

    assert found[planted][0] == "unverifiable"
    assert found[made.logs[0]] == ("valid", "")


def test_without_cryptography_the_command_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "cryptography.exceptions", None)

    with pytest.raises(UsageError, match="pip install cryptography"):
        judged(chain(1), tmp_path)


def contents(made: Chain, changed: dict[str, bytes]) -> Verification:
    """Evaluate objects in memory, with the signatures that S3 would give."""
    from checker.sources.digests.files import inflated

    objects = {**made.objects, **changed}

    def find(bucket: str, key: str) -> digest.Content:
        if bucket != BUCKET or key not in objects:
            return digest.Content(f"s3://{bucket}/{key}", "gone")
        found = inflated(key, key, objects[key])
        return digest.Content(key, found.state, found.text, found.reason)

    digests = [
        digest.DigestFile(
            find(BUCKET, key), key, BUCKET, made.signatures[key], "SHA256withRSA"
        )
        for key in made.digests
    ]
    check = public_keys.checker(public_keys.decode(key_list(der())))
    return digest_chain.verify(digests, {key: key for key in made.logs}, find, check)


WHOLE = chain()


def test_with_the_signatures_of_s3_everything_is_valid() -> None:
    found = contents(WHOLE, {})

    assert {each.integrity.value for each in found.verdicts} == {"valid"}
    assert len(found.verdicts) == 6


@given(st.data())
def test_no_flipped_byte_of_a_text_stays_valid(data: st.DataObject) -> None:
    key = data.draw(st.sampled_from(sorted(WHOLE.texts)))
    text = bytearray(WHOLE.texts[key])
    at = data.draw(st.integers(0, len(text) - 1))
    text[at] ^= data.draw(st.integers(1, 255))

    found = contents(WHOLE, {key: gzip.compress(bytes(text))})

    assert "valid" not in {v.integrity.value for v in found.verdicts if v.uri == key}


@given(st.data())
def test_no_flipped_byte_of_a_file_is_valid_unless_its_text_is_the_same(
    data: st.DataObject,
) -> None:
    """Nobody signs the gzip header's time and system; everything else is noticed."""
    key = data.draw(st.sampled_from(sorted(WHOLE.objects)))
    file = bytearray(WHOLE.objects[key])
    at = data.draw(st.sampled_from([0, 1, 2, 3, *range(10, len(file))]))
    file[at] ^= data.draw(st.integers(1, 255))

    found = contents(WHOLE, {key: bytes(file)})

    told = {v.integrity.value for v in found.verdicts if v.uri == key}
    if at == 3:  # a flag may say "text", or name a header field that is not there
        try:
            same = gzip.decompress(bytes(file)) == WHOLE.texts[key]
        except (OSError, EOFError, ValueError):
            same = False
        assert same or "valid" not in told
    else:
        assert "valid" not in told


def run(*arguments: object) -> Any:
    return CliRunner().invoke(main, ["verify", *map(str, arguments)])


@pytest.fixture
def copy(tmp_path: Path) -> tuple[Chain, Path, Path]:
    made = chain()
    return made, made.write(tmp_path / "copy"), made.keys(tmp_path / "keys.json")


def test_the_command_ends_with_1_for_what_was_tampered_with(
    copy: tuple[Chain, Path, Path],
) -> None:
    made, root, keys = copy
    (root / made.logs[0]).unlink()

    result = run(root, "--keys", keys, "--allow-partial")

    assert result.exit_code == 1
    assert "deleted      log" in result.stdout
    assert "digest files: 2 valid, 1 unverifiable" in result.stdout
    # What else is unverifiable takes nothing from that.
    assert run(root, "--keys", keys).exit_code == 1
    assert run(root, "--keys", keys, "-f", "sarif").exit_code == 1


def test_the_command_ends_with_0_when_all_that_is_open_is_allowed(
    copy: tuple[Chain, Path, Path],
) -> None:
    _, root, keys = copy

    assert run(root, "--keys", keys, "--allow-partial").exit_code == 0
    assert run(root, "--keys", root / "none").exit_code == 3
    assert run().exit_code == 2


def test_the_command_writes_every_verdict_as_json(
    copy: tuple[Chain, Path, Path],
) -> None:
    _, root, keys = copy

    document = json.loads(run(root, "--keys", keys, "-f", "json").stdout)

    assert document["version"] == 1
    assert document["statistics"]["log"] == {
        "valid": 2,
        "modified": 0,
        "deleted": 0,
        "unverifiable": 1,
    }
    assert len(document["verdicts"]) == 6
    lines = run(root, "--keys", keys, "-f", "jsonl").stdout.splitlines()
    assert [json.loads(line) for line in lines] == document["verdicts"]


def test_the_command_writes_tampering_as_sarif_results(
    copy: tuple[Chain, Path, Path],
) -> None:
    made, root, keys = copy
    (root / made.logs[0]).write_bytes(b"{}")

    result = run(root, "--keys", keys, "-f", "sarif", "--allow-partial")

    (one,) = json.loads(result.stdout)["runs"][0]["results"]
    assert one["ruleId"] == "log_file_modified"
    assert one["level"] == "error"
    place = one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert place.endswith(made.logs[0])
    assert result.exit_code == 1


def test_files_without_a_digest_are_judged_without_asking_for_keys(
    tmp_path: Path,
) -> None:
    name = "123456789012_CloudTrail_us-east-1_20261120T1000Z_abcdefghijklmnop.json.gz"
    (tmp_path / name).write_bytes(gzip.compress(b'{"Records":[]}'))

    # The session is none: whoever asked it for anything would fail.
    found = driver.verify([str(tmp_path)], session=lambda: None)

    assert [each.integrity for each in found.verdicts] == [Integrity.UNVERIFIABLE]


def test_nothing_to_verify_is_not_all_valid(tmp_path: Path) -> None:
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps(key_list(der())))
    folder = tmp_path / "logs"
    folder.mkdir()

    result = run(folder, "--keys", keys)
    allowed = run(folder, "--keys", keys, "--allow-partial")

    assert (result.exit_code, allowed.exit_code) == (3, 0)
    assert "no log file and no digest is there" in result.stderr
