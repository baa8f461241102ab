"""Bodies that differ from the schema in known places."""

import copy
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta, timezone
from functools import cache, reduce
from itertools import permutations
from operator import getitem
from typing import Any

from attrs import field, frozen
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy
from jsonpointer import JsonPointer

from conversas import DriftKind
from conversas.decoding.rewrites import to_integer, to_list
from support.strategies import MOMENTS, NUMBERS, TEXTS, Schema, bodies, json_values, load_schema, values

ODD_NAMES = ["", "0", "7", "007", "+7", "18446744073709551615", "/", "~1", "a/b", "messages/0"]
ITEM, UNLISTED = "[]", "*"  # names of an item of a list, and of a property that the schema does not have

BY_TYPE: dict[str, SearchStrategy[Any]] = {
    "string": TEXTS | MOMENTS,
    "integer": st.integers(),
    "number": NUMBERS,
    "boolean": st.booleans(),
    "array": st.lists(json_values(), max_size=3),
    "object": st.dictionaries(TEXTS, json_values(), max_size=3),
}
NO_TIMES = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_categories=["Nd"]), max_size=20),
    st.builds("{:04}-{}T22:00:03".format, st.integers(1, 9999), st.sampled_from(["02-30", "02-31", "04-31", "13-01"])),
    MOMENTS.map(lambda text: "0000" + text[4:]),
    st.sampled_from(["12", "today", "1999-02-29T00:00", "2023-08-14T25:00", "2023-08-14T22:00:60", "32/01/2023 10:00"]),
)
NO_INT32 = st.integers(max_value=-(2**31) - 1) | st.integers(min_value=2**31)


@frozen
class Place:
    """A place in the bodies of a provider, its schema, and one way in which what stands there can differ."""

    names: tuple[str, ...]
    schema: Schema = field(eq=False, repr=False)
    kind: DriftKind

    @property
    def folded(self) -> str:
        """The path as docs/mapping.md writes it: `messages[].createdAt`."""
        return fold(self.names)

    def holds(self, other: "Place") -> bool:
        return other.names[: len(self.names)] == self.names


@frozen
class Change:
    """One difference: where it is, and the value that stands there."""

    place: Place
    path: tuple[str | int, ...]
    value: Any

    @property
    def pointer(self) -> str:
        return pointer(self.path)


@frozen
class Changes:
    """A valid body, and differences that it can be given."""

    body: dict[str, Any]
    changes: tuple[Change, ...]

    def made(self, *changes: Change) -> dict[str, Any]:
        """Return the body with these of the differences."""
        body = copy.deepcopy(self.body)
        for change in changes:
            reduce(getitem, change.path[:-1], body)[change.path[-1]] = change.value
        return body


def is_kind(kind: str, kinds: str | list[str]) -> bool:
    """Return whether values of a JSON type are by a declared type. An integer is a number."""
    return kind in kinds or (kind == "integer" and "number" in kinds)


def is_rewritten(value: Any, kinds: str | list[str]) -> bool:
    """Return whether a value of another type means what is declared, and is read so: 87.0 for an integer."""
    return to_integer(value, kinds) is not None or to_list(value, kinds, value) is not None


def pointer(path: Iterable[str | int]) -> str:
    return JsonPointer.from_parts(path).path


def fold(names: Sequence[str]) -> str:
    return ".".join(names).replace("." + ITEM, ITEM)


@cache
def schemas(provider: str) -> dict[tuple[str, ...], Schema]:
    """Return the schema of each place of a provider's bodies; that of the body itself has no names."""
    return dict(_walk((), load_schema(provider), load_schema(provider)["definitions"]))


def _walk(names: tuple[str, ...], schema: Schema, definitions: dict[str, Schema]) -> Iterator[Any]:
    if "allOf" in schema:
        schema = {**schema, **definitions[schema["allOf"][0]["$ref"].removeprefix("#/definitions/")]}
    yield names, schema
    for name, member in schema.get("properties", {}).items():
        yield from _walk((*names, name), member, definitions)
    if "items" in schema:
        yield from _walk((*names, ITEM), schema["items"], definitions)


