"""Records as JSON values: written and read back by their annotations. Knows no record by name."""

import contextlib
import datetime
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from functools import cache, partial
from types import NoneType
from typing import Any, Generic, NoReturn, TypeVar, cast, get_args, get_origin, get_type_hints

import orjson
from attrs import NOTHING, fields

from conversas.errors import ConversasError
from conversas.json_pointer import is_array, is_object
from conversas.records.ref import ConversationRef

SCHEMA_VERSION = 2
ORIGINAL = "original"
"""Name of the platform's own object, which an export may hold next to a record and which is no part of it."""
MAX_SHOWN_VERSION = 10**6

R = TypeVar("R", bound="Record")
Write = Callable[[Any], Any]
Dump = Callable[[Any, Write, Write], dict[str, Any]]
Load = Callable[[Any], Any]

_LINE_BREAKS = tuple((character.encode(), f"\\u{ord(character):04x}".encode()) for character in "\u2028\u2029\x85")
_MICROSECOND = datetime.timedelta(microseconds=1)
_DURATION = re.compile(r"(-?)PT([0-9]+)\.([0-9]{6})S")


class Record:
    """Base of all records. Its repr shows no content."""

    __slots__ = ("__weakref__",)  # here, as `fast_init` needs it

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


@cache
def serialized_fields(kind: Any) -> dict[str, Any]:
    """Give the annotation of each field of a record that belongs to the neutral content, by name."""
    hints = get_type_hints(kind)
    return {member.name: hints[member.name] for member in fields(kind) if member.eq}


_PLAIN = "write_time({0})"
_LEFT_TO_ORJSON = "{0} if {0}.tzinfo is UTC else write_time({0})"
"""Times in UTC are left to orjson, which spells them as Python does, in a tenth of the time."""


def to_json(record: Record) -> dict[str, Any]:
    """Return a record as JSON values, with the version of the schema."""
    return {"schema_version": SCHEMA_VERSION, **_dump(record, _PLAIN, _write_time, write_duration)}


def to_python(record: Record) -> dict[str, Any]:
    """Return a record as `to_json` does, with times and durations as Python objects."""
    return {"schema_version": SCHEMA_VERSION, **_dump(record, _PLAIN, _identity, _identity)}


class SerializedRecord(Generic[R]):
    """A record in both of its serialized forms: as a line of JSON, and in the canonical form of its fingerprint."""

    def __init__(self, record: R) -> None:
        self.record = record
        self._is_in_utc = True
        self._values = _dump(record, _LEFT_TO_ORJSON, self._write_time, write_duration)

    def _write_time(self, time: datetime.datetime) -> str:
        self._is_in_utc = False
        return _write_time(time)

    def line(self) -> bytes:
        """Return what `to_json` returns, as one line of JSON, without U+2028, U+2029 and U+0085 as such."""
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
    """Escape what others than JSON take for the end of a line, such as JavaScript and `str.splitlines`."""
    for character, escape in _LINE_BREAKS:
        if character[:1] in line and character in line:  # one byte is found in a tenth of the time
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
    """Give a function that writes a record of this kind: straight-line, as an export calls it by the million.

    `time` is the expression that writes a time.
    """
    scope: dict[str, Any] = {"UTC": datetime.UTC}
    pairs = [
        f"{name!r}: {_expression(hint, f'record.{name}', scope, time)}"
        for name, hint in serialized_fields(kind).items()
    ]
    source = f"def dump(record, write_time, write_duration):\n    return {{{', '.join(pairs)}}}"
    exec(source, scope)  # noqa: S102  # our own names
    return cast(Dump, scope["dump"])


def _expression(hint: Any, value: str, scope: dict[str, Any], time: str) -> str:
    """Give the expression that writes a value of this annotation."""
    if get_origin(hint) is tuple:
        return f"[{_expression(get_args(hint)[0], 'item', scope, time)} for item in {value}]"
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
    """Give ISO 8601 with an offset in minutes: a time zone of old has seconds, too, which RFC 3339 does not know."""
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


class InvalidRecord(Exception):
    """A value that does not fit the neutral form. The message begins with its JSON pointer and shows no value."""

    def __init__(self, location: str = "", problem: str | None = None) -> None:
        self.location = location
        problem = problem or f"not by the schema of the neutral form, version {SCHEMA_VERSION}"
        super().__init__(f"{location or '/'}: {problem}")


