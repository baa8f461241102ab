"""Hypothesis strategies for JSON: bodies by the schemas that ship with the clients, and anything else."""

import json
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from conversas.decoding.recognition import GENERIC
from conversas.providers import get_provider

Schema = dict[str, Any]

TEXTS = st.text(max_size=8)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
FRACTIONS = st.text("0123456789", min_size=1, max_size=7).map(".{}".format) | st.just("")
OFFSETS = st.sampled_from(["", "Z", "+03:00"])


def _written(moment: datetime, separator: str, fraction: str, offset: str) -> str:
    return moment.isoformat(separator, "seconds") + fraction + offset


MOMENTS = st.builds(_written, st.datetimes(), st.sampled_from("T "), FRACTIONS, OFFSETS)


def json_values(names: SearchStrategy[str] = TEXTS) -> SearchStrategy[Any]:
    """Draw any JSON value up to three levels deep, with these names in its objects."""
    drawn = scalars = st.none() | st.booleans() | st.integers() | NUMBERS | TEXTS | MOMENTS
    for _ in range(2):
        drawn = scalars | st.lists(drawn, max_size=3) | st.dictionaries(names, drawn, max_size=3)
    return drawn


@cache
def load_definitions(provider: str) -> dict[str, Schema]:
    """Return the definitions of all models of a provider, from the run-time schemas of its operations."""
    found: dict[str, Schema] = {}
    for file in files(get_provider(provider).client).iterdir():
        if file.name.endswith(".schema.json"):
            found |= json.loads(file.read_bytes())["definitions"]
    return found


@cache
def load_schema(provider: str) -> Schema:
    """Return the run-time schema of a provider's operation. It is shared: copy before a change."""
    return get_provider(provider).schema


@cache
def bodies(provider: str) -> SearchStrategy[dict[str, Any]]:
    """Draw bodies of a conversation that are valid by the schema, each with a name that only conversations have."""
    schema = load_schema(provider)
    return _objects(schema, schema["definitions"], always=own_name(provider))


def own_name(provider: str) -> str:
    """Return the first property of a body that is no generic one, as `id` is, and may be null if one may."""
    schema = load_schema(provider)
    members = schema["definitions"][schema["allOf"][0]["$ref"].removeprefix("#/definitions/")]["properties"]
    own = [name for name in members if name not in GENERIC]
    return next((name for name in own if "null" in members[name].get("type", [])), own[0])


def values(schema: Schema, definitions: dict[str, Schema]) -> SearchStrategy[Any]:
    """Draw values that are valid by a schema, or by a part of one."""
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    kinds = schema.get("type", "object" if "properties" in schema else "any")
    kinds = [kinds] if isinstance(kinds, str) else kinds
    return st.one_of([_typed(kind, schema, definitions) for kind in kinds])


def _typed(kind: str, schema: Schema, definitions: dict[str, Schema]) -> SearchStrategy[Any]:  # noqa: C901  # one case a type
    match kind:
        case "object":
            return _objects(schema, definitions)
        case "array":
            return st.lists(values(schema.get("items", {}), definitions), max_size=3)
        case "string":
            return MOMENTS if "pattern" in schema else TEXTS
        case "number":
            return NUMBERS
        case "integer":
            return st.integers(schema.get("minimum"), schema.get("maximum"))
        case "boolean":
            return st.booleans()
        case "null":
            return st.none()
        case "any":
            return json_values()
    raise NotImplementedError(kind)


def _objects(
    schema: Schema, definitions: dict[str, Schema], always: str | None = None
) -> SearchStrategy[dict[str, Any]]:
    if "allOf" in schema:
        name = schema["allOf"][0]["$ref"].removeprefix("#/definitions/")
        return st.deferred(lambda: _objects(definitions[name], definitions, always))
    if "properties" not in schema:  # its names are data
        return st.dictionaries(TEXTS, values(schema.get("additionalProperties", {}), definitions), max_size=3)
    members = {name: values(member, definitions) for name, member in schema["properties"].items()}
    required = {name: members.pop(name) for name in [always] if name}
    return st.fixed_dictionaries(required, optional=members)
