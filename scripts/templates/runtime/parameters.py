"""Parameters of a request, in the styles of OpenAPI."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeGuard
from urllib.parse import quote

from .model import to_json
from .unset import UNSET

SEPARATORS = {"simple": ",", "form": ",", "spaceDelimited": " ", "pipeDelimited": "|"}

HEADER_VALUE = re.compile(r"(?:[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?)?")
"""Values that RFC 9110 recommends for new headers. For other values, httpx raises an error that shows the value."""


def text_of(value: Any) -> str:
    """Return a plain value as it stands on the wire: `true`, a date in ISO 8601, the value of an enum."""
    plain = to_json(value)
    return str(json_text(plain) if plain is None or isinstance(plain, bool | dict | list) else plain)


def json_text(value: Any) -> Any:
    """Return a value as the text of JSON in ASCII, which headers also take; UNSET stays."""
    return UNSET if value is UNSET else json.dumps(to_json(value), separators=(",", ":"))


def json_body(value: Any) -> dict[str, Any]:
    """Return the arguments of httpx for a body that may be absent or null. httpx reads `json=None` as no body."""
    if value is UNSET:
        return {}
    return {"content": b"null"} if value is None else {"json": to_json(value)}


def path_segment(value: Any, style: str = "simple", *, explode: bool = False, name: str = "") -> str:
    """Return a path parameter, quoted, with the prefix of its style.

    Args:
        value: The value. An object or the items of a list are joined with the separator of the style.
        style: `simple`, `label` or `matrix`.
        explode: Whether each item has the prefix, and each property is `name=value`.
        name: The name of the parameter, quoted, for the style `matrix`.

    Raises:
        ValueError: The value is empty or a dot segment, which would lead to another path.
    """
    has_names = explode and _is_object(to_json(value))
    prefix = {"simple": "", "label": ".", "matrix": ";" if has_names else f";{name}="}[style]
    separator = (explode and prefix) or ","
    text = separator.join(_parts(value, explode=explode, encode=_quoted))
    if text in ("", ".", ".."):
        raise ValueError("a path parameter must not be empty, '.' or '..'")
    return prefix + text


def joined(value: Any, style: str, *, explode: bool = False) -> Any:
    """Return a value as one text, with the items of a list or the parts of an object joined; UNSET and None stay."""
    if value is UNSET or value is None:
        return value
    return SEPARATORS[style].join(_parts(value, explode=explode))


def spread(name: str, value: Any) -> dict[str, Any]:
    """Return each property of an object as a parameter of its own, and any other value under the name."""
    plain = to_json(value)
    return plain if _is_object(plain) else {name: value}


def deep_object(name: str, value: Any) -> dict[str, Any]:
    """Return each property of an object as the parameter `name[property]`, and any other value under the name."""
    plain = to_json(value)
    return {f"{name}[{key}]": item for key, item in plain.items()} if _is_object(plain) else {name: value}


def values(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters that are set, each as a text, or as a list of texts."""
    given = {name: value for name, value in parameters.items() if value is not UNSET and value is not None}
    return {
        name: [text_of(item) for item in value] if _is_list(value) else text_of(value) for name, value in given.items()
    }


def header_values(parameters: Mapping[str, Any]) -> dict[str, str]:
    """Return the headers that are set, each as a text.

    Raises:
        ValueError: A header cannot be sent. The message has its name, and never its value.
    """
    texts = values(parameters)
    for name, text in texts.items():
        if not HEADER_VALUE.fullmatch(text):
            raise ValueError(f"the value of the header `{name}` must be printable ASCII on one line")
    return texts


def _parts(value: Any, *, explode: bool, encode: Callable[[Any], str] = text_of) -> list[str]:
    """Return the items of a list, the names and values of an object, or the value itself, each as a text."""
    plain = to_json(value)
    if _is_object(plain):
        pairs = [(encode(name), encode(item)) for name, item in plain.items()]
        return [f"{name}={item}" for name, item in pairs] if explode else [part for pair in pairs for part in pair]
    return [encode(item) for item in (plain if _is_list(plain) else [plain])]


def _quoted(value: Any) -> str:
    return quote(text_of(value), safe="")


def _is_list(value: object) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def _is_object(value: object) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)
