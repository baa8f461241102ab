"""Values that mean the same as a value of the declared form: 87.0 for 87, an object with `$values` for a list."""

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any
from uuid import UUID

from conversas.json_pointer import is_array, is_object

LONGEST_EXACT = 2.0**63
"""Smallest float that may be an integer that the fast parser rounded."""
VALUES, ID, REFERENCE = "$values", "$id", "$ref"
"""Markers that System.Text.Json writes if it preserves references."""

_MIDNIGHT = "T00:00:00"


def to_form(text: str, form: str, normalize_time: Callable[[str], str | None]) -> str | None:
    """Return a string as the format of the spec writes it.

    Return None if the string does not mean a value of this format: a time, a date or a UUID.
    """
    if form == "uuid":
        try:
            return str(UUID(text))
        except ValueError:
            return None
    moment = normalize_time(text)
    if form == "date":
        date, midnight, rest = (moment or "").partition(_MIDNIGHT)
        return date if midnight and not rest.startswith(".") else None
    return moment


def to_integer(value: Any, types: Collection[str]) -> int | None:
    """Return the integer that a number with a fraction of zero means, if an integer is declared."""
    if type(value) is not float or "integer" not in types:
        return None
    return int(value) if abs(value) < LONGEST_EXACT and value.is_integer() else None


def to_list(value: Any, types: Collection[str], body: Any) -> list[Any] | None:
    """Return the items of an object that stands for a list, if a list is declared.

    An item that only refers to an earlier object of the body is a copy of that object.
    """
    if "array" not in types or not is_object(value) or not is_array(values := value.get(VALUES)):
        return None
    earlier: dict[str, Any] = dict(_identified(body)) if any(map(_is_reference, values)) else {}
    return [_resolved(item, earlier) for item in values]


def _resolved(item: Any, earlier: Mapping[str, Any]) -> Any:
    return dict(earlier.get(item[REFERENCE], item)) if _is_reference(item) else item


def _is_reference(value: Any) -> bool:
    return is_object(value) and [*value] == [REFERENCE] and isinstance(value[REFERENCE], str)


def _identified(value: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each id for references, with its object."""
    if is_object(value) and isinstance(value.get(ID), str):
        yield value[ID], value
    for item in value.values() if is_object(value) else value if is_array(value) else ():
        yield from _identified(item)
