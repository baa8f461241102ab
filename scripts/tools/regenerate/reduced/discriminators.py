"""Discriminators: their check, and the schemas that they tell apart."""

from collections.abc import Iterator
from typing import Any

from conversas.json_pointer import is_array, is_object
from tools.regenerate.reduced.problems import shown
from tools.regenerate.reduced.source import Place, Source


def check_discriminator(place: Place, source: Source) -> None:
    """Add a problem for a discriminator without a property, and for each value that leads to no schema."""
    if not isinstance(place.get("propertyName").value, str):
        source.problems.add(place.pointer, "must have propertyName, which is the name of a property")
    if "mapping" in place.value and not is_object(place.value["mapping"]):
        source.problems.add(f"{place.pointer}/mapping", f"must be an object, got {shown(place.value['mapping'])}")
    for _, target in place.members("mapping"):
        if not isinstance(target.value, str):
            source.problems.add(target.pointer, "must be the name of a component, or a reference")
        elif source.root.get("components", "schemas", target.value).value is not None:
            continue
        elif not target.value.startswith("#"):
            source.problems.add(target.pointer, f"there is no component {shown(target.value)}")
        else:
            source.target(Place({"$ref": target.value}, target.pointer), at=target.pointer)


def alternatives_of(place: Place) -> Iterator[tuple[str, str]]:
    """Yield the JSON pointer of each alternative that has a discriminator, with the name of the discriminator."""
    name = place.get("discriminator", "propertyName").value
    if isinstance(name, str):
        for option in place.items("oneOf") + place.items("anyOf"):
            yield (option.reference or f"#{option.pointer}").removeprefix("#"), name
    value: Any = place.value
    for key in value if is_object(value) else range(len(value)) if is_array(value) else ():
        yield from alternatives_of(place.get(key))
