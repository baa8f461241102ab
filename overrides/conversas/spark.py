"""Conversations in Spark: from DataFrames of refs or bodies to DataFrames of outcomes.

The PySpark of the cluster is used: 3.5 or 4, classic or Connect. Nothing here calls the JVM. The executors need
`conversas[parquet]`, and they call `connect`.
"""

from collections.abc import Callable
from typing import Literal

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F  # noqa: N812  # the name in Spark's own documentation
from pyspark.sql.pandas.types import from_arrow_schema
from pyspark.sql.types import StructType

from conversas import arrow
from conversas.client.refresh import Refresh
from conversas.client.sync_client import Client
from conversas.errors import ConfigurationError
from conversas.providers import get_provider, provider_names
from conversas.records.enums import STILL_OPEN

__all__ = ["decode_bodies", "fetch", "latest", "left_to_fetch", "schema"]


def schema() -> StructType:
    """Return the schema of a conversation. Its columns are the columns of an export's Parquet files."""
    return from_arrow_schema(arrow.schema())


def fetch(
    refs: DataFrame,
    *,
    tasks: int,
    connect: Callable[[], Client] = Client.from_env,
    column: str = "ref",
    concurrency: int = 16,
    requests_per_second: float | None = None,
    raw: bool = False,
) -> DataFrame:
    """Return one row for each ref: its `conversation`, or its `error` with `fetch_again`. Nothing is fetched yet.

    As always in Spark, each action on the result fetches again: write the result once, then read what was written. A
    batch job commits everything or nothing. If fetching takes hours, fetch in slices, or in a stream: `refs` may be a
    streaming DataFrame.

    If a task stops for a provider, for example because the token is rejected, its remaining refs have rows with
    `fetch_again`. A task that has fetched nothing raises the error instead.

    Args:
        refs: DataFrame with a column of refs. Nulls are left out. Each ref is fetched once; in a stream, it is fetched
            each time it comes.
        tasks: Number of tasks. More tasks than the cluster has cores are slower, never faster.
        connect: Function that creates the client of a task. What it captures is pickled and sent to the executors, so
            it should read the token on the executor, from a file or the environment.
        column: Name of the column of refs.
        concurrency: Maximum number of requests of a task at a time.
        requests_per_second: Rate limit of each provider for all tasks together. Each task has an equal share. None
            means no limit.
        raw: Whether to keep the exact bodies in the column `raw`.

    Raises:
        ConfigurationError: `tasks` or `requests_per_second` is not positive.
    """
    if tasks < 1:
        raise ConfigurationError(f"`tasks` must be a positive integer, got {tasks}")
    if requests_per_second is not None and not requests_per_second > 0:
        raise ConfigurationError(f"`requests_per_second` must be positive, got {requests_per_second}")
    share = None if requests_per_second is None else requests_per_second / tasks
    function = arrow.FetchBatches(connect, column, concurrency, share, raw)
    # Refs are assigned by hash, so that a task that runs again has the same refs.
    wanted = refs.select(column).where(F.col(column).isNotNull()).repartition(tasks, column)
    wanted = wanted if refs.isStreaming else wanted.distinct()
    return wanted.mapInArrow(function, from_arrow_schema(arrow.outcome_schema(raw=raw)))


def decode_bodies(
    bodies: DataFrame, *, body: str = "body", provider: str = "provider", ref: str = "ref", timezone: str = "UTC"
) -> DataFrame:
    """Return one row for each body, like `fetch`, but without any request. Use it, for example, after an upgrade.

    Each partition of the DataFrame is decoded by one task. Small files may become a single partition: call
    `repartition` first.

    Args:
        bodies: DataFrame of bodies, each with its provider and its ref. The ref may be null.
        body: Name of the column of bodies, which are bytes or strings.
        provider: Name of the column of provider names.
        ref: Name of the column of refs.
        timezone: The time zone of times without an offset.

    Raises:
        ConfigurationError: The time zone is unknown.
    """
    function = arrow.DecodeBatches(body, provider, ref, timezone)
    return bodies.select(provider, body, ref).mapInArrow(function, from_arrow_schema(arrow.outcome_schema()))


def latest(outcomes: DataFrame) -> DataFrame:
    """Return one row for each ref: the newest row with a conversation, or else the newest failure."""
    order = Window.partitionBy("ref").orderBy(F.col("error").isNotNull(), F.col("recorded_at").desc())
    return outcomes.withColumn("_rank", F.row_number().over(order)).where("_rank = 1").drop("_rank")


def left_to_fetch(
    refs: DataFrame,
    outcomes: DataFrame,
    *,
    column: str = "ref",
    refresh: Literal["in-progress", "unscored", "failed", "all"] | None = None,
) -> DataFrame:
    """Return the refs that an export with the same `refresh` would fetch, given these outcomes.

    Args:
        refs: DataFrame with a column of refs.
        outcomes: DataFrame of outcomes from earlier runs, with any number of rows for each ref.
        column: Name of the column of refs.
        refresh: Conversations to fetch again.

    Raises:
        ConfigurationError: `refresh` is not a known value.
    """
    option = Refresh.parse(refresh)
    if option is Refresh.ALL:
        return refs
    done = latest(outcomes).where(~_needs_fetch(option)).select(F.col("ref").alias(column))
    return refs.join(done, column, "left_anti")


def _needs_fetch(refresh: Refresh | None) -> Column:
    """Return the rule `client.refresh.needs_fetch` as a Spark expression."""
    failed = F.lit(refresh is Refresh.FAILED) | F.col("error.fetch_again")
    fetched = F.lit(False)  # noqa: FBT003  # the name of its parameter differs between versions
    if refresh is Refresh.IN_PROGRESS:
        fetched = F.arrays_overlap("conversation.completeness.reasons", F.array(*map(F.lit, sorted(STILL_OPEN))))
    if refresh is Refresh.UNSCORED:
        with_scores = [name for name in provider_names() if get_provider(name).has_scores]
        scores = F.coalesce("conversation.evaluation.score", "conversation.evaluation.final_score")
        fetched = F.col("conversation.provider").isin(with_scores) & scores.isNull()
    return F.when(F.col("error").isNotNull(), failed).otherwise(fetched)
