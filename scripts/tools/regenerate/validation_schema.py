"""Run-time schema of a response: the spec's own schema, in a form that is fast to check and locates each error.

It is JSON Schema draft 4, in which 12.0 is not an integer. `additionalProperties: {"not": {}}` puts the error of an
unknown property at the property itself. A reference is `type` next to `allOf`, so that errors are flat, with null
as one more type. Enums are repeated where they are used. int32 is a minimum and a maximum, date-time a pattern.
"""

from collections.abc import Iterator
from typing import Any

from conversas.json_pointer import format_pointer, is_object, resolve_pointer
from tools.regenerate.spec import Spec, SpecError, resolve

Schema = dict[str, Any]

DRAFT = "http://json-schema.org/draft-04/schema#"
ANNOTATIONS = {"title", "description", "example", "examples", "deprecated", "required", "default"}
SCALARS = {"string", "integer", "number", "boolean"}

# What datetime.fromisoformat of Python 3.11 reads, dates of the calendar only: the offset is optional.
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


def response_schemas(spec: Spec) -> Iterator[tuple[str, Schema]]:
    """Yield the operationId and the run-time schema of every operation.

    Raises:
        SpecError: A schema uses a keyword that the clients or the check do not support.
    """
    conversion = _Conversion(spec)
    components = spec.document.get("components", {}).get("schemas", {})
    definitions = {
        name: conversion.members(schema, format_pointer("components", "schemas", name))
        for name, schema in components.items()
        if is_object(schema) and "properties" in schema
    }
    for location, operation in spec.operations:
        inside = ("responses", "200", "content", "application/json", "schema")
        try:
            schema = resolve_pointer(operation, inside)
        except (LookupError, TypeError):
            raise SpecError(
                spec.name + ".yaml", location + format_pointer(*inside), "missing: the model is found by it"
            ) from None
        root = conversion.convert(schema, location + format_pointer(*inside))
        yield operation["operationId"], {"$schema": DRAFT, **root, "definitions": definitions}


class _Conversion:
    """Conversion of the schemas of one spec to their run-time form; `location` is the JSON pointer for messages."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec

    def convert(self, schema: Schema, location: str) -> Schema:
        self._refuse_unknown_keywords(schema, location)
        if "$ref" in schema:
            return self._reference(schema["$ref"], location)
        if "oneOf" in schema:
            return self._nullable(schema["oneOf"], location + "/oneOf")
        result: Schema = {key: schema[key] for key in ("type", "enum") if key in schema}
        types = schema.get("type", [])
        kinds = [kind for kind in ([types] if isinstance(types, str) else types) if kind != "null"]
        if len(kinds) > 1 and ("enum" in schema or "format" in schema or not SCALARS.issuperset(kinds)):
            self._refuse(location + "/type", "a property has one type, or null, or several without enum and format")
        for kind in kinds:
            if constraint := FORMATS.get((kind, schema.get("format", ""))):
                result |= {"format": schema["format"], **constraint}
        if "array" in kinds:
            result["items"] = self._items(schema, location)
        if "object" in kinds:
            result |= self.members(schema, location)
        return result

    def _items(self, schema: Schema, location: str) -> Schema:
        if "items" not in schema:
            self._refuse(location, "an array says what its items are; for items of any shape write {}")
        return self.convert(schema["items"], location + "/items")

    def members(self, schema: Schema, location: str) -> Schema:
        """Return the properties of an object, without its type, which depends on the reference to it."""
        self._refuse_unknown_keywords(schema, location)
        if "properties" not in schema:
            self._refuse(location, "an object lists its properties; for a value of any shape write {} as its schema")
        properties = {
            name: self.convert(member, location + format_pointer("properties", name))
            for name, member in schema["properties"].items()
        }
        return {"properties": properties, "additionalProperties": {"not": {}}}

    def _reference(self, reference: str, location: str) -> Schema:
        target = resolve(self.spec.document, reference)
        if "properties" in target:
            return {"type": "object", "allOf": [{"$ref": "#/definitions/" + reference.rsplit("/", 1)[1]}]}
        return self.convert(target, location)

    def _nullable(self, options: list[Schema], location: str) -> Schema:
        rest = [option for option in options if option != {"type": "null"}]
        if len(rest) != 1 or len(options) != 2:
            self._refuse(location, "oneOf is for one schema and {type: 'null'} only")
        result = self.convert(rest[0], location + format_pointer(options.index(rest[0])))
        types = result.get("type", [])
        result["type"] = [*([types] if isinstance(types, str) else types), "null"]
        if "enum" in result:
            result["enum"] = [*result["enum"], None]
        return result

    def _refuse_unknown_keywords(self, schema: Schema, location: str) -> None:
        known = ANNOTATIONS | {"type", "format", "enum", "items", "properties", "oneOf", "$ref"}
        if not is_object(schema):
            self._refuse(location, "a schema is an object here; for a value of any shape write {}")
        for keyword in schema:
            if keyword not in known and not keyword.startswith("x-"):
                self._refuse(
                    location + format_pointer(keyword), "the clients and the run-time check do not know this keyword"
                )

    def _refuse(self, location: str, problem: str) -> None:
        raise SpecError(self.spec.name + ".yaml", location, problem)
