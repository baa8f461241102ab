"""Places in the document of a spec: parts, their JSON pointers, and the targets of their references."""

from typing import Any, Self
from urllib.parse import unquote

from attrs import define, field, frozen

from conversas.json_pointer import format_pointer, is_array, is_object, resolve_pointer, split_pointer
from tools.regenerate.reduced.problems import Problems, shown

LEADS_OUT = "a reference leads out of this file: copy its target into the components"

NO_POINTER = "is not a reference to a schema: write its JSON pointer, for example #/components/schemas/Name"


@frozen
class Place:
    """A part of a document with its JSON pointer."""

    value: Any = field(repr=False)
    pointer: str

    def get(self, *keys: str | int) -> Self:
        """Return the place below. Its value is None if the document has nothing there."""
        value = self.value
        for key in keys:
            value = _below(value, key)
        return type(self)(value, self.pointer + format_pointer(*keys))

    def members(self, *keys: str) -> list[tuple[str, Self]]:
        """Return the members of the object below, with their names; an empty list if it is not an object."""
        below = self.get(*keys)
        return [(name, below.get(name)) for name in below.value] if is_object(below.value) else []

    def items(self, *keys: str) -> list[Self]:
        """Return the items of the array below; an empty list if it is not an array."""
        below = self.get(*keys)
        return [below.get(index) for index in range(len(below.value))] if is_array(below.value) else []

    @property
    def reference(self) -> str | None:
        """Target of this part, if the part is a reference; otherwise None."""
        found = self.value.get("$ref") if is_object(self.value) else None
        return found if isinstance(found, str) else None


def _below(value: Any, key: str | int) -> Any:
    if is_array(value) and isinstance(key, int):
        return value[key]
    return value.get(str(key)) if is_object(value) else None


@define
class Source:
    """Document of a spec, and the problems that were found in it."""

    document: dict[str, Any] = field(repr=False)
    problems: Problems = field(factory=Problems)

    @property
    def root(self) -> Place:
        return Place(self.document, "")

    def target(self, place: Place, *, at: str | None = None) -> Place | None:
        """Return the place that a reference leads to. If it leads nowhere, add a problem and return None.

        The pointer of the problem is `at`, or that of the reference.
        """
        reference, at = place.reference or "", at or f"{place.pointer}/$ref"
        if not reference.startswith("#/"):
            leads_out = reference and not reference.startswith("#")
            self.problems.add(at, LEADS_OUT if leads_out else f"{shown(reference)} {NO_POINTER}")
            return None
        try:
            parts = split_pointer(unquote(reference[1:]))
            return Place(resolve_pointer(self.document, parts), format_pointer(*parts))
        except (LookupError, TypeError, ValueError):
            self.problems.add(at, f"{shown(reference)} leads nowhere in this file")
            return None

    def resolved(self, place: Place) -> Place:
        """Return the place itself, or the place at the end of its references; an empty place if they lead nowhere."""
        seen: set[str] = set()
        while place.reference is not None:
            if place.pointer in seen:
                self.problems.add(f"{place.pointer}/$ref", "the reference leads back to itself")
                return Place({}, place.pointer)
            seen.add(place.pointer)
            found = self.target(place)
            if found is None:
                return Place({}, place.pointer)
            place = found
        return place
