"""What the models and the endpoint functions of this package share."""

import datetime
import json
from collections.abc import Iterator, Mapping, MutableMapping
from enum import Enum, EnumType, IntEnum, StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import (
    Any,
    ClassVar,
    Final,
    Generic,
    Literal,
    Self,
    TypeVar,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)
from uuid import UUID

from attrs import define, field

T = TypeVar("T")


class Unset(Enum):
    """The type of UNSET, which stands for a property that the JSON object does not have.

    An enum of one member: it stays one object after copy and pickle, and type checkers follow `is UNSET`.
    """

    UNSET = ...

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = Unset.UNSET

EXTRA: Final = None
"""Key under which an object for `from_checked` carries its unknown properties: no JSON key is None."""


read_datetime: Final = datetime.datetime.fromisoformat


class OpenEnumType(EnumType):
    """Makes an enum open: a value that is not listed gives a member of its own, which is not cached."""

    def __call__(cls: type[T], value: Any) -> T:  # type: ignore[override]  # no functional API
        kind: Any = cls
        if not isinstance(value, kind._member_type_) or isinstance(value, bool):
            raise TypeError(
                f"{kind.__name__} takes {kind._member_type_.__name__}, not {type(value).__name__}"
            )
        member = kind._value2member_map_.get(value)
        if member is None:
            member = kind._member_type_.__new__(kind, value)
            member._name_, member._value_ = "UNKNOWN", kind._member_type_(value)
        return cast(T, member)


class _OpenEnum:
    """What open enums of integers and of strings have in common."""

    @property
    def is_known(self) -> bool:
        """Whether the spec lists this value."""
        member: Any = self
        return member._value_ in member._value2member_map_

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        member: Any = self
        return type(self), (member._value_,)


class OpenIntEnum(_OpenEnum, IntEnum, metaclass=OpenEnumType):
    """An enum of integers: `kind(42)` is a member with the value 42 even where the spec lists no 42."""


class OpenStrEnum(_OpenEnum, StrEnum, metaclass=OpenEnumType):
    """An enum of strings: any string gives a member. The repr of an unknown one does not show it."""

    def __repr__(self) -> str:
        return super().__repr__() if self.is_known else f"<{type(self).__name__}.UNKNOWN>"


class Misfit(Exception):
    """A JSON value is not of the type that its annotation names."""


@define(repr=False)
class Model:
    """A JSON object of the API. Its repr shows no content.

    Attributes:
        additional_properties: What stands under names that the spec does not list. `from_dict` keeps
            here, too, a value that does not fit its declared type: the attribute is UNSET then.
    """

    additional_properties: dict[str, Any] = field(factory=dict, kw_only=True)

    _names: ClassVar[dict[str, str]] = {}
    """JSON name of each property, with the name of its attribute."""

    def to_dict(self) -> dict[str, Any]:
        """Give the JSON object back. `from_dict` of the result equals this object."""
        result = dict(self.additional_properties)
        for name, attribute in self._names.items():
            if (value := getattr(self, attribute)) is not UNSET:
                result[name] = _write(value)
        return result

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a JSON object, whatever its properties hold. Items of a list that do not fit are left out.

        Raises:
            TypeError: `src_dict` is not a mapping.
        """
        if not isinstance(src_dict, Mapping):
            found = type(src_dict).__name__
            del src_dict  # a traceback may show the locals of this frame
            raise TypeError(f"{cls.__name__}.from_dict takes a JSON object, not {found}")
        model: Any = cls
        kinds, self = _kinds(model), cls()
        for name, value in src_dict.items():
            attribute, kind, plain = kinds.get(name, _UNLISTED)
            try:
                setattr(self, attribute, value if type(value) in plain else _read(kind, value))
            except Misfit:
                self.additional_properties[name] = value
        return self

    @classmethod
    def from_checked(cls, data: dict[Any, Any]) -> Self:
        """Read a JSON object that was checked against the schema; what would not fit was taken out before."""
        raise NotImplementedError

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties)

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties


_UNLISTED: Final = ("", Unset, frozenset[type]())


@cache
def _kinds(model: type[Model]) -> dict[str, tuple[str, Any, frozenset[type]]]:
    """Give the attribute, the annotation and the types that need no conversion, by JSON name."""
    hints = get_type_hints(model)
    return {
        name: (attribute, hints[attribute], _plain(hints[attribute]))
        for name, attribute in model._names.items()
    }


def _plain(kind: Any) -> frozenset[type]:
    kinds = get_args(kind) if get_origin(kind) is UnionType else (kind,)
    return frozenset(kinds) & {str, int, float, bool, NoneType}


def _read(kind: Any, value: Any) -> Any:
    """Give a JSON value the Python form that an annotation names, or raise Misfit."""
    origin = get_origin(kind)
    if origin is UnionType:
        return _first(_options(get_args(kind), value))
    if origin is list and isinstance(value, list):
        return [item for raw in value for item in _options(get_args(kind), raw)]
    if kind is Any or type(value) is kind or (kind is float and type(value) is int):
        return value
    if isinstance(kind, type) and kind is not NoneType:
        return _construct(kind, value)
    raise Misfit


def _options(kinds: tuple[Any, ...], value: Any) -> Iterator[Any]:
    """Give the value in the form of the first of these annotations that it fits, if any."""
    for kind in kinds:
        try:
            yield _read(kind, value)
        except Misfit:
            continue
        return


def _first(options: Iterator[T]) -> T:
    for option in options:
        return option
    raise Misfit


def _construct(kind: type, value: Any) -> Any:
    if issubclass(kind, Model) and isinstance(value, Mapping):
        return kind.from_dict(value)
    try:
        if issubclass(kind, OpenIntEnum | OpenStrEnum):
            return kind(value)
        if issubclass(kind, datetime.date) and isinstance(value, str):
            return kind.fromisoformat(value)
        if kind is UUID and isinstance(value, str):
            return UUID(value)
    except (TypeError, ValueError):
        pass
    raise Misfit


def _write(value: Any) -> Any:
    if isinstance(value, Model):
        return value.to_dict()
    if isinstance(value, list):
        return [_write(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime.date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def read_body(kind: Any, body: bytes) -> Any:
    """Read the body of an answer; None where it is not JSON of that kind."""
    try:
        return _read(kind, json.loads(body))
    except (Misfit, ValueError, RecursionError):
        return None


@define
class Response(Generic[T]):
    """An answer of the API. `parsed` is None where the spec gives the status no schema, or the body is not of it."""

    status_code: int
    content: bytes = field(repr=False)
    headers: MutableMapping[str, str] = field(repr=False)
    parsed: T | None = field(repr=False)


__all__ = [
    "EXTRA",
    "UNSET",
    "Model",
    "OpenIntEnum",
    "OpenStrEnum",
    "Response",
    "Unset",
    "read_body",
]
