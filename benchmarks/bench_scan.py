"""A scan with the whole pack against merely inflating and parsing the same files.

The corpus is grown from the records that the rules ship, in the mix of a real account:
mostly reads and writes that no rule is about, and a share of events that some rule has
to look at.  An absolute time says nothing on a shared machine; ratios from one run do.
Run: python benchmarks/bench_scan.py [events]
"""

from __future__ import annotations

import gzip
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
import uuid
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import jmespath

from checker import conditions, rules
from checker.evaluate import detection
from checker.model import DetectionRule
from checker.run import scan

ROOT = Path(__file__).parent.parent
Names: TypeAlias = Sequence[tuple[str, str, bool]]
PER_FILE = 500
QUIET = (
    ("s3.amazonaws.com", "HeadObject", True),
    ("sqs.amazonaws.com", "ReceiveMessage", False),
    ("xray.amazonaws.com", "PutTraceSegments", False),
    ("autoscaling.amazonaws.com", "DescribeLaunchConfigurations", True),
    ("monitoring.amazonaws.com", "GetMetricData", True),
)
MIX = (
    *(("s3.amazonaws.com", "PutObject", False),) * 12,
    *(("s3.amazonaws.com", "GetBucketAcl", True),) * 3,
    *(("sts.amazonaws.com", "AssumeRole", True),) * 3,
    ("ec2.amazonaws.com", "DescribeInstances", True),
    ("kms.amazonaws.com", "Decrypt", True),
    ("logs.amazonaws.com", "CreateLogStream", False),
    ("dynamodb.amazonaws.com", "DescribeTable", True),
    ("monitoring.amazonaws.com", "DescribeAlarms", True),
)


def common(draw: random.Random, names: Names) -> dict[str, Any]:
    """An event of about 1.2 kB, of one of these names."""
    source, name, read = draw.choice(names)
    role = draw.choice(("worker", "indexer", "backup"))
    session = f"i-{draw.getrandbits(60):015x}"
    return {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "AssumedRole",
            "principalId": f"AROAEXAMPLE:{session}",
            "arn": f"arn:aws:sts::123456789012:assumed-role/{role}/{session}",
            "accountId": "123456789012",
            "accessKeyId": "ASIAIOSFODNN7EXAMPLE",
            "sessionContext": {
                "sessionIssuer": {
                    "type": "Role",
                    "principalId": "AROAEXAMPLE",
                    "arn": f"arn:aws:iam::123456789012:role/{role}",
                    "accountId": "123456789012",
                    "userName": role,
                },
                "attributes": {
                    "creationDate": "2026-11-20T10:00:00Z",
                    "mfaAuthenticated": "false",
                },
            },
            "invokedBy": f"{source}",
        },
        "eventTime": f"2026-11-20T{draw.randrange(24):02}:{draw.randrange(60):02}:00Z",
        "eventSource": source,
        "eventName": name,
        "awsRegion": "us-east-1",
        "sourceIPAddress": source,
        "userAgent": source,
        "requestParameters": {
            "bucketName": f"example-{role}",
            "key": f"data/{draw.getrandbits(64):016x}.parquet",
            "Host": "example.s3.us-east-1.amazonaws.com",
        },
        "responseElements": None,
        "additionalEventData": {
            "SignatureVersion": "SigV4",
            "CipherSuite": "TLS_AES_128_GCM_SHA256",
            "bytesTransferredIn": draw.randrange(100_000),
        },
        "requestID": f"{draw.getrandbits(64):016X}",
        "readOnly": read,
        "eventType": "AwsApiCall",
        "managementEvent": name != "PutObject",
        "recipientAccountId": "123456789012",
        "eventCategory": "Data" if name == "PutObject" else "Management",
    }


