"""JSON Schema of a serialized conversation, built from the records and the docstrings of their fields."""

import ast
import datetime
import inspect
import json
from collections.abc import Iterator
from enum import StrEnum
from functools import cache
from types import NoneType
from typing import Any, get_args, get_origin

from conversas.records import conversation, enums
from conversas.records.ref import ConversationRef
from conversas.records.serialization import SCHEMA_VERSION, serialized_fields

Schema = dict[str, Any]

SCALARS: dict[Any, Schema] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    datetime.datetime: {"type": "string", "format": "date-time"},
    datetime.timedelta: {"type": "string", "pattern": "^-?PT[0-9]+\\.[0-9]{6}S$"},
    ConversationRef: {"type": "string", "pattern": "^[^:]+:."},
}


def record_schema() -> bytes:
    """Return the JSON Schema (2020-12) for the result of `Conversation.to_dict()`, as the bytes of a file."""
    definitions: dict[str, Schema] = {}
    root = _record(conversation.Conversation, definitions)
    version: Schema = {"const": SCHEMA_VERSION, "description": "Version of the schema of the record."}
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Conversation, neutral form",
        **root,
        "properties": {"schema_version": version, **root["properties"]},
        "required": ["schema_version", *root["required"]],
        "$defs": dict(sorted(definitions.items())),
    }
    return (json.dumps(schema, indent=2) + "\n").encode()


def _record(kind: Any, definitions: dict[str, Schema]) -> Schema:
    documented = _attribute_docs(inspect.getsource(conversation))[kind.__name__]
    properties = {
        name: _described(_schema(hint, definitions), documented[name]) for name, hint in serialized_fields(kind).items()
    }
    return {
        "type": "object",
        "description": inspect.cleandoc(kind.__doc__).split("\n\n")[0],
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _described(schema: Schema, description: str) -> Schema:
    return {"description": description, **schema}


def _schema(hint: Any, definitions: dict[str, Schema]) -> Schema:
    if hint in SCALARS:
        return SCALARS[hint]
    if get_origin(hint) is tuple:
        return {"type": "array", "items": _schema(get_args(hint)[0], definitions)}
    if options := get_args(hint):
        [option] = [option for option in options if option is not NoneType]
        return _nullable(_schema(option, definitions))
    if hint.__name__ not in definitions:
        definitions[hint.__name__] = {}  # reserves the name before its own references are described
        definitions[hint.__name__] = _enum(hint) if issubclass(hint, StrEnum) else _record(hint, definitions)
    return {"$ref": f"#/$defs/{hint.__name__}"}


def _nullable(schema: Schema) -> Schema:
    if "$ref" in schema:
        return {"oneOf": [schema, {"type": "null"}]}
    return {**schema, "type": [schema["type"], "null"]}


def _enum(kind: type[StrEnum]) -> Schema:
    docs = _attribute_docs(inspect.getsource(enums))[kind.__name__]
    values = [f"`{member.value}`: {docs[member.name]}" for member in kind if member.name in docs]
    description = " ".join([inspect.cleandoc(kind.__doc__ or ""), *values])
    return {"type": "string", "description": description, "enum": [member.value for member in kind]}


@cache
def _attribute_docs(source: str) -> dict[str, dict[str, str]]:
    """Return the docstring below each attribute of each class of a module."""
    classes = [node for node in ast.parse(source).body if isinstance(node, ast.ClassDef)]
    return {node.name: dict(_documented(node)) for node in classes}


def _documented(node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for attribute, text in zip(node.body, node.body[1:], strict=False):
        match attribute, text:
            case (
                ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]),
                ast.Expr(value=ast.Constant(value=str() as doc)),
            ):
                yield name, inspect.cleandoc(doc)
            case _:
                pass
