"""JSON Patch for a spec, proposed from drift."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from conversas.json_pointer import format_pointer, is_object, resolve_pointer, split_pointer
from conversas.records.drift import Drift, DriftKind

Operation = dict[str, Any]

SCALARS = {"string", "integer", "number", "boolean", "null"}
COMMENTS = {
    DriftKind.UNKNOWN_VALUE: "A value that is not listed was seen; it may be a customer's word, so it is not reported.",
    DriftKind.WRONG_TYPE: "Another type was seen: {found}. Declare it, or leave the deviation in the report.",
    DriftKind.BAD_FORMAT: "A value in another format was seen. Drop the format, or leave the deviation in the report.",
}


def build_json_patch(spec: Mapping[str, Any], drifts: Sequence[Drift]) -> list[Operation]:
    """Propose operations for these deviations, whose paths have `*` for indexes, sorted by path and kind."""
    operations: list[Operation] = []
    for (path, kind), group in groupby(drifts, key=lambda drift: (drift.path, drift.kind)):
        for operation in _operations(_SpecNavigator(spec), path, kind, [drift.found for drift in group]):
            if operation not in operations:  # a schema may be used in several places
                operations.append(operation)
    return sorted(operations, key=lambda operation: operation["op"] != "test")  # tests refer to the original spec


def _operations(spec: "_SpecNavigator", path: str, kind: DriftKind, found: list[str | int]) -> Iterator[Operation]:
    *parents, name = split_pointer(path)
    try:
        if kind is DriftKind.UNKNOWN_FIELD:
            location = spec.object_at(parents) + format_pointer("properties", name)
            yield {"op": "add", "path": location, "value": _schema_for_types({str(kind) for kind in found})}
            return
        location = spec.schema_at([*parents, name])
    except KeyError:
        yield {
            "op": "test",
            "path": "/openapi",
            "value": spec.document["openapi"],
            "comment": f"{path} is not in this spec.",
        }
        return
    if kind is DriftKind.UNEXPECTED_NULL:
        yield _with_null(spec, location)
    elif kind is DriftKind.UNKNOWN_VALUE and all(isinstance(value, int) for value in found):
        yield from _with_values(spec, spec.resolved(location), found)
    else:
        types = ", ".join(sorted({str(kind) for kind in found}))
        comment = COMMENTS[kind].format(found=types)
        yield {"op": "test", "path": location, "value": spec.get(location), "comment": comment}


def _with_null(spec: "_SpecNavigator", location: str) -> Operation:
    schema = spec.get(location)
    if "type" not in schema:
        options = schema.get("oneOf") or [{"$ref": schema["$ref"]}]
        rest = {key: value for key, value in schema.items() if key not in ("$ref", "oneOf")}
        return {"op": "replace", "path": location, "value": {"oneOf": [*options, {"type": "null"}], **rest}}
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return {"op": "replace", "path": location + "/type", "value": [*types, "null"]}


def _with_values(spec: "_SpecNavigator", location: str, values: Iterable[Any]) -> Iterator[Operation]:
    schema = spec.get(location)
    for value in sorted(values):
        yield {"op": "add", "path": location + "/enum/-", "value": value}
        for key in ("x-enum-varnames", "x-enumNames"):
            if key in schema:
                prefix = str(schema[key][0]).rpartition("_")[0]
                name = f"{prefix}_{value}" if value >= 0 else f"{prefix}_NEGATIVE_{-value}"
                yield {"op": "add", "path": f"{location}/{key}/-", "value": name}


def _schema_for_types(types: set[str]) -> Operation:
    """Return the schema of a property for which these JSON types were seen."""
    schema: dict[str, Any] = {"description": "Seen in bodies, not documented."}
    if "number" in types:
        types = types - {"integer"}
    if types <= SCALARS and types != {"null"}:
        schema["type"] = sorted(types) if len(types) > 1 else next(iter(types))
    elif types <= {"array", "null"} and "array" in types:
        schema |= {"type": sorted(types) if len(types) > 1 else "array", "items": {}}
    return schema  # no type means any value, for example if objects, or only nulls, were seen


class _SpecNavigator:
    """Finder of the schema that describes a location in a body."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document

    def get(self, location: str) -> Any:
        return resolve_pointer(self.document, split_pointer(location))

    def root(self) -> str:
        """Return the location of the schema of the first response 200 that is one conversation, not a list of them."""
        response = ("responses", "200", "content", "application/json", "schema")
        for path, item in self.document["paths"].items():
            for method, operation in item.items():
                if is_object(operation) and "200" in operation.get("responses", {}):
                    location = format_pointer("paths", path, method, *response)
                    if self.get(self.resolved(location)).get("type") != "array":
                        return location
        raise KeyError("200")

    def resolved(self, location: str) -> str:
        """Follow references and nullable unions to the schema itself."""
        while True:
            schema = self.get(location)
            if "$ref" in schema:
                location = schema["$ref"].removeprefix("#")
            elif "oneOf" in schema:
                location += (
                    f"/oneOf/{next(i for i, option in enumerate(schema['oneOf']) if option != {'type': 'null'})}"
                )
            else:
                return location

    def schema_at(self, path: Sequence[str]) -> str:
        """Return the location of the schema of a value, before a `$ref` in it is followed."""
        location = self.root()
        for part in path:
            location = self.resolved(location)
            location += (
                "/items" if part == "*" and "items" in self.get(location) else format_pointer("properties", part)
            )
            self.get(location)
        return location

    def object_at(self, path: Sequence[str]) -> str:
        location = self.resolved(self.schema_at(path))
        self.get(location)["properties"]
        return location
