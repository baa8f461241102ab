"""Parts in Parquet: the neutral form as typed, nested columns. Needs the extra `parquet`."""

import contextlib
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import IO, Any

from attrs import define, field

from conversas.errors import ExportError
from conversas.exporter.files import create_private_file, open_regular_file
from conversas.exporter.formats.limits import MAX_RECORD_BYTES, check_size, ref_of, untrusted
from conversas.exporter.formats.original import NULL
from conversas.records.columns import conversation_columns, from_row, pyarrow, to_row
from conversas.records.conversation import Conversation
from conversas.records.serialization import ORIGINAL, SerializedRecord

OBJECT_BYTES = 1024 * 1024  # of rows that are held as Python objects, which take twenty times as much memory
OBJECT_ROWS = 500
GROUP_BYTES = 8 * 1024 * 1024  # of a row group in memory, before its last conversation is added
GROUP_ROWS = 10_000
MAX_GROUP_BYTES = 2 * MAX_RECORD_BYTES  # far below 2 GiB, the limit of a column in several readers
MAX_GROUP_VALUES = MAX_RECORD_BYTES // 16  # of one column: a value in a list takes more than 16 bytes of JSON


@define
class ParquetWriter:
    """Writer of a part in Parquet. Rows are soon converted to columns of Arrow, which are compact."""

    path: Path
    compress: bool
    original: bool = False
    """Whether each row also has the provider's own object, as JSON text."""
    _groups: "_RowGroups" = field(init=False, repr=False)
    _rows: list[dict[str, Any]] = field(factory=list[dict[str, Any]], init=False, repr=False)
    _body_bytes: int = field(default=0, init=False)

    def __attrs_post_init__(self) -> None:
        self._groups = _RowGroups(self.path, self.compress, conversation_columns(original=self.original))

    def write(self, serialized: SerializedRecord[Conversation], original: bytes | None) -> None:
        row = to_row(serialized.record)
        self._body_bytes += len(serialized.record.raw)
        if original is not None:
            row[ORIGINAL] = None if original == NULL else original.decode()
            self._body_bytes += len(original)
        self._rows.append(row)
        if self._body_bytes >= OBJECT_BYTES or len(self._rows) >= OBJECT_ROWS:
            self._convert()

    def _convert(self) -> None:
        batch = pyarrow().RecordBatch.from_pylist(self._rows, schema=conversation_columns(original=self.original))
        self._rows.clear()
        self._body_bytes = 0
        self._groups.add(batch)

    def size(self) -> int:
        """Return the approximate size, in bytes."""
        return self._groups.size() + self._body_bytes

    def close(self) -> None:
        try:
            if self._rows:
                self._convert()
        finally:
            self._groups.close()


@define
class _RowGroups:
    """Row groups of a part, of at most about `GROUP_BYTES` and `GROUP_ROWS` each."""

    path: Path
    compress: bool
    schema: Any
    """Arrow schema of the columns."""
    _file: IO[bytes] = field(init=False, repr=False)
    _writer: Any = field(init=False, repr=False)
    _batches: list[Any] = field(factory=list[Any], init=False, repr=False)
    _bytes: int = field(default=0, init=False)
    _rows: int = field(default=0, init=False)

    def __attrs_post_init__(self) -> None:
        self._file = create_private_file(self.path)
        compression = "zstd" if self.compress else "snappy"
        self._writer = pyarrow().parquet.ParquetWriter(self._file, self.schema, compression=compression, version="2.6")

    def add(self, batch: Any) -> None:
        """Add rows."""
        self._batches.append(batch)
        self._bytes += batch.nbytes
        self._rows += batch.num_rows
        if self._bytes >= GROUP_BYTES or self._rows >= GROUP_ROWS:
            self._write_group()

    def _write_group(self) -> None:
        table = pyarrow().Table.from_batches(self._batches)
        self._batches.clear()
        self._bytes = self._rows = 0
        self._writer.write_table(table)

    def size(self) -> int:
        """Return the approximate size, in bytes."""
        return self._file.tell() + self._bytes

    def close(self) -> None:
        try:
            if self._batches:
                self._write_group()
            self._writer.close()
        finally:
            self._file.close()


