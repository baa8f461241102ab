"""Fast way to read a body: a strict decoder, whose success proves that the body does not differ from the spec.

A body that the decoder refuses goes the slow way, through the validator, which alone decides what drift is. Providers
drift in the same places all the time. So a property that drifted before is decoded without a type, and the validator
checks only these properties, in a body that holds nothing else.

Times stay strings until all of them are known to have a common form: msgspec would round the seventh digit of a second.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from operator import attrgetter
from typing import Any

import msgspec
from attrs import Factory, define, field, frozen

from conversas.decoding.json_body import check_free_form
from conversas.decoding.recognition import EMPTY, ENOUGH, GENERIC
from conversas.decoding.schema_errors import NestingTooDeep, Path
from conversas.decoding.structs import Layout, Place, Unsupported, layout_of, types_of
from conversas.decoding.validator import CLEAN, SchemaValidator, ValidationResult, unknown_field
from conversas.json_pointer import format_pointer, split_pointer
from conversas.records.drift import Drift, DriftKind
from conversas_api.runtime import UNSET

MAX_LEARNED = 64
"""Maximum number of places that are learned. Learning builds the structs again, which takes milliseconds."""

_LEARNED_NAME = re.compile(r'[^\x00-\x1f"\\]{1,100}')  # the names of fields that msgspec accepts
_ZEROS = bytes.maketrans(b"123456789", b"000000000")
_COMMON_FORMS = frozenset(
    f"0000-00-00T00:00:00{fraction}{zone}".encode()
    for fraction in ("", *("." + "0" * digits for digits in range(1, 10)))
    for zone in ("", "Z")
)
_CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]"
_FORM = rf"[0-9-]{{10}}[T ]{_CLOCK}(?::[0-5][0-9](?:[.,][0-9]+)?)?(?:Z|[+-]{_CLOCK})?"
_FORMS = re.compile(rf"{_FORM}(?:\n{_FORM})*")


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
    """Decoder for the places that were learned so far."""

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
        except (Unsupported, TypeError, ValueError):  # msgspec raises the last two
            return None

    def _make_plan(self, learned: frozenset[Place]) -> _Plan:
        root = layout_of(self.validator.schema, self.models, learned)
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
            result = self._check_learned(source, plan.root) if plan.learned else CLEAN
            plan.root.complete(source, times.append)
        except (msgspec.MsgspecError, ValueError, RecursionError, NestingTooDeep):
            return None
        is_sure = are_readable(times) and _is_recognized(source, plan.own)
        return Decoded(source, id_, result, plan.root) if is_sure else None

    def _check_learned(self, source: Any, root: Layout) -> ValidationResult:
        """Detect and repair drift in untyped properties, with the schema of the whole body."""
        unlisted = _unlisted(source, root) if root.has_unlisted else []
        sparse = _sparse(source, root) if root.has_untyped else {}
        if not unlisted and not sparse:
            return CLEAN
        result = self.validator.validate(sparse, unlisted)
        if result is not CLEAN:
            _put_back(source, root, sparse)
        return result

    def learn(self, drift: Iterable[Drift]) -> None:
        """Learn the properties that drifted, if they are plain or unlisted: from now on, decode them without a type."""
        plan = self._plan
        if plan is None or len(plan.learned) == MAX_LEARNED:
            return
        found = {place for each in drift if (place := _place(each, plan.root))} - plan.learned
        if learned := [*islice(sorted(found), MAX_LEARNED - len(plan.learned))]:
            self._plan = self._make_plan(plan.learned.union(learned))


def are_readable(times: list[str]) -> bool:
    """Return whether each time is in a form of the schema: fromisoformat also accepts other forms, such as 24:00."""
    if not times:
        return True
    joined = "\n".join(times)
    if not joined.isascii():
        return False
    is_common = _COMMON_FORMS.issuperset(joined.encode().translate(_ZEROS).split(b"\n")) and "T24" not in joined
    return is_common or _FORMS.fullmatch(joined) is not None


def _is_recognized(source: Any, own: Iterable[str]) -> bool:
    """Return whether an object, all of whose properties the spec lists, has enough values of a conversation."""
    found = 0
    for attribute in own:
        value = getattr(source, attribute)
        if value is not UNSET and value not in EMPTY:
            found += 1
            if found == ENOUGH:
                return True
    return False


def _unlisted(struct: Any, layout: Layout, path: Path = ()) -> list[tuple[Path, Drift]]:
    """Return the drift of each property that the spec does not list, with its path."""
    found: list[tuple[Path, Drift]] = []
    for name, attribute in layout.unlisted.items():
        if (value := getattr(struct, attribute)) is not UNSET:
            found.append(((*path, name), _unlisted_drift(format_pointer(*path, name), value)))
    for child in layout.children:
        if child.layout.has_unlisted and (items := child.items(struct)):
            below = (*path, child.name)
            if not child.is_list:
                found += _unlisted(items[0], child.layout, below)
            else:
                found += _unlisted_in_list(items, child.layout, below)
    return found


def _unlisted_drift(pointer: str, value: Any) -> Drift:
    if type(value) in (dict, list):
        check_free_form(value)
    return unknown_field(pointer, value)


def _unlisted_in_list(items: Sequence[Any], layout: Layout, path: Path) -> list[tuple[Path, Drift]]:
    if any(child.layout.has_unlisted for child in layout.children):
        return [each for index, item in enumerate(items) for each in _unlisted(item, layout, (*path, index))]
    found: list[tuple[Path, Drift]] = []
    for name, attribute in layout.unlisted.items():
        values = [*map(attrgetter(attribute), items)]
        if values.count(UNSET) == len(values):
            continue
        start, end = format_pointer(*path), format_pointer(name)
        found += [
            ((*path, index, name), _unlisted_drift(f"{start}/{index}{end}", value))
            for index, value in enumerate(values)
            if value is not UNSET
        ]
    return found


def _sparse(source: Any, layout: Layout) -> dict[Any, Any]:
    """Return an object with only the untyped properties, at the same indexes as in the body."""
    found = {
        name: value for name, attribute in layout.untyped.items() if (value := getattr(source, attribute)) is not UNSET
    }
    for child in layout.children:
        if child.layout.has_untyped and (items := child.items(source)):
            below = [_sparse(item, child.layout) for item in items]
            found[child.name] = below if child.is_list else below[0]
    return found


def _put_back(source: Any, layout: Layout, sparse: Mapping[Any, Any]) -> None:
    """Copy untyped properties, as the validator left them, into the structs."""
    for name, attribute in layout.untyped.items():
        setattr(source, attribute, sparse.get(name, UNSET))
    for child in layout.children:
        if (below := sparse.get(child.name)) is not None:
            for item, part in zip(child.items(source), below if child.is_list else [below], strict=True):
                _put_back(item, child.layout, part)


def _place(drift: Drift, layout: Layout) -> Place | None:
    """Return the place of a property that drifted, if it can be learned."""
    *path, name = split_pointer(drift.path) or [""]
    for part in path:
        child = next((child for child in layout.children if child.name == part), None)
        if child is None and not part.isdecimal():
            return None
        layout = child.layout if child else layout
    schema = layout.properties.get(name)
    if schema is None:
        is_learned = drift.kind is DriftKind.UNKNOWN_FIELD and _LEARNED_NAME.fullmatch(name) is not None
    else:
        is_learned = not {"array", "object"} & {*types_of(schema)}
    return (layout.model.__name__, name) if is_learned else None
