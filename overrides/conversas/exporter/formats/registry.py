"""Formats of the parts of an export, with the functions that write and read each format."""

from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from attrs import frozen

from conversas.exporter.formats import jsonl, parquet
from conversas.records.columns import pyarrow
from conversas.records.conversation import Conversation
from conversas.records.serialization import SerializedRecord


class ExportFormat(StrEnum):
    """Formats of conversations on the disk."""

    JSONL = "jsonl"
    """JSON lines, one conversation in its neutral form on each line."""
    PARQUET = "parquet"
    """Parquet with typed, nested columns."""


class PartWriter(Protocol):
    """Writer of one part."""

    def write(self, serialized: SerializedRecord[Conversation], original: bytes | None) -> None: ...
    def size(self) -> int: ...
    def close(self) -> None: ...


@frozen
class PartFormat:
    """Format of parts: functions that write and read a part."""

    suffix: str
    create: Callable[[Path], PartWriter]
    """Function that creates a part."""
    read: Callable[[Path], Iterator[dict[str, Any]]]
    """Function that yields the neutral form of each conversation in a part."""
    salvage: Callable[[Path], Iterator[tuple[dict[str, Any], bytes]]]
    """Function that yields what can still be read from a damaged part: each record with the provider's own object."""
    read_refs: Callable[[Path], Iterator[str]]
    """Function that yields the ref of each conversation in a part."""
    read_batches: Callable[[Path], Iterator[Any]]
    """Function that yields the conversations in a part as record batches of Arrow."""
    copy: Callable[[Path, Path, AbstractSet[str]], None]
    """Function that copies the conversations of some refs to another part."""
    original: bool = False
    """Whether a part also holds the provider's own objects."""


def part_format(name: ExportFormat, *, compress: bool, original: bool = False) -> PartFormat:
    """Return the format of this name.

    Raises:
        ConfigurationError: The format needs an extra that is not installed.
    """
    if name is ExportFormat.PARQUET:
        pyarrow()
        create_parquet = partial(parquet.ParquetWriter, compress=compress, original=original)
        return PartFormat(
            ".parquet",
            create_parquet,
            parquet.read,
            parquet.salvage,
            parquet.read_refs,
            parquet.read_batches,
            partial(parquet.copy, compress=compress),
            original,
        )
    if compress:
        jsonl.zstandard_library()
    return PartFormat(
        ".jsonl.zst" if compress else ".jsonl",
        partial(jsonl.JsonlWriter, compress=compress),
        jsonl.read,
        jsonl.salvage,
        jsonl.read_refs,
        jsonl.read_batches,
        jsonl.copy,
        original,
    )
