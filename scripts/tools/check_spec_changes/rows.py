"""Rows of the table in openapi/README.md for the differences between two documents."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import field, frozen

from conversas.json_pointer import is_array, is_object
from tools.check_spec_changes.change_kinds import Bump, Change, ChangeKind
from tools.check_spec_changes.places import Places
from tools.check_spec_changes.redocly import Difference
from tools.regenerate.openapi_forms import OR_NULL
from tools.regenerate.reduced.api import METHODS
from tools.regenerate.reduced.keywords import ENUM_NAMES

WORDS = {"description", "summary", "title", "example", "examples", "externalDocs", "bearerFormat"}

BY_NODE = {
    ("Operation", "added"): ChangeKind.NEW_OPERATION,
    ("Operation", "removed"): ChangeKind.OPERATION_REMOVED,
    ("Response", "removed"): ChangeKind.STATUS_REMOVED,
    ("MediaType", "added"): ChangeKind.NEW_BODY,
    ("MediaType", "removed"): ChangeKind.BODY_REMOVED,
    ("MediaTypesMap", "added"): ChangeKind.NEW_BODY,
    ("MediaTypesMap", "removed"): ChangeKind.BODY_REMOVED,
    ("Parameter", "removed"): ChangeKind.PARAMETER_REMOVED,
}
BY_KEY = {
    ("Schema", "format"): ChangeKind.FORMAT_CHANGED,
    ("Operation", "operationId"): ChangeKind.OPERATION_RENAMED,
    ("Operation", "tags"): ChangeKind.OPERATION_MOVED,
    ("Operation", "security"): ChangeKind.SECURITY_CHANGED,
    ("Parameter", "name"): ChangeKind.PARAMETER_RENAMED,
}
BY_PART = {"security": ChangeKind.SECURITY_CHANGED, "securitySchemes": ChangeKind.SECURITY_CHANGED}


@frozen
class Rows:
    """Rows for the differences between two documents."""

    old: Mapping[str, Any] = field(repr=False)
    new: Mapping[str, Any] = field(repr=False)

    def changes(self, found: Sequence[Difference]) -> list[Change]:
        """Return the changes for the differences, without duplicates. No change is smaller than Redocly's verdict."""
        found = [each for each in found if not (_is_component(each) and each.place[-1].endswith(OR_NULL))]
        other_types = [each.path for each in found if each.key == "type" and _types(each)[0] != _types(each)[1]]
        changes: dict[Change, None] = {}
        for each in found:
            if each.key != "type" and any(each.path[: len(path)] == path for path in other_types):
                continue  # if the type of a value changes, its contents change with it
            for change in self._rows(each):
                is_below = change.kind.bump < each.impact
                changes[Change(ChangeKind.OTHER, change.location) if is_below else change] = None
        return self._with_renamed(list(changes), found)

    def _rows(self, each: Difference) -> Iterator[Change]:
        where = self._where(each)
        place, key = each.place, each.key or each.place[-1]
        if key in WORDS or key == "deprecated":
            yield Change(ChangeKind.DEPRECATED if key == "deprecated" else ChangeKind.WORDS, f"{where} {key}".strip())
        elif "parameters" in place and "schema" in place:
            of_parameter = place[: place.index("schema")]
            yield Change(ChangeKind.PARAMETER_CHANGED, Places(self._document(each)).words(of_parameter))
        elif key == "key" or (key in ENUM_NAMES and "components" in place):
            return  # parameters of a path and generated code show renamed parameters and values
        elif kind := self._kind(each, place, key):
            yield Change(kind, where)
        elif each.type_name == "Schema":
            yield from _schema_rows(each, where)
        elif each.type_name == "PathItem" and not each.key:
            yield from self._operations(each)
        else:
            yield Change(ChangeKind.OTHER, where if each.key == "" else f"{where} {key}".strip())

    def _kind(self, each: Difference, place: tuple[str, ...], key: str) -> ChangeKind | None:
        """Return the row that depends on the place alone; None if there is no such row."""
        if each.type_name == "Parameter" and each.kind == "added":
            is_required = _value(each).get("required", False)
            return ChangeKind.NEW_REQUIRED_PARAMETER if is_required else ChangeKind.NEW_PARAMETER
        if each.type_name == "Parameter" and key == "required":
            was = each.old is not None and each.old.value
            return ChangeKind.PARAMETER_NO_LONGER_REQUIRED if was else ChangeKind.PARAMETER_NOW_REQUIRED
        if each.type_name == "Response" and each.kind == "added":
            return ChangeKind.NEW_BODY if "content" in _value(each) else ChangeKind.NEW_STATUS
        if "requestBody" in place and each.type_name in ("MediaType", "MediaTypesMap"):
            return ChangeKind.OTHER
        if place[0] == "servers":
            return ChangeKind.SERVERS_CHANGED
        by_part = [BY_PART[part] for part in place[:4] if part in BY_PART]
        by_key = BY_KEY.get((each.type_name, key)) if each.key else BY_NODE.get((each.type_name, each.kind))
        return by_part[0] if by_part else by_key

    def _operations(self, each: Difference) -> Iterator[Change]:
        """Yield a change for each operation of a path that is new or gone."""
        kind = ChangeKind.NEW_OPERATION if each.kind == "added" else ChangeKind.OPERATION_REMOVED
        yield from (
            Change(kind, str(operation.get("operationId")))
            for method, operation in _value(each).items()
            if method in METHODS
        )

    def _where(self, each: Difference) -> str:
        """Return the place of a difference in the words of the spec."""
        is_key = each.key != "" and each.place[-1:] == (each.key,)
        where = Places(self._document(each)).words(each.place[:-1] if is_key else each.place)
        if each.key in ("operationId", "name") and each.new is not None and each.old is not None:
            return f"{where.removesuffix(str(each.new.value))}{each.old.value}, now {each.new.value}"
        return where

    def _document(self, each: Difference) -> Mapping[str, Any]:
        return self.old if each.new is None else self.new

    def _with_renamed(self, changes: list[Change], found: Sequence[Difference]) -> list[Change]:
        """Return the changes. A component that is gone counts as renamed if an equal component is new."""
        components = [each for each in found if _is_component(each)]
        gone = {each.place[-1]: _value(each) for each in components if each.kind == "removed"}
        renamed: list[Change] = []
        for each in components:
            name = each.place[-1]
            was = next((was for was, value in gone.items() if each.kind == "added" and value == _value(each)), None)
            if was is not None:
                del gone[was]
                pair = (Change(ChangeKind.SCHEMA_REMOVED, was), Change(ChangeKind.NEW_SCHEMA, name))
                changes = [change for change in changes if change not in pair]
                renamed.append(Change(ChangeKind.SCHEMA_RENAMED, f"{was}, now {name}"))
        return [*renamed, *changes]


