"""Fast way to read a body: a strict decoder, whose success proves that the body follows the spec.

Only places that drifted before are decoded without a type, and checked separately (learned.py). A place is a definition
and the name of one of its properties.

msgspec decodes the body into structs that are built from the run-time schema. A body that does not fit them goes the
slow way, through the validator, which alone decides what drift is. Every body of a schema that structs cannot express,
for example one with alternatives or maps, also goes the slow way.

The structs hold times as strings, because msgspec would round the seventh digit of a second. `fromisoformat` reads the
strings. A body with a time that it cannot read so goes the slow way.
"""

from collections.abc import Callable, Iterable
from functools import partial
from itertools import islice
from typing import Annotated, Any, Literal, Union

import msgspec
from attrs import Factory, define, field, frozen

from conversas.decoding.layout import Child, Layout, Schema, are_readable, types_of
from conversas.decoding.learned import Place, check_learned, place_of
from conversas.decoding.recognition import GENERIC, has_enough
from conversas.decoding.schema_errors import NestingTooDeep
from conversas.decoding.validator import CLEAN, SchemaValidator, ValidationResult
from conversas.records.drift import Drift
from conversas_api.runtime import UNSET

MAX_LEARNED = 64
"""Maximum number of places that are learned. Learning builds the structs again, which takes milliseconds."""
_INTEGER = {"minimum": -(2**63), "maximum": 2**63 - 1}  # the slow way decides about larger integers
_EXPRESSED = {"type", "enum", "multipleOf", "minimum", "maximum", "format", "pattern", "items", "allOf"}
_TIME = "date-time"


@define(eq=False)
class Decoded:
    """Structs that are read like the generated models, and the differences between the body and the spec."""

    source: Any
    id: object
    """The id in the body, even if it is of the wrong type."""
    result: ValidationResult
    layout: Layout

    def to_model(self) -> Any:
        """Return the generated model."""
        return self.layout.copy(self.source)


@frozen(eq=False)
class _Plan:
    """Decoder of whole bodies, built for the places that were learned so far."""

    learned: frozenset[Place]
    root: Layout
    decode: Callable[[bytes], Any]
    own: tuple[str, ...]
    """Attributes that only a conversation has."""


@define(eq=False)
class StrictDecoder:
    """Strict decoder of the bodies of one operation. Thread-safe.

    `models` returns the generated class of a definition. `id_property` is the property that holds the id.
    """

    validator: SchemaValidator
    models: Callable[[str], Any]
    id_property: str
    _plan: _Plan | None = field(default=Factory(lambda self: self.first_plan(), takes_self=True), init=False)

    def first_plan(self) -> _Plan | None:
        """Return the plan before anything is learned; None if structs cannot express the schema."""
        try:
            return self._make_plan(frozenset())
        except (_Unsupported, TypeError, ValueError):  # msgspec raises the last two
            return None

    def _make_plan(self, learned: frozenset[Place]) -> _Plan:
        schema = self.validator.schema
        root = _Writer(schema["definitions"], self.models, learned).layout(_reference(schema))
        own = tuple(attribute for name, attribute in root.names.items() if name not in GENERIC)
        return _Plan(learned, root, msgspec.json.Decoder(root.struct).decode, own)

    def decode(self, body: bytes) -> Decoded | None:
        """Return the same result as the slow way; None if only the slow way can decide."""
        plan = self._plan
        if plan is None:
            return None
        times: list[str] = []
        try:
            source = plan.decode(body)
            id_ = getattr(source, plan.root.names[self.id_property])
            result = check_learned(source, plan.root, self.validator) if plan.learned else CLEAN
            plan.root.complete(source, times.append)
        except (msgspec.MsgspecError, ValueError, RecursionError, NestingTooDeep):
            return None
        is_sure = are_readable(times) and has_enough(map(partial(getattr, source), plan.own))
        return Decoded(source, id_, result, plan.root) if is_sure else None

    def learn(self, drift: Iterable[Drift]) -> None:
        """Learn the places that drifted: decode them without a type. Places of objects and lists are not learned."""
        plan = self._plan
        if plan is None or len(plan.learned) == MAX_LEARNED:
            return
        found = {place for each in drift if (place := place_of(each, plan.root))} - plan.learned
        if learned := [*islice(sorted(found), MAX_LEARNED - len(plan.learned))]:
            self._plan = self._make_plan(plan.learned.union(learned))


