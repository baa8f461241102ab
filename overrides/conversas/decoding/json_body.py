"""The bytes of a body, and the JSON in them."""

import json
import re
from typing import Any

import orjson
from attrs import define

from conversas.json_pointer import is_array, is_object

LONGEST_INTEGER = 4000  # digits; Python refuses to read more than 4300
_SURROGATE = re.compile("[\ud800-\udfff]")


@define(repr=False)
class Document:
    """A body and its JSON value. Its repr is silent, so that a traceback that shows locals shows no content."""

    body: bytes
    value: Any = None
    """The JSON value; None for `null` and where there is a `reason`."""
    reason: str | None = None
    """Why the body is no JSON: the name of the class of the error. The error itself would carry the body."""
    repaired: bool = False
    """Whether the text was no proper UTF-8 or JSON text, and was mended."""


def read_document(document: Document) -> Document:
    """Read the JSON of a body. A byte order mark, half a character and other mistakes of encoding are mended."""
    try:
        document.value = orjson.loads(document.body)
    except orjson.JSONDecodeError:
        try:
            read_exactly(document)
        except (ValueError, RecursionError) as error:
            document.reason = type(error).__name__
    return document


def read_exactly(document: Document) -> Any:
    """Read the JSON anew, by a slower parser: it mends text, and keeps integers of more than 64 bits as such."""
    text = document.body.decode("utf-8-sig", "replace")
    value = json.loads(text, parse_constant=_refuse, parse_int=_read_integer)
    document.repaired = text.encode() != document.body
    document.value = _without_surrogates(value, document)
    return document.value


def _refuse(constant: str) -> None:
    raise ValueError(constant)  # NaN and Infinity are no JSON


def _read_integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= LONGEST_INTEGER else float(digits)


def _without_surrogates(value: Any, document: Document) -> Any:
    """Put U+FFFD in the place of each lone surrogate, in keys too: half an emoji cannot be written as UTF-8."""
    if isinstance(value, str) and _SURROGATE.search(value):
        document.repaired = True
        return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", value)
    if is_object(value):
        return {_without_surrogates(key, document): _without_surrogates(item, document) for key, item in value.items()}
    if is_array(value):
        return [_without_surrogates(item, document) for item in value]
    return value
