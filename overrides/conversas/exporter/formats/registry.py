"""Formats of the parts of an export, and how each is written and read."""

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
    """JSON lines: each line one conversation in its neutral form."""
    PARQUET = "parquet"
    """Parquet with typed, nested columns."""


class PartWriter(Protocol):
    """Writer of one part."""

    def write(self, serialized: SerializedRecord[Conversation], original: bytes | None) -> None: ...
    def size(self) -> int: ...
    def close(self) -> None: ...


@frozen
class PartFormat:
    """Format of parts: functions that write and read one."""

    suffix: str
    create: Callable[[Path], PartWriter]
    """Creates a part."""
    read: Callable[[Path], Iterator[dict[str, Any]]]
    """Yields the neutral form of each conversation in a part."""
    salvage: Callable[[Path], Iterator[tuple[dict[str, Any], bytes]]]
    """Yields what can still be read of a damaged part: each record, and the text of the provider's own object."""
    read_refs: Callable[[Path], Iterator[str]]
    """Yields the ref of each conversation in a part."""
    read_batches: Callable[[Path], Iterator[Any]]
    """Yields the conversations in a part as record batches of Arrow."""
    copy: Callable[[Path, Path, AbstractSet[str]], None]
    """Writes the conversations of some refs to another part."""
    original: bool = False
    """Whether it holds the provider's own objects as well."""


def part_format(name: ExportFormat, *, compress: bool, original: bool = False) -> PartFormat:
    """Return the format of this name.

    Raises:
        ConfigurationError: It needs an extra that is not installed.
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
