"""Check of a document against the schemas that OpenAPI and JSON Schema publish."""

import importlib.util
import json
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, cast

import jsonschema_rs

from conversas.json_pointer import format_pointer, is_array, is_object, resolve_pointer, split_pointer
from tools.regenerate.reduced.problems import Problem

VERSIONS = ("3.0", "3.1")
META_SCHEMA = {"$ref": "https://json-schema.org/draft/2020-12/schema"}


def version_of(document: Any) -> str | None:
    """Return the OpenAPI version of a document; None if the version is not supported."""
    written = str(document.get("openapi", "")) if is_object(document) else ""
    return next((version for version in VERSIONS if written.startswith(f"{version}.")), None)


def unusable_keys(node: Any, *path: object) -> Iterator[Problem]:
    """Yield a problem for each key that is not a string, except in examples."""
    children: Iterable[tuple[object, Any]] = ()
    if is_object(node):
        children = node.items()
        for key in cast("dict[object, Any]", node):
            if not isinstance(key, str):
                yield Problem(format_pointer(*path, key), f"quote the key {key}: only strings are keys in JSON")
    elif is_array(node):
        children = enumerate(node)
    for key, child in children:
        if key not in ("example", "examples") or path[-1:] == ("properties",):
            yield from unusable_keys(child, *path, key)


def structural_problems(document: dict[str, Any], schemas: Iterable[str]) -> Iterator[Problem]:
    """Yield what is wrong with a document, and with its schemas at these JSON pointers."""
    for key in ("info", "paths"):
        if not is_object(document.get(key)):
            yield Problem(f"/{key}", "is missing")
    yield from _errors(_document_validator(version_of(document) or VERSIONS[-1]), document, "")
    if version_of(document) == "3.1":
        for pointer in schemas:
            try:
                schema = resolve_pointer(document, split_pointer(pointer))
            except (LookupError, TypeError, ValueError):
                continue  # a parameter may have no schema
            yield from _errors(_schema_validator(), schema, pointer)


def _errors(validator: Any, value: Any, pointer: str) -> Iterator[Problem]:
    for error in validator.iter_errors(value):
        deepest = _deepest(error)
        yield Problem(pointer + format_pointer(*deepest.instance_path), str(deepest.message)[:200])


def _deepest(error: Any) -> Any:
    """Return the most specific error. Among the errors of alternatives, that is an error at the deepest place."""
    context = getattr(error.kind, "context", None)
    inner = [_deepest(each) for branch in context or () for each in branch]
    deeper = [each for each in inner if len(each.instance_path) > len(error.instance_path)]
    return max(deeper, key=lambda each: len(each.instance_path)) if deeper else error


@cache
def _document_validator(version: str) -> Any:
    found = importlib.util.find_spec("openapi_spec_validator")  # importing it would be slow
    folder = Path(str(found.origin)).parent if found else Path()
    schema = json.loads((folder / "resources" / "schemas" / f"v{version}" / "schema.json").read_bytes())
    return jsonschema_rs.validator_for(schema)


@cache
def _schema_validator() -> Any:
    return jsonschema_rs.Draft202012Validator(META_SCHEMA)
