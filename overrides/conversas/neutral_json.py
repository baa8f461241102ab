"""The neutral form as JSON values: written and read back by the annotations of the records."""

import datetime
import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cache
from types import NoneType
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

from attrs import fields

from conversas.errors import ConversasError, DecodeError
from conversas.json_pointer import is_array, is_object
from conversas.records import Conversation, Record
from conversas.ref import ConversationRef

SCHEMA_VERSION = 1

C = TypeVar("C", bound=Conversation)

_MICROSECOND = datetime.timedelta(microseconds=1)
_DURATION = re.compile(r"(-?)PT([0-9]+)\.([0-9]{6})S")


@cache
def _members(kind: Any) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {member.name: hints[member.name] for member in fields(kind) if member.eq}


def members(kind: Any) -> dict[str, Any]:
    """Give the annotation of each field of a record that belongs to the neutral content, by name."""
    return _members(kind)


def dump_conversation(conversation: Conversation) -> dict[str, Any]:
    return {"schema_version": SCHEMA_VERSION, **_dump(conversation)}


def _dump(value: Any) -> Any:
    match value:
        case None | bool() | int():
            return value
        case str():
            return str(value)  # of an enum: its value
        case tuple():
            return [_dump(item) for item in cast(Iterable[Any], value)]
        case Record():
            return {name: _dump(getattr(value, name)) for name in members(type(value))}
        case datetime.datetime():
            return value.isoformat()
        case datetime.timedelta():
            return _write_duration(value)
        case _:
            return str(value)  # a ref


def _write_duration(duration: datetime.timedelta) -> str:
    seconds, microseconds = divmod(abs(duration) // _MICROSECOND, 1_000_000)
    return f"{'-' if duration < datetime.timedelta() else ''}PT{seconds}.{microseconds:06}S"


def load_conversation(kind: type[C], data: Mapping[str, Any]) -> C:
    """Read what `dump_conversation` gave; DecodeError names the place where it is something else."""
    if data.get("schema_version") != SCHEMA_VERSION:
        raise DecodeError(f"/schema_version: this version of conversas reads the neutral form {SCHEMA_VERSION}")
    content = {name: value for name, value in data.items() if name != "schema_version"}
    return cast(C, _load(kind, content, ""))


def _load(hint: Any, value: Any, place: str) -> Any:
    options = get_args(hint) if get_origin(hint) is not tuple else ()
    if options:
        return (
            None if value is None else _load(next(option for option in options if option is not NoneType), value, place)
        )
    if get_origin(hint) is tuple and is_array(value):
        return tuple(_load(get_args(hint)[0], item, f"{place}/{index}") for index, item in enumerate(value))
    if isinstance(hint, type) and issubclass(hint, Record) and is_object(value):
        return _load_record(hint, value, place)
    if type(value) is hint and hint in (str, int, bool):
        return value
    if isinstance(value, str) and (loaded := _load_text(hint, value)) is not None:
        return loaded
    raise DecodeError(f"{place or '/'}: not by the schema of the neutral form")


def _load_record(kind: Any, value: Mapping[str, Any], place: str) -> Any:
    known = members(kind)
    if unknown := value.keys() - known.keys():
        raise DecodeError(f"{place or '/'}: {len(unknown)} properties are not in the schema of the neutral form")
    return kind(**{name: _load(known[name], item, f"{place}/{name}") for name, item in value.items()})


def _load_text(hint: Any, text: str) -> Any:
    try:
        if hint is datetime.datetime:
            return datetime.datetime.fromisoformat(text)
        if hint is datetime.timedelta:
            return _read_duration(text)
        if hint is ConversationRef:
            return ConversationRef.parse(text)
        return hint(text) if issubclass(hint, StrEnum) else None
    except (ValueError, TypeError, OverflowError, ConversasError):
        return None


def _read_duration(text: str) -> datetime.timedelta | None:
    match = _DURATION.fullmatch(text)
    if match is None:
        return None
    duration = datetime.timedelta(seconds=int(match[2]), microseconds=int(match[3]))
    return -duration if match[1] else duration
