"""Spark, a real one on this machine: each ref is a row, whatever is killed, revoked or run again."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from itertools import product
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession

from conversas import Client, ConfigurationError, Zild, export
from conversas import spark as conversas_spark
from conversas.client.refresh import EarlierOutcome, Refresh, needs_fetch
from conversas.providers import get_provider
from conversas.sandbox import Fault, Rule, Sandbox

from .conftest import Connect

GUARD_SECONDS = 300.0  # only a deadlock takes so long


def some(count: int, first: int = 1) -> list[str]:
    return [f"zild:{number}" for number in range(first, first + count)]


def frame_of(spark: SparkSession, refs: Iterable[str | None]) -> DataFrame:
    return spark.createDataFrame([(ref,) for ref in refs], "ref string")


def written(outcomes: DataFrame, folder: Path) -> DataFrame:
    """Write outcomes once, next to those of before, and return what was written."""
    outcomes.write.mode("append").parquet(str(folder / "out"))
    return outcomes.sparkSession.read.parquet(str(folder / "out"))


# Rows


def test_conversations_equal_those_of_an_export(
    spark: SparkSession, sandbox: Sandbox, connect: Connect, tmp_path: Path
) -> None:
    with connect()() as client:
        export(some(20), to=tmp_path / "calls", format="parquet", client=client)
    exported = spark.read.parquet(str(tmp_path / "calls" / "parts"))
    outcomes = written(conversas_spark.fetch(frame_of(spark, some(20)), tasks=2, connect=connect()), tmp_path)
    fetched = outcomes.select("conversation.*")
    assert fetched.schema.simpleString() == exported.schema.simpleString() == conversas_spark.schema().simpleString()
    assert (fetched.count(), fetched.exceptAll(exported).count(), exported.exceptAll(fetched).count()) == (20, 0, 0)


def test_each_ref_is_a_row_whatever_becomes_of_it(
    spark: SparkSession, sandbox: Sandbox, connect: Connect, tmp_path: Path
) -> None:
    sandbox.rules = [
        Rule(Fault.NOT_FOUND, ids=["5"]),
        Rule(Fault.HTML_PAGE, ids=["6"]),
        Rule(Fault.TRUNCATED_JSON, ids=["7"]),
    ]
    given = [*some(40), "nonsense", "zild:../x", "superagentes:a", "zild:3", None]
    outcomes = conversas_spark.fetch(frame_of(spark, given), tasks=2, connect=connect(), raw=True)
    rows = {row.ref: row for row in written(outcomes, tmp_path).collect()}
    assert rows.keys() == set(given) - {None}
    assert {ref: (row.error.type, row.error.status) for ref, row in rows.items() if row.error} == {
        "zild:5": ("NotFoundError", 404),
        "zild:6": ("ServerError", 502),
        "zild:7": ("DecodeError", None),
        "nonsense": ("ConfigurationError", None),
        "zild:../x": ("ConfigurationError", None),
        "superagentes:a": ("ConfigurationError", None),
    }
    assert bytes(rows["zild:1"].raw) == sandbox.body("zild:1")


def test_bodies_are_decoded_again_without_a_request(
    spark: SparkSession, sandbox: Sandbox, connect: Connect, tmp_path: Path
) -> None:
    fetched = written(conversas_spark.fetch(frame_of(spark, some(30)), tasks=2, connect=connect(), raw=True), tmp_path)
    asked = sandbox.counts.requests
    bodies = fetched.selectExpr("ref", "conversation.provider", "raw AS body")
    decoded = conversas_spark.decode_bodies(bodies)
    assert (
        decoded.select("ref", "fingerprint", "sha256")
        .exceptAll(fetched.select(*decoded.columns[:1], "fingerprint", "sha256"))
        .count()
        == 0
    )
    assert (decoded.where("error IS NULL").count(), sandbox.counts.requests) == (30, asked)


def test_tasks_and_rates_have_to_be_positive(spark: SparkSession) -> None:
    refs = frame_of(spark, some(1))
    with pytest.raises(ConfigurationError, match="`tasks` must be a positive integer, got 0"):
        conversas_spark.fetch(refs, tasks=0)
    with pytest.raises(ConfigurationError, match="`requests_per_second` must be positive, got 0"):
        conversas_spark.fetch(refs, tasks=1, requests_per_second=0)


def test_tasks_share_the_rate(spark: SparkSession, connect: Connect, sandbox: Sandbox, tmp_path: Path) -> None:
    with Sandbox(requests_per_second=30, burst=5) as limited:
        url, token = limited.url, str(limited.env["ZILD_TOKEN"])
        fetched = conversas_spark.fetch(
            frame_of(spark, some(60)), tasks=2, connect=lambda: Client(Zild(url, token)), requests_per_second=20
        )
        assert written(fetched, tmp_path).where("error IS NULL").count() == 60
        assert limited.counts.statuses == {200: 60}


# Again


def test_another_run_fetches_what_is_left(
    spark: SparkSession, sandbox: Sandbox, connect: Connect, tmp_path: Path
) -> None:
    sandbox.rules = [Rule(Fault.INTERNAL_ERROR, probability=0.3), Rule(Fault.NOT_FOUND, ids=["9"])]
    refs, asked = frame_of(spark, some(100)), list[int]()
    outcomes = written(conversas_spark.fetch(refs, tasks=2, connect=connect()), tmp_path)
    while left := conversas_spark.left_to_fetch(refs, outcomes).count():
        asked.append(left)
        rest = conversas_spark.left_to_fetch(refs, outcomes)
        outcomes = written(conversas_spark.fetch(rest, tasks=2, connect=connect()), tmp_path)
    assert asked == sorted(asked, reverse=True)
    last = conversas_spark.latest(outcomes)
    assert (last.count(), [row.ref for row in last.where("error IS NOT NULL").collect()]) == (100, ["zild:9"])
    assert conversas_spark.left_to_fetch(refs, outcomes, refresh="failed").collect() == [("zild:9",)]


def test_the_rule_of_what_is_left_is_that_of_an_export(spark: SparkSession) -> None:
    cases = [
        ("zild", None, fetch_again, reasons, score)
        for fetch_again, reasons, score in [(True, None, None), (False, None, None)]
    ]
    cases += [
        (provider, provider, None, reasons, score)
        for provider, reasons, score in product(
            ["zild", "superagentes"],
            [[], ["not-finished"], ["not-resolved", "no-messages"], ["no-messages"]],
            [None, 7],
        )
    ]
    rows = [
        (
            f"zild:{number}",
            {"fetch_again": again} if again is not None else None,
            {"provider": provider, "completeness": {"reasons": reasons}, "evaluation": {"score": score}}
            if provider
            else None,
        )
        for number, (_, provider, again, reasons, score) in enumerate(cases)
    ]
    shape = (
        "ref string, error struct<fetch_again: boolean>, conversation struct<provider: string, completeness: "
        "struct<reasons: array<string>>, evaluation: struct<score: bigint, final_score: bigint>>, recorded_at timestamp"
    )
    outcomes = spark.createDataFrame([(*row, None) for row in rows], shape)
    for refresh in (None, *Refresh):
        expected = {
            f"zild:{number}"
            for number, (name, provider, again, reasons, score) in enumerate(cases)
            if needs_fetch(
                EarlierOutcome(
                    has_conversation=provider is not None,
                    failed=again is not None,
                    fetch_again=bool(again),
                    reasons=frozenset(reasons or []),
                    scored=score is not None,
                ),
                refresh,
                has_scores=get_provider(name).has_scores,
            )
        }
        left = conversas_spark.left_to_fetch(outcomes.select("ref"), outcomes, refresh=refresh and refresh.value)
        assert {row.ref for row in left.collect()} == expected, refresh


def test_a_conversation_stays_if_it_cannot_be_refreshed(
    spark: SparkSession, sandbox: Sandbox, connect: Connect, tmp_path: Path
) -> None:
    refs = frame_of(spark, some(2))
    written(conversas_spark.fetch(refs, tasks=1, connect=connect()), tmp_path)
    sandbox.rules = [Rule(Fault.INTERNAL_ERROR, ids=["1"])]
    outcomes = written(conversas_spark.fetch(refs, tasks=1, connect=connect()), tmp_path)
    assert (outcomes.count(), conversas_spark.latest(outcomes).where("error IS NULL").count()) == (4, 2)


# Tokens


def test_a_token_that_is_revoked_midway_loses_no_ref(
    spark: SparkSession, sandbox: Sandbox, connect: Connect, tmp_path: Path
) -> None:
    sandbox.rules = [Rule(Fault.SLOW, seconds=0.02)]

    def revoke() -> None:
        sandbox.wait_for_requests(100, timeout_seconds=GUARD_SECONDS)
        sandbox.revoke(str(sandbox.env["ZILD_TOKEN"]))

    with running(revoke):
        refs = frame_of(spark, some(300))
        outcomes = written(conversas_spark.fetch(refs, tasks=2, connect=connect(), concurrency=4), tmp_path)
    errors = {row.error for row in outcomes.where("error IS NOT NULL").collect()}
    assert {(error.type, error.fetch_again) for error in errors} == {("AuthenticationError", True)}
    assert (outcomes.count(), outcomes.select("ref").distinct().count()) == (300, 300)
    left = conversas_spark.left_to_fetch(refs, outcomes).count()
    assert left == outcomes.where("error IS NOT NULL").count() >= 150


def test_a_token_that_was_never_valid_fails_the_job_by_its_message(
    spark: SparkSession, sandbox: Sandbox, connect: Connect, tmp_path: Path
) -> None:
    sandbox.rules = [Rule(Fault.UNAUTHORIZED)]
    with pytest.raises(PySparkException, match=r"AuthenticationError: zild:\d+: the provider answered 401"):
        written(conversas_spark.fetch(frame_of(spark, some(10)), tasks=1, connect=connect()), tmp_path)


def test_no_token_is_in_plans_event_logs_or_pages(
    spark: SparkSession, sandbox: Sandbox, event_log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    token = str(sandbox.env["ZILD_TOKEN"])
    url = sandbox.url
    connect = lambda: Client(Zild(url, token))  # noqa: E731  # it captures the token, which it had better not
    outcomes = conversas_spark.fetch(frame_of(spark, some(5)), tasks=1, connect=connect)
    outcomes.explain(extended=True)
    assert written(outcomes, tmp_path).where("error IS NULL").count() == 5
    texts = [capsys.readouterr().out, *pages(spark)]
    logs = [file.read_text("utf-8") for file in event_log.rglob("*") if file.is_file()]
    assert "MapInArrow" in "".join(logs)
    assert [text for text in (*texts, *logs) if token in text] == []
    assert not any(token.encode() in file.read_bytes() for file in (tmp_path / "out").rglob("*") if file.is_file())


def pages(spark: SparkSession) -> Iterator[str]:
    """Yield the pages of Spark, and the answers of its REST interface."""
    url = str(spark.sparkContext.uiWebUrl)
    api = f"/api/v1/applications/{spark.sparkContext.applicationId}"
    for path in ("/jobs/", "/stages/", "/SQL/", "/environment/", "/executors/", f"{api}/sql", f"{api}/environment"):
        with urllib.request.urlopen(url + path) as response:
            yield response.read().decode()


# Kills


class running:  # noqa: N801  # reads as a statement
    """Runs a function in a thread, and waits for its end."""

    def __init__(self, function: Callable[[], None]) -> None:
        self._thread = threading.Thread(target=function)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._thread.join()


def test_a_worker_that_is_killed_costs_no_row_and_doubles_none(
    spark: SparkSession, sandbox: Sandbox, connect: Connect, tmp_path: Path
) -> None:
    sandbox.rules = [Rule(Fault.SLOW, seconds=0.02)]
    killed, port = list[int](), urlsplit(sandbox.url).port

    def kill() -> None:
        sandbox.wait_for_requests(150, timeout_seconds=GUARD_SECONDS)
        busy = next(
            process
            for process in psutil.Process().children(recursive=True)
            if any(each.raddr and each.raddr.port == port for each in process.net_connections())
        )
        os.kill(busy.pid, signal.SIGKILL)
        killed.append(busy.pid)

    with running(kill):
        outcomes = written(
            conversas_spark.fetch(frame_of(spark, some(600)), tasks=2, connect=connect(), concurrency=4), tmp_path
        )
    assert len(killed) == 1
    assert (outcomes.count(), outcomes.select("ref").distinct().count()) == (600, 600)
    assert sandbox.counts.requests > 600  # those of the killed task are asked for again


STREAM = """
import sys
from pyspark.sql import SparkSession
from conversas import spark as conversas_spark

