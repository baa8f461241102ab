"""Parameters of a request, in the styles of OpenAPI."""

import datetime
import json
from collections.abc import Mapping
from enum import Enum
from typing import Any, TypeGuard, cast
from urllib.parse import quote

from .model import to_json
from .unset import UNSET

SEPARATORS = {"simple": ",", "form": ",", "spaceDelimited": " ", "pipeDelimited": "|"}


def text_of(value: Any) -> str:
    """Return a plain value as it stands on the wire: `true`, a date in ISO 8601, the value of an enum."""
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    if isinstance(value, datetime.date):
        return value.isoformat()
    return value if isinstance(value, str) else json_text(value) if _is_composed(value) else str(value)


def json_text(value: Any) -> Any:
    """Return a value as the text of JSON; UNSET stays."""
    return UNSET if value is UNSET else json.dumps(to_json(value), ensure_ascii=False, separators=(",", ":"))


def path_segment(value: Any) -> str:
    """Return a path parameter, quoted; items of a list are separated by commas.

    Raises:
        ValueError: The value is empty or a dot segment, which would lead to another path.
    """
    text = ",".join(quote(text_of(item), safe="") for item in _flat(value))
    if text in ("", ".", ".."):
        raise ValueError("a path parameter must not be empty, '.' or '..'")
    return text


def joined(value: Any, style: str) -> Any:
    """Return a list, or the names and values of an object, as one text; UNSET and None stay."""
    return value if value is UNSET or value is None else SEPARATORS[style].join(map(text_of, _flat(value)))


def spread(value: Any) -> dict[str, Any]:
    """Return the properties of an object, each of which is a parameter of its own."""
    return {} if value is UNSET or value is None else dict(to_json(value))


def deep_object(name: str, value: Any) -> dict[str, Any]:
    """Return the properties of an object as parameters `name[property]`."""
    return {f"{name}[{key}]": item for key, item in spread(value).items()}


def values(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters that are set, each as a text, or as a list of texts."""
    given = {name: value for name, value in parameters.items() if value is not UNSET and value is not None}
    return {
        name: [text_of(item) for item in value] if _is_list(value) else text_of(value) for name, value in given.items()
    }


def _flat(value: Any) -> list[Any]:
    plain = to_json(value)
    if isinstance(plain, dict):
        return [part for pair in cast("dict[str, Any]", plain).items() for part in pair]
    return value if _is_list(value) else [value]


def _is_list(value: Any) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def _is_composed(value: Any) -> bool:
    return isinstance(to_json(value), dict | list)
