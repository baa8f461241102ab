"""What differs between two versions of a schema, in the keywords that the specs use."""

import json
from collections.abc import Collection, Iterator
from typing import Any

from attrs import field, frozen

from conversas.json_pointer import is_array, is_object
from tools.check_spec_changes.change_kinds import Change, Edit

Node = dict[str, Any]

NULL = {"type": "null"}
ENUM_NAMES = ("x-enum-varnames", "x-enumNames")
SHAPE = {"$ref", "type", "format", "enum", *ENUM_NAMES, "properties", "required"}
WORDS = {"description", "summary", "title", "example", "examples", "externalDocs", "bearerFormat"}


@frozen
class Shape:
    """What a schema takes, however it is spelled: `type: [X, 'null']` and `oneOf: [X, type: 'null']` are one."""

    nullable: bool
    keywords: Node = field(repr=False)

    @property
    def types(self) -> set[str]:
        """Types of JSON but null, or the schema that is referred to. Every integer is a number."""
        types = self.keywords.get("$ref") or self.keywords.get("type", "anything")
        found = set(types if is_array(types) else [types]) - {"null"}
        return found | {"integer"} if "number" in found else found

    @property
    def values(self) -> dict[str, list[Any]]:
        """The names of each value of an enum."""
        lists = [self.keywords.get(key, []) for key in ENUM_NAMES]
        values = map(json.dumps, self.keywords.get("enum", []))
        return {value: [names[index : index + 1] for names in lists] for index, value in enumerate(values)}


def shape(schema: Node) -> Shape:
    options = schema.get("oneOf", [])
    rest = [option for option in options if option != NULL]
    if len(rest) == 1:
        return Shape(NULL in options, rest[0] | {key: value for key, value in schema.items() if key != "oneOf"})
    return Shape("null" in schema.get("type", []), schema)


def compare_schemas(old: Node, new: Node, place: str) -> Iterator[Change]:
    """Yield what differs in a schema and those written inside it. One that it refers to is compared by itself."""
    before, after = shape(old), shape(new)
    if before.nullable != after.nullable:
        yield Change(Edit.NOW_NULLABLE if after.nullable else Edit.NO_LONGER_NULLABLE, place)
    if before.types != after.types:
        yield Change(_type_edit(before.types, after.types), place)
        return
    if before.keywords.get("format") != after.keywords.get("format"):
        yield Change(Edit.FORMAT_CHANGED, place)
    yield from _compare_enums(before.values, after.values, place)
    yield from _compare_properties(before.keywords, after.keywords, place)
    known = SHAPE
    if "items" in before.keywords and "items" in after.keywords:
        known = SHAPE | {"items"}
        yield from compare_schemas(before.keywords["items"], after.keywords["items"], place + "[]")
    yield from compare_rest(before.keywords, after.keywords, known, place)


def _type_edit(old: set[str], new: set[str]) -> Edit:
    if old < new:
        return Edit.TYPE_WIDENED
    return Edit.TYPE_NARROWED if new < old else Edit.TYPE_CHANGED


def _compare_enums(old: dict[str, list[Any]], new: dict[str, list[Any]], place: str) -> Iterator[Change]:
    if bool(old) != bool(new):
        yield Change(Edit.ENUM_OR_PLAIN, place)
        return
    for value in old | new:
        if value not in old:
            yield Change(Edit.NEW_VALUE, f"{place} {value}")
        elif value not in new:
            yield Change(Edit.VALUE_REMOVED, f"{place} {value}")
        elif old[value] != new[value]:
            yield Change(Edit.VALUE_RENAMED, f"{place} {value}")


def _compare_properties(before: Node, after: Node, place: str) -> Iterator[Change]:
    old, new = before.get("properties", {}), after.get("properties", {})
    for name in old | new:
        member = f"{place}.{name}"
        if name not in old:
            yield Change(Edit.NEW_PROPERTY, member)
        elif name not in new:
            yield Change(Edit.PROPERTY_REMOVED, member)
        else:
            was, is_ = (name in side.get("required", []) for side in (before, after))
            if was != is_:
                yield Change(Edit.NOW_REQUIRED if is_ else Edit.NO_LONGER_REQUIRED, member)
            yield from compare_schemas(old[name], new[name], member)


def compare_rest(old: Node, new: Node, known: Collection[str], place: str) -> Iterator[Change]:
    """Yield what differs under other keys: words are known to break nobody; nothing else is."""
    for key in old | new:
        if key not in known and old.get(key) != new.get(key):
            edit = Edit.WORDS if key in WORDS else Edit.DEPRECATED if key == "deprecated" else Edit.OTHER
            yield Change(edit, f"{place} {key}".strip())


def compare_parts(edit: Edit, old: Any, new: Any, place: str) -> Iterator[Change]:
    """Yield one change where a part differs: this edit, unless it differs in words alone."""
    if old != new:
        yield Change(Edit.WORDS if _without_words(old) == _without_words(new) else edit, place)


def _without_words(node: Any) -> Any:
    if is_object(node):
        return {key: _without_words(value) for key, value in node.items() if key not in WORDS}
    return [_without_words(value) for value in node] if is_array(node) else node
