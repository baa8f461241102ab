"""Schemas that a discriminator tells apart, anywhere in a document."""

from collections.abc import Iterator
from typing import Any

from conversas.json_pointer import is_array, is_object
from tools.regenerate.reduced.source import Place


def alternatives_of(place: Place) -> Iterator[tuple[str, str]]:
    """Yield the JSON pointer of each alternative that has a discriminator, with the name of the discriminator."""
    name = place.get("discriminator", "propertyName").value
    if isinstance(name, str):
        for option in place.items("oneOf") + place.items("anyOf"):
            yield (option.reference or f"#{option.pointer}").removeprefix("#"), name
    value: Any = place.value
    for key in value if is_object(value) else range(len(value)) if is_array(value) else ():
        yield from alternatives_of(place.get(key))
