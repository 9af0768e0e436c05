"""Drive log-file validation: files and keys in, verdicts out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

from checker.errors import SourceError, UsageError
from checker.evaluate.integrity import digest, digest_chain, public_keys
from checker.model import Finding, Level, Location, Report, Rule, Statistics, Status
from checker.run.scanning.fingerprints import fingerprint
from checker.sources.digests import files as digests
from checker.sources.digests import s3
from checker.verdict import FileKind, Integrity, Verdict, Verification

Store: TypeAlias = digests.Folder | s3.Bucket

PAGE: Final = (
    "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/"
    "cloudtrail-log-file-validation-intro.html"
)
_RULES: Final = {
    (FileKind.LOG, Integrity.MODIFIED): (
        "log_file_modified",
        "8d01b9f7-ce07-4264-a86e-ac9826d434be",
        "CloudTrail log file changed after delivery",
    ),
    (FileKind.LOG, Integrity.DELETED): (
        "log_file_deleted",
        "834a0b01-c040-4d5a-8c0f-5cf162d59f03",
        "CloudTrail log file deleted after delivery",
    ),
    (FileKind.LOG, Integrity.UNVERIFIABLE): (
        "log_file_unverifiable",
        "7af3a4d7-af0a-4f3a-8266-897a006e84bc",
        "CloudTrail log file not verifiable",
    ),
    (FileKind.DIGEST, Integrity.MODIFIED): (
        "digest_modified",
        "51774c91-6093-42dd-8221-f3ff687403ef",
        "CloudTrail digest file changed or moved after delivery",
    ),
    (FileKind.DIGEST, Integrity.DELETED): (
        "digest_deleted",
        "40384c80-2aad-4519-b41d-14de17392a4e",
        "CloudTrail digest file deleted after delivery",
    ),
    (FileKind.DIGEST, Integrity.UNVERIFIABLE): (
        "digest_unverifiable",
        "b32308dd-67d9-462d-ab98-70b1fc30e989",
        "CloudTrail digest file not verifiable",
    ),
}


def verify(
    inputs: Sequence[str],
    *,
    keys: str | None = None,
    session: Callable[[], Any] | None = None,
    region: str | None = None,
) -> Verification:
    """Evaluate the log and digest files of folders, files or `s3://bucket/prefix`.

    `keys` names a file of saved keys; without it they are asked for in `region`.
    `session` makes the boto3 session, once it is needed.  Raises `UsageError` and
    `SourceError`.
    """
    remote = [each for each in inputs if each.startswith("s3://")]
    if remote and (len(remote) < len(inputs) or len(remote) > 1):
        raise UsageError("name one s3:// address, or files and folders, not both")
    if session is None and (remote or keys is None):
        raise UsageError("name a file of saved keys, or the account to ask for them")
    made = session() if session and (remote or keys is None) else None
    store: Store = s3.Bucket(made, remote[0]) if remote else digests.folder(inputs)
    files = [_digest(store.read(path)) for path in store.digests]
    if keys is not None:
        known = load_keys(keys)
    elif files:
        known = public_keys.decode(s3.public_keys(made, region))
    else:
        known = {}  # nothing is signed: no key is needed to say so
    logs = {_uri(store, path): path for path in store.logs}

    def find(bucket: str, key: str) -> digest.Content:
        return _content(store.find(bucket, key))

    found = digest_chain.verify(
        files, logs, find, public_keys.checker(known), partial=not remote
    )
    return _wanted(found, store.only)


def load_keys(path: str) -> dict[str, bytes]:
    """Read public keys as `save_keys`, or `aws cloudtrail list-public-keys`, wrote."""
    try:
        answer = json.loads(Path(path).read_bytes())
    except OSError as error:
        raise SourceError(path, error.strerror or str(error)) from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path}: it is not JSON: {error}") from error
    try:
        return public_keys.decode(answer)
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from error


def save_keys(path: str, session: Any, region: str | None) -> int:
    """Write every public key of a Region's CloudTrail to a file; gives their number."""
    answer = s3.public_keys(session, region)
    public_keys.decode(answer)
    text = json.dumps(answer, indent=1, sort_keys=True) + "\n"
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error
    return len(answer["PublicKeyList"])


def report(found: Verification) -> Report:
    """Return the verdicts that are not `valid` as a report."""
    findings = tuple(_finding(verdict) for verdict in found.verdicts if verdict.reason)
    counts = Statistics(
        inputs=len(found.verdicts), rules=len(_RULES), findings=len(findings)
    )
    return Report(findings=findings, statistics=counts, notes=found.gaps)


def _finding(verdict: Verdict) -> Finding:
    name, id_, title = _RULES[verdict.kind, verdict.integrity]
    known = verdict.integrity is not Integrity.UNVERIFIABLE
    rule: Any = Rule(
        path=PAGE,
        line=1,
        title=title,
        name=name,
        id=id_,
        level=Level.CRITICAL if known else Level.MEDIUM,
        status="stable",
        references=(PAGE,),
    )
    return Finding(
        rule=rule,
        status=Status.FAIL if known else Status.UNKNOWN,
        subject={"type": "AWS::S3::Object", "id": verdict.uri},
        location=Location(uri=verdict.uri),
        evidence={"digest": verdict.digest},
        message=f"{title}: {verdict.uri}: {verdict.reason}",
        fingerprint=fingerprint(rule, verdict.uri),
        reason=f"{verdict.uri}: {verdict.reason}",
    )


def _wanted(found: Verification, only: Iterable[str]) -> Verification:
    """Leave what was said of the files named, of their digests, and of their logs."""
    named = set(only)
    if not named:
        return found
    of_logs = {each.digest for each in found.verdicts if each.uri in named}
    kept = tuple(
        each
        for each in found.verdicts
        if each.uri in named | of_logs or each.digest in named
    )
    return Verification(kept, found.gaps)


def _uri(store: Store, path: str) -> str:
    return store.address(path) if isinstance(store, s3.Bucket) else path


def _content(found: digests.Found) -> digest.Content:
    return digest.Content(found.uri, found.state, found.text, found.reason)


def _digest(found: digests.Found) -> digest.DigestFile:
    return digest.DigestFile(
        _content(found), found.path, found.bucket, found.signature, found.algorithm
    )
