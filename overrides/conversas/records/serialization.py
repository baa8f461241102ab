"""Writing of records as JSON values, by the annotations of their fields. This module names no class of records."""

import datetime
import hashlib
import json
from collections.abc import Callable
from enum import StrEnum
from functools import cache
from types import NoneType
from typing import Any, Generic, TypeVar, cast, get_args, get_origin, get_type_hints

import orjson
from attrs import fields

from conversas.records.ref import ConversationRef

SCHEMA_VERSION = 2
ORIGINAL = "original"
"""Name of the provider's own object, which an export may contain next to a record. It is not part of the record."""

R = TypeVar("R", bound="Record")
Write = Callable[[Any], Any]
Dump = Callable[[Any, Write, Write], dict[str, Any]]

_LINE_BREAKS = tuple((character.encode(), f"\\u{ord(character):04x}".encode()) for character in "\u2028\u2029\x85")
_MICROSECOND = datetime.timedelta(microseconds=1)


class Record:
    """Base class of all records. Its repr shows no content."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


@cache
def serialized_fields(kind: Any) -> dict[str, Any]:
    """Return the annotation of each field that belongs to the neutral content, by the name of the field."""
    hints = get_type_hints(kind)
    return {member.name: hints[member.name] for member in fields(kind) if member.eq}


_PLAIN = "write_time({0})"
_LEFT_TO_ORJSON = "{0} if {0}.tzinfo is UTC else write_time({0})"
"""Expression that leaves times in UTC to orjson."""


def to_json(record: Record) -> dict[str, Any]:
    """Return a record as JSON values, with the version of the schema."""
    return {"schema_version": SCHEMA_VERSION, **_dump(record, _PLAIN, _write_time, write_duration)}


def to_python(record: Record) -> dict[str, Any]:
    """Return a record as `to_json` does, but with times and durations as Python objects."""
    return {"schema_version": SCHEMA_VERSION, **_dump(record, _PLAIN, _identity, _identity)}


class SerializedRecord(Generic[R]):
    """A record in its two serialized forms: a line of JSON, and the canonical form for its fingerprint."""

    def __init__(self, record: R) -> None:
        self.record = record
        self._is_in_utc = True
        self._values = _dump(record, _LEFT_TO_ORJSON, self._write_time, write_duration)

    def _write_time(self, time: datetime.datetime) -> str:
        self._is_in_utc = False
        return _write_time(time)

    def line(self) -> bytes:
        """Return the values of `to_json` as one line of JSON, with U+2028, U+2029 and U+0085 escaped."""
        return escape_line_breaks(self._line())

    def _line(self) -> bytes:
        try:
            return orjson.dumps({"schema_version": SCHEMA_VERSION, **self._values}, option=orjson.OPT_APPEND_NEWLINE)
        except TypeError:  # an integer of more than 64 bits
            return json.dumps(to_json(self.record), ensure_ascii=False).encode() + b"\n"

    def fingerprint(self) -> str:
        """Return the SHA-256 of the canonical form, in hexadecimal. Equal records have equal fingerprints."""
        return hashlib.sha256(self._canonical()).hexdigest()

    def _canonical(self) -> bytes:
        try:
            if self._is_in_utc:
                return orjson.dumps(self._values, option=orjson.OPT_SORT_KEYS)
        except TypeError:  # an integer of more than 64 bits
            pass
        return _canonical(_dump(self.record, _PLAIN, _write_time_in_utc, write_duration))


def escape_line_breaks(line: bytes) -> bytes:
    """Escape characters that end a line outside of JSON, for example in JavaScript and for `str.splitlines`."""
    for character, escape in _LINE_BREAKS:
        if character[:1] in line and character in line:  # a search for one byte takes a tenth of the time
            line = line.replace(character, escape)
    return line


def _canonical(values: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(values, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # an integer of more than 64 bits
        return json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _dump(record: Record, time: str, write_time: Write, write_duration: Write) -> dict[str, Any]:
    kind: Any = type(record)
    return _dumper(kind, time)(record, write_time, write_duration)


@cache
def _dumper(kind: Any, time: str) -> Dump:
    """Return a function that writes a record of this kind. It is fast, because an export calls it millions of times.

    `time` is the expression that writes a time.
    """
    scope: dict[str, Any] = {"UTC": datetime.UTC}
    pairs = [
        f"{name!r}: {_expression(hint, f'record.{name}', scope, time)}"
        for name, hint in serialized_fields(kind).items()
    ]
    source = f"def dump(record, write_time, write_duration):\n    return {{{', '.join(pairs)}}}"
    exec(source, scope)  # noqa: S102  # only our own names
    return cast(Dump, scope["dump"])


def _expression(hint: Any, value: str, scope: dict[str, Any], time: str) -> str:
    """Return the expression that writes a value of the annotated type."""
    if get_origin(hint) is tuple:
        return f"[{_expression(get_args(hint)[0], 'item', scope, time)} for item in {value}] if {value} else []"
    if options := get_args(hint):
        (option,) = (option for option in options if option is not NoneType)
        written = _expression(option, value, scope, time)
        return written if written == value else f"None if {value} is None else {written}"
    if issubclass(hint, Record):
        scope[f"_dump_{hint.__name__}"] = _dumper(hint, time)
        return f"_dump_{hint.__name__}({value}, write_time, write_duration)"
    if hint is datetime.datetime:
        return time.format(value)
    if hint is datetime.timedelta:
        return f"write_duration({value})"
    if hint is ConversationRef:
        return f"f'{{{value}.provider}}:{{{value}.id}}'"
    return f"str({value})" if issubclass(hint, StrEnum) else value


def _identity(value: Any) -> Any:
    return value


def _write_time(time: datetime.datetime) -> str:
    """Return a time in ISO 8601. If its offset has seconds, as in historical time zones, return it in UTC.

    RFC 3339 allows no seconds in an offset.
    """
    if time.tzinfo is datetime.UTC:  # orjson returns the same string as Python, in a quarter of the time
        return orjson.dumps(time)[1:-1].decode()
    text = time.isoformat()
    return text if text[-6] in "+-" else time.astimezone(datetime.UTC).isoformat()


def _write_time_in_utc(time: datetime.datetime) -> str:
    try:
        return (time if time.tzinfo is datetime.UTC else time.astimezone(datetime.UTC)).isoformat()
    except OverflowError:  # the last hours of the year 9999
        return time.isoformat()


def write_duration(duration: datetime.timedelta) -> str:
    seconds, microseconds = divmod(abs(duration) // _MICROSECOND, 1_000_000)
    return f"{'-' if duration < datetime.timedelta() else ''}PT{seconds}.{microseconds:06}S"
