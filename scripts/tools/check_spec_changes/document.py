"""Comparison of two versions of a spec: its schemas, its operations, and what they share."""

import json
from collections.abc import Iterator
from itertools import product

from tools.check_spec_changes.change_kinds import Change, ChangeKind
from tools.check_spec_changes.operations import compare_operations
from tools.check_spec_changes.schemas import Node, compare_parts, compare_rest, compare_schemas


def compare_documents(old: Node, new: Node) -> Iterator[Change]:
    """Yield each change of a spec, except that of its version."""
    renamed = _renamed(_schemas(old), _schemas(new))
    yield from (Change(ChangeKind.SCHEMA_RENAMED, f"{was}, now {name}") for was, name in renamed.items())
    old = _with_new_names(old, renamed)
    yield from _compare_named_schemas(_schemas(old), _schemas(new))
    yield from compare_operations(old.get("paths", {}), new.get("paths", {}))
    yield from _compare_components(old.get("components", {}), new.get("components", {}))
    yield from compare_parts(ChangeKind.SERVERS_CHANGED, old.get("servers"), new.get("servers"), "servers")
    yield from compare_parts(ChangeKind.OTHER, old.get("tags"), new.get("tags"), "tags")
    yield from compare_rest(old["info"], new["info"], {"version"}, "info")
    yield from compare_rest(old, new, {"info", "paths", "components", "servers", "tags"}, "")


def _schemas(document: Node) -> Node:
    schemas: Node = document.get("components", {}).get("schemas", {})
    return schemas


def _renamed(old: Node, new: Node) -> dict[str, str]:
    """Return the new name of each renamed schema: one is gone, and an equal one is new."""
    pairs = product((name for name in old if name not in new), (name for name in new if name not in old))
    return {was: name for was, name in pairs if old[was] == new[name]}


def _with_new_names(document: Node, renamed: dict[str, str]) -> Node:
    """Return the document with renamed schemas under their new names, so that nothing else about them differs."""
    text = json.dumps(document, default=str)
    for was, name in renamed.items():
        text = text.replace(f'"#/components/schemas/{was}"', f'"#/components/schemas/{name}"')
    result: Node = json.loads(text)
    schemas = _schemas(result)
    for was, name in renamed.items():
        schemas[name] = schemas.pop(was)
    return result


def _compare_named_schemas(old: Node, new: Node) -> Iterator[Change]:
    for name in old | new:
        if name not in old:
            yield Change(ChangeKind.NEW_SCHEMA, name)
        elif name not in new:
            yield Change(ChangeKind.SCHEMA_REMOVED, name)
        else:
            yield from compare_schemas(old[name], new[name], name)


def _compare_components(old: Node, new: Node) -> Iterator[Change]:
    key = "securitySchemes"
    yield from compare_parts(ChangeKind.SECURITY_CHANGED, old.get(key), new.get(key), key)
    yield from compare_rest(old, new, {"schemas", key}, "components")
