"""Keywords of schemas, in one list: keywords that are read, carried along, or not supported."""

from typing import Any

from conversas.json_pointer import format_pointer, is_object
from tools.regenerate.reduced.problems import Problems, shown
from tools.regenerate.reduced.source import Place

ENUM_NAMES = ("x-enum-varnames", "x-enumNames")
PYTHON_NAME = "x-python-name"
SCALARS = ("string", "integer", "number", "boolean")
TYPES = {*SCALARS, "array", "object", "null"}

READ = {
    *("$ref", "allOf", "anyOf", "oneOf", "discriminator", "type", "nullable", "format", "enum", "const"),
    *("properties", "required", "additionalProperties", "items", *ENUM_NAMES, PYTHON_NAME),
}
"""Keywords that decide the kind of a value."""

WORDS = {
    *("title", "description", "default", "example", "examples", "deprecated", "externalDocs", "xml", "$comment"),
    *("readOnly", "writeOnly"),
}
LIMITS = {
    *("minLength", "maxLength", "pattern", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    *("minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties", "dependentRequired"),
    *("contentEncoding", "contentMediaType", "contentSchema", "unevaluatedProperties", "unevaluatedItems"),
}
"""Keywords that narrow a value within its kind. They are carried along, and never enforced."""

UNUSED = {"$defs", "definitions", "$anchor"}
"""Keywords whose content is reached only through references."""

NOT_IN_3_0 = {"examples", "$comment", "dependentRequired", "unevaluatedProperties", "unevaluatedItems"} | {
    *("contentEncoding", "contentMediaType", "contentSchema")
}

TOLD = {
    "not": "has no type in Python: describe the allowed values, not the forbidden values",
    "if": "has no type in Python: write the cases as oneOf with a discriminator",
    "then": "has no type in Python: write the cases as oneOf with a discriminator",
    "else": "has no type in Python: write the cases as oneOf with a discriminator",
    "patternProperties": "has no type in Python: write additionalProperties with one schema for all names",
    "prefixItems": "has no type in Python: write items with one schema for all items, as oneOf if they differ",
}

IMPLIED_TYPES = {
    "object": ("properties", "additionalProperties", "required", "minProperties", "maxProperties"),
    "array": ("items", "minItems", "maxItems", "uniqueItems"),
    "string": ("minLength", "maxLength", "pattern"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}
IMPLIED_BY_FORMAT = {
    **dict.fromkeys(("date-time", "date", "time", "duration", "uuid", "uri", "email", "byte", "binary"), "string"),
    **dict.fromkeys(("int32", "int64"), "integer"),
    **dict.fromkeys(("float", "double"), "number"),
}


TYPES_OF_OPENAPI = {"nullable": bool, "discriminator": dict, "xml": dict, "externalDocs": dict}
"""Types of the keywords that OpenAPI adds to JSON Schema."""


def check_keywords(place: Place, problems: Problems) -> None:
    """Add a problem for each keyword of a schema that this reader does not support."""
    for keyword in place.value:
        pointer = place.pointer + format_pointer(keyword)
        if keyword in TOLD:
            problems.add(pointer, f"{keyword} {TOLD[keyword]}")
        elif keyword not in READ | WORDS | LIMITS | UNUSED and not str(keyword).startswith("x-"):
            problems.add(pointer, "the clients and the run-time check do not know this keyword: omit it")
    for keyword, kind in TYPES_OF_OPENAPI.items():
        if keyword in place.value and not isinstance(place.value[keyword], kind):
            written = "a boolean" if kind is bool else "an object"
            problems.add(f"{place.pointer}/{keyword}", f"must be {written}, got {shown(place.value[keyword])}")
    for name in place.value["properties"] if is_object(place.value.get("properties")) else ():
        if not isinstance(name, str):
            problems.add(place.pointer + format_pointer("properties", name), f"quote the name {name}")


def annotations_of(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the keywords that are carried along, with limits as OpenAPI 3.1 writes them."""
    carried = {key: value for key, value in schema.items() if key in WORDS | LIMITS or key.startswith("x-")}
    for name in (*ENUM_NAMES, PYTHON_NAME):
        carried.pop(name, None)
    for limit, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if carried.get(exclusive) is True and limit in carried:  # as OpenAPI 3.0 writes it
            carried[exclusive] = carried.pop(limit)
        elif isinstance(carried.get(exclusive), bool):
            del carried[exclusive]
    return carried


def implied_type(schema: dict[str, Any]) -> str | None:
    """Return the type that the other keywords of a schema without a type imply; None if they imply no type."""
    for kind, keywords in IMPLIED_TYPES.items():
        if any(keyword in schema for keyword in keywords if keyword != "required"):
            return kind
    return IMPLIED_BY_FORMAT.get(str(schema.get("format")))
