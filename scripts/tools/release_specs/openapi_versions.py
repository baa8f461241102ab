"""The forms of a spec: OpenAPI 3.1 as it is written, 3.0.3 made from it, and each without references.

OpenAPI 3.0 has no way to say that a reference may be null. Where references stay, `nullable: true` beside `allOf` says
so to generators of code, though a strict validator takes it for nothing; without them the schema itself is nullable.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator

from conversas.json_pointer import is_array, is_object, pointer
from tools.regenerate.spec import Spec, SpecError, resolve

Node = dict[str, Any]

NULL = {"type": "null"}
VALIDATORS: dict[str, Any] = {"3.0": OpenAPIV30SpecValidator, "3.1": OpenAPIV31SpecValidator}


def forms(spec: Spec) -> Iterator[tuple[str, bytes]]:
    """Yield each form of a spec as JSON, with its path in the package.

    Raises:
        SpecError: A form is not what it says it is.
    """
    whole, flat = spec.document, dereferenced(spec.document)
    for name, document in ((f"{spec.name}.json", whole), (f"{spec.name}.dereferenced.json", flat)):
        for version, form in (("3.0", in_3_0(document)), ("3.1", document)):
            path = f"{version}/{name}"
            for error in VALIDATORS[version](form).iter_errors():
                raise SpecError(path, pointer(*error.absolute_path) or "/", error.message[:200])
            yield path, (json.dumps(form, indent=2, ensure_ascii=False) + "\n").encode()


def dereferenced(document: Node) -> Node:
    """Put in the place of each reference what it leads to, but where that leads back to itself."""
    return _without_references(document, document, ())


def in_3_0(document: Node) -> Node:
    """Say the same in OpenAPI 3.0.3."""
    info = {key: value for key, value in document["info"].items() if key != "summary"}  # 3.0 does not know it
    return {**_rebuilt(document, _schema_in_3_0), "openapi": "3.0.3", "info": info}


def _rebuilt(node: Any, change: Callable[[Node], Node], key: str = "") -> Any:
    """Change every object, those within it first, but for what examples hold; `key` is where the node stands."""
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
        beside = {key: value for key, value in found.items() if key != "$ref"}
        return _without_references(resolve(document, reference), document, (*inside, reference)) | beside

    rebuilt: Node = _rebuilt(node, followed)
    return rebuilt


def _schema_in_3_0(schema: Node) -> Node:
    if is_array(kinds := schema.get("type")):
        return _types_in_3_0(schema, kinds)
    if is_array(options := schema.get("oneOf")) and NULL in options:
        [option] = [option for option in options if option != NULL]
        return _nullable(option, {key: value for key, value in schema.items() if key != "oneOf"})
    if isinstance(schema.get("$ref"), str) and len(schema) > 1:
        beside = {key: value for key, value in schema.items() if key != "$ref"}
        return {"allOf": [{"$ref": schema["$ref"]}], **beside}  # 3.0 overlooks what stands beside a reference
    return schema


def _types_in_3_0(schema: Node, kinds: list[str]) -> Node:
    named = [kind for kind in kinds if kind != "null"]
    if len(named) > 1:
        null = {"nullable": True} if "null" in kinds else {}
        beside = {key: value for key, value in schema.items() if key != "type"}
        return {"anyOf": [{"type": kind, **null} for kind in named], **beside}
    one = {**schema, "type": named[0]}
    return _nullable(one, {}) if "null" in kinds else one


def _nullable(schema: Node, beside: Node) -> Node:
    """Let a schema be null; `beside` is what stands beside it in the document."""
    if "$ref" in schema:
        return {"allOf": [schema], **beside, "nullable": True}
    null = {"enum": [*schema["enum"], None]} if "enum" in schema else {}
    return {**schema, **beside, **null, "nullable": True}
