"""Text of the provider's own object, which an export can hold next to the neutral form."""

import json
import re
from typing import Any

import orjson

from conversas.decoding.json_body import MAX_INTEGER_DIGITS, JsonBody, parse_lossless
from conversas.records.serialization import ORIGINAL, escape_line_breaks

NULL = b"null"
"""Text in place of a body that Python could not read again."""
_START = b',"%b":' % ORIGINAL.encode()  # no property of the neutral form has this name, and strings escape their quotes
SPARE_DEPTH = 100  # levels of nesting that the line of an export may add to a body
_END_OF_KEY = b'":'
_LONG_NUMBER = re.compile(rb"[0-9]{%d}" % MAX_INTEGER_DIGITS)
_BROKEN_LINE = re.compile(rb"[ \t\r\n]*[\r\n][ \t\r\n]*")  # never inside a string, where JSON escapes line breaks


def add_original(line: bytes, text: bytes | None) -> bytes:
    """Return the line of a conversation with the provider's own object, if there is one, as its last property."""
    if text is None:
        return line
    return b"%b%b%b}\n" % (line.removesuffix(b"}\n"), _START, text)


def original_of(line: bytes) -> bytes:
    """Return the text that `add_original` added to a line."""
    return line.partition(_START)[2].removesuffix(b"}\n")


def original_json(body: bytes) -> bytes:
    """Return a body as JSON text on one line; `null` if Python cannot read its numbers or its depth.

    The result is the original text of the body, so that each number keeps all its digits. The body is serialized again
    only if it is not valid JSON, or has a key twice in an object. The last value of the key then counts.
    """
    if _is_simple(body):
        return _in_one_line(body)
    try:
        text = body if _is_plain(body) else _as_it_is_read(body)
        json.loads(b"[" * SPARE_DEPTH + text + b"]" * SPARE_DEPTH, parse_int=_check_integer)
    except (ValueError, RecursionError):
        return NULL
    return _in_one_line(text)


def _in_one_line(text: bytes) -> bytes:
    if b"\n" in text or b"\r" in text:
        text = _BROKEN_LINE.sub(b"", text)
    return escape_line_breaks(text.strip())


def _is_simple(body: bytes) -> bool:
    """Return whether a body needs no other checks, as is usual. This takes a tenth of the time of the other checks."""
    try:
        text = orjson.dumps(orjson.loads(body))
    except (ValueError, TypeError):  # invalid JSON, or nested too deeply
        return False
    if text == body:
        return True
    has_each_key_once = text.count(_END_OF_KEY) == body.count(_END_OF_KEY)
    return has_each_key_once and not _LONG_NUMBER.search(body)


def _is_plain(body: bytes) -> bool:
    """Return whether every reader of JSON reads the same value from a body."""
    try:
        orjson.loads(body)
        json.loads(body, object_pairs_hook=_check_keys, parse_int=str)
    except (ValueError, RecursionError):
        return False
    return True


def _as_it_is_read(body: bytes) -> bytes:
    value = parse_lossless(JsonBody(body))
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def _check_keys(pairs: list[tuple[str, Any]]) -> None:
    if len({key for key, _ in pairs}) < len(pairs):
        raise ValueError


def _check_integer(digits: str) -> None:
    if len(digits) > MAX_INTEGER_DIGITS:
        raise ValueError
