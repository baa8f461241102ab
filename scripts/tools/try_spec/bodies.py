"""Bodies for a run-time schema: valid bodies, and bodies with one value changed at random."""

import copy
import datetime
import random
import string
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from attrs import frozen

from conversas.json_pointer import is_array, is_object

Schema = dict[str, Any]
Path = tuple[str | int, ...]

DEEPEST = 6
NAMES = ["", "0", "07", "a/b", "~", "name", "id", "x-new", "ação"]
ODD: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1.5, 2**31, 2**63, "", "x", "12", [], {}, [None], {"": 1}, [[{}]], {"7": {"": []}}),
    *("2023-01-01", "2023-01-01T10:00:00", "01/01/2023 10:00", "2023-02-30", "{C0FFEE00-0000-4000-8000-000000000001}"),
)
"""Values that replace other values."""


@frozen
class BodyMaker:
    """Maker of bodies for one schema. The same seed always gives the same bodies."""

    schema: Schema
    random: random.Random

    def valid(self) -> Any:
        """Return a body that the schema allows, with each value in the form that a model writes."""
        return self._value(self.schema, 0)

    def changed(self, body: Any) -> Any:
        """Return a copy of a body in which one value is replaced, removed or added."""
        body = copy.deepcopy(body)
        places = [*_places(body)]
        if not places:
            return body
        parent, key = self.random.choice(places)
        value = copy.deepcopy(self.random.choice(ODD))
        if is_object(parent) and self.random.random() < 0.3:
            parent[self.random.choice(NAMES)] = value
        elif self.random.random() < 0.2:
            del parent[key]
        else:
            parent[key] = value
        return body

    def _value(self, schema: Schema, depth: int) -> Any:
        if "enum" in schema:
            return self.random.choice(schema["enum"])
        types = schema.get("type", ["string", "integer", "boolean", "null"])
        types = [types] if isinstance(types, str) else types
        if depth > DEEPEST and "null" in types:
            return None
        return self._typed(self.random.choice(types), schema, depth)

    def _typed(self, kind: str, schema: Schema, depth: int) -> Any:
        match kind:
            case "object":
                return self._object(schema, depth)
            case "array":
                count = 0 if depth > DEEPEST else self.random.randint(0, 3)
                return [self._value(schema["items"], depth + 1) for _ in range(count)]
            case "string":
                return self._text(schema.get("format"))
            case "integer":
                return self.random.randint(schema.get("minimum", -(2**62)), schema.get("maximum", 2**62))
            case "number":
                return self.random.choice([self.random.randint(-9, 9), self.random.random() * 1e6])
            case "boolean":
                return self.random.random() < 0.5
            case _:
                return None

    def _text(self, form: str | None) -> str:
        moment = datetime.datetime.fromtimestamp(self.random.randint(0, 2**32), datetime.UTC)
        match form:
            case "date-time":
                return moment.isoformat()
            case "date":
                return moment.date().isoformat()
            case "uuid":
                return str(UUID(int=self.random.getrandbits(128)))
            case _:
                return "".join(self.random.choices(string.ascii_letters + " é\n\"'0", k=self.random.randint(0, 8)))

    def _object(self, schema: Schema, depth: int) -> dict[str, Any]:
        if "anyOf" in schema:
            branch = self.random.choice(schema["anyOf"])
            name = schema["discriminator"]
            chosen = self.random.choice(branch["properties"][name]["enum"])
            others = {key: value for key, value in branch.items() if key != "properties"}
            return {**self._object(others, depth), name: chosen}
        for reference in schema.get("allOf", ()):
            schema = self.schema["definitions"][reference["$ref"].removeprefix("#/definitions/")]
        chance = 0.7 if depth < 3 else 0.3 if depth < DEEPEST else 0.0
        members = {
            name: self._value(member, depth + 1)
            for name, member in schema.get("properties", {}).items()
            if self.random.random() < chance
        }
        extra = schema.get("additionalProperties", {})
        if "not" not in extra and depth < DEEPEST:
            free = (f"k{number}" for number in range(self.random.randint(0, 3)))
            members |= {name: self._value(extra, depth + 1) for name in free}
        return members


def _places(node: Any) -> Iterator[tuple[Any, Any]]:
    """Yield each object and array in a body with each of its keys or indexes."""
    items: Any = node.items() if is_object(node) else enumerate(node) if is_array(node) else ()
    for key, value in items:
        yield node, key
        yield from _places(value)
