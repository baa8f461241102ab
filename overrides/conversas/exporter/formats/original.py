"""The provider's own object, as the text that an export holds next to the neutral form."""

import json
import re
from typing import Any

import orjson

from conversas.decoding.json_body import MAX_INTEGER_DIGITS, JsonBody, parse_lossless
from conversas.records.serialization import ORIGINAL, escape_line_breaks

NULL = b"null"
"""The text of a body that no reader reads again."""
_START = b',"%b":' % ORIGINAL.encode()  # no property of the neutral form has this name, and strings have no such quotes
SPARE_DEPTH = 100  # so that a body which is just not nested too deeply is not so in a line of an export
_END_OF_KEY = b'":'
_LONG_NUMBER = re.compile(rb"[0-9]{%d}" % MAX_INTEGER_DIGITS)
_BROKEN_LINE = re.compile(rb"[ \t\r\n]*[\r\n][ \t\r\n]*")  # never in a string, where JSON has it escaped


def add_original(line: bytes, text: bytes | None) -> bytes:
    """Return the line of a conversation with the provider's own object, if there is one, as its last property."""
    if text is None:
        return line
    return b"%b%b%b}\n" % (line.removesuffix(b"}\n"), _START, text)


def original_of(line: bytes) -> bytes:
    """Return the text that `add_original` has put into a line."""
    return line.partition(_START)[2].removesuffix(b"}\n")


def original_json(body: bytes) -> bytes:
    """Return a body as JSON text in one line; `null` if it has a number or a depth that no reader reads.

    It is the text that came, so that each number has all its digits. Other text is written only if the body was no
    proper JSON, or has a key twice in an object: then the last one counts.
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
    """Return whether a body is what most providers send, in a tenth of the time of the other checks."""
    try:
        text = orjson.dumps(orjson.loads(body))
    except (ValueError, TypeError):  # no proper JSON, or nested deeply
        return False
    if text == body:
        return True
    has_each_key_once = text.count(_END_OF_KEY) == body.count(_END_OF_KEY)
    return has_each_key_once and not _LONG_NUMBER.search(body)


def _is_plain(body: bytes) -> bool:
    """Return whether every reader of JSON reads the same in a body."""
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