class _Unsupported(Exception):
    """The schema cannot be expressed by structs."""


@define(eq=False)
class _Writer:
    """Writer of the structs of a run-time schema. It raises _Unsupported if structs cannot express the schema."""

    definitions: Schema
    models: Callable[[str], Any]
    learned: frozenset[Place]
    layouts: dict[str, Layout] = field(factory=dict[str, Layout])

    def layout(self, name: str) -> Layout:
        if name not in self.layouts:
            definition = self.definitions[name]
            _require(definition.get("additionalProperties") == {"not": {}})
            model = self.models(name)
            layout = Layout(model, definition["properties"], model._names)  # noqa: SLF001  # the run time is also ours
            self.layouts[name] = layout
            self._fill(layout, name)
        _require(self.layouts[name].struct is not None)  # the definition refers to itself
        return self.layouts[name]

    def _fill(self, layout: Layout, name: str) -> None:
        names = layout.names
        learned = sorted(key for definition, key in self.learned if definition == name)
        layout.untyped = {key: names[key] for key in learned if key in names}
        layout.times = [names[key] for key, schema in layout.properties.items() if schema.get("format") == _TIME]
        layout.unlisted = {key: f"unlisted_{number}" for number, key in enumerate(learned) if key not in names}
        kinds = {key: self._kind(layout, key, names[key]) for key in names if key not in layout.untyped}
        fields = [
            (attribute, kinds.get(key, Any), msgspec.field(name=key, default=UNSET))
            for key, attribute in {**names, **layout.unlisted}.items()
        ]
        layout.has_untyped = bool(layout.untyped) or any(child.layout.has_untyped for child in layout.children)
        layout.has_unlisted = bool(layout.unlisted) or any(child.layout.has_unlisted for child in layout.children)
        namespace = {"additional_properties": layout.additional_properties(), "__repr__": _silent}
        # Without gc: JSON has no cycles.
        layout.struct = msgspec.defstruct(name, fields, forbid_unknown_fields=True, namespace=namespace, gc=False)
        layout.write_functions()

    def _kind(self, layout: Layout, key: str, attribute: str) -> Any:
        """Return the type of a property, and record other facts about it in the layout."""
        schema = layout.properties[key]
        items = schema.get("items", {})
        if _is_free(schema) or _is_free(items):
            layout.free.append(attribute)
        if "allOf" in schema or "allOf" in items:
            _require("null" not in types_of(items))
            child = self.layout(_reference(schema if "allOf" in schema else items))
            layout.children.append(Child(key, attribute, child, "items" in schema))
        elif items:
            _require(not {"enum", "format", "items"} & items.keys())
        return self._union(schema)

    def _union(self, schema: Schema) -> Any:
        _require(schema.keys() <= _EXPRESSED and "type" in schema)
        return Union[tuple(self._option(each, schema) for each in types_of(schema))]  # noqa: UP007  # of any length

    def _option(self, name: str, schema: Schema) -> Any:
        """Return the type of one of the JSON types that a schema lists."""
        if name == "null":
            return None
        if "enum" in schema:
            return Literal[tuple(value for value in schema["enum"] if value is not None)]
        if name == "array":
            return list[self._union(schema["items"])]  # type: ignore[misc]
        if _is_free(schema):
            return dict[str, Any]
        if name == "object":
            return self.layout(_reference(schema)).struct
        _require("pattern" not in schema or schema.get("format") == _TIME)
        bounds = _INTEGER | {key: schema[key] for key in _INTEGER if key in schema}
        integer = Annotated[int, msgspec.Meta(ge=bounds["minimum"], le=bounds["maximum"])]
        return {"string": str, "boolean": bool, "integer": integer, "number": Union[integer, float]}[name]  # noqa: UP007


def _reference(schema: Schema) -> str:
    references = schema.get("allOf", ())
    _require(len(references) == 1)
    reference: str = references[0]["$ref"]
    return reference.removeprefix("#/definitions/")


def _is_free(schema: Schema) -> bool:
    return "object" in types_of(schema) and "allOf" not in schema


def _require(condition: object) -> None:
    if not condition:
        raise _Unsupported


def _silent(struct: object) -> str:
    return f"<{type(struct).__name__}>"  # a traceback may show locals
