"""The forms that a part can have, and what is done with each."""

from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from attrs import frozen

from conversas.exporter.formats import jsonl, parquet
from conversas.records.conversation import Conversation
from conversas.records.serialization import NeutralForm


class ExportFormat(StrEnum):
    """How conversations are written."""

    JSONL = "jsonl"
    """JSON lines: each line one conversation in its neutral form."""
    PARQUET = "parquet"
    """Parquet with typed, nested columns."""


class Sink(Protocol):
    """A part that is being written."""

    def write(self, neutral: NeutralForm[Conversation]) -> None: ...
    def size(self) -> int: ...
    def close(self) -> None: ...


@frozen
class Form:
    """How parts are written and read."""

    suffix: str
    create: Callable[[Path], Sink]
    """Begins a part."""
    read: Callable[[Path], Iterator[dict[str, Any]]]
    """Gives the neutral form of each conversation in a part."""
    refs: Callable[[Path], Iterator[str]]
    """Gives the ref of each conversation in a part."""
    copy: Callable[[Path, Path, AbstractSet[str]], None]
    """Writes the conversations of some refs to another part."""


def form_of(format_: ExportFormat, *, compress: bool) -> Form:
    """Give the form.

    Raises:
        ConfigurationError: It needs an extra that is not installed.
    """
    if format_ is ExportFormat.PARQUET:
        parquet.schema()
        create = partial(parquet.ParquetPart, compress=compress)
        return Form(".parquet", create, parquet.read, parquet.refs, parquet.copy)
    if compress:
        jsonl.zstandard_library()
    suffix = ".jsonl.zst" if compress else ".jsonl"
    return Form(suffix, partial(jsonl.JsonLines, compress=compress), jsonl.read, jsonl.refs, jsonl.copy)
