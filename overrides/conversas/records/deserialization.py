"""Reading of records from JSON values, by the annotations of their fields. This module names no class of records."""

import contextlib
import datetime
import re
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from functools import cache, partial
from types import NoneType
from typing import Any, NoReturn, TypeVar, cast, get_args, get_origin

from attrs import NOTHING, fields

from conversas.errors import ConversasError
from conversas.json_pointer import is_array, is_object
from conversas.records.ref import ConversationRef
from conversas.records.serialization import ORIGINAL, SCHEMA_VERSION, Record, serialized_fields

MAX_SHOWN_VERSION = 10**6

R = TypeVar("R", bound=Record)
Load = Callable[[Any], Any]

_DURATION = re.compile(r"(-?)PT([0-9]+)\.([0-9]{6})S")


class InvalidRecord(Exception):
    """A value that does not match the neutral form.

    The message begins with the JSON pointer, and shows no value except a schema version.
    """

    def __init__(self, location: str = "", problem: str | None = None) -> None:
        self.location = location
        problem = problem or f"the value does not match the schema of the neutral form, version {SCHEMA_VERSION}"
        super().__init__(f"{location or '/'}: {problem}")


def from_json(kind: type[R], data: object) -> R:
    """Return the record of this kind that `to_json` wrote.

    Raises:
        InvalidRecord: A value does not match the schema, or the record has a different schema version.
    """
    if not is_object(data):
        raise InvalidRecord
    version: object = data.get("schema_version")
    if type(version) is not int or version != SCHEMA_VERSION:
        raise InvalidRecord("/schema_version", _other_version(version))
    content = {name: value for name, value in data.items() if name not in ("schema_version", ORIGINAL)}
    try:
        return cast(R, _fast_loader(cast(Any, kind))(content))
    except (ConversasError, InvalidRecord, LookupError, AttributeError, TypeError, ValueError, OverflowError):
        pass  # a field is missing, which is allowed, or a value is invalid: the slow loader finds its location
    return cast(R, _loader(cast(Any, kind))(content))


def _other_version(found: object) -> str:
    """Return the message about a wrong version. The version is shown only if it is a plain integer."""
    shown = f"version {found}" if type(found) is int and abs(found) < MAX_SHOWN_VERSION else "no known version"
    return (
        f"the record has {shown} of the neutral form, and this conversas reads only version {SCHEMA_VERSION}; "
        "decode the body again"
    )


@cache
def _fast_loader(kind: Any) -> Load:
    """Return a function that reads a whole record of this kind. It is fast, because exports have millions of records.

    The function raises one of several errors if the record is invalid or lacks a field.
    """
    hints = serialized_fields(kind)
    scope: dict[str, Any] = {"_record": kind, "_Invalid": InvalidRecord}
    lines = [
        line for name, hint in hints.items() for line in (f"{name} = _data[{name!r}]", *_load_lines(hint, name, scope))
    ]
    passed = ", ".join(f"{name}={name}" for name in hints)
    body = [f"if len(_data) != {len(hints)}: raise _Invalid", *lines, f"return _record({passed})"]
    exec("\n    ".join(["def load(_data):", *body]), scope)  # noqa: S102  # only our own names
    return cast(Load, scope["load"])


def _load_lines(hint: Any, name: str, scope: dict[str, Any]) -> list[str]:
    """Return the lines of code that convert the JSON value in a variable to the annotated type."""
    if get_origin(hint) is tuple:
        item = _load_item(get_args(hint)[0], f"_load_{name}", scope)
        return [f"if type({name}) is not list: raise _Invalid", f"{name} = tuple([{item} for _item in {name}])"]
    if options := get_args(hint):
        (option,) = (option for option in options if option is not NoneType)
        return [f"if {name} is not None:", *("    " + line for line in _load_lines(option, name, scope))]
    if hint in _PARSERS:
        scope[f"_parse_{name}"] = _PARSERS[hint]
        return [f"{name} = _parse_{name}({name})", f"if {name} is None: raise _Invalid"]
    if issubclass(hint, Record | StrEnum):
        return [f"{name} = {_load_item(hint, f'_load_{name}', scope).replace('_item', name)}"]
    return [f"if type({name}) is not {hint.__name__}: raise _Invalid"]


def _load_item(hint: Any, loader: str, scope: dict[str, Any]) -> str:
    """Return the expression that converts `_item` to a record or to a member of an enum."""
    if issubclass(hint, StrEnum):
        scope[loader] = {str(member): member for member in hint}
        return f"{loader}[_item]"
    scope[loader] = _fast_loader(hint)
    return f"{loader}(_item)"


@cache
def _loader(hint: Any) -> Load:
    """Return a function that reads a value of the annotated type. Its errors have the location of an invalid value."""
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
    """Raise the error of the first invalid item, with its location."""
    for place, item in items:
        try:
            loader(place)(item)
        except InvalidRecord as error:
            raise InvalidRecord(f"/{place}{error.location}") from None
    raise InvalidRecord  # not reached: one of the items is invalid


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
