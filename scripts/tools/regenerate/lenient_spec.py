"""Lenient form of a spec (the open form): bodies that may come, while the spec itself describes those that should.

Many generators make code that refuses a whole body for one value that the spec does not list. In the lenient form, an
enum takes any value of its type, a string has no format, an integer has 64 bits, every value in a body may be null, and
an object may have more properties. Types stay, and requests do not change.
"""

import json
from typing import Any

from tools.regenerate.spec import Spec

Schema = dict[str, Any]

CLOSING = {"enum", "x-enum-varnames", "x-enumNames", "format"}
NOTE = (
    "This is the open form of the spec, made by a program: a client of it reads bodies that the spec does not foresee."
)


def lenient_spec(spec: Spec) -> bytes:
    """Return the lenient form of a spec as the bytes of an OpenAPI document."""
    info, components = spec.document["info"], spec.document.get("components", {})
    schemas = {name: _relax(schema) | _type_of(schema) for name, schema in components.get("schemas", {}).items()}
    document = spec.document | {
        "info": info | {"description": f"{info.get('description', '')}\n{NOTE}\n".lstrip()},
        "components": components | {"schemas": schemas},
    }
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()


def _relax(schema: Schema) -> Schema:
    if "$ref" in schema:
        return {"oneOf": [schema, {"type": "null"}]}
    if "type" not in schema:  # a reference or null, or a value of any shape
        return schema
    kinds = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    relaxed = {key: value for key, value in schema.items() if key not in CLOSING}
    relaxed["type"] = list(dict.fromkeys([*kinds, "null"]))
    if "enum" in schema:
        listed = ", ".join(map(str, schema["enum"]))
        relaxed["description"] = f"{schema.get('description', '')} Listed values: {listed}.".lstrip()
    if "integer" in kinds:
        relaxed["format"] = "int64"
    if "items" in schema:
        relaxed["items"] = _relax(schema["items"])
    if "properties" in schema:
        relaxed["properties"] = {name: _relax(member) for name, member in schema["properties"].items()}
        relaxed["additionalProperties"] = True
    return relaxed


def _type_of(schema: Schema) -> Schema:
    """Return the type that a component keeps: each reference to it decides whether it may be null."""
    return {"type": schema["type"]} if "type" in schema else {}
