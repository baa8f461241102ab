"""Reading of schemas into kinds. Objects and enums also get their class names here."""

import json
from collections.abc import Sequence
from typing import Any

from attrs import define, evolve, field

from conversas.json_pointer import split_pointer
from tools.regenerate.reduced.keywords import SCALARS
from tools.regenerate.reduced.kinds import (
    Anything,
    Enum,
    Kind,
    List,
    Map,
    Object,
    Property,
    Reference,
    Union,
)
from tools.regenerate.reduced.names import UniqueNames, attribute_names, chosen_name, class_name, member_names
from tools.regenerate.reduced.shapes import Shape, ShapeReader
from tools.regenerate.reduced.source import Place, Source
from tools.regenerate.reduced.unions import Branches, branches_of, flattened, scalar_of

Key = tuple[str, ...]


@define
class SchemaReader:
    """Reader of the schemas of one document.

    `components` has the kind of each component, by name. `at` has the kind of each schema in an operation or in the
    components, by JSON pointer.
    """

    source: Source
    components: dict[str, Kind] = field(factory=dict[str, Kind], init=False)
    at: dict[str, Kind] = field(factory=dict[str, Kind], init=False)
    _shapes: ShapeReader = field(init=False)
    _class_names: UniqueNames = field(factory=UniqueNames, init=False)
    _named: dict[str, str] = field(factory=dict[str, str], init=False)
    _cache: dict[Key, Kind] = field(factory=dict[Key, Kind], init=False)
    _open: set[Key] = field(factory=set[Key], init=False)

    def __attrs_post_init__(self) -> None:
        self._shapes = ShapeReader(self.source, has_class)

    def read_components(self) -> None:
        """Read all components. Their classes are named first, so that no name depends on the uses of a component."""
        places = self.source.root.members("components", "schemas")
        named = [
            each for each in places if (shape := self._shapes.read(each[1])).component is None and has_class(shape)
        ]
        for _, place in named:
            if (chosen := chosen_name(place, self.source.problems, class_name)) is not None:
                self._named[place.pointer] = self._class_names.claim(chosen, place, self.source.problems)
        for name, place in named:
            if place.pointer not in self._named:
                self._named[place.pointer] = self._class_names.take(class_name(name), "")
        for name, place in places:
            self.components[name] = self.read(place, name)

    def read(self, place: Place, hint: str) -> Kind:
        """Return the kind of a schema. `hint` names its class, if the schema has a class and is not a component."""
        self.at[place.pointer] = kind = self._read([place], hint)
        return kind

    def _read(self, places: Sequence[Place], hint: str) -> Kind:
        """Return the kind of a value that must match several schemas."""
        key = tuple(place.pointer for place in places)
        if key in self._open:
            return Anything()
        if key not in self._cache:
            self._open.add(key)
            self._cache[key] = self._kind(self._shapes.read_all(places), hint)
            self._open.remove(key)
        return self._cache[key]

    def _kind(self, shape: Shape, hint: str) -> Kind:
        words: dict[str, Any] = {"nullable": bool(shape.nullable), "annotations": shape.annotations}
        if shape.component is not None:
            return Reference(component=shape.component, **words)
        words["alias"] = shape.alias
        hint = shape.alias or hint  # a class inside a component is named by the component, not by its uses
        if shape.options:
            return evolve(self._union(shape, flattened(shape), hint), **words)
        if listed := listed_values(shape):
            return self._enum(shape, listed, hint, words)
        types = shape.types
        if types is None:
            return Anything(annotations=shape.annotations, alias=shape.alias)
        if len(types) > 1 and set(types) - set(SCALARS):
            each = [evolve(shape, types=(kind,), nullable=None, annotations={}, alias=None) for kind in types]
            return evolve(self._union(shape, each, hint), **words)
        if types == ("array",):
            items = self._read(shape.items, f"{hint}_item") if shape.items else Anything()
            return List(items=items, **words)
        if types == ("object",):
            return self._object(shape, hint, words)
        return evolve(scalar_of([shape]), **words)

    def _class_name(self, shape: Shape, hint: str) -> str:
        pointer = shape.place.pointer
        if pointer not in self._named:
            problems = self.source.problems
            chosen = None if is_property(pointer) else chosen_name(shape.place, problems, class_name)
            self._named[pointer] = (
                self._class_names.claim(chosen, shape.place, problems)
                if chosen is not None
                else self._class_names.take(class_name(hint), "")
            )
        return self._named[pointer]

    def _enum(self, shape: Shape, listed: tuple[str, list[Any]], hint: str, words: dict[str, Any]) -> Kind:
        kind, values = listed
        members = member_names(values, shape.names, shape.place, self.source.problems)
        return Enum(class_name=self._class_name(shape, hint), type=kind, members=members, **words)

    def _object(self, shape: Shape, hint: str, words: dict[str, Any]) -> Kind:
        if shape.properties is None:
            values = self._read(shape.extra, f"{hint}_additional_property") if shape.extra else Anything()
            return Map(values=values, **words)
        name = self._class_name(shape, hint)
        named = {json_name: (json_name, places[0]) for json_name, places in shape.properties.items()}
        attributes = attribute_names(named, self.source.problems)
        properties = [
            Property(
                json_name, attributes[json_name], self._read(places, f"{name}_{json_name}"), json_name in shape.required
            )
            for json_name, places in shape.properties.items()
        ]
        extra = self._read(shape.extra, f"{name}_additional_property") if shape.extra else None
        return Object(class_name=name, properties=tuple(properties), extra=extra, **words)

    def _union(self, shape: Shape, options: Sequence[Shape], hint: str) -> Kind:
        """Return the kind of alternatives, with one option for each JSON type and each value of a discriminator."""
        if any(option.types is None and not listed_values(option) for option in options):
            return Anything()
        scalars = [option for option in options if set(option.types or ()) <= set(SCALARS)]
        arrays = [option for option in options if option.types == ("array",)]
        objects = [option for option in options if option.types == ("object",)]
        branches = branches_of(shape, objects, self._shapes) if len(objects) > 1 else Branches()
        kinds: list[Kind] = []
        if len(objects) == 1 or branches.values:
            kinds += [self._kind(_one(each), f"{hint}_type_{index}") for index, each in enumerate(objects)]
        elif objects:
            kinds.append(Map(values=Anything()))
        if arrays:
            kinds.append(self._kind(_one(arrays[0]), hint) if len(arrays) == 1 else List(items=Anything()))
        if scalars:
            alone = len(scalars) == 1 and not kinds
            kinds.append(self._kind(_one(scalars[0]), hint) if alone else scalar_of(scalars))
        if len(kinds) == 1:
            return kinds[0]
        return Union(options=tuple(kinds), discriminator=branches.name, branches=branches.values)


def is_property(pointer: str) -> bool:
    """Return whether a schema is that of a property, so that x-python-name is the name of the attribute."""
    parts = split_pointer(pointer)
    return len(parts) > 4 and parts[-2] == "properties"  # a component has three parts


def _one(option: Shape) -> Shape:
    return evolve(option, nullable=None)


def has_class(shape: Shape) -> bool:
    """Return whether values of this shape have their own class."""
    if shape.options:
        return False
    if shape.values is not None:
        return listed_values(shape) is not None
    return shape.types == ("object",) and shape.properties is not None


def listed_values(shape: Shape) -> tuple[str, list[Any]] | None:
    """Return the type of an enum and its values, if they can be members of a class: all strings, or all integers.

    There is one value for each name of the shape. Values may be repeated.
    """
    if shape.values is None or shape.types is None or len(shape.types) != 1:
        return None
    (kind,) = shape.types
    values = shape.values
    if kind == "string":
        return kind, [value if isinstance(value, str) else json.dumps(value) for value in values]
    numbers = [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
    if kind in ("integer", "number") and len(numbers) == len(values) and all(value == int(value) for value in numbers):
        return kind, [int(value) for value in numbers]
    return None
