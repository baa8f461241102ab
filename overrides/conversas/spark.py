"""Conversations in Spark: DataFrames of refs or bodies in, DataFrames of outcomes out.

PySpark is that of the cluster, 3.5 or 4, classic or Connect. Nothing here calls the JVM. The executors need
`conversas[parquet]`, and `connect` runs there.
"""

from collections.abc import Callable
from typing import Literal

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F  # noqa: N812  # as Spark's own pages call it
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
    """Return the columns of a conversation, which are those of an export's Parquet."""
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

    As with all of Spark, each action on the result fetches again: write it once, then read what was written. A batch
    job commits all or nothing, so fetch for hours in a stream (`refs` may be one) or in slices.

    If the provider stops a task, for example because the token is rejected, its other refs are rows with `fetch_again`.
    A task that has fetched nothing raises the error.

    Args:
        refs: A column of refs. Nulls are left out, and each ref is fetched once, but in a stream as often as it comes.
        tasks: Number of tasks. More than the cluster has cores are slower, never faster.
        connect: Creates the client of a task. What it captures is pickled and sent to the executors, so it had better
            read the token there, from a file or the environment.
        column: Name of the column.
        concurrency: The most requests of a task at a time.
        requests_per_second: The rate limit of each provider for all tasks together; each has its share.
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
    # By hash, so that a task that runs again has the same refs.
    wanted = refs.select(column).where(F.col(column).isNotNull()).repartition(tasks, column)
    wanted = wanted if refs.isStreaming else wanted.distinct()
    return wanted.mapInArrow(function, from_arrow_schema(arrow.outcome_schema(raw=raw)))


def decode_bodies(
    bodies: DataFrame, *, body: str = "body", provider: str = "provider", ref: str = "ref", timezone: str = "UTC"
) -> DataFrame:
    """Return one row for each body, like `fetch`, without any request: for example after an upgrade.

    Bodies are decoded by as many tasks as the DataFrame has partitions. Small files make one: `repartition` it before.

    Args:
        bodies: Bodies, each with its provider and its ref, which may be null.
        body: Name of the column of bodies, as bytes or strings.
        provider: Name of the column of providers.
        ref: Name of the column of refs.
        timezone: The time zone of times without offset.

    Raises:
        ConfigurationError: The time zone is unknown.
    """
    function = arrow.DecodeBatches(body, provider, ref, timezone)
    return bodies.select(provider, body, ref).mapInArrow(function, from_arrow_schema(arrow.outcome_schema()))


def latest(outcomes: DataFrame) -> DataFrame:
    """Return one row for each ref: the newest with a conversation, or else the newest failure."""
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
        refs: A column of refs.
        outcomes: Outcomes of earlier runs, any number for each ref.
        column: Name of the column.
        refresh: Conversations to fetch again.

    Raises:
        ConfigurationError: There is no such `refresh`.
    """
    option = Refresh.parse(refresh)
    if option is Refresh.ALL:
        return refs
    done = latest(outcomes).where(~_needs_fetch(option)).select(F.col("ref").alias(column))
    return refs.join(done, column, "left_anti")


def _needs_fetch(refresh: Refresh | None) -> Column:
    """Return the rule `client.refresh.needs_fetch` as an expression."""
    failed = F.lit(refresh is Refresh.FAILED) | F.col("error.fetch_again")
    fetched = F.lit(False)  # noqa: FBT003  # its parameter has another name in each version
    if refresh is Refresh.IN_PROGRESS:
        fetched = F.arrays_overlap("conversation.completeness.reasons", F.array(*map(F.lit, sorted(STILL_OPEN))))
    if refresh is Refresh.UNSCORED:
        with_scores = [name for name in provider_names() if get_provider(name).has_scores]
        scores = F.coalesce("conversation.evaluation.score", "conversation.evaluation.final_score")
        fetched = F.col("conversation.provider").isin(with_scores) & scores.isNull()
    return F.when(F.col("error").isNotNull(), failed).otherwise(fetched)
