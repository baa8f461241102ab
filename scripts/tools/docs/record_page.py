"""Tables of docs/record.md with all fields of the record, from its JSON Schema."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "record.md"
SCHEMA = ROOT / "openapi" / "neutral" / "conversation.schema.json"
BEGIN = "<!-- Written by scripts/docs from the JSON Schema. -->\n"
_MEANING = re.compile(r"`([\w-]+)`: (.+?)(?= `[\w-]+`: |$)")
_FORMATS = {"date-time": "time", "^-?PT[0-9]+\\.[0-9]{6}S$": "duration"}


def refresh_tables(page: str) -> str:
    """Return the page with the current tables below its marker."""
    intro, _, _ = page.partition(BEGIN)
    return intro + BEGIN + "".join(_sections(json.loads(SCHEMA.read_text("utf-8"))))


def _sections(schema: dict[str, Any]) -> Iterator[str]:
    yield from _section("Conversation", schema)
    definitions = schema["$defs"]
    for name in sorted(definitions, key=lambda name: ("enum" in definitions[name], name)):
        yield from _section(name, definitions[name])


def _section(name: str, schema: dict[str, Any]) -> Iterator[str]:
    if "enum" in schema:
        yield from _enum_section(name, schema)
        return
    yield f"\n## {name}\n\n{schema['description']}\n\n"
    yield "| field | type | meaning |\n|---|---|---|\n"
    for field, shape in schema["properties"].items():
        yield f"| `{field}` | {_type_of(shape)} | {shape['description']} |\n"


def _enum_section(name: str, schema: dict[str, Any]) -> Iterator[str]:
    """Yield the values of an enum, in a table if its description has meanings in the form "`value`: Meaning."."""
    meanings = dict(_MEANING.findall(schema["description"]))
    yield f"\n## {name}\n\n{_MEANING.sub('', schema['description']).strip()}\n\n"
    if not meanings:
        yield f"One of {', '.join(f'`{value}`' for value in schema['enum'])}.\n"
        return
    yield "| value | meaning |\n|---|---|\n"
    yield from (f"| `{value}` | {meanings.get(value, '')} |\n" for value in schema["enum"])


def _type_of(shape: dict[str, Any]) -> str:
    """Return the type as the page shows it, with a link for an object or an enum, and with `or null` and `list of`."""
    if "const" in shape:
        return f"always {shape['const']}"
    if "$ref" in shape:
        name = shape["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "oneOf" in shape:
        return " or ".join(_type_of(each) for each in shape["oneOf"])
    if shape["type"] == "array":
        return f"list of {_type_of(shape['items'])}"
    types = [shape["type"]] if isinstance(shape["type"], str) else shape["type"]
    known = _FORMATS.get(shape.get("format", shape.get("pattern", "")))
    return " or ".join(known if known and name == "string" else name for name in types)


if __name__ == "__main__":
    PAGE.write_text(refresh_tables(PAGE.read_text("utf-8")), "utf-8")
