"""Layouts of structs: what each attribute holds, and straight-line functions that read all attributes of a struct.

A struct has the attributes of the generated model, so that a mapping reads either.
"""

import datetime
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import Enum
from typing import Any, get_args, get_type_hints

from attrs import define, field

from conversas.decoding.json_body import check_free_form
from conversas_api.runtime import UNSET, Unset

Schema = Mapping[str, Any]

_ZEROS = bytes.maketrans(b"123456789", b"000000000")
_COMMON_FORMS = frozenset(
    f"0000-00-00T00:00:00{fraction}{zone}".encode()
    for fraction in ("", *("." + "0" * digits for digits in range(1, 10)))
    for zone in ("", "Z")
)
_CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]"
_FORM = rf"[0-9-]{{10}}[T ]{_CLOCK}(?::[0-5][0-9](?:[.,][0-9]+)?)?(?:Z|[+-]{_CLOCK})?"
_FORMS = re.compile(rf"{_FORM}(?:\n{_FORM})*")


@define(eq=False)
class Child:
    """A property that holds an object, or a list of them."""

    name: str
    attribute: str
    layout: "Layout"
    is_list: bool

    def items(self, struct: Any) -> Sequence[Any]:
        """Return the objects that a struct holds in this property."""
        value = getattr(struct, self.attribute)
        return () if not value else value if self.is_list else (value,)


@define(eq=False)
class Layout:
    """Struct of one definition, and facts about its attributes."""

    model: Any
    """The generated model."""
    properties: Mapping[str, Schema]
    names: Mapping[str, str]
    """JSON name of each property that the spec lists, with its attribute."""
    struct: Any = None
    children: list[Child] = field(factory=list[Child])
    times: list[str] = field(factory=list[str])
    """Attributes that hold times."""
    free: list[str] = field(factory=list[str])
    """Attributes that hold free-form objects, or lists of them."""
    untyped: dict[str, str] = field(factory=dict[str, str])
    """JSON name and attribute of each listed property that is decoded without a type."""
    unlisted: dict[str, str] = field(factory=dict[str, str])
    """JSON name and attribute of each accepted property that the spec does not list."""
    has_untyped: bool = False
    """Whether this object, or an object below it, has untyped properties."""
    has_unlisted: bool = False
    """Whether this object, or an object below it, has unlisted properties."""
    copy: Callable[[Any], Any] = field(init=False)
    """Function that returns the generated model of a struct."""
    complete: Callable[[Any, Callable[[str], object]], None] = field(init=False)
    """Function that replaces each time in a struct with the result of fromisoformat, passes the text of the time to its
    second argument, and checks free-form objects. It may raise ValueError.
    """

    def write_functions(self) -> None:
        """Write `copy` and `complete`, once the attributes and the children are known."""
        self.copy, self.complete = _copier(self), _completer(self)

    def additional_properties(self) -> Any:
        """Return the class attribute `additional_properties` of the struct."""
        return property(_reader(self.unlisted)) if self.unlisted else {}


def are_readable(times: list[str]) -> bool:
    """Return whether each time is in a form of the schema: fromisoformat also accepts other forms, such as 24:00."""
    if not times:
        return True
    joined = "\n".join(times)
    if not joined.isascii():
        return False
    is_common = _COMMON_FORMS.issuperset(joined.encode().translate(_ZEROS).split(b"\n")) and "T24" not in joined
    return is_common or _FORMS.fullmatch(joined) is not None


def types_of(schema: Schema) -> list[str]:
    types: str | list[str] = schema.get("type", [])
    return [types] if isinstance(types, str) else types


def _reader(attributes: Mapping[str, str]) -> Callable[[Any], dict[str, Any]]:
    """Return a function that returns the properties of a struct that the spec does not list, by JSON name."""

    def read(struct: Any) -> dict[str, Any]:
        values = {name: getattr(struct, attribute) for name, attribute in attributes.items()}
        return {name: value for name, value in values.items() if value is not UNSET}

    return read


def _copier(layout: Layout) -> Callable[[Any], Any]:
    """Return a function that creates the model of a struct. It is straight-line, because it runs for every message."""
    scope: dict[str, Any] = {"new": object.__new__, "kind": layout.model, "UNSET": UNSET}
    hints = get_type_hints(layout.model)
    children = {child.attribute: child for child in layout.children}
    lines = [
        "def copy(struct):",
        "    self = new(kind)",
        "    self.additional_properties = extra = {}",
    ]
    for name, attribute in layout.unlisted.items():
        lines.append(f"    if (value := struct.{attribute}) is not UNSET: extra[{name!r}] = value")
    for attribute in layout.names.values():
        value, copy = f"struct.{attribute}", f"copy_{attribute}"
        enums = [each for each in get_args(hints[attribute]) if isinstance(each, type) and issubclass(each, Enum)]
        if child := children.get(attribute):
            scope[copy] = child.layout.copy
            made = f"[{copy}(item) for item in {value}]" if child.is_list else f"{copy}({value})"
            value = f"{made} if {value} else {value}"
        elif enum := next((each for each in enums if each is not Unset), None):
            scope[copy] = enum
            value = f"{value} if {value} is None or {value} is UNSET else {copy}({value})"
        lines.append(f"    self.{attribute} = {value}")
    exec("\n".join([*lines, "    return self"]), scope)  # noqa: S102  # only our own names are in it
    copier: Callable[[Any], Any] = scope["copy"]
    return copier


def _completer(layout: Layout) -> Callable[[Any, Callable[[str], object]], None]:
    """Return the function `complete` of a layout. It is straight-line, because it runs for every message."""
    scope: dict[str, Any] = {"read": datetime.datetime.fromisoformat, "check": check_free_form}
    lines = ["def complete(struct, tell):", *_completing_lines(layout, "struct", "    "), "    return None"]
    exec("\n".join(lines), scope)  # noqa: S102  # only our own names are in it
    completer: Callable[[Any, Callable[[str], object]], None] = scope["complete"]
    return completer


def _completing_lines(layout: Layout, struct: str, indent: str) -> Iterator[str]:
    for attribute in layout.times:
        yield f"{indent}if (text := {struct}.{attribute}).__class__ is str:"
        yield f"{indent}    {struct}.{attribute} = read(text)"
        yield f"{indent}    tell(text)"
    for attribute in layout.free:
        yield f"{indent}if {struct}.{attribute}:"
        yield f"{indent}    check({struct}.{attribute})"
    for child in layout.children:
        if below := [*_completing_lines(child.layout, item := f"{struct}_{child.attribute}", f"{indent}    ")]:
            value = f"{struct}.{child.attribute}"
            yield f"{indent}for {item} in {value if child.is_list else f'({value},)'} if {value} else ():"
            yield from below
