"""Rows of tests/facts for a spec. A person checks each against the page, and gives it its standing."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from conversas.json_pointer import is_array

STANDING = "spec"
"""Standing of a row that was not yet compared with the page."""
HEAD = ("schema", "property", "type", "format", "nullable", "target", "standing")
Row = tuple[str, ...]


def property_rows(document: Mapping[str, Any]) -> Iterator[Row]:
    """Yield the row of each property."""
    schemas = document["components"]["schemas"]
    for schema, declared in schemas.items():
        for name, shape in declared.get("properties", {}).items():
            kind, nullable = _without_null(shape)
            target = kind.get("items", kind).get("$ref", "").rpartition("/")[2]
            named = kind if "type" in kind else schemas.get(target, {})
            types = named.get("type", "")
            word = "enum" if "enum" in named else " or ".join(types) if is_array(types) else types
            yield schema, name, word, kind.get("format", ""), nullable, target, STANDING


def enum_rows(provider: str, document: Mapping[str, Any]) -> Iterator[Row]:
    """Yield the row of each value of an enum."""
    for name, schema in document["components"]["schemas"].items():
        yield from ((provider, name, str(value), STANDING) for value in schema.get("enum", ()))


def operation_rows(provider: str, document: Mapping[str, Any]) -> Iterator[Row]:
    """Yield the row of each fact about the one operation."""
    [(path, methods)] = document["paths"].items()
    operation = methods["get"]
    [server], [parameter], [[requirement]] = document["servers"], operation["parameters"], operation["security"]
    scheme = document["components"]["securitySchemes"][requirement]
    facts = {
        "server": "placeholder" if server["url"] == "{baseUrl}" else server["url"],
        "method": "get",
        "path": path,
        "parameter.name": parameter["name"],
        "parameter.type": parameter["schema"]["type"],
        "parameter.format": parameter["schema"].get("format", ""),
        "security": f"{scheme['type']} {scheme.get('scheme') or scheme['in']}",
        "header": scheme.get("name", "Authorization"),
        "response.200.description": operation["responses"]["200"]["description"],
        "title": operation["summary"],
        "statuses": "200",
    }
    yield from ((provider, operation["operationId"], fact, value, STANDING) for fact, value in facts.items())


def as_csv(rows: Iterable[Row]) -> str:
    """Return rows as the lines of a table."""
    lines = io.StringIO()
    csv.writer(lines, lineterminator="\n").writerows(rows)
    return lines.getvalue()


def _without_null(shape: Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
    types = shape.get("type")
    if is_array(types) and "null" in types:
        rest = [each for each in types if each != "null"]
        return {**shape, "type": rest[0] if len(rest) == 1 else rest}, "yes"
    if "oneOf" in shape and {"type": "null"} in shape["oneOf"]:
        return next(each for each in shape["oneOf"] if each != {"type": "null"}), "yes"
    return shape, "no"
