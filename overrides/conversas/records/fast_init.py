"""Constructors of frozen records that set the slots directly.

The constructor that attrs writes for a frozen class calls `object.__setattr__` for each field, which takes several
times as long. A draft of the same layout is filled instead, and then becomes the record. It pays for records that come
by the dozen with each conversation.
"""

from typing import Any, TypeVar, cast

from attrs import fields

T = TypeVar("T")


def fast_constructor(kind: type[T]) -> type[T]:
    """Return a function that makes the same record as `kind(...)`, without defaults.

    `kind` must have no slot for weak references: the layouts would differ.
    """
    names = [member.name for member in fields(cast(Any, kind))]
    draft = type(f"{kind.__name__}Draft", kind.__bases__, {"__slots__": names})
    lines = [f"def make({', '.join(names)}):", "    self = _new(_draft)"]
    lines += [f"    self.{name} = {name}" for name in names]
    scope: dict[str, Any] = {"_new": object.__new__, "_draft": draft, "_kind": kind}
    exec("\n".join([*lines, "    self.__class__ = _kind", "    return self"]), scope)  # noqa: S102  # our own names alone
    return cast(type[T], scope["make"])
