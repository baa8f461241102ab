"""The bytes of a body, and their JSON value."""

import json
import re
from typing import Any

import orjson
from attrs import define

from conversas.json_pointer import is_array, is_object

MAX_FREE_LEVELS = 100
"""Maximum number of nesting levels in a free-form object. The validator accepts more; only it knows its own limit."""
_SAME_INTEGERS = range(-(2**63), 2**64)  # orjson reads other integers as floats, msgspec as integers
MAX_INTEGER_DIGITS = 4300  # Python refuses to read more digits
_SURROGATE = re.compile("[\ud800-\udfff]")


@define(repr=False)
class JsonBody:
    """A body and its JSON value. Its repr is silent, so that a traceback that shows locals shows no content."""

    body: bytes
    value: Any = None
    """The JSON value; None for `null`, and if the body is not JSON."""
    is_json: bool = True
    """Whether the body is JSON. The error of a parser is not kept, because it would contain the body."""
    id: str | None = None
    """The id in the body as text, even if it is of the wrong type."""
    repaired: bool = False
    """Whether the text was repaired: invalid UTF-8, a byte order mark, or half a character."""


def parse(json_body: JsonBody) -> JsonBody:
    """Parse a body. A byte order mark, half a character and other encoding errors are repaired."""
    try:
        json_body.value = orjson.loads(json_body.body)
    except orjson.JSONDecodeError:
        try:
            parse_lossless(json_body)
        except (ValueError, RecursionError):
            json_body.is_json = False
    return json_body


def parse_lossless(json_body: JsonBody) -> Any:
    """Parse a body with a slower parser, which repairs text and keeps integers of more than 64 bits."""
    text = json_body.body.decode("utf-8-sig", "replace")
    value = json.loads(text, parse_constant=_refuse, parse_int=_parse_integer)
    json_body.repaired = text.encode() != json_body.body
    json_body.value = _without_surrogates(value, json_body)
    return json_body.value


def _refuse(constant: str) -> None:
    raise ValueError(constant)  # NaN and Infinity are not JSON


def _parse_integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= MAX_INTEGER_DIGITS else float(digits)


def _without_surrogates(value: Any, json_body: JsonBody) -> Any:
    """Replace each lone surrogate with U+FFFD, even in keys: half an emoji cannot be written as UTF-8."""
    if isinstance(value, str) and _SURROGATE.search(value):
        json_body.repaired = True
        return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", value)
    if is_object(value):
        return {
            _without_surrogates(key, json_body): _without_surrogates(item, json_body) for key, item in value.items()
        }
    if is_array(value):
        return [_without_surrogates(item, json_body) for item in value]
    return value


def text_of_id(value: Any, name: str) -> str | None:
    """Return the id of an object as text, even if it is of the wrong type; None if the object has no id."""
    return id_as_text(value.get(name)) if is_object(value) else None


def id_as_text(id_: object) -> str | None:
    """Return an id as text; None if it is empty or 0, or neither a string nor a whole number."""
    if isinstance(id_, float) and id_.is_integer():
        id_ = int(id_)
    if isinstance(id_, bool) or not isinstance(id_, (int, str)):
        return None
    return str(id_).strip() if id_ else None


def check_free_form(value: object) -> None:
    """Check that every parser and validator reads a free-form value in the same way.

    Raises:
        ValueError: The value has an integer of more than 64 bits, or is nested deeply.
    """
    level: list[Any] = [value]
    for _ in range(MAX_FREE_LEVELS):
        below: list[Any] = []
        for each in level:
            if is_object(each):
                below += each.values()
            elif is_array(each):
                below += each
            elif isinstance(each, int) and each not in _SAME_INTEGERS:
                raise ValueError("an integer of more than 64 bits")
        if not below:
            return
        level = below
    raise ValueError("nested deeply")
