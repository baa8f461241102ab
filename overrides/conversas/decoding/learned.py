"""Properties that drifted before. They are decoded without a type, and the validator checks only them.

Providers drift in the same places all the time.
"""

import re
from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any

from conversas.decoding.json_body import check_free_form
from conversas.decoding.layout import Layout, types_of
from conversas.decoding.schema_errors import Path
from conversas.decoding.validator import CLEAN, SchemaValidator, ValidationResult, unknown_field
from conversas.json_pointer import format_pointer, split_pointer
from conversas.records.drift import Drift, DriftKind
from conversas_api.runtime import UNSET

Place = tuple[str, str]
"""The definition and the JSON name of a property."""

_LEARNED_NAME = re.compile(r'[^\x00-\x1f"\\]{1,100}')  # the names of fields that msgspec accepts


def check_learned(source: Any, root: Layout, validator: SchemaValidator) -> ValidationResult:
    """Detect and repair drift in the untyped and unlisted properties of a struct, with the schema of the whole body.

    Raises:
        NestingTooDeep: The validator gives up.
        ValueError: Parsers could read a value differently.
    """
    unlisted = _unlisted(source, root) if root.has_unlisted else []
    sparse = _sparse(source, root) if root.has_untyped else {}
    if not unlisted and not sparse:
        return CLEAN
    result = validator.validate(sparse, unlisted)
    if result is not CLEAN:
        _put_back(source, root, sparse)
    return result


def place_of(drift: Drift, layout: Layout) -> Place | None:
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
