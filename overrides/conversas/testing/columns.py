"""Limits on the values of a column of an export."""

import datetime
from collections.abc import Iterable, Iterator
from typing import Any, cast

from conversas.records.serialization import Record, serialized_fields

_MICROSECOND = datetime.timedelta(microseconds=1)


def plain_values(value: Any) -> Iterator[Any]:
    """Yield each plain value of a record, at every depth."""
    if isinstance(value, Record):
        kind: Any = type(value)
        value = [getattr(value, name) for name in serialized_fields(kind)]
    if isinstance(value, tuple | list):
        for item in cast("Iterable[Any]", value):
            yield from plain_values(item)
    else:
        yield value


def fits_a_column(value: Any) -> bool:
    """Return whether a value fits a 64-bit column. A time must fit in every time zone."""
    if isinstance(value, datetime.datetime):
        return datetime.MINYEAR < value.year < datetime.MAXYEAR
    if isinstance(value, datetime.timedelta):
        value = value // _MICROSECOND
    return not isinstance(value, int) or -(2**63) <= value < 2**63
