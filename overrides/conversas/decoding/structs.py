"""msgspec structs, built from a run-time schema. They accept a body only if it does not differ from the spec.

A struct has the attributes of the generated model, so that a mapping reads either. A schema that structs cannot
express, for example with alternatives or maps, is refused as a whole.
"""

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import Enum
from typing import Annotated, Any, Literal, Union, get_args, get_type_hints

import msgspec
from attrs import define, field

from conversas.decoding.json_body import check_free_form
from conversas_api.runtime import UNSET, Unset

Schema = Mapping[str, Any]
Place = tuple[str, str]
"""The definition and the JSON name of a property."""

_INTEGER = {"minimum": -(2**63), "maximum": 2**63 - 1}  # orjson reads longer integers as floats
_EXPRESSED = {"type", "enum", "multipleOf", "minimum", "maximum", "format", "pattern", "items", "allOf"}
TIME = "date-time"


class Unsupported(Exception):
    """The schema cannot be expressed by structs."""


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
    """Function that replaces each time in a struct with the result of fromisoformat, passes its text on, and checks
    free-form objects. It may raise ValueError."""


def layout_of(schema: Schema, models: Callable[[str], Any], learned: frozenset[Place]) -> Layout:
    """Return the layout of the object that a run-time schema describes.

    `models` returns the generated class of a definition. Properties in `learned` are decoded without a type.

    Raises:
        Unsupported: Structs cannot express the schema.
    """
    return _Writer(schema["definitions"], models, learned).layout(_reference(schema))


@define(eq=False)
class _Writer:
    definitions: Schema
    models: Callable[[str], Any]
    learned: frozenset[Place]
    layouts: dict[str, Layout] = field(factory=dict[str, Layout])

    def layout(self, name: str) -> Layout:
        if name not in self.layouts:
            definition = self.definitions[name]
            _require(definition.get("additionalProperties") == {"not": {}})
            model = self.models(name)
            layout = Layout(model, definition["properties"], model._names)  # noqa: SLF001  # the run time is also ours
            self.layouts[name] = layout
            self._fill(layout, name)
        _require(self.layouts[name].struct is not None)  # the definition refers to itself
        return self.layouts[name]

    def _fill(self, layout: Layout, name: str) -> None:
        names = layout.names
        learned = sorted(key for definition, key in self.learned if definition == name)
        layout.untyped = {key: names[key] for key in learned if key in names}
        layout.times = [names[key] for key, schema in layout.properties.items() if schema.get("format") == TIME]
        layout.unlisted = {key: f"unlisted_{number}" for number, key in enumerate(learned) if key not in names}
        kinds = {key: self._kind(layout, key, names[key]) for key in names if key not in layout.untyped}
        fields = [
            (attribute, kinds.get(key, Any), msgspec.field(name=key, default=UNSET))
            for key, attribute in {**names, **layout.unlisted}.items()
        ]
        layout.has_untyped = bool(layout.untyped) or any(child.layout.has_untyped for child in layout.children)
        layout.has_unlisted = bool(layout.unlisted) or any(child.layout.has_unlisted for child in layout.children)
        additional: Any = property(_reader(layout.unlisted)) if layout.unlisted else {}
        namespace = {"additional_properties": additional, "__repr__": _silent}
        layout.struct = msgspec.defstruct(
            name,
            fields,
            forbid_unknown_fields=True,
            namespace=namespace,
            gc=False,  # JSON has no cycles
        )
        layout.copy, layout.complete = _copier(layout), _completer(layout)

    def _kind(self, layout: Layout, key: str, attribute: str) -> Any:
        """Return the type of a property, and record other facts about it in the layout."""
        schema = layout.properties[key]
        items = schema.get("items", {})
        if _is_free(schema) or _is_free(items):
            layout.free.append(attribute)
        if "allOf" in schema or "allOf" in items:
            _require("null" not in types_of(items))
            child = self.layout(_reference(schema if "allOf" in schema else items))
            layout.children.append(Child(key, attribute, child, "items" in schema))
        elif items:
            _require(not {"enum", "format", "items"} & items.keys())
        return self._union(schema)

    def _union(self, schema: Schema) -> Any:
        _require(schema.keys() <= _EXPRESSED and "type" in schema)
        return Union[tuple(self._option(each, schema) for each in types_of(schema))]  # noqa: UP007  # of any length

    def _option(self, name: str, schema: Schema) -> Any:
        """Return the type of one of the JSON types that a schema lists."""
        if name == "null":
            return None
        if "enum" in schema:
            return Literal[tuple(value for value in schema["enum"] if value is not None)]
        if name == "array":
            return list[self._union(schema["items"])]  # type: ignore[misc]
        if _is_free(schema):
            return dict[str, Any]
        if name == "object":
            return self.layout(_reference(schema)).struct
        _require("pattern" not in schema or schema.get("format") == TIME)
        bounds = _INTEGER | {key: schema[key] for key in _INTEGER if key in schema}
        integer = Annotated[int, msgspec.Meta(ge=bounds["minimum"], le=bounds["maximum"])]
        return {"string": str, "boolean": bool, "integer": integer, "number": Union[integer, float]}[name]  # noqa: UP007


def types_of(schema: Schema) -> list[str]:
    types: str | list[str] = schema.get("type", [])
    return [types] if isinstance(types, str) else types


def _reference(schema: Schema) -> str:
    references = schema.get("allOf", ())
    _require(len(references) == 1)
    reference: str = references[0]["$ref"]
    return reference.removeprefix("#/definitions/")


def _is_free(schema: Schema) -> bool:
    return "object" in types_of(schema) and "allOf" not in schema


def _require(condition: object) -> None:
    if not condition:
        raise Unsupported


def _silent(struct: object) -> str:
    return f"<{type(struct).__name__}>"  # a traceback may show locals


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
