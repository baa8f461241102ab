"""Responses with faults, made from the correct responses."""

import gzip
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import orjson
from attrs import evolve, frozen

from conversas.json_pointer import is_array, is_object
from conversas.sandbox.faults import Fault, Rule
from conversas.sandbox.platforms.base import SandboxPlatform
from conversas.sandbox.quirks import QUIRKS, Quirk
from conversas.sandbox.responses import HTML, JSON, Response, conversation, retry_after

PAGE = b"""<!DOCTYPE html>
<html><head><title>Error %d</title></head>
<body><center><h1>Error %d</h1></center><hr><center>gateway</center></body></html>
"""
MILLION = 1_000_000
CUT = "\N{OBJECT REPLACEMENT CHARACTER}"  # stands for half a character, which orjson cannot write
CUT_TEXT = f"Muito obrigado! {CUT}"


@frozen
class FaultContext:
    """The requested conversation, and a function that makes bodies."""

    platform: SandboxPlatform
    id: str
    body_of: Callable[[str], bytes]
    """Function that returns the correct body for an id."""

    @property
    def body(self) -> bytes:
        return self.body_of(self.id)


def apply_fault(rule: Rule, context: FaultContext) -> Response:
    """Return the response with its fault. The connection adds the faults that affect the sending."""
    response = _RESPONSES.get(rule.fault, _right)(rule, context)
    if rule.retry_after is None:
        return response
    return evolve(response, headers=(*response.headers, *retry_after(rule.retry_after)))


def _right(_rule: Rule, context: FaultContext) -> Response:
    return conversation(context.body)


def _page(default: int, rule: Rule, _context: FaultContext) -> Response:
    status = rule.status or default
    return Response(status, PAGE % (status, status), HTML)


def _redirect(rule: Rule, _context: FaultContext) -> Response:
    return Response(302, headers=(("Location", rule.location or "/login"),))


