"""Decoding of many bodies by Spark on two cores, compared with one process. Needs the environment of test-engines."""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import orjson
import pyarrow  # type: ignore[import-untyped]
import pyarrow.dataset  # type: ignore[import-untyped]
import pyarrow.parquet  # type: ignore[import-untyped]
from pyspark.sql import DataFrame, SparkSession

from conversas import spark as conversas_spark
from conversas.arrow import DecodeBatches
from tools.bench.bodies import zild_conversation

BODIES = 20_000
MESSAGES = 10
ROUNDS = 3
FILES = 8
"""Number of files that hold the bodies.

In a real job, each Spark task that fetches conversations writes one such file.
"""


def main() -> None:
    os.environ.update(PYSPARK_PYTHON=sys.executable, SPARK_LOCAL_IP="127.0.0.1")
    with tempfile.TemporaryDirectory() as created:
        folder = Path(created)
        write_bodies(folder / "bodies")
        spark = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
        spark.sparkContext.setLogLevel("ERROR")
        bodies = spark.read.parquet(str(folder / "bodies"))
        decode_by_spark(bodies.limit(100), folder / "warm")  # starts the JVM and its workers
        pairs = [measure(bodies, folder, number) for number in range(ROUNDS)]
        spark.stop()
    ratios = sorted(loop / spark_seconds for loop, spark_seconds in pairs)
    rates = [round(BODIES / min(times)) for times in zip(*pairs, strict=True)]
    print(f"{BODIES} bodies, one process: {rates[0]}/s, local[2]: {rates[1]}/s")
    print(f"speed of local[2] / one process: {ratios[ROUNDS // 2]:.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})")


def measure(bodies: DataFrame, folder: Path, number: int) -> tuple[float, float]:
    """Return the seconds that one process takes, and the seconds that Spark takes."""
    loop = seconds(lambda: decode_by_loop(folder / "bodies", folder / f"loop-{number}.parquet"))
    return loop, seconds(lambda: decode_by_spark(bodies, folder / f"spark-{number}"))


def write_bodies(folder: Path) -> None:
    folder.mkdir()
    count, body = BODIES // FILES, orjson.dumps(zild_conversation(MESSAGES))
    columns = {"provider": ["zild"] * count, "body": pyarrow.array([body] * count, pyarrow.binary())}
    for number in range(FILES):
        pyarrow.parquet.write_table(pyarrow.table(columns), folder / f"{number}.parquet", row_group_size=500)


def decode_by_loop(source: Path, target: Path) -> None:
    batches = DecodeBatches(ref="no_ref")(map(with_no_ref, pyarrow.dataset.dataset(source).to_batches(batch_size=500)))
    first = next(batches)
    with pyarrow.parquet.ParquetWriter(target, first.schema) as writer:
        writer.write_batch(first)
        for batch in batches:
            writer.write_batch(batch)


def with_no_ref(batch: pyarrow.RecordBatch) -> pyarrow.RecordBatch:
    """Return the batch with null as every ref: all bodies belong to one conversation."""
    return batch.append_column("no_ref", pyarrow.nulls(batch.num_rows, pyarrow.string()))


def decode_by_spark(bodies: DataFrame, target: Path) -> None:
    with_refs = bodies.selectExpr("provider", "body", "CAST(NULL AS STRING) AS ref")
    conversas_spark.decode_bodies(with_refs).write.parquet(str(target))


def seconds(function: Callable[[], None]) -> float:
    started = time.perf_counter()
    function()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
