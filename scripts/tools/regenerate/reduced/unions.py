"""Alternatives of a schema: flattened, without duplicates, and told apart by a discriminator."""

import re
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

from attrs import field, frozen

from conversas.json_pointer import is_object
from tools.regenerate.reduced.kinds import Scalar
from tools.regenerate.reduced.shapes import COMPONENTS, Shape, ShapeReader

INTEGER = re.compile("-?[0-9]+")


@frozen
class Branches:
    """Position of an alternative for each value of a discriminator; empty if nothing tells the alternatives apart."""

    name: str | None = None
    values: Mapping[str | int, int] = field(factory=dict[str | int, int])


def flattened(shape: Shape) -> list[Shape]:
    """Return the alternatives. An alternative that has alternatives itself is replaced with them."""
    found: list[Shape] = []
    for option in shape.options:
        found += flattened(option) if option.options else [option]
    return found


def scalar_of(options: Sequence[Shape]) -> Scalar:
    """Return one kind for several scalar alternatives. Only a single alternative of one type keeps its format."""
    types = tuple(dict.fromkeys(kind for option in options for kind in option.types or ()))
    if "number" in types:
        types = tuple(kind for kind in types if kind != "integer")
    formats = {option.format for option in options if not option.values}
    plain = len(options) == 1 and len(types) == 1
    return Scalar(types=types, format=formats.pop() if plain and formats else None)


def branches_of(shape: Shape, objects: Sequence[Shape], shapes: ShapeReader) -> Branches:
    """Return what tells objects apart: the discriminator of the spec, or a property with different values in each."""
    declared = next((each.discriminator for each in (shape, *shape.options) if each.discriminator is not None), None)
    name = declared.get("propertyName").value if declared is not None else None
    if declared is not None and isinstance(name, str):
        mapping = declared.get("mapping").value
        return Branches(name, _declared(name, mapping if is_object(mapping) else {}, objects, shapes))
    for name in objects[0].properties or ():
        listed = [_listed(each, name, shapes) for each in objects]
        if all(listed) and not any(set(one) & set(other) for one, other in combinations(listed, 2)):
            return Branches(name, {value: index for index, values in enumerate(listed) for value in values})
    return Branches()


def _declared(
    name: str, mapping: Mapping[str, Any], objects: Sequence[Shape], shapes: ShapeReader
) -> dict[str | int, int]:
    """Return the position of an object for each value: the values of the mapping, and its listed values or its name."""
    values: dict[str | int, int] = {}
    are_numbers = [_is_number(each, name, shapes) for each in objects]
    for index, each in enumerate(objects):
        names = [each.origin] if each.origin and not are_numbers[index] else []
        for value in _listed(each, name, shapes) or names:
            values.setdefault(value, index)
    for value, target in mapping.items():
        component = str(target).removeprefix("#" + COMPONENTS)
        for index, each in enumerate(objects):
            if each.origin == component:
                values[int(value) if are_numbers[index] and INTEGER.fullmatch(str(value)) else str(value)] = index
    return values


def _discriminator(shape: Shape, name: str, shapes: ShapeReader) -> Shape | None:
    places = (shape.properties or {}).get(name)
    return shapes.read_all(places) if places else None


def _is_number(shape: Shape, name: str, shapes: ShapeReader) -> bool:
    found = _discriminator(shape, name, shapes)
    return found is not None and found.types in (("integer",), ("number",))


def _listed(shape: Shape, name: str, shapes: ShapeReader) -> list[str | int]:
    """Return the values that an object lists for a property, if all of them are strings, or all of them integers."""
    found = _discriminator(shape, name, shapes)
    values = (found.values if found is not None else None) or []
    return values if any(all(type(value) is kind for value in values) for kind in (str, int)) else []
