"""Comparison of two versions of a schema, in the keywords that the specs use."""

import json
from collections.abc import Collection, Iterator
from typing import Any

from attrs import field, frozen

from conversas.json_pointer import is_array, is_object
from tools.check_spec_changes.change_kinds import Change, ChangeKind

Node = dict[str, Any]

NULL = {"type": "null"}
ENUM_NAMES = ("x-enum-varnames", "x-enumNames")
SHAPE = {"$ref", "type", "format", "enum", *ENUM_NAMES, "properties", "required"}
WORDS = {"description", "summary", "title", "example", "examples", "externalDocs", "bearerFormat"}


@frozen
class Shape:
    """Values that a schema accepts, in any spelling: `type: [X, 'null']` and `oneOf: [X, type: 'null']` are equal."""

    nullable: bool
    keywords: Node = field(repr=False)

    @property
    def types(self) -> set[str]:
        """JSON types except null, or the referenced schema. Every integer is a number."""
        types = self.keywords.get("$ref") or self.keywords.get("type", "anything")
        found = set(types if is_array(types) else [types]) - {"null"}
        return found | {"integer"} if "number" in found else found

    @property
    def values(self) -> dict[str, list[Any]]:
        """Names of each value of an enum but null, which is the last one and has none."""
        lists = [self.keywords.get(key, []) for key in ENUM_NAMES]
        values = [json.dumps(value) for value in self.keywords.get("enum", []) if value is not None]
        return {value: [names[index : index + 1] for names in lists] for index, value in enumerate(values)}


def shape(schema: Node) -> Shape:
    options = schema.get("oneOf", [])
    rest = [option for option in options if option != NULL]
    if len(rest) == 1:
        return Shape(NULL in options, rest[0] | {key: value for key, value in schema.items() if key != "oneOf"})
    return Shape("null" in schema.get("type", []), schema)


def compare_schemas(old: Node, new: Node, location: str) -> Iterator[Change]:
    """Yield each change of a schema and of those inside it. Referenced schemas are compared by themselves."""
    before, after = shape(old), shape(new)
    if before.nullable != after.nullable:
        yield Change(ChangeKind.NOW_NULLABLE if after.nullable else ChangeKind.NO_LONGER_NULLABLE, location)
    if before.types != after.types:
        yield Change(_type_change(before.types, after.types), location)
        return
    if before.keywords.get("format") != after.keywords.get("format"):
        yield Change(ChangeKind.FORMAT_CHANGED, location)
    yield from _compare_enums(before.values, after.values, location)
    yield from _compare_properties(before.keywords, after.keywords, location)
    known = SHAPE
    if "items" in before.keywords and "items" in after.keywords:
        known = SHAPE | {"items"}
        yield from compare_schemas(before.keywords["items"], after.keywords["items"], location + "[]")
    yield from compare_rest(before.keywords, after.keywords, known, location)


def _type_change(old: set[str], new: set[str]) -> ChangeKind:
    if old < new:
        return ChangeKind.TYPE_WIDENED
    return ChangeKind.TYPE_NARROWED if new < old else ChangeKind.TYPE_CHANGED


def _compare_enums(old: dict[str, list[Any]], new: dict[str, list[Any]], location: str) -> Iterator[Change]:
    if bool(old) != bool(new):
        yield Change(ChangeKind.ENUM_OR_PLAIN, location)
        return
    for value in old | new:
        if value not in old:
            yield Change(ChangeKind.NEW_VALUE, f"{location} {value}")
        elif value not in new:
            yield Change(ChangeKind.VALUE_REMOVED, f"{location} {value}")
        elif old[value] != new[value]:
            yield Change(ChangeKind.VALUE_RENAMED, f"{location} {value}")


def _compare_properties(before: Node, after: Node, location: str) -> Iterator[Change]:
    old, new = before.get("properties", {}), after.get("properties", {})
    for name in old | new:
        member = f"{location}.{name}"
        if name not in old:
            yield Change(ChangeKind.NEW_PROPERTY, member)
        elif name not in new:
            yield Change(ChangeKind.PROPERTY_REMOVED, member)
        else:
            was, is_ = (name in side.get("required", []) for side in (before, after))
            if was != is_:
                yield Change(ChangeKind.NOW_REQUIRED if is_ else ChangeKind.NO_LONGER_REQUIRED, member)
            yield from compare_schemas(old[name], new[name], member)


def compare_rest(old: Node, new: Node, known: Collection[str], location: str) -> Iterator[Change]:
    """Yield each change under other keys. Only words are known to break no user."""
    for key in old | new:
        if key not in known and old.get(key) != new.get(key):
            yield Change(_kind_of_key(key), f"{location} {key}".strip())


def _kind_of_key(key: str) -> ChangeKind:
    if key in WORDS:
        return ChangeKind.WORDS
    return ChangeKind.DEPRECATED if key == "deprecated" else ChangeKind.OTHER


def compare_parts(kind: ChangeKind, old: Any, new: Any, location: str) -> Iterator[Change]:
    """Yield one change if a part differs: of this kind, or of words if only words differ."""
    if old != new:
        yield Change(ChangeKind.WORDS if _without_words(old) == _without_words(new) else kind, location)


def _without_words(node: Any) -> Any:
    if is_object(node):
        return {key: _without_words(value) for key, value in node.items() if key not in WORDS}
    return [_without_words(value) for value in node] if is_array(node) else node
