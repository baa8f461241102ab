"""Sources for dlt: conversations to fetch, or an export; and loading in slices."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from os import PathLike
from typing import Any, Literal

import dlt
from dlt.extract import DltSource

from conversas.arrow import FetchBatches
from conversas.client.refresh import Refresh
from conversas.client.sync_client import Client
from conversas.dlt.destination import REFS_AT_ONCE, Destination
from conversas.dlt.tables import Row, source_of
from conversas.errors import ConfigurationError
from conversas.exporter.reader import Export
from conversas.records.columns import pyarrow
from conversas.records.ref import ConversationRef

RefreshOption = Literal["in-progress", "unscored", "failed", "all"]
FILE_FORMATS: Mapping[str, Any] = {"duckdb": "parquet", "postgres": "csv"}
"""File format that each destination loads fastest."""


def conversations(
    refs: Iterable[ConversationRef | str],
    *,
    connect: Callable[[], Client] = Client.from_env,
    refresh: RefreshOption | None = None,
    concurrency: int = 16,
    requests_per_second: float | None = None,
) -> DltSource:
    """Return a source for `pipeline.run` that fetches the conversations that the destination does not have.

    A run loads nothing before it has fetched everything. `load` fetches and loads in slices.

    Args:
        refs: Refs to fetch, read as they are needed.
        connect: Function that creates the client.
        refresh: Conversations to fetch again, as in an export. A newer version of a conversation replaces the older
            version.
        concurrency: Maximum number of requests at a time.
        requests_per_second: Rate limit of each provider; None means no limit.

    Raises:
        ConfigurationError: `refresh` is not a known value.
    """
    destination = Destination(Refresh.parse(refresh))
    fetch = FetchBatches(connect, concurrency=concurrency, requests_per_second=requests_per_second)

    def outcomes() -> Iterator[list[Row]]:
        for batch in fetch(_ref_batches(destination.left(map(_text_of, refs)))):
            yield batch.to_pylist()

    return source_of(outcomes, lambda row: row["ref"] in destination.failed)


def exported(folder: str | PathLike[str]) -> DltSource:
    """Return a source of the conversations and failures of an export, for `pipeline.run`. The source sends no request.

    Raises:
        ConfigurationError: The format needs an extra that is not installed.
        ExportError: The directory is not an export, or cannot be read.
    """
    export = Export(folder)
    batches = export.to_batches()

    def outcomes() -> Iterator[list[Row]]:
        for batch in batches:
            yield [{"ref": row["ref"], "conversation": row} for row in batch.to_pylist()]
        for failure in export.failures():
            error = {"type": failure.error, "reason": failure.reason, "fetch_again": failure.fetch_again}
            yield [{"ref": failure.ref, "error": error, "attempts": failure.attempts, "recorded_at": failure.time}]

    return source_of(outcomes, lambda _: True)


def load(
    pipeline: dlt.Pipeline,
    refs: Iterable[ConversationRef | str],
    *,
    at_a_time: int = 10_000,
    connect: Callable[[], Client] = Client.from_env,
    refresh: RefreshOption | None = None,
    concurrency: int = 16,
    requests_per_second: float | None = None,
) -> None:
    """Fetch and load in slices. If the process is killed, only the current slice is lost.

    Make the same call again to continue.

    Args:
        pipeline: The pipeline, with its destination.
        refs: Refs to fetch, read as they are needed.
        at_a_time: Number of refs in a slice.
        connect: Function that creates the client.
        refresh: Conversations to fetch again, as in an export.
        concurrency: Maximum number of requests at a time.
        requests_per_second: Rate limit of each provider; None means no limit.

    Raises:
        ConfigurationError: An option is invalid.
        PipelineStepFailed: A slice could not be fetched or loaded. All earlier slices are loaded.
    """
    if at_a_time < 1:
        raise ConfigurationError(f"`at_a_time` must be a positive integer, got {at_a_time}")
    options: dict[str, Any] = {"concurrency": concurrency, "requests_per_second": requests_per_second}
    file_format: Any = FILE_FORMATS.get(pipeline.destination.destination_name)
    if pipeline.has_pending_data:  # from a killed run: dlt loads this data first, and ignores any other source
        pipeline.run(loader_file_format=file_format)
    remaining = iter(refs)
    while some := list(islice(remaining, at_a_time)):
        source = conversations(some, connect=connect, refresh=refresh, **options)
        pipeline.run(source, loader_file_format=file_format)


def _text_of(ref: ConversationRef | str) -> str:
    return ref if isinstance(ref, str) else f"{ref.provider}:{ref.id}"


def _ref_batches(refs: Iterator[str]) -> Iterator[Any]:
    while some := list(islice(refs, REFS_AT_ONCE)):
        yield pyarrow().record_batch({"ref": some})