def _schema_rows(each: Difference, where: str) -> Iterator[Change]:
    old = each.old.value if each.old is not None else None
    new = each.new.value if each.new is not None else None
    if each.key == "type":
        yield from _type_rows(each, where)
    elif each.key == "enum":
        yield from _enum_rows(old, new, where)
    elif each.key == "required":
        was, is_ = (set[str](side or ()) for side in (old, new))
        yield from (Change(ChangeKind.NOW_REQUIRED, f"{where}.{name}") for name in sorted(is_ - was))
        yield from (Change(ChangeKind.NO_LONGER_REQUIRED, f"{where}.{name}") for name in sorted(was - is_))
    elif _is_component(each):
        yield Change(ChangeKind.NEW_SCHEMA if each.kind == "added" else ChangeKind.SCHEMA_REMOVED, where)
    elif not each.key and each.place[-2:-1] == ("properties",):
        yield Change(ChangeKind.NEW_PROPERTY if each.kind == "added" else ChangeKind.PROPERTY_REMOVED, where)
    else:
        yield Change(ChangeKind.OTHER, f"{where} {each.key}".strip())


def _type_rows(each: Difference, where: str) -> Iterator[Change]:
    old, new = _types(each)
    was, is_ = ("null" in _listed(side.value) if side is not None else False for side in (each.old, each.new))
    if was != is_:
        yield Change(ChangeKind.NOW_NULLABLE if is_ else ChangeKind.NO_LONGER_NULLABLE, where)
    if old == new:
        return
    kind = ChangeKind.TYPE_NARROWED if new < old else ChangeKind.TYPE_CHANGED
    yield Change(ChangeKind.TYPE_WIDENED if old < new else kind, where)


def _enum_rows(old: Any, new: Any, where: str) -> Iterator[Change]:
    if old is None or new is None:
        yield Change(ChangeKind.ENUM_OR_PLAIN, where)
        return
    yield from (Change(ChangeKind.NEW_VALUE, f"{where} {value}") for value in new if value not in (*old, None))
    yield from (Change(ChangeKind.VALUE_REMOVED, f"{where} {value}") for value in old if value not in (*new, None))


def _types(each: Difference) -> tuple[set[str], set[str]]:
    """Return the JSON types before and after, except null. Every integer is a number."""
    sides = [set(_listed(side.value)) - {"null"} if side is not None else {"anything"} for side in (each.old, each.new)]
    old, new = (types | {"integer"} if "number" in types else types for types in sides)
    return old, new


def _listed(types: Any) -> list[str]:
    return list(types) if is_array(types) else [str(types)]


def _value(each: Difference) -> dict[str, Any]:
    """Return the value that is new or gone."""
    side = each.new or each.old
    return side.value if side is not None and is_object(side.value) else {}


def _is_component(each: Difference) -> bool:
    return not each.key and each.place[:2] == ("components", "schemas") and len(each.place) == 3


def greatest(changes: Sequence[Change]) -> Bump:
    """Return the version bump that the changes require."""
    return max((change.kind.bump for change in changes), default=Bump.PATCH)
