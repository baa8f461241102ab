"""Models of JSON objects, and the conversion of JSON values to the types of their properties."""

import datetime
from collections.abc import Mapping
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    ClassVar,
    Final,
    Self,
    TypeGuard,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)
from uuid import UUID

from attrs import define, field, fields

from .enums import OpenIntEnum, OpenStrEnum
from .unions import Discriminator
from .unset import UNSET

EXTRA: Final = None
"""Key of the unknown properties in an object for `from_checked`. It is None, which no JSON object has as a key."""

INVALID: Final = object()
"""Result of `convert` for a JSON value that is not of the annotated type."""

read_datetime: Final = datetime.datetime.fromisoformat


@define(repr=False)
class Model:
    """A JSON object of the API. Its repr shows no content.

    Attributes:
        additional_properties: Values under names that the spec does not list. `from_dict` also keeps a value here
            that is not of its declared type: the attribute is UNSET then.
    """

    additional_properties: dict[str, Any] = field(factory=dict[str, Any], kw_only=True)

    _renamed: ClassVar[dict[str, str]] = {}
    """JSON name of each property whose attribute has another name, with the name of the attribute."""
    _names: ClassVar[dict[str, str]] = {}
    """JSON name of each property, with the name of its attribute: made of the fields and `_renamed`."""
    _absent: ClassVar[dict[Any, Any]] = {}
    """JSON name of each property, with UNSET."""
    _unlisted: ClassVar[Any]
    """Annotation of the values under names that the spec does not list, if it has a schema for them."""

    @classmethod
    def __attrs_init_subclass__(cls) -> None:
        """Fill the tables of names, once for each model."""
        json_names = {attribute: name for name, attribute in cls._renamed.items()}
        attributes: list[str] = [each.name for each in fields(cls) if each.name != "additional_properties"]
        cls._names = {json_names.get(attribute, attribute): attribute for attribute in attributes}
        cls._absent = dict.fromkeys(cls._names, UNSET)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object. `from_dict` of the result equals this object."""
        result = dict(self.additional_properties)
        if self._annotations()[_UNLISTED][1] is not Any:
            result = {name: to_json(value) for name, value in result.items()}
        for name, attribute in self._names.items():
            if (value := getattr(self, attribute)) is not UNSET:
                result[name] = to_json(value)
        return result

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read a JSON object with properties of any type. Invalid items of a list are left out.

        Raises:
            TypeError: `src_dict` is not a mapping.
        """
        if not isinstance(src_dict, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]  # users pass parsed JSON
            found = type(src_dict).__name__
            del src_dict  # a traceback may show the locals of this frame
            raise TypeError(f"{cls.__name__}.from_dict takes a JSON object, not {found}")
        annotations, self = cls._annotations(), cls()
        for name, value in src_dict.items():
            attribute, kind, plain = annotations.get(name) or annotations[_UNLISTED]
            converted = value if type(value) in plain else convert(kind, value)
            if not attribute or converted is INVALID:
                self.additional_properties[name] = value if converted is INVALID else converted
            else:
                setattr(self, attribute, converted)
        return self

    @classmethod
    def from_checked(cls, data: dict[Any, Any]) -> Self:
        """Read a JSON object that was checked against the schema, so that no value is tested again.

        This is the fast way: each model has straight-line code for it. For any other object, use `from_dict`.

        Args:
            data: Valid values under the names that the spec lists, and under EXTRA a dict of all other properties.
        """
        raise NotImplementedError

    @classmethod
    @cache
    def _annotations(cls) -> dict[str | None, tuple[str, Any, frozenset[type]]]:
        """Return the attribute, the annotation and the types that need no conversion, by JSON name.

        Under the key None are those of a name that the spec does not list.
        """
        hints = get_type_hints(cls, include_extras=True)
        (unlisted,) = get_args(hints["_unlisted"])
        found: dict[str | None, tuple[str, Any, frozenset[type]]] = {
            name: (attribute, hints[attribute], _plain_types(hints[attribute]))
            for name, attribute in cls._names.items()
        }
        found[_UNLISTED] = "", unlisted, _plain_types(unlisted)
        return found

    @property
    def additional_keys(self) -> list[str]:
        """Names of the additional properties."""
        return list(self.additional_properties)

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties


_UNLISTED: Final = None
"""Key of the entry for each name that the spec does not list. No JSON object has it."""


def _plain_types(kind: Any) -> frozenset[type]:
    kinds = get_args(kind) if get_origin(kind) in (UnionType, Union) else (kind,)
    return frozenset(kinds) & {str, int, float, bool, NoneType}


def convert(kind: Any, value: Any) -> Any:
    """Return a JSON value in the Python form that an annotation names, or INVALID."""
    origin = get_origin(kind)
    if origin in (UnionType, Union):
        converted = (convert(option, value) for option in get_args(kind))
        return next((each for each in converted if each is not INVALID), INVALID)
    if origin is Annotated:
        return _convert_annotated(get_args(kind)[0], get_args(kind)[1], value)
    if origin is list and _is_list(value):
        items = (convert(get_args(kind)[0], item) for item in value)
        return [item for item in items if item is not INVALID]
    if origin is dict and isinstance(value, Mapping):
        return _convert_map(get_args(kind)[1], cast("Mapping[str, Any]", value))
    if kind is Any or type(value) is kind or (kind is float and type(value) is int):
        return value
    return _construct(kind, value) if isinstance(kind, type) else INVALID


def _convert_map(kind: Any, value: Mapping[str, Any]) -> dict[str, Any]:
    converted = {name: convert(kind, item) for name, item in value.items()}
    return {name: item for name, item in converted.items() if item is not INVALID}


def _convert_annotated(kind: Any, mark: Any, value: Any) -> Any:
    """Return the alternative that a discriminator names, or the object as it is."""
    if not isinstance(mark, Discriminator) or not isinstance(value, Mapping):
        return convert(kind, value)
    options = get_args(kind)
    return convert(mark.class_of(cast("Mapping[str, Any]", value), options) or options[-1], value)


def _construct(kind: type, value: Any) -> Any:
    if issubclass(kind, Model) and isinstance(value, Mapping):
        return kind.from_dict(cast("Mapping[str, Any]", value))
    try:
        if issubclass(kind, OpenIntEnum | OpenStrEnum):
            return kind(value)
        if issubclass(kind, datetime.date) and isinstance(value, str):
            return kind.fromisoformat(value)
        if kind is UUID and isinstance(value, str):
            return UUID(value)
    except (TypeError, ValueError, OverflowError):
        pass
    return INVALID


def _is_list(value: object) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def to_json(value: Any) -> Any:
    """Return the JSON value of a value of any annotated type."""
    if isinstance(value, Model):
        return value.to_dict()
    if _is_list(value):
        return [to_json(item) for item in value]
    if isinstance(value, dict):
        return {name: to_json(item) for name, item in cast("dict[str, Any]", value).items()}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime.date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