def from_json(kind: type[R], data: object) -> R:
    """Return the record of this kind that `to_json` wrote.

    Raises:
        InvalidRecord: A value does not fit, or the record is of another version.
    """
    if not is_object(data):
        raise InvalidRecord
    version: object = data.get("schema_version")
    if type(version) is not int or version != SCHEMA_VERSION:
        raise InvalidRecord("/schema_version", _other_version(version))
    content = {name: value for name, value in data.items() if name not in ("schema_version", ORIGINAL)}
    return cast(R, _loader(cast(Any, kind))(content))


def _other_version(found: object) -> str:
    """Return what is wrong with a version, which is shown only if it is a plain integer."""
    shown = f"version {found}" if type(found) is int and abs(found) < MAX_SHOWN_VERSION else "no known version"
    return (
        f"the record is of {shown} of the neutral form, and this conversas reads version {SCHEMA_VERSION} alone; "
        "decode the body again"
    )


@cache
def _loader(hint: Any) -> Load:
    """Return a function that reads a value of this annotation: `read_export` calls it by the million."""
    if get_origin(hint) is tuple:
        return partial(_load_items, _loader(get_args(hint)[0]))
    if options := get_args(hint):
        (option,) = (option for option in options if option is not NoneType)
        return partial(_load_optional, _loader(option))
    if issubclass(hint, Record):
        loaders = {name: _loader(annotation) for name, annotation in serialized_fields(hint).items()}
        required = [each.name for each in fields(cast(Any, hint)) if each.default is NOTHING]
        return partial(_load_record, hint, loaders, required)
    if issubclass(hint, StrEnum):
        return partial(_load_member, {str(member): member for member in hint})
    return partial(_load_text, _PARSERS[hint]) if hint in _PARSERS else partial(_load_plain, hint)


def _load_optional(load: Load, value: Any) -> Any:
    return None if value is None else load(value)


def _load_items(load: Load, value: Any) -> tuple[Any, ...]:
    if not is_array(value):
        raise InvalidRecord
    try:
        return tuple(map(load, value))
    except InvalidRecord:
        _raise_located(enumerate(value), lambda _: load)


def _load_record(kind: Any, loaders: Mapping[str, Load], required: list[str], value: Any) -> Any:
    if not is_object(value) or not value.keys() <= loaders.keys():
        raise InvalidRecord
    try:
        loaded = {name: loaders[name](item) for name, item in value.items()}
    except InvalidRecord:
        _raise_located(value.items(), loaders.__getitem__)
    for name in required:
        if name not in loaded:
            raise InvalidRecord(f"/{name}")
    return kind(**loaded)


def _raise_located(items: Iterable[tuple[Any, Any]], loader: Callable[[Any], Load]) -> NoReturn:
    """Raise the error of the first item that does not fit, with its place."""
    for place, item in items:
        try:
            loader(place)(item)
        except InvalidRecord as error:
            raise InvalidRecord(f"/{place}{error.location}") from None
    raise InvalidRecord  # not reached: one of them does not fit


def _load_plain(kind: type, value: Any) -> Any:
    if type(value) is not kind:
        raise InvalidRecord
    return value


def _load_member(members: Mapping[str, StrEnum], value: Any) -> StrEnum:
    member = members.get(value) if isinstance(value, str) else None
    if member is None:
        raise InvalidRecord
    return member


def _load_text(parse: Callable[[str], Any], value: Any) -> Any:
    loaded = None
    if isinstance(value, str):
        with contextlib.suppress(ValueError, TypeError, OverflowError, ConversasError):
            loaded = parse(value)
    if loaded is None:
        raise InvalidRecord
    return loaded


def _read_time(text: str) -> datetime.datetime | None:
    time = datetime.datetime.fromisoformat(text)
    return time if time.tzinfo else None


def _read_duration(text: str) -> datetime.timedelta | None:
    match = _DURATION.fullmatch(text)
    if match is None:
        return None
    duration = datetime.timedelta(seconds=int(match[2]), microseconds=int(match[3]))
    return -duration if match[1] else duration


_PARSERS: dict[Any, Callable[[str], Any]] = {
    datetime.datetime: _read_time,
    datetime.timedelta: _read_duration,
    ConversationRef: ConversationRef.parse,
}
