"""Selection of operations of a spec, in a document with everything that they reach and nothing else."""

import copy
from collections.abc import Collection, Iterator
from typing import Any

from conversas.json_pointer import is_array, is_object, split_pointer
from tools.regenerate.reduced.api import METHODS

Key = tuple[str, str]


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
    target: dict[str, Any] = document.get("components", {}).get("pathItems", {}).get(reference.rpartition("/")[2], {})
    return target


def _references(node: Any) -> Iterator[Key]:
    """Yield the kind and the name of each component that a part of a document refers to."""
    if is_array(node):
        for item in node:
            yield from _references(item)
    elif is_object(node):
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, str) and node.startswith("#/components/"):
        parts = split_pointer(node[1:])
        if len(parts) > 2:
            yield parts[1], parts[2]
