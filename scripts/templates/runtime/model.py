"""Models of JSON objects, and the conversion of JSON values to the types of their properties."""

import datetime
from collections.abc import Mapping
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, ClassVar, Final, Self, TypeGuard, cast, get_args, get_origin, get_type_hints
from uuid import UUID

from attrs import define, field, fields

from .enums import OpenIntEnum, OpenStrEnum
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
        for name, attribute in self._names.items():
            if (value := getattr(self, attribute)) is not UNSET:
                result[name] = _to_json(value)
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
            attribute, kind, plain = annotations.get(name, _UNLISTED)
            converted = value if type(value) in plain else convert(kind, value)
            if converted is INVALID:
                self.additional_properties[name] = value
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
    def _annotations(cls) -> dict[str, tuple[str, Any, frozenset[type]]]:
        """Return the attribute, the annotation and the types that need no conversion, by JSON name."""
        hints = get_type_hints(cls)
        return {
            name: (attribute, hints[attribute], _plain_types(hints[attribute]))
            for name, attribute in cls._names.items()
        }

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


_UNLISTED: Final = ("", INVALID, frozenset[type]())
"""Entry for a name that the spec does not list: no value is of the type INVALID."""


def _plain_types(kind: Any) -> frozenset[type]:
    kinds = get_args(kind) if get_origin(kind) is UnionType else (kind,)
    return frozenset(kinds) & {str, int, float, bool, NoneType}


def convert(kind: Any, value: Any) -> Any:
    """Return a JSON value in the Python form that an annotation names, or INVALID."""
    origin = get_origin(kind)
    if origin is UnionType:
        converted = (convert(option, value) for option in get_args(kind))
        return next((each for each in converted if each is not INVALID), INVALID)
    if origin is list and _is_list(value):
        items = (convert(get_args(kind)[0], item) for item in value)
        return [item for item in items if item is not INVALID]
    if kind is Any or type(value) is kind or (kind is float and type(value) is int):
        return value
    return _construct(kind, value) if isinstance(kind, type) else INVALID


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
    except (TypeError, ValueError):
        pass
    return INVALID


def _is_list(value: object) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def _to_json(value: Any) -> Any:
    if isinstance(value, Model):
        return value.to_dict()
    if _is_list(value):
        return [_to_json(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime.date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