@cache
def places(provider: str, kind: DriftKind) -> list[Place]:
    """Return the places where the schema lets something differ in this way."""
    found = [(names, schema) for names, schema in schemas(provider).items() if _allows(schema, kind)]
    if kind is DriftKind.UNKNOWN_FIELD:
        return [Place((*names, UNLISTED), schema, kind) for names, schema in found]
    return [Place(names, schema, kind) for names, schema in found if names]


def _allows(schema: Schema, kind: DriftKind) -> bool:
    match kind:
        case DriftKind.UNKNOWN_FIELD:
            return "properties" in schema
        case DriftKind.UNKNOWN_VALUE:
            return "enum" in schema
        case DriftKind.UNEXPECTED_NULL:
            return "null" not in schema["type"]
        case DriftKind.BAD_FORMAT:
            return "format" in schema
        case DriftKind.WRONG_TYPE:
            return True


def different(place: Place) -> SearchStrategy[Any]:
    """Draw values that differ from the schema of a place, in its way."""
    schema, kinds = place.schema, place.schema["type"]
    match place.kind:
        case DriftKind.UNKNOWN_FIELD:
            return json_values()
        case DriftKind.UNKNOWN_VALUE:
            any_value = BY_TYPE["integer"] if kinds == "integer" else TEXTS
            return any_value.filter(lambda value: value not in schema["enum"])
        case DriftKind.UNEXPECTED_NULL:
            return st.none()
        case DriftKind.BAD_FORMAT:
            return NO_TIMES if "pattern" in schema else NO_INT32
        case DriftKind.WRONG_TYPE:
            any_other = st.one_of([drawn for kind, drawn in BY_TYPE.items() if not is_kind(kind, kinds)])
            return any_other.filter(lambda value: not is_rewritten(value, kinds))


@st.composite
def respelled(draw: DrawFn) -> tuple[str, datetime]:
    """Draw a time in a known form that is not the one of the specs, and what it says."""
    moment = draw(st.datetimes()).replace(second=0, microsecond=0)
    date, time = moment.isoformat(timespec="minutes").split("T")
    year, month, day = date.split("-")
    basic = f"{year}{month}{day}T{time.replace(':', '')}"
    spellings = [
        (f"{day}/{month}/{year} {time}", moment),
        ("{:04}-W{:02}-{}T{}".format(*moment.isocalendar(), time), moment),
        (basic, moment),
        (f"{basic}00.5-0300", moment.replace(microsecond=500_000, tzinfo=timezone(timedelta(hours=-3)))),
        (date, moment.replace(hour=0, minute=0)),
    ]
    return draw(st.sampled_from(spellings))


@st.composite
def changes(
    draw: DrawFn, provider: str, chosen: Iterable[Place], value: Callable[[Place], SearchStrategy[Any]] = different
) -> Changes:
    """Draw a valid body that has all of these places, and a different `value` for each of them."""
    body = draw(bodies(provider))
    paths = {place: _open(draw, provider, body, place) for place in chosen}
    return Changes(body, tuple(Change(place, path, draw(value(place))) for place, path in paths.items()))


def _open(draw: DrawFn, provider: str, body: Any, place: Place) -> tuple[str | int, ...]:
    """Add to a body, which stays valid, all that leads to a place, and return the path to it."""
    path: list[str | int] = []
    for depth, name in enumerate(place.names):
        if depth:
            body = _enter(draw, provider, body, path[-1], place.names[:depth])
        path.append(_part(draw, body, name, place.schema))
    return tuple(path)


def _part(draw: DrawFn, body: Any, name: str, schema: Schema) -> str | int:
    if name == ITEM:
        return draw(st.integers(0, len(body) - 1))
    if name == UNLISTED:
        return draw((TEXTS | st.sampled_from(ODD_NAMES)).filter(lambda text: text not in schema["properties"]))
    return name


def _enter(draw: DrawFn, provider: str, body: Any, part: str | int, names: tuple[str, ...]) -> Any:
    if isinstance(body, dict) and not body.get(part):
        schema, definitions = schemas(provider)[names], load_schema(provider)["definitions"]
        if "items" in schema:
            body[part] = draw(st.lists(values(schema["items"], definitions), min_size=1, max_size=3))
        else:
            body[part] = draw(values({**schema, "type": "object"}, definitions))
    return body[part]


def disjoint(chosen: Sequence[Place]) -> bool:
    return not any(one.holds(other) for one, other in permutations(chosen, 2))
