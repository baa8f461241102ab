"""The open form of a spec: what may come, where the spec itself says what should.

Many generators make code that refuses a whole body for one value that the spec does not list. In the open form, a value
of an enum is any of its type, a text has no format, an integer has 64 bits, null may stand everywhere in a body, and an
object may have more properties. A type stays a type, and a request stays as it is.
"""

import json
from typing import Any

from tools.regenerate.spec import Spec

Schema = dict[str, Any]

CLOSING = {"enum", "x-enum-varnames", "x-enumNames", "format"}
NOTE = (
    "This is the open form of the spec, made by a program: a client of it reads bodies that the spec does not foresee."
)


def open_form(spec: Spec) -> bytes:
    """Give the bytes of its file, an OpenAPI document as the spec is."""
    info, components = spec.document["info"], spec.document.get("components", {})
    schemas = {name: _open(schema) | _type_of(schema) for name, schema in components.get("schemas", {}).items()}
    document = spec.document | {
        "info": info | {"description": f"{info.get('description', '')}\n{NOTE}\n".lstrip()},
        "components": components | {"schemas": schemas},
    }
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()


def _open(schema: Schema) -> Schema:
    if "$ref" in schema:
        return {"oneOf": [schema, {"type": "null"}]}
    if "type" not in schema:  # a reference or null, or a value of any shape
        return schema
    kinds = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    opened = {key: value for key, value in schema.items() if key not in CLOSING}
    opened["type"] = list(dict.fromkeys([*kinds, "null"]))
    if "enum" in schema:
        listed = ", ".join(map(str, schema["enum"]))
        opened["description"] = f"{schema.get('description', '')} Listed values: {listed}.".lstrip()
    if "integer" in kinds:
        opened["format"] = "int64"
    if "items" in schema:
        opened["items"] = _open(schema["items"])
    if "properties" in schema:
        opened["properties"] = {name: _open(member) for name, member in schema["properties"].items()}
        opened["additionalProperties"] = True
    return opened


def _type_of(schema: Schema) -> Schema:
    """Give what a component keeps of its type: whether null may stand for it is for those to say who refer to it."""
    return {"type": schema["type"]} if "type" in schema else {}
