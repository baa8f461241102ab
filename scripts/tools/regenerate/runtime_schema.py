"""Run-time schema of an operation: what its response may be, in a form that is fast to check and locates each error.

The schema is JSON Schema draft 4, in which 12.0 is not an integer. `additionalProperties: {"not": {}}` puts the error
for an unknown property at the property itself. An object has `type` next to `allOf`, so that errors are flat and null
is one more type. Enums are repeated at each use. int32 is a minimum and a maximum; other formats are patterns.

Alternatives with a discriminator are `anyOf`, each with its values of the discriminator. `discriminator` next to
`anyOf` tells the check which errors count.
"""

import json
from collections.abc import Iterable
from typing import Any

from attrs import define, field

from conversas.json_pointer import is_object
from tools.regenerate.reduced.api import Api, Operation
from tools.regenerate.reduced.kinds import Anything, Enum, Kind, List, Map, Object, Reference, Scalar, Union

Schema = dict[str, Any]

DEEPEST = 3
"""Depth of the properties of a definition. Everything below is written on one line."""
DRAFT = "http://json-schema.org/draft-04/schema#"

# Texts that datetime.fromisoformat of Python 3.11 reads, with calendar dates only. The offset is optional.
_YEAR = "(?:[0-9]{3}[1-9]|[0-9]{2}[1-9][0-9]|[0-9][1-9][0-9]{2}|[1-9][0-9]{3})"
_LEAP = "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|[13579][26])00)"
_DATE = (
    f"(?:{_YEAR}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    f"|02-(?:0[1-9]|1[0-9]|2[0-8]))|{_LEAP}-02-29)"
)
_HOUR_MINUTE = "(?:[01][0-9]|2[0-3]):[0-5][0-9]"
FORMATS: dict[tuple[str, str], Schema] = {
    ("integer", "int32"): {"minimum": -(2**31), "maximum": 2**31 - 1},
    ("string", "date-time"): {
        "pattern": f"^{_DATE}[T ]{_HOUR_MINUTE}(?::[0-5][0-9](?:[.,][0-9]+)?)?(?:Z|[+-]{_HOUR_MINUTE})?$"
    },
    ("string", "date"): {"pattern": f"^{_DATE}$"},
    ("string", "uuid"): {"pattern": "^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"},
}


def runtime_schema(api: Api, operation: Operation) -> Schema | None:
    """Return the schema of the JSON response of an operation; None if it has no JSON response.

    The schema defines only the objects that the response reaches.
    """
    if operation.answer is None:
        return None
    writer = _Writer(api)
    root = writer.write(operation.answer)
    while waiting := [kind for name, kind in writer.reached.items() if name not in writer.definitions]:
        for kind in waiting:
            writer.definitions[kind.class_name] = writer.members(kind)
    order = [name for name in api.classes if name in writer.definitions]
    return {"$schema": DRAFT, **root, "definitions": {name: writer.definitions[name] for name in order}}


def as_lines(node: Any, depth: int = 0) -> str:
    """Return a schema as JSON with a line for each property, so that changes of a spec make readable diffs."""
    if depth > DEEPEST or not is_object(node) or not node:
        return json.dumps(node)
    lines = [f"{' ' * (depth + 1)}{json.dumps(key)}: {as_lines(value, depth + 1)}" for key, value in node.items()]
    return "{\n" + ",\n".join(lines) + "\n" + " " * depth + "}"


@define
class _Writer:
    api: Api
    reached: dict[str, Object] = field(factory=dict[str, Object])
    definitions: dict[str, Schema] = field(factory=dict[str, Schema])

    def write(self, kind: Kind) -> Schema:
        """Return the schema of a kind."""
        match kind:
            case Reference():
                target = self.api.follow(kind)
                return _nullable(self.write(target), nullable=kind.nullable or target.nullable)
            case Enum():
                whole = {"multipleOf": 1} if kind.type == "number" else {}
                schema: Schema = {"type": kind.type, "enum": list(kind.members.values()), **whole}
            case Object():
                self.reached[kind.class_name] = kind
                schema = {"type": "object", "allOf": [{"$ref": f"#/definitions/{kind.class_name}"}]}
            case Map():
                values = self.write(kind.values)
                schema = {"type": "object", **({"additionalProperties": values} if values else {})}
            case List():
                schema = {"type": "array", "items": self.write(kind.items)}
            case Union():
                schema = self._union(kind)
            case Scalar():
                schema = _scalar(kind)
            case _:
                return {}
        return _nullable(schema, nullable=kind.nullable)

    def members(self, kind: Object) -> Schema:
        """Return the properties of an object, without its type, which depends on the reference to it."""
        properties = {each.name: self.write(each.kind) for each in kind.properties}
        if isinstance(kind.extra, Anything):
            return {"properties": properties}
        extra: Schema = {"not": {}} if kind.extra is None else self.write(kind.extra)
        return {"properties": properties, "additionalProperties": extra}

    def _union(self, kind: Union) -> Schema:
        merged: Schema = {"type": []}
        options = kind.options
        for schema in map(self.write, options):
            types = schema.pop("type")
            types = [types] if isinstance(types, str) else types
            merged["type"] += types
            if not kind.branches or "object" not in types:
                merged |= schema
        merged["type"] = list(dict.fromkeys(merged["type"]))
        if kind.discriminator is not None and kind.branches:
            merged |= {"discriminator": kind.discriminator, "anyOf": list(self._branches(kind))}
        return merged if len(merged["type"]) > 1 else {**merged, "type": merged["type"][0]}

    def _branches(self, kind: Union) -> Iterable[Schema]:
        for index, option in enumerate(kind.options):
            if values := [value for value, position in kind.branches.items() if position == index]:
                discriminated = {"properties": {kind.discriminator: {"enum": values}}, "required": [kind.discriminator]}
                yield {**discriminated, **{key: each for key, each in self.write(option).items() if key != "type"}}


def _scalar(kind: Scalar) -> Schema:
    types = list(kind.types)
    if not types:
        return {"type": "null"}
    constraint = FORMATS.get((types[0], kind.format or "")) if len(types) == 1 else None
    schema: Schema = {"type": types[0] if len(types) == 1 else types}
    return schema | ({"format": kind.format, **constraint} if constraint else {})


def _nullable(schema: Schema, *, nullable: bool) -> Schema:
    types = schema.get("type", [])
    if not nullable or not types or "null" in types or types == "null":
        return schema
    null = {"enum": [*schema["enum"], None]} if "enum" in schema else {}
    return {**schema, "type": [*([types] if isinstance(types, str) else types), "null"], **null}