def write(folder: Path, events: int, share: float, names: Names = QUIET) -> list[Path]:
    """Write log files in which `share` of the events is one of the pack's own."""
    draw = random.Random(7)
    named = [
        json.loads(f.read_text()) for f in sorted((ROOT / "rules/events").iterdir())
    ]
    folder.mkdir(parents=True)
    files: list[Path] = []
    for start in range(0, events, PER_FILE):
        records = []
        for _ in range(min(PER_FILE, events - start)):
            record = (
                draw.choice(named) if draw.random() < share else common(draw, names)
            )
            fresh = str(uuid.UUID(int=draw.getrandbits(128), version=4))
            records.append({**record, "eventID": fresh})
        text = json.dumps({"Records": records}, separators=(",", ":")).encode()
        files.append(folder / f"{start:08}.json.gz")
        files[-1].write_bytes(gzip.compress(text, 6))
    return files


def best(run: Callable[[], object], times: int = 3) -> float:
    """The least processor time of some runs, in seconds."""
    taken = []
    for _ in range(times):
        begun = time.process_time()
        run()
        taken.append(time.process_time() - begun)
    return min(taken)


def parse(files: list[Path], loads: Callable[[bytes], Any]) -> None:
    for file in files:
        loads(zlib.decompress(file.read_bytes(), 31))


def naive(files: list[Path], texts: list[str]) -> None:
    for file in files[:2]:
        for event in json.loads(gzip.decompress(file.read_bytes()))["Records"]:
            for text in texts:
                jmespath.search(text, event)


def main() -> None:
    """Print the table."""
    events = int(sys.argv[1]) if len(sys.argv) > 1 else 60_000
    pack = rules.load()
    loud = rules.choose(pack, [], ["informational"])
    detections = [rule for rule in pack if isinstance(rule, DetectionRule)]
    loads: dict[str, Callable[[bytes], Any]] = {"json": json.loads}
    try:
        import orjson

        loads["orjson"] = orjson.loads
    except ImportError:
        print("orjson is not installed: no ratio to it")
    print(f"{events:,} events, {len(pack)} rules, one process; ratios of throughput")
    with tempfile.TemporaryDirectory() as temporary:
        for share, names, told in (
            (0.0, QUIET, "no rule is about any"),
            (0.02, QUIET, "a rule is about 2 %"),
            (0.2, QUIET, "a rule is about 20 %"),
            (0.02, MIX, "mix of an account"),
            (1.0, QUIET, "a rule is about each"),
        ):
            folder = Path(temporary) / told
            files = write(folder, events, share, names)
            taken = best(lambda folder=folder: scan(pack, [str(folder)]))
            louder = best(lambda f=folder: scan(loud, [str(f)], bases=pack))
            line = f"  {told:>20}: {events / taken:9,.0f} events/s"
            line += f" ({events / louder:9,.0f} without informational rules)"
            for name, load in loads.items():
                ratio = best(lambda f=files, load=load: parse(f, load)) / taken
                line += f"  {ratio:5.2f} x zlib+{name}"
            print(line)
        texts = [
            conditions.show(rule.detection.condition)
            for rule in detections
            if "matches(" not in conditions.show(rule.detection.condition)
        ]
        texts = [text for text in texts if works(text)]
        few = write(Path(temporary) / "few", 2 * PER_FILE, 0.02)
        slow = best(lambda: naive(few, texts), 1) * len(detections) / len(texts)
        quick = best(lambda: scan(pack, [str(Path(temporary) / "few")]))
        print(
            f"  naive jmespath.search of every rule: {slow / quick:,.0f} times slower"
        )
    print(f"  load the pack: {best(rules.load):.3f} s")
    print(f"  compile it: {best(lambda: detection.compile_rules(detections)):.3f} s")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"  peak memory: {peak:,.0f} MiB")
    print(f"  --version: {start(['-m', 'checker', '--version']):.3f} s over python")


def works(text: str) -> bool:
    """Can the library's own functions say it?"""
    try:
        jmespath.search(text, {})
    except jmespath.exceptions.JMESPathError:
        return False
    return True


def start(arguments: list[str]) -> float:
    """How much longer a process takes than one that does nothing."""

    def wall(command: list[str]) -> float:
        times = []
        for _ in range(5):
            begun = time.perf_counter()
            subprocess.run([sys.executable, *command], capture_output=True, check=True)
            times.append(time.perf_counter() - begun)
        return min(times)

    return wall(arguments) - wall(["-c", "pass"])


if __name__ == "__main__":
    main()
