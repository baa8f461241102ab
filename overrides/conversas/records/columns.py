"""Typed, nested Arrow columns for the neutral form, and conversion of a conversation to and from an Arrow row."""

import datetime
import functools
import sys
from types import NoneType
from typing import Any, get_args, get_origin

import orjson

from conversas.optional import library
from conversas.records.conversation import Conversation
from conversas.records.serialization import ORIGINAL, Record, serialized_fields, to_python, write_duration

MICROSECOND = datetime.timedelta(microseconds=1)


def pyarrow() -> Any:
    """Return the module pyarrow, which has no type hints, with `pyarrow.parquet` imported.

    Raises:
        ConfigurationError: The extra is not installed.
    """
    library("pyarrow.parquet", needed_for="Parquet or Arrow", extra="parquet")
    return sys.modules["pyarrow"]


@functools.cache
def conversation_columns(*, original: bool = False) -> Any:
    """Return the Arrow schema of the neutral form, with times in UTC and durations in microseconds.

    With `original`, the last column contains the provider's own object.

    Raises:
        ConfigurationError: The extra is not installed.
    """
    arrow = pyarrow()
    version = arrow.field("schema_version", arrow.int32(), nullable=False)
    last = [arrow.field(ORIGINAL, arrow.string())] if original else []
    return arrow.schema([version, *record_fields(Conversation), *last])


def record_fields(kind: Any) -> list[Any]:
    """Return the columns of a kind of record."""
    return [_field(name, hint) for name, hint in serialized_fields(kind).items()]


def _field(name: str, hint: Any) -> Any:
    optional = NoneType in get_args(hint)
    (plain,) = (option for option in get_args(hint) if option is not NoneType) if optional else (hint,)
    written = f"{name}_us" if plain is datetime.timedelta else name
    return pyarrow().field(written, _type(plain), nullable=optional)


def _type(hint: Any) -> Any:
    arrow = pyarrow()
    if get_origin(hint) is tuple:
        return list_type(_type(get_args(hint)[0]))
    if issubclass(hint, Record):
        return arrow.struct(record_fields(hint))
    plain = {
        bool: arrow.bool_(),
        int: arrow.int64(),
        datetime.datetime: arrow.timestamp("us", "UTC"),
        datetime.timedelta: arrow.int64(),  # other programs read an Arrow duration as a plain integer
    }
    return plain.get(hint, arrow.string())


def list_type(item: Any) -> Any:
    """Return the Arrow type of a list whose items are not null."""
    return pyarrow().list_(pyarrow().field("element", item, nullable=False))


def to_row(conversation: Conversation) -> dict[str, Any]:
    """Convert a conversation to an Arrow row."""
    row = to_python(conversation)
    duration = row.pop("duration")
    row["duration_us"] = duration // MICROSECOND if duration is not None else None
    return row


def from_row(row: dict[str, Any]) -> dict[str, Any]:
    """Convert an Arrow row to the neutral form."""
    microseconds = row.pop("duration_us")
    row["duration"] = write_duration(microseconds * MICROSECOND) if microseconds is not None else None
    record: dict[str, Any] = orjson.loads(orjson.dumps(row))  # times become strings
    return record