def _truncated(_rule: Rule, context: FaultContext) -> Response:
    body = context.body
    return conversation(body[: len(body) // 2])


def _gzip(_rule: Rule, context: FaultContext) -> Response:
    return Response(200, gzip.compress(context.body, mtime=0), (*JSON, ("Content-Encoding", "gzip")))


@frozen
class _HugeBody:
    """A conversation with one long message: the JSON before it, the number of letters `a`, and the JSON after it."""

    head: bytes
    letters: int
    tail: bytes

    @classmethod
    def of(cls, rule: Rule, context: FaultContext) -> "_HugeBody":
        small = orjson.dumps(context.platform.minimal_body(context.id, CUT))
        head, tail = small.split(CUT.encode())
        length = int(MILLION * (100 if rule.megabytes is None else rule.megabytes))
        return cls(head, max(0, length - len(head) - len(tail)), tail)

    @property
    def length(self) -> int:
        return len(self.head) + self.letters + len(self.tail)

    def pieces(self) -> Iterator[bytes]:
        piece = b"a" * 65_536
        yield self.head
        for _ in range(self.letters // len(piece)):
            yield piece
        yield piece[: self.letters % len(piece)]
        yield self.tail


def _huge(rule: Rule, context: FaultContext) -> Response:
    body = _HugeBody.of(rule, context)
    return Response(200, headers=JSON, stream=body.pieces, length=body.length)


def _gzip_bomb(rule: Rule, context: FaultContext) -> Response:
    stream = partial(_compressed, _HugeBody.of(rule, context).pieces)
    return Response(200, headers=(*JSON, ("Content-Encoding", "gzip")), stream=stream)


def _compressed(stream: Callable[[], Iterator[bytes]]) -> Iterator[bytes]:
    compressor = zlib.compressobj(wbits=31)  # 31: with a gzip header
    for piece in stream():
        if packed := compressor.compress(piece):
            yield packed
    yield compressor.flush()


def _edit_json(edit: Callable[[SandboxPlatform, dict[str, Any]], None], _rule: Rule, context: FaultContext) -> Response:
    """Edit the body. A custom body that is not a JSON object stays unchanged."""
    try:
        data = orjson.loads(context.body)
    except orjson.JSONDecodeError:
        data = None
    if not is_object(data):
        return conversation(context.body)
    edit(context.platform, data)
    return conversation(orjson.dumps(data).replace(CUT.encode(), rb"\ud83d"))


def _quirk(quirk: Quirk, _rule: Rule, context: FaultContext) -> Response:
    """Add an oddity to a body. A custom body that is not a JSON object stays unchanged."""
    try:
        data = orjson.loads(context.body)
    except orjson.JSONDecodeError:
        return conversation(context.body)
    if not is_object(data):
        return conversation(context.body)
    other = quirk(context.platform, data)
    return conversation(orjson.dumps(data if other is None else other))


def _boolean_as_text(platform: SandboxPlatform, node: Any) -> None:
    """Replace each `true` and `false` with a string."""
    keys: Any = [*node] if is_object(node) else range(len(node))
    for key in keys:
        part = node[key]
        if isinstance(part, bool):
            node[key] = str(part).lower()
        elif is_object(part) or is_array(part):
            _boolean_as_text(platform, part)


def _naive_date(platform: SandboxPlatform, node: Any) -> None:
    """Remove the `Z` from each time."""
    for part in node.values() if is_object(node) else node:
        if is_object(part) or is_array(part):
            _naive_date(platform, part)
    for name in platform.datetime_fields & node.keys() if is_object(node) else ():
        node[name] = node[name].removesuffix("Z") if isinstance(node[name], str) else node[name]


def _add_quirk(quirk: str, platform: SandboxPlatform, body: dict[str, Any]) -> None:
    platform.add_quirk(quirk, body)


_RESPONSES: dict[Fault, Callable[[Rule, FaultContext], Response]] = {
    Fault.TOO_MANY_REQUESTS: lambda _, context: context.platform.error(429),
    Fault.INTERNAL_ERROR: lambda _, context: context.platform.error(500),
    Fault.UNAVAILABLE: lambda _, context: context.platform.error(503),
    Fault.BAD_GATEWAY: partial(_page, 502),
    Fault.UNKNOWN_ERROR: partial(_page, 520),
    Fault.HTML_PAGE: partial(_page, 502),
    Fault.STATUS: lambda rule, _: Response(rule.status or 200),
    Fault.UNAUTHORIZED: lambda _, context: context.platform.unauthorized(),
    Fault.FORBIDDEN: lambda _, context: context.platform.forbidden(),
    Fault.NOT_FOUND: lambda _, context: context.platform.not_found(),
    Fault.REDIRECT: _redirect,
    Fault.EMPTY_BODY: lambda _, __: conversation(b""),
    Fault.TRUNCATED_JSON: _truncated,
    Fault.GZIP: _gzip,
    Fault.HUGE: _huge,
    Fault.GZIP_BOMB: _gzip_bomb,
    Fault.UNKNOWN_ENUM_VALUE: partial(_edit_json, lambda platform, body: platform.set_unknown_enum_value(body)),
    Fault.UNKNOWN_FIELD: partial(_edit_json, lambda platform, body: platform.add_unknown_field(body)),
    Fault.UNEXPECTED_NULL: partial(_edit_json, lambda platform, body: platform.set_unexpected_null(body)),
    Fault.BOOLEAN_AS_TEXT: partial(_edit_json, _boolean_as_text),
    Fault.NAIVE_DATE: partial(_edit_json, _naive_date),
    Fault.CUT_EMOJI: partial(_edit_json, lambda platform, body: platform.set_newest_text(body, CUT_TEXT)),
    **{fault: partial(_quirk, quirk) for fault, quirk in QUIRKS.items()},
    **{
        fault: partial(_edit_json, partial(_add_quirk, fault.value))
        for fault in (
            Fault.STAFF_REPLY,
            Fault.OTHER_ADDRESS,
            Fault.ADDRESS_PREFIX,
            Fault.VOICE_ROLES,
            Fault.UNKNOWN_STATUS,
            Fault.UNEVALUATED,
        )
    },
    Fault.OTHER_ID: lambda _, context: conversation(context.body_of(context.platform.other_id(context.id))),
}
