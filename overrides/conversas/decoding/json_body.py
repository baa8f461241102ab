"""The bytes of a body, and their JSON value."""

import json
import re
from typing import Any

import orjson
from attrs import define

from conversas.json_pointer import is_array, is_object

MAX_FREE_LEVELS = 100
"""Levels of nesting in a free-form object. The validator, which alone knows its own limit, takes more."""
_SAME_INTEGERS = range(-(2**63), 2**64)  # orjson reads others as floats, msgspec as integers
MAX_INTEGER_DIGITS = 4300  # Python refuses to read more
_SURROGATE = re.compile("[\ud800-\udfff]")


@define(repr=False)
class JsonBody:
    """A body and its JSON value. Its repr is silent, so that a traceback that shows locals shows no content."""

    body: bytes
    value: Any = None
    """The JSON value; None for `null` and if the body is not JSON."""
    is_json: bool = True
    """Whether the body is JSON. The error of a parser is not kept: it would carry the body."""
    id: str | None = None
    """The id in it as text, also if its type is not the declared one."""
    repaired: bool = False
    """Whether the text was no proper UTF-8 or JSON text, and was repaired."""


def parse(json_body: JsonBody) -> JsonBody:
    """Parse a body. A byte order mark, half a character and other mistakes of encoding are repaired."""
    try:
        json_body.value = orjson.loads(json_body.body)
    except orjson.JSONDecodeError:
        try:
            parse_lossless(json_body)
        except (ValueError, RecursionError):
            json_body.is_json = False
    return json_body


def parse_lossless(json_body: JsonBody) -> Any:
    """Parse a body by a slower parser, which repairs text and keeps integers of more than 64 bits."""
    text = json_body.body.decode("utf-8-sig", "replace")
    value = json.loads(text, parse_constant=_refuse, parse_int=_parse_integer)
    json_body.repaired = text.encode() != json_body.body
    json_body.value = _without_surrogates(value, json_body)
    return json_body.value


def _refuse(constant: str) -> None:
    raise ValueError(constant)  # NaN and Infinity are no JSON


def _parse_integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= MAX_INTEGER_DIGITS else float(digits)


def _without_surrogates(value: Any, json_body: JsonBody) -> Any:
    """Replace each lone surrogate by U+FFFD, in keys as well: half an emoji cannot be written as UTF-8."""
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
    """Return the id of an object as text, even if it has another type than the declared one; None if it has no id."""
    return id_as_text(value.get(name)) if is_object(value) else None


def id_as_text(id_: object) -> str | None:
    """Return an id as text; None if it is empty, or neither text nor an integer."""
    if isinstance(id_, float) and id_.is_integer():
        id_ = int(id_)
    if isinstance(id_, bool) or not isinstance(id_, (int, str)):
        return None
    return str(id_).strip() if id_ else None


def check_free_form(value: object) -> None:
    """Check that any parser and validator reads the same of a free-form value.

    Raises:
        ValueError: It has an integer of more than 64 bits, or is nested deeply.
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
