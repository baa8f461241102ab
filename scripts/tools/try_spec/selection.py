"""Selection of operations of a spec, in a document with everything that they reach and nothing else."""

import copy
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from conversas.json_pointer import is_array, is_object, split_pointer
from tools.regenerate.reduced.api import METHODS
from tools.regenerate.reduced.problems import Problem, SpecError
from tools.regenerate.reduced.source import Place
from tools.regenerate.spec import load_document

Key = tuple[str, str]


def load_selectable(file: Path) -> dict[str, Any]:
    """Read a spec from which operations can be selected.

    Raises:
        SpecError: The file is not OpenAPI, or a part that every selection needs is invalid.
    """
    document = load_document(file)
    if problems := list(unusable_parts(document)):
        raise SpecError(file.name, problems)
    return document


def unusable_parts(document: dict[str, Any]) -> Iterator[Problem]:
    """Yield a problem for each invalid part of a document that every selection needs."""
    for key in ("paths", "components"):
        place = Place(document, "").get(key)
        if not is_object(place.value) and (key == "paths" or key in document):
            yield Problem(place.pointer, "must be an object")
        for name, below in place.members():
            if not isinstance(name, str):  # pyright: ignore[reportUnnecessaryIsInstance]  # YAML has other keys
                yield Problem(below.pointer, f"quote the key {name}: only strings are keys in JSON")
            elif not is_object(below.value) and not name.startswith("x-"):
                yield Problem(below.pointer, "must be an object")


def operations_of(document: dict[str, Any]) -> list[Key]:
    """Return the method and the path of each operation."""
    paths = document.get("paths")
    items = paths.items() if is_object(paths) else ()
    return [
        (method, path)
        for path, item in items
        for method in METHODS
        if is_object(item) and is_object(_followed(document, item).get(method))
    ]


def selected(document: dict[str, Any], keys: Collection[Key]) -> dict[str, Any]:
    """Return a document that has only these operations."""
    paths: dict[str, Any] = {}
    for method, path in keys:
        item = _followed(document, document["paths"][path])
        shared = {key: value for key, value in item.items() if key not in METHODS}
        paths.setdefault(path, shared)[method] = item[method]
    kept = {key: value for key, value in document.items() if key not in ("paths", "components", "webhooks")}
    components = document.get("components", {})
    reached: dict[str, dict[str, Any]] = {"securitySchemes": components.get("securitySchemes", {})}
    waiting = list(_references(paths))
    while waiting:
        part, name = waiting.pop()
        target = components.get(part, {}).get(name)
        if target is not None and name not in reached.setdefault(part, {}):
            reached[part][name] = target
            waiting += _references(target)
    ordered = {
        part: {name: found[name] for name in components.get(part, {}) if name in found}
        for part, found in reached.items()
    }
    return copy.deepcopy({**kept, "paths": paths, "components": ordered})


def _followed(document: dict[str, Any], item: dict[str, Any]) -> dict[str, Any]:
    reference = item.get("$ref")
    if not isinstance(reference, str) or not reference.startswith("#/components/pathItems/"):
        return item
    target = document.get("components", {}).get("pathItems", {}).get(reference.rpartition("/")[2])
    return target if is_object(target) else {}


def _references(node: Any) -> Iterator[Key]:
    """Yield the kind and the name of each component that a part of a document refers to."""
    if is_array(node):
        for item in node:
            yield from _references(item)
    elif is_object(node):
        if "propertyName" in node and is_object(node.get("mapping")):  # of a discriminator; it also names components
            yield from (("schemas", name) for name in node["mapping"].values() if isinstance(name, str))
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, str) and node.startswith("#/components/"):
        parts = split_pointer(node[1:])
        if len(parts) > 2:
            yield parts[1], parts[2]
