"""Open enums: a value that the spec does not list is a member as well."""

from enum import EnumType, IntEnum, StrEnum
from typing import Any, TypeVar, cast

T = TypeVar("T")


class OpenEnumType(EnumType):
    """Makes an enum open: each value that is not listed is a new member, which is not cached.

    `_member_type_` (int or str), `_value2member_map_`, `_name_` and `_value_` are private to `enum`; the tests run on
    Python 3.11, 3.12 and 3.13. Enum's own hook `_missing_` is not enough: it is called for unlisted values only, and
    True, which equals 1, would be the member 1 without a call.
    """

    def __call__(cls: type[T], value: Any) -> T:  # type: ignore[override]  # no functional API
        kind: Any = cls
        if not isinstance(value, kind._member_type_) or isinstance(value, bool):
            raise TypeError(f"{kind.__name__} takes {kind._member_type_.__name__}, not {type(value).__name__}")
        member = kind._value2member_map_.get(value)
        if member is None:
            member = kind._member_type_.__new__(kind, value)
            member._name_, member._value_ = "UNKNOWN", kind._member_type_(value)
        return cast(T, member)


class OpenNumberEnumType(OpenEnumType):
    """Makes an enum open whose integers may be written as 1.0, as JSON lets a number be."""

    def __call__(cls: type[T], value: Any) -> T:  # type: ignore[override]  # no functional API
        whole = int(value) if isinstance(value, float) and value.is_integer() else value
        return cast(T, OpenEnumType.__call__(cast(Any, cls), whole))


class _OpenEnum:
    """Properties of open enums of integers and of strings."""

    @property
    def is_known(self) -> bool:
        """Whether the spec lists this value."""
        member: Any = self
        return member._value_ in member._value2member_map_

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        member: Any = self
        return type(self), (member._value_,)


class OpenIntEnum(_OpenEnum, IntEnum, metaclass=OpenEnumType):
    """An enum of integers: `kind(42)` is a member with the value 42 even if the spec lists no 42."""


class OpenNumberEnum(OpenIntEnum, metaclass=OpenNumberEnumType):
    """An enum of integers that the spec calls numbers: `kind(1.0)` is the member of 1."""


class OpenStrEnum(_OpenEnum, StrEnum, metaclass=OpenEnumType):
    """An enum of strings: any string is a member. The repr of an unknown one does not show it."""

    def __repr__(self) -> str:
        return super().__repr__() if self.is_known else f"<{type(self).__name__}.UNKNOWN>"
