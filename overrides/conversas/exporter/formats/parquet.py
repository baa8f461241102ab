"""Parts of Parquet: the neutral form as typed, nested columns. Needs the extra `parquet`."""

import contextlib
import datetime
import functools
import sys
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from pathlib import Path
from types import NoneType
from typing import IO, Any, get_args, get_origin

import orjson
from attrs import define, field

from conversas.exporter.files import create_private_file
from conversas.exporter.formats.original import original_json
from conversas.exporter.optional import library
from conversas.records.conversation import Conversation
from conversas.records.serialization import (
    ORIGINAL,
    Record,
    SerializedRecord,
    serialized_fields,
    to_python,
    write_duration,
)

MICROSECOND = datetime.timedelta(microseconds=1)
ROW_GROUP_SIZE = 500  # conversations that are buffered and written as one row group


@define
class ParquetWriter:
    """Writer of a part of Parquet."""

    path: Path
    compress: bool
    original: bool = False
    """Whether each row has the platform's own object as well, as JSON text."""
    _file: IO[bytes] = field(init=False, repr=False)
    _writer: Any = field(init=False, repr=False)
    _rows: list[dict[str, Any]] = field(factory=list[dict[str, Any]], init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        pyarrow = _pyarrow()
        self._file = create_private_file(self.path)
        compression = "zstd" if self.compress else "snappy"
        self._writer = pyarrow.parquet.ParquetWriter(
            self._file, schema(original=self.original), compression=compression, version="2.6"
        )

    def write(self, serialized: SerializedRecord[Conversation]) -> None:
        row = to_row(serialized.record)
        if self.original:
            text = original_json(serialized.record.raw)
            row[ORIGINAL] = text.decode() if text else None
        self._rows.append(row)
        if len(self._rows) >= ROW_GROUP_SIZE:
            self._write_group()

    def _write_group(self) -> None:
        table = _pyarrow().Table.from_pylist(self._rows, schema=schema(original=self.original))
        self._rows.clear()
        self._writer.write_table(table)

    def size(self) -> int:
        """Return the approximate size, in bytes."""
        return self._file.tell()

    def close(self) -> None:
        try:
            if self._rows:
                self._write_group()
            self._writer.close()
        finally:
            self._file.close()


def read(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the neutral form of each conversation in a part."""
    for batch in _pyarrow().parquet.ParquetFile(path).iter_batches(batch_size=ROW_GROUP_SIZE):
        yield from map(_from_row, batch.to_pylist())


def salvage(path: Path) -> Iterator[dict[str, Any]]:
    """Yield what can still be read of a damaged part."""
    pyarrow = _pyarrow()
    with contextlib.suppress(OSError, pyarrow.ArrowException):
        part = pyarrow.parquet.ParquetFile(path)
        for number in range(part.num_row_groups):
            with contextlib.suppress(OSError, ValueError, KeyError, pyarrow.ArrowException):
                yield from map(_from_row, part.read_row_group(number).to_pylist())


def read_refs(path: Path) -> Iterator[str]:
    """Yield the ref of each conversation in a part."""
    for batch in _pyarrow().parquet.ParquetFile(path).iter_batches(columns=["ref"]):
        yield from batch.column(0).to_pylist()


def copy(source: Path, target: Path, refs: AbstractSet[str]) -> None:
    """Write the conversations of these refs to another part."""
    pyarrow = _pyarrow()
    part = pyarrow.parquet.ParquetFile(source)
    compression = part.metadata.row_group(0).column(0).compression
    with (
        create_private_file(target) as file,
        pyarrow.parquet.ParquetWriter(file, part.schema_arrow, compression=compression) as writer,
    ):
        for batch in part.iter_batches(batch_size=ROW_GROUP_SIZE):
            keep = [ref in refs for ref in batch.column("ref").to_pylist()]
            writer.write_batch(batch.filter(pyarrow.array(keep)))


@functools.cache
def schema(*, original: bool = False) -> Any:
    """Return the columns: those of the neutral form, times in UTC, a duration in microseconds, maybe the original.

    Raises:
        ConfigurationError: The extra is not installed.
    """
    pyarrow = _pyarrow()
    version = pyarrow.field("schema_version", pyarrow.int32(), nullable=False)
    last = [pyarrow.field(ORIGINAL, pyarrow.string())] if original else []
    return pyarrow.schema([version, *_fields(Conversation), *last])


def _fields(kind: Any) -> list[Any]:
    return [_field(name, hint) for name, hint in serialized_fields(kind).items()]


def _field(name: str, hint: Any) -> Any:
    optional = NoneType in get_args(hint)
    (plain,) = (option for option in get_args(hint) if option is not NoneType) if optional else (hint,)
    written = f"{name}_us" if plain is datetime.timedelta else name
    return _pyarrow().field(written, _type(plain), nullable=optional)


def _type(hint: Any) -> Any:
    pyarrow = _pyarrow()
    if get_origin(hint) is tuple:
        return pyarrow.list_(pyarrow.field("element", _type(get_args(hint)[0]), nullable=False))
    if issubclass(hint, Record):
        return pyarrow.struct(_fields(hint))
    plain = {
        bool: pyarrow.bool_(),
        int: pyarrow.int64(),
        datetime.datetime: pyarrow.timestamp("us", "UTC"),
        datetime.timedelta: pyarrow.int64(),  # a duration of Arrow is a plain integer to others
    }
    return plain.get(hint, pyarrow.string())


def to_row(conversation: Conversation) -> dict[str, Any]:
    """Convert a conversation to a row of Arrow."""
    row = to_python(conversation)
    duration = row.pop("duration")
    row["duration_us"] = duration // MICROSECOND if duration is not None else None
    return row


def _from_row(row: dict[str, Any]) -> dict[str, Any]:
    """Convert a row of Arrow to the neutral form."""
    microseconds = row.pop("duration_us")
    row["duration"] = write_duration(microseconds * MICROSECOND) if microseconds is not None else None
    record: dict[str, Any] = orjson.loads(orjson.dumps(row))  # times become strings
    return record


def _pyarrow() -> Any:
    library("pyarrow.parquet", needed_for="Parquet", extra="parquet")
    return sys.modules["pyarrow"]
