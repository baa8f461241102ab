"""Bodies for checks: the values that the spec describes, and bodies with changed values."""

import copy
import json
from collections.abc import Iterator, Sequence
from typing import Any

from attrs import field, frozen

from conversas.decoding.json_body import JsonBody, parse
from conversas.json_pointer import format_pointer, is_array, is_object, resolve_pointer, split_pointer
from conversas.providers import get_provider

Schema = dict[str, Any]

CANARY = "conformance canary"
SAMPLES: dict[str, Any] = {
    "null": None,
    "boolean": True,
    "integer": 1,
    "number": 1.5,
    "string": CANARY,
    "array": [],
    "object": {},
}
"""A value of each JSON type."""


EXTREME_INTEGERS = (0, -1, 10**15, 2**31 - 1, -(2**31), 2**63, 10**30)
EXTREME_TIMES = (
    "0001-01-01T00:00:00",
    "0001-01-01T00:00:00+14:00",
    "0002-01-01T00:00:00+14:00",
    "1900-01-01T00:00:00",
    "1969-12-31T21:00:00-03:00",
    "9998-12-31T23:59:59.9999999-14:00",
    "9999-12-31T23:59:59.9999999",
    "9999-12-31T23:59:59-14:00",
)
EXTREME_TEXTS = ("", "0", "\u2028\u0085\U0001fae8", "10675199.02:48:05.4775807", "a" * 10_000)


@frozen
class Location:
    """A value in a body, and the part of the provider's schema that describes it. `str()` returns its JSON pointer."""

    path: tuple[str | int, ...]
    """Keys and indexes that lead to the value; empty for the whole body."""
    schema: Schema = field(repr=False)
    """Schema of the value."""
    value: Any = field(repr=False)
    """The value at this location."""

    def __str__(self) -> str:
        return format_pointer(*self.path)

    @property
    def is_object(self) -> bool:
        """Whether the value is an object whose properties the spec lists."""
        return is_object(self.value) and ("allOf" in self.schema or "properties" in self.schema)

    @property
    def is_free_text(self) -> bool:
        """Whether the value is a string of any form, for which the spec has neither a format nor an enum."""
        return isinstance(self.value, str) and not {"enum", "format"} & self.schema.keys()

    @property
    def wrong_types(self) -> list[str]:
        """The JSON types that the spec does not accept here."""
        declared = self.schema.get("type", list(SAMPLES))
        taken = {declared} if isinstance(declared, str) else set(declared)
        return [kind for kind in SAMPLES if kind not in taken and not (kind == "integer" and "number" in taken)]

    @property
    def extremes(self) -> tuple[Any, ...]:
        """Unusual values of the declared type, such as very large numbers."""
        declared = self.schema.get("type", [])
        if "enum" in self.schema:
            return ()
        if "integer" in declared:
            lowest, highest = self.schema.get("minimum", -(2**80)), self.schema.get("maximum", 2**80)
            return tuple(number for number in EXTREME_INTEGERS if lowest <= number <= highest)
        if "string" in declared:
            return EXTREME_TIMES if "pattern" in self.schema else EXTREME_TEXTS
        return ()

    def put(self, data: Any, value: Any) -> None:
        """Set a value at this location of a body."""
        resolve_pointer(data, self.path[:-1])[self.path[-1]] = value


def read(body: bytes) -> dict[str, Any]:
    """Return the JSON object of a body.

    Raises:
        AssertionError: The body is not a JSON object.
    """
    data = parse(JsonBody(body)).value
    if not is_object(data):
        raise AssertionError("the body is not a JSON object")
    return data


def to_bytes(data: Any) -> bytes:
    return json.dumps(data, ensure_ascii=False).encode()


def changed(data: Any, group: Sequence[Location], value: Any) -> bytes:
    """Return a body with a different value at these locations. `data` is unchanged afterwards."""
    for location in group:
        location.put(data, value)
    body = to_bytes(data)
    for location in group:
        location.put(data, location.value)
    return body


def without(data: Any, group: Sequence[Location]) -> bytes:
    """Return a body without the properties or list items at these locations. `data` is not changed."""
    less = copy.deepcopy(data)
    for location in reversed(group):
        del resolve_pointer(less, location.path[:-1])[location.path[-1]]
    return to_bytes(less)


def reversed_keys(value: Any) -> Any:
    """Return a value with the keys of each object in reverse order."""
    if is_object(value):
        return {key: reversed_keys(value[key]) for key in reversed(value)}
    return [reversed_keys(item) for item in value] if is_array(value) else value


def locations(provider: str, data: Any) -> list[Location]:
    """Return each value in a body that the provider's spec describes; the first one is the body itself."""
    schema = get_provider(provider).schema
    return list(_walk(schema, Location((), schema, data)))


def locations_by_property(provider: str, data: Any) -> dict[str, list[Location]]:
    """Return the locations inside a body by JSON pointer. Items of a list share one pointer, with `*` as the index."""
    groups: dict[str, list[Location]] = {}
    for location in locations(provider, data)[1:]:
        groups.setdefault(
            format_pointer(*("*" if isinstance(part, int) else part for part in location.path)), []
        ).append(location)
    return groups


def _walk(root: Schema, location: Location) -> Iterator[Location]:
    yield location
    schema, value = location.schema, location.value
    if is_object(value):
        target = resolve_pointer(root, split_pointer(schema["allOf"][0]["$ref"])) if "allOf" in schema else schema
        for name, member in target.get("properties", {}).items():
            if name in value:
                yield from _walk(root, Location((*location.path, name), member, value[name]))
    elif is_array(value) and "items" in schema:
        for index, item in enumerate(value):
            yield from _walk(root, Location((*location.path, index), schema["items"], item))
