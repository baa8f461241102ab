"""Versions of a spec: OpenAPI 3.1 as it is written, 3.0.3 made from it, and each without references.

OpenAPI 3.0 has no nullable references. If references stay, `nullable: true` next to `allOf` tells generators of code,
though a strict validator ignores it; without references the schema itself is nullable.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator

from conversas.json_pointer import format_pointer, is_array, is_object
from tools.regenerate.spec import Spec, SpecError, resolve

Node = dict[str, Any]

NULL = {"type": "null"}
VALIDATORS: dict[str, Any] = {"3.0": OpenAPIV30SpecValidator, "3.1": OpenAPIV31SpecValidator}


def openapi_versions(spec: Spec) -> Iterator[tuple[str, bytes]]:
    """Yield each version of a spec as JSON, with its path in the package.

    Raises:
        SpecError: A document is invalid in its version of OpenAPI.
    """
    whole, flat = spec.document, dereferenced(spec.document)
    for name, source in ((f"{spec.name}.json", whole), (f"{spec.name}.dereferenced.json", flat)):
        for version, document in (("3.0", to_openapi_3_0(source)), ("3.1", source)):
            path = f"{version}/{name}"
            for error in VALIDATORS[version](document).iter_errors():
                raise SpecError(path, format_pointer(*error.absolute_path) or "/", error.message[:200])
            yield path, (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()


def dereferenced(document: Node) -> Node:
    """Return the document with each reference replaced by its target, unless it leads back to itself."""
    return _without_references(document, document, ())


def to_openapi_3_0(document: Node) -> Node:
    """Convert a document of OpenAPI 3.1 to 3.0.3."""
    info = {key: value for key, value in document["info"].items() if key != "summary"}  # 3.0 does not know it
    return {**_rebuilt(document, _schema_in_3_0), "openapi": "3.0.3", "info": info}


def _rebuilt(node: Any, change: Callable[[Node], Node], key: str = "") -> Any:
    """Return the node with every object changed, inner ones first, except in examples; `key` is the node's own."""
    if is_array(node):
        return [_rebuilt(item, change) for item in node]
    if not is_object(node):
        return node
    return change(
        {
            name: value if name in ("example", "examples") and key != "properties" else _rebuilt(value, change, name)
            for name, value in node.items()
        }
    )


def _without_references(node: Node, document: Node, inside: tuple[str, ...]) -> Node:
    def followed(found: Node) -> Node:
        reference = found.get("$ref")
        if not isinstance(reference, str) or reference in inside:
            return found
        siblings = {key: value for key, value in found.items() if key != "$ref"}
        return _without_references(resolve(document, reference), document, (*inside, reference)) | siblings

    rebuilt: Node = _rebuilt(node, followed)
    return rebuilt


def _schema_in_3_0(schema: Node) -> Node:
    if is_array(kinds := schema.get("type")):
        return _types_in_3_0(schema, kinds)
    if is_array(options := schema.get("oneOf")) and NULL in options:
        [option] = [option for option in options if option != NULL]
        return _nullable(option, {key: value for key, value in schema.items() if key != "oneOf"})
    if isinstance(schema.get("$ref"), str) and len(schema) > 1:
        siblings = {key: value for key, value in schema.items() if key != "$ref"}
        return {"allOf": [{"$ref": schema["$ref"]}], **siblings}  # 3.0 ignores the siblings of a reference
    return schema


def _types_in_3_0(schema: Node, kinds: list[str]) -> Node:
    named = [kind for kind in kinds if kind != "null"]
    if len(named) > 1:
        null = {"nullable": True} if "null" in kinds else {}
        siblings = {key: value for key, value in schema.items() if key != "type"}
        return {"anyOf": [{"type": kind, **null} for kind in named], **siblings}
    one = {**schema, "type": named[0]}
    return _nullable(one, {}) if "null" in kinds else one


def _nullable(schema: Node, siblings: Node) -> Node:
    """Return the schema with null allowed, merged with the keys next to it in the document."""
    if "$ref" in schema:
        return {"allOf": [schema], **siblings, "nullable": True}
    null = {"enum": [*schema["enum"], None]} if "enum" in schema else {}
    return {**schema, **siblings, **null, "nullable": True}
