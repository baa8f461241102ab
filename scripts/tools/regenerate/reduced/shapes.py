"""Shapes: all keywords of a schema in one spelling, one level deep, with allOf, references and null merged."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from attrs import define, evolve, field

from conversas.json_pointer import is_array, is_object
from tools.regenerate.reduced.discriminators import alternatives_of, check_discriminator
from tools.regenerate.reduced.keywords import (
    ENUM_NAMES,
    LIMITS,
    TYPES,
    WORDS,
    annotations_of,
    check_keywords,
    implied_type,
)
from tools.regenerate.reduced.problems import shown
from tools.regenerate.reduced.source import Place, Source

COMPONENTS = "/components/schemas/"
DISCRIMINATOR = {"type": "string"}
"""Schema of a discriminator that an alternative does not declare."""

Properties = dict[str, list[Place]]


@define(kw_only=True)
class Shape:
    """Everything that one schema says, before the schemas inside it are read."""

    place: Place
    component: str | None = None
    """Name of the component that this shape refers to, if the component has a class."""
    alias: str | None = None
    """Name of the component that this shape refers to, if the component has no class."""
    alternative: str | None = None
    """Name of the component that this alternative was before other schemas were merged into it."""
    types: tuple[str, ...] | None = None
    """Types other than null; None if the schema names and implies no type."""
    nullable: bool | None = None
    """Whether null is valid; None if the schema does not say."""
    format: str | None = None
    values: list[Any] | None = None
    """Listed values other than null."""
    names: list[Any] | None = None
    """Names of the listed values."""
    properties: Properties | None = None
    """Schemas of each property. A property must match all its schemas."""
    required: frozenset[str] = frozenset()
    items: list[Place] = field(factory=list[Place])
    extra: list[Place] = field(factory=list[Place])
    """Schemas of properties that are not listed."""
    options: "list[Shape]" = field(factory=list["Shape"])
    discriminator: Place | None = None
    annotations: dict[str, Any] = field(factory=dict[str, Any])
    limits: dict[str, Any] = field(factory=dict[str, Any])
    """Limits of the component that this shape refers to."""

    @property
    def is_bare(self) -> bool:
        """Whether the shape has only annotations, nullability and required properties."""
        told = (self.component, self.types, self.values, self.properties)
        return told == (None,) * 4 and not (self.items or self.extra or self.options)

    @property
    def origin(self) -> str | None:
        """Name by which a discriminator knows this alternative."""
        return self.alternative or self.component or self.alias

    @property
    def is_null(self) -> bool:
        return self.types == ()


@define
class ShapeReader:
    """Reader of the shapes of one document."""

    source: Source
    has_class: Callable[[Shape], bool]
    """Function that tells whether a shape is an object or enum with a class. A reference to it stays a reference."""
    _told_apart: defaultdict[str, list[str]] = field(factory=lambda: defaultdict[str, list[str]](list), init=False)
    """Names of the discriminators of each schema that is an alternative, by JSON pointer."""
    _cache: dict[str, Shape] = field(factory=dict[str, Shape], init=False)
    _open: set[str] = field(factory=set[str], init=False)

    def __attrs_post_init__(self) -> None:
        for pointer, name in alternatives_of(self.source.root):
            self._told_apart[pointer].append(name)

    def read(self, place: Place) -> Shape:
        """Return the shape of a schema. Add what is wrong with the schema to the problems of the source."""
        if place.pointer in self._open:
            self.source.problems.add(place.pointer, "the schema refers to itself: a reference leads back to it")
            return Shape(place=place)
        if place.pointer not in self._cache:
            self._open.add(place.pointer)
            self._cache[place.pointer] = self._read(place)
            self._open.remove(place.pointer)
        return self._cache[place.pointer]

    def read_all(self, places: Iterable[Place]) -> Shape:
        """Return the shape of a value that must match several schemas."""
        first, *others = map(self.read, places)
        for other in others:
            first = merged(first, other)
        return first

    def _read(self, place: Place) -> Shape:
        if place.value is True:
            return Shape(place=place)
        if not is_object(place.value):
            self.source.problems.add(place.pointer, "must be a schema; for a value of any shape, write {}")
            return Shape(place=place)
        place = self._checked(place)
        shape = self._own(place)
        for part in ([place] if place.reference is not None else []) + place.items("allOf"):
            shape = merged(shape, self._referenced(part) if part is place else self.read(part))
        for keyword in ("oneOf", "anyOf"):
            if options := place.items(keyword):
                shape = self._with_options(shape, [self.read(option) for option in options])
        if place.value.get("nullable") is True and shape.nullable is not True:
            shape = evolve(shape, nullable=True)
        return evolve(shape, place=place, properties=self._with_discriminators(shape.properties, place))

    def _with_discriminators(self, known: Properties | None, place: Place) -> Properties | None:
        """Return the properties with the discriminators that the schema leaves out, although its objects have them."""
        if known is None or place.reference is not None:
            return known
        places = {name: place.get("properties", name) for name in self._told_apart[place.pointer] if name not in known}
        return known | {name: [Place(DISCRIMINATOR, each.pointer)] for name, each in places.items()}

    def _checked(self, place: Place) -> Place:
        """Check the keywords of a schema. Return it without the siblings of a reference that OpenAPI 3.0 ignores."""
        check_keywords(place, self.source.problems)
        if is_object(place.value.get("discriminator")):
            check_discriminator(place.get("discriminator"), self.source)
        if place.reference is None or not str(self.source.document.get("openapi")).startswith("3.0."):
            return place
        kept = {"$ref", "nullable", *WORDS}  # OpenAPI 3.0 also ignores these; they are common and harmless
        return Place({key: value for key, value in place.value.items() if key in kept}, place.pointer)

    def _own(self, place: Place) -> Shape:
        schema: dict[str, Any] = place.value
        values = schema["enum"] if is_array(schema.get("enum")) else [schema["const"]] if "const" in schema else None
        types, nullable = self._types(place, values)
        names = next((schema[key] for key in ENUM_NAMES if key in schema), None)
        has_properties = is_object(schema.get("properties"))
        extra = schema.get("additionalProperties")
        if extra is False and not has_properties and "allOf" not in schema and "$ref" not in schema:
            has_properties = True
        return Shape(
            place=place,
            types=types,
            nullable=nullable,
            format=form if _is_text(form := schema.get("format")) else None,
            values=[value for value in values or () if value is not None] or None,
            names=self._names(place, values, names) if values and names is not None else None,
            properties={name: [each] for name, each in place.members("properties")} if has_properties else None,
            required=frozenset(filter(_is_text, schema.get("required") or ()))
            if is_array(schema.get("required"))
            else frozenset(),
            items=[place.get("items")] if "items" in schema else [],
            extra=[place.get("additionalProperties")] if extra is True or is_object(extra) else [],
            discriminator=place.get("discriminator") if is_object(schema.get("discriminator")) else None,
            annotations=annotations_of(schema),
        )

    def _types(self, place: Place, values: list[Any] | None) -> tuple[tuple[str, ...] | None, bool | None]:
        """Return the types without null, and whether null is valid."""
        schema: dict[str, Any] = place.value
        listed = schema.get("type")
        types: list[Any] = [listed] if isinstance(listed, str) else listed if is_array(listed) else []
        for kind in types:
            if not _is_text(kind) or kind not in TYPES:
                self.source.problems.add(place.pointer + "/type", f"{shown(kind)} is not a JSON type")
        types = [kind for kind in types if _is_text(kind)]
        if not types and values:
            types = list(dict.fromkeys(map(type_of, values)))
        elif not types and (implied := implied_type(schema)):
            return (implied,), None
        if not types:
            return None, None
        nullable = "null" in types and (not values or None in values)
        if values and None in values and (listed is None or schema.get("nullable") is True):
            nullable = True
        return tuple(kind for kind in types if kind != "null" and kind in TYPES), nullable

    def _names(self, place: Place, values: list[Any], names: Any) -> list[Any] | None:
        """Return the name of each listed value except null."""
        key = next(key for key in ENUM_NAMES if key in place.value)
        lists = [place.value[key] for key in ENUM_NAMES if key in place.value]
        if not is_array(names) or len(names) != len(values) or any(other != names for other in lists):
            text = f"must be a list with a name for each of {len(values)} values, the same in both keywords"
            self.source.problems.add(f"{place.pointer}/{key}", text)
            return None
        return [name for name, value in zip(names, values, strict=True) if value is not None]

    def _referenced(self, place: Place) -> Shape:
        target = self.source.target(place)
        if target is None:
            return Shape(place=place)
        shape = self.read(target)
        name = target.pointer.removeprefix(COMPONENTS)
        if shape.component is not None or name == target.pointer or "/" in name:
            return shape
        name = name.replace("~1", "/").replace("~0", "~")
        if self.has_class(shape):
            limits = {key: value for key, value in shape.annotations.items() if key in LIMITS}
            return evolve(shape, component=name, annotations={}, limits=limits)
        return evolve(shape, alias=name)

    def _with_options(self, shape: Shape, options: list[Shape]) -> Shape:
        """Return the shape with its alternatives.

        Null, and options that only require properties, do not count as alternatives.
        """
        nullable = any(option.is_null or option.nullable for option in options)
        real = [option for option in options if not (option.is_null or (option.is_bare and option.required))]
        if not real:
            return evolve(shape, nullable=nullable or shape.nullable)
        base = evolve(shape, types=None) if shape.types == ("object",) and shape.properties is None else shape
        if len(real) == 1:
            only = merged(base, real[0])
            return evolve(only, nullable=nullable or only.nullable or False)
        if not base.is_bare:
            words = evolve(base, annotations={}, nullable=None, alias=None)
            real = [evolve(merged(option, words), alternative=option.origin) for option in real]
        explicit = bool(shape.nullable) and shape.types is not None
        return Shape(
            place=shape.place,
            options=real,
            nullable=nullable or explicit,
            annotations=shape.annotations,
            discriminator=shape.discriminator,
        )


def merged(one: Shape, other: Shape) -> Shape:
    """Return the shape of a value that must match both shapes."""
    annotations = {**other.annotations, **one.annotations}
    required = one.required | other.required
    discriminator = one.discriminator or other.discriminator
    words: dict[str, Any] = {"annotations": annotations, "required": required, "discriminator": discriminator}
    if one.is_bare or other.is_bare:
        bare, full = (one, other) if one.is_bare else (other, one)
        return evolve(full, **words, nullable=bare.nullable or full.nullable, format=full.format or bare.format)
    said = [each.nullable for each in (one, other) if each.nullable is not None]
    for rest, full in ((one, other), (other, one)):
        if _is_implied(rest, full):
            return evolve(full, **words, nullable=all(said) if said else None)
    if one.options or other.options:
        return _with_each_option(one, other, words)
    words["annotations"] = {**other.limits, **one.limits, **annotations}
    return Shape(
        place=Place(one.place.value, f"{one.place.pointer} and {other.place.pointer}"),
        types=_common(one.types, other.types),
        nullable=all(said) if said else None,
        format=one.format or other.format,
        values=_both(one.values, other.values),
        names=_names_of(one, other),
        properties=_joined(one.properties, other.properties),
        items=one.items + other.items,
        extra=one.extra + other.extra,
        **words,
    )


def _is_implied(rest: Shape, full: Shape) -> bool:
    """Return whether a shape refers to a component, and another shape says nothing more than its type and limits."""
    if full.component is None or rest.component is not None:
        return full.component is not None and rest.component == full.component
    if rest.values is not None or rest.properties is not None or rest.items or rest.extra or rest.options:
        return False
    types = {*(rest.types or ()), *(("integer",) if "number" in (rest.types or ()) else ())}
    return rest.format is None and types.issuperset(full.types or ())


def _with_each_option(one: Shape, other: Shape, words: dict[str, Any]) -> Shape:
    """Return the options of one shape, each merged with the other shape. Two sets of options are not multiplied."""
    union, rest = (one, other) if one.options else (other, one)
    if rest.options:
        return evolve(union, **words)
    plain = evolve(rest, annotations={})
    options = [evolve(merged(option, plain), alternative=option.origin) for option in union.options]
    return evolve(union, **words, component=None, alias=None, options=options)


def _common(one: tuple[str, ...] | None, other: tuple[str, ...] | None) -> tuple[str, ...] | None:
    if one is None or other is None:
        return other if one is None else one
    narrower = {"number": "integer"}
    both = [kind for kind in one if kind in other or (kind == "integer" and "number" in other)]
    both += [narrower[kind] for kind in one if kind in narrower and narrower[kind] in other and kind not in other]
    return tuple(dict.fromkeys(both)) or one


def _both(one: list[Any] | None, other: list[Any] | None) -> list[Any] | None:
    if one is None or other is None:
        return other if one is None else one
    return [value for value in one if value in other] or one


def _names_of(one: Shape, other: Shape) -> list[Any] | None:
    """Return the names of the values that both shapes list."""
    named = next((each for each in (one, other) if each.names is not None), None)
    if named is None or named.names is None or named.values is None:
        return None
    names = {json.dumps(value): name for value, name in zip(named.values, named.names, strict=True)}
    values = _both(one.values, other.values) or []
    found = [names[json.dumps(value)] for value in values if json.dumps(value) in names]
    return found if len(found) == len(values) else None


def _joined(one: Properties | None, other: Properties | None) -> Properties | None:
    if one is None or other is None:
        return other if one is None else one
    return {name: [*one.get(name, []), *other.get(name, [])] for name in {**other, **one}}


def type_of(value: Any) -> str:
    """Return the JSON type of a listed value."""
    for kind, classes in (("boolean", bool), ("integer", int), ("number", float), ("string", str), ("array", list)):
        if isinstance(value, classes):
            return kind
    return "null" if value is None else "object"


def _is_text(value: Any) -> bool:
    return isinstance(value, str)
