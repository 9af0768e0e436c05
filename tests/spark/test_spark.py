"""A scan on Spark reports what a scan reports, also with executors that are killed."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from checker import reports, run
from checker.errors import UsageError
from checker.model import Report
from checker.sources.events.inputs import InputFilter
from tests.run.scanning.splits import PACK, write
from tests.spark.sessions import dying, opening

pytest.importorskip(
    "pyspark",
    reason="pyspark is not installed: run make check-spark",
    exc_type=ImportError,
)

from pyspark.sql import SparkSession

from checker import spark

# pyspark leaves the sockets over which results come to the collector.
pytestmark = pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning"
)

BUCKET = "org-audit-logs"
ROOT = f"s3://{BUCKET}"
FILES = int(os.environ.get("SPARK_FILES", "300"))
MARK = f"test-{os.getpid()}".encode()


def rows(number: int) -> list[dict[str, Any]]:
    """Return events of one file: some copied, corrected, shared, or broken."""
    kinds = {3: "nameless", 5: "timeless", 7: "broken"}
    return [
        {
            "number": number * 4 + each if number % 9 else each,
            "eventName": "abc"[(number + each) % 3],
            "second": (number + 7 * each) % 60,
            "sourceIPAddress": f"192.0.2.{number % 5}",
            "awsRegion": "us-east-1",
            "sharedEventID": f"s{number}" if number % 11 == 0 else None,
            "corrects": number - 8 if number % 50 == 9 else None,
            "kind": kinds.get((number + each) % 40, "plain"),
        }
        for each in range(4)
    ]


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("logs")
    contents: list[Any] = [rows(number) for number in range(FILES)]
    contents[17:19] = ["not JSON", "empty"]
    write(folder, contents)
    return folder


def sparks(master: str) -> Iterator[SparkSession]:
    os.environ["PYSPARK_PYTHON"] = sys.executable
    session = (
        SparkSession.builder.master(master)
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.executorEnv.PYTHONPATH", str(Path.cwd()))
        .config("spark.executor.extraJavaOptions", f"-Dof={MARK.decode()}")
        .getOrCreate()
    )
    yield session
    session.stop()


@pytest.fixture(scope="module")
def session() -> Iterator[SparkSession]:
    yield from sparks("local[2,4]")


@pytest.fixture(scope="module")
def bucket(logs: Path) -> Iterator[dict[str, str]]:
    """Put the files into a bucket, and return how to reach it."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    given = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in given.items():
            patch.setenv(name, value)
        client = boto3.client("s3")
        client.create_bucket(Bucket=BUCKET)
        for number, file in enumerate(sorted(logs.iterdir())):
            place = f"AWSLogs/{123456789012 + number % 3}/CloudTrail/us-east-1/2026/11"
            client.put_object(
                Bucket=BUCKET, Key=f"{place}/{file.name}", Body=file.read_bytes()
            )
        yield given
    server.stop()


def text(report: Report) -> str:
    return "".join(reports.FORMATS["json"](report))


def lines(report: Report) -> list[str]:
    return sorted(reports.FORMATS["jsonl"](report))


def test_a_folder_gives_the_report_of_a_scan(session: SparkSession, logs: Path) -> None:
    inputs = [str(logs), "gone"]

    on_spark = spark.scan(session, PACK, inputs)

    whole = run.scan(PACK, inputs, jobs=2)
    assert text(on_spark) == text(whole)
    assert on_spark.statistics.unreadable_inputs == 3
    assert on_spark.statistics.duplicates > 100


def test_a_bucket_gives_the_report_of_a_scan(
    session: SparkSession, bucket: dict[str, str]
) -> None:
    wanted = InputFilter(session=opening(bucket))
    inputs = [ROOT, f"{ROOT}/AWSLogs/123456789013/", f"{ROOT}/none/"]

    on_spark = spark.scan(session, PACK, inputs, wanted=wanted)

    assert text(on_spark) == text(run.scan(PACK, inputs, wanted=wanted))
    assert on_spark.statistics.inputs == FILES + 1


def test_an_executor_that_dies_loses_and_doubles_nothing(
    session: SparkSession, bucket: dict[str, str], tmp_path: Path
) -> None:
    marker = tmp_path / "died"
    wanted = InputFilter(session=dying(bucket, marker))

    on_spark = spark.scan(session, PACK, [ROOT], wanted=wanted)

    whole = run.scan(PACK, [ROOT], wanted=InputFilter(session=opening(bucket)))
    assert marker.exists()
    assert text(on_spark) == text(whole)


@pytest.mark.parametrize("form", ["json", "parquet"])
def test_the_executors_write_the_findings(
    session: SparkSession, logs: Path, tmp_path: Path, form: str
) -> None:
    folder = tmp_path / "findings"

    on_spark = spark.scan(
        session, PACK, [str(logs)], findings=str(folder), findings_format=form
    )

    whole = run.scan(PACK, [str(logs)])
    if form == "json":
        files = folder.glob("day=*/account=*/*.txt")
        written = [line for file in files for line in file.open()]
    else:
        table = session.read.parquet(str(folder))
        written = [f"{row.finding}\n" for row in table.collect()]
    assert sorted(written) == lines(whole)
    assert on_spark.statistics == whole.statistics
    assert on_spark.problems == whole.problems
    assert on_spark.notes == whole.notes
    assert len(on_spark.findings) == len(whole.findings)
    assert tuple(on_spark.findings) == ()


def test_a_folder_of_findings_is_never_written_over(
    session: SparkSession, logs: Path, tmp_path: Path
) -> None:
    (tmp_path / "mine").touch()

    with pytest.raises(UsageError, match="name a new folder"):
        spark.scan(session, PACK, [str(logs)], findings=str(tmp_path))

    assert [each.name for each in tmp_path.iterdir()] == ["mine"]


@pytest.mark.parametrize("given", ["-", "lookup-events://", "logs://group"])
def test_what_one_machine_alone_can_read_is_refused(
    session: SparkSession, given: str
) -> None:
    with pytest.raises(UsageError, match="a cluster reads files and s3:// inputs"):
        spark.scan(session, PACK, [given])


def executors() -> list[int]:
    """Return the executors that this process has started."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command = (process / "cmdline").read_bytes()
            if b"CoarseGrainedExecutorBackend" in command and MARK in command:
                found.append(int(process.name))
    return found


def test_a_machine_that_is_lost_with_its_rows_changes_nothing(
    logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A process has one session at a time, and this is the last test to want one.
    if (other := SparkSession.getActiveSession()) is not None:
        other.stop()
    killed: list[int] = []
    ledger = spark._Run.ledger

    def kill_one(run: Any) -> Any:
        # All is scanned, and what one executor has written for the next round is gone.
        found = ledger(run)
        killed.extend(executors()[:1])
        os.kill(killed[0], signal.SIGKILL)
        return found

    monkeypatch.setattr(spark._Run, "ledger", kill_one)
    for session in sparks("local-cluster[2,1,1024]"):
        found = spark.scan(session, PACK, [str(logs)])

    assert killed
    assert text(found) == text(run.scan(PACK, [str(logs)]))