@untrusted
def read(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the neutral form of each conversation in a part."""
    for batch in _batches(path):
        for rows in _slices(batch):
            yield from map(from_row, rows.to_pylist())


def salvage(path: Path) -> Iterator[tuple[dict[str, Any], bytes]]:
    """Yield the rows of the sound row groups of a damaged part, each with the text of the provider's own object."""
    with contextlib.suppress(*_damages()), open_regular_file(path) as file:
        part = pyarrow().parquet.ParquetFile(file)
        for number in range(part.num_row_groups):
            with contextlib.suppress(*_damages()):
                for batch in _group(part, number):
                    for rows in _slices(batch):
                        for row in rows.to_pylist():
                            yield from_row(row), (row.get(ORIGINAL) or NULL.decode()).encode()


def _damages() -> tuple[type[Exception], ...]:
    """Return the exceptions that reading a damaged part can raise."""
    return ExportError, OSError, ValueError, KeyError, TypeError, OverflowError, pyarrow().ArrowException


@untrusted
def read_refs(path: Path) -> Iterator[str]:
    """Yield the ref of each conversation in a part."""
    for batch in _batches(path, columns=["ref"]):
        yield from map(ref_of, batch.to_pylist())


@untrusted
def _read_slices(path: Path) -> Iterator[Any]:
    for batch in _batches(path):
        yield from _slices(batch)


@untrusted
def read_batches(path: Path) -> Iterator[Any]:
    """Yield the conversations of a part as record batches, without the provider's own objects."""
    for batch in _batches(path):
        yield batch.select(conversation_columns().names)


def copy(source: Path, target: Path, refs: AbstractSet[str], *, compress: bool) -> None:
    """Copy the conversations of these refs to another part."""
    groups = _RowGroups(target, compress, conversation_columns(original=_has_original(source)))
    try:
        for batch in _read_slices(source):
            kept = batch.filter(pyarrow().array([ref in refs for ref in batch.column("ref").to_pylist()]))
            if kept.num_rows:
                groups.add(kept)
    finally:
        groups.close()


@untrusted
def _schemas(path: Path) -> Iterator[Any]:
    with open_regular_file(path) as file, pyarrow().parquet.ParquetFile(file) as part:
        yield part.schema_arrow


def _has_original(path: Path) -> bool:
    """Return whether a part has the provider's own objects."""
    return any(ORIGINAL in found.names for found in _schemas(path))


def _batches(path: Path, columns: list[str] | None = None) -> Iterator[Any]:
    """Yield the rows of a part, one row group after the other.

    Raises:
        ValueError: `ParquetWriter` did not write the part.
    """
    with open_regular_file(path) as file, pyarrow().parquet.ParquetFile(file) as part:
        if not any(part.schema_arrow.equals(conversation_columns(original=original)) for original in (False, True)):
            raise ValueError
        for number in range(part.num_row_groups):
            yield from _group(part, number, columns)


def _group(part: Any, number: int, columns: list[str] | None = None) -> Iterator[Any]:
    """Yield the rows of a row group.

    Raises:
        ValueError: The row group is larger than any row group that `ParquetWriter` writes.
    """
    group = part.metadata.row_group(number)
    check_size(group.total_byte_size, MAX_GROUP_BYTES)
    check_size(group.num_rows, GROUP_ROWS + OBJECT_ROWS)
    for column in range(group.num_columns):
        check_size(group.column(column).num_values, MAX_GROUP_VALUES)
    yield from part.iter_batches(batch_size=GROUP_ROWS, row_groups=[number], columns=columns)


def _slices(batch: Any) -> Iterator[Any]:
    """Yield the rows of a batch in slices of at most `OBJECT_BYTES` and `OBJECT_ROWS`, or of a single larger row."""
    if batch.num_rows < 2 or (batch.num_rows <= OBJECT_ROWS and batch.nbytes <= OBJECT_BYTES):
        yield batch
        return
    half = batch.num_rows // 2
    yield from _slices(batch.slice(0, half))
    yield from _slices(batch.slice(half))
