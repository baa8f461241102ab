"""Fast constructors of frozen records, which set the slots directly.

The constructor that attrs writes for a frozen class calls `object.__setattr__` for each field, which takes several
times as long. Here, the fields are set on a draft: an object of a subclass that is not frozen. Then the class of the
draft is changed to the class of the record.
"""

from typing import Any, TypeVar, cast

from attrs import NOTHING, fields

T = TypeVar("T")


def fast_init(kind: type[T]) -> type[T]:
    """Write a fast `__init__` for a frozen class that has slots. Use this function as a decorator.

    The fast `__init__` has the same keywords and defaults. No field may have a converter, a validator or a factory.
    """
    members = fields(cast(Any, kind))
    passed = [f"{member.alias}={member.alias}" for member in members]
    scope = _defaults(kind)
    scope |= {"_type": type, "_kind": kind, "_draft": _draft(kind), "_set": object.__setattr__, "_init": kind.__init__}
    lines = [
        f"def __init__(self, *, {_parameters(kind)}):",
        f"    if _type(self) is not _kind: return _init(self, {', '.join(passed)})",
        "    _set(self, '__class__', _draft)",
        *(f"    self.{member.name} = {member.alias}" for member in members),
        "    self.__class__ = _kind",
    ]
    init = _define("__init__", lines, scope)
    init.__annotations__ = kind.__init__.__annotations__
    cast(Any, kind).__init__ = init
    return kind


def fast_constructor(kind: type[T]) -> type[T]:
    """Return a function that makes the same record as `kind(...)` in less than half the time.

    The function takes the fields by name or by position.
    """
    lines = [
        f"def make({_parameters(kind)}):",
        "    self = _draft()",
        *(f"    self.{member.name} = {member.alias}" for member in fields(cast(Any, kind))),
    ]
    scope = _defaults(kind) | {"_draft": _draft(kind), "_kind": kind}
    return cast(type[T], _define("make", [*lines, "    self.__class__ = _kind", "    return self"], scope))


def _parameters(kind: type) -> str:
    """Return the parameters of a constructor, as Python source."""
    return ", ".join(
        member.alias if member.default is NOTHING else f"{member.alias}=default_{member.alias}"
        for member in fields(cast(Any, kind))
    )


def _defaults(kind: type) -> dict[str, Any]:
    """Return the default values, by the names that `_parameters` uses."""
    return {f"default_{member.alias}": member.default for member in fields(cast(Any, kind))}


def _draft(kind: type) -> type:
    """Return a subclass that is not frozen, whose constructor sets nothing.

    The subclass has the same memory layout, so an object can change from one class to the other.
    """
    return type(
        f"{kind.__name__}Draft",
        (kind,),
        {
            "__slots__": (),
            "__init__": object.__init__,
            "__setattr__": object.__setattr__,
            "__delattr__": object.__delattr__,
        },
    )


def _define(name: str, lines: list[str], scope: dict[str, Any]) -> Any:
    exec("\n".join(lines), scope)  # noqa: S102  # only our own names
    return scope[name]