folder = sys.argv[1]
spark = (
    SparkSession.builder.master("local[2]")
    .config("spark.ui.enabled", "false")
    .config("spark.driver.bindAddress", "127.0.0.1")
    .config("spark.driver.host", "127.0.0.1")
    .getOrCreate()
)
refs = spark.readStream.schema("ref string").option("maxFilesPerTrigger", 1).json(f"{folder}/refs")
conversas_spark.fetch(refs, tasks=1, concurrency=4).writeStream.format("parquet").option(
    "checkpointLocation", f"{folder}/checkpoint"
).option("path", f"{folder}/out").trigger(availableNow=True).start().awaitTermination()
"""


@pytest.mark.slow
def test_a_stream_whose_driver_is_killed_goes_on_and_has_each_ref_once(
    spark: SparkSession, sandbox: Sandbox, tmp_path: Path
) -> None:
    sandbox.rules = [Rule(Fault.SLOW, seconds=0.02)]
    (tmp_path / "refs").mkdir()
    for part in range(8):
        lines = "".join(f'{{"ref": "{ref}"}}\n' for ref in some(50, 1 + 50 * part))
        (tmp_path / "refs" / f"{part}.json").write_text(lines, "utf-8")
    first = start_stream(sandbox, tmp_path)
    sandbox.wait_for_requests(120, timeout_seconds=GUARD_SECONDS)
    for process in [*psutil.Process(first.pid).children(recursive=True), psutil.Process(first.pid)]:
        process.kill()
    assert first.wait() == -signal.SIGKILL
    asked = sandbox.counts.requests
    assert 120 <= asked < 400
    assert start_stream(sandbox, tmp_path).wait() == 0
    outcomes = spark.read.parquet(str(tmp_path / "out"))
    assert (outcomes.count(), outcomes.select("ref").distinct().count()) == (400, 400)
    assert sandbox.counts.requests <= 400 + 100  # of the slice that was under way, and of one that was not noted yet


def start_stream(sandbox: Sandbox, folder: Path) -> "subprocess.Popen[bytes]":
    settings = {"PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1", **sandbox.env}
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "JAVA_HOME") if name in os.environ} | settings
    command = [sys.executable, "-c", textwrap.dedent(STREAM), str(folder)]
    log = (folder / "log").open("ab")
    with log:
        return subprocess.Popen(command, env=environment, stdout=log, stderr=log)
