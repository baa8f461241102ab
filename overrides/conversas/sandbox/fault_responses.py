"""The answer that each fault makes of the right one."""

import gzip
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import orjson
from attrs import evolve, frozen

from conversas.json_pointer import is_array, is_object
from conversas.sandbox.faults import Fault, Rule
from conversas.sandbox.responses import HTML, JSON, Response, conversation, error, forbidden, not_found, retry_after
from conversas.sandbox.routes import INT32

PAGE = b"""<!DOCTYPE html>
<html><head><title>Error %d</title></head>
<body><center><h1>Error %d</h1></center><hr><center>gateway</center></body></html>
"""
DATES = {"createdAt", "finishedAt", "queuedAt", "lastConversationUpdateTime", "updatedAt"}
MILLION = 1_000_000
CUT = "\N{OBJECT REPLACEMENT CHARACTER}"  # stands for half a character until the body is JSON: orjson writes none


@frozen
class FaultContext:
    """The requested conversation, and how to make bodies."""

    provider: str
    id: str
    body_of: Callable[[str], bytes]
    """Gives the right body for an id."""

    @property
    def body(self) -> bytes:
        return self.body_of(self.id)


def apply_fault(rule: Rule, context: FaultContext) -> Response:
    """Give the answer to send. What a fault does on the wire is for the one who sends it: here it is the right one."""
    response = _RESPONSES.get(rule.fault, _right)(rule, context)
    if rule.retry_after is None:
        return response
    return evolve(response, headers=(*response.headers, *retry_after(rule.retry_after)))


def _right(_rule: Rule, context: FaultContext) -> Response:
    return conversation(context.body)


def _page(default: int, rule: Rule, _context: FaultContext) -> Response:
    status = rule.status or default
    return Response(status, PAGE % (status, status), HTML)


def _unauthorized(_rule: Rule, _context: FaultContext) -> Response:
    return Response(401, headers=(("WWW-Authenticate", 'Bearer error="invalid_token"'),))


def _redirect(rule: Rule, _context: FaultContext) -> Response:
    return Response(302, headers=(("Location", rule.location or "/login"),))


def _truncated(_rule: Rule, context: FaultContext) -> Response:
    body = context.body
    return conversation(body[: len(body) // 2])


def _gzip(_rule: Rule, context: FaultContext) -> Response:
    return Response(200, gzip.compress(context.body, mtime=0), (*JSON, ("Content-Encoding", "gzip")))


@frozen
class _HugeBody:
    """A conversation of one message that takes no end: what comes before and after so many times the letter a."""

    head: bytes
    letters: int
    tail: bytes

    @classmethod
    def of(cls, rule: Rule, context: FaultContext) -> "_HugeBody":
        id_, text = (int(context.id), "content") if context.provider == "zild" else (context.id, "text")
        head, tail = orjson.dumps({"id": id_, "messages": [{text: CUT}]}).split(CUT.encode())
        wanted = int(MILLION * (100 if rule.megabytes is None else rule.megabytes))
        return cls(head, max(0, wanted - len(head) - len(tail)), tail)

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


def _bomb(rule: Rule, context: FaultContext) -> Response:
    stream = partial(_compressed, _HugeBody.of(rule, context).pieces)
    return Response(200, headers=(*JSON, ("Content-Encoding", "gzip")), stream=stream)


def _compressed(stream: Callable[[], Iterator[bytes]]) -> Iterator[bytes]:
    compressor = zlib.compressobj(wbits=31)  # 31: with the header of gzip
    for piece in stream():
        if packed := compressor.compress(piece):
            yield packed
    yield compressor.flush()


def _edit_json(edit: Callable[[FaultContext, dict[str, Any]], object], _rule: Rule, context: FaultContext) -> Response:
    """Change what the body says. A body that was given may be no conversation, and then stays as it is."""
    try:
        data = orjson.loads(context.body)
    except orjson.JSONDecodeError:
        data = None
    if not is_object(data):
        return conversation(context.body)
    edit(context, data)
    return conversation(orjson.dumps(data).replace(CUT.encode(), rb"\ud83d"))


def _unknown_enum_value(context: FaultContext, data: dict[str, Any]) -> None:
    data |= {"agentType": 42} if context.provider == "zild" else {"channel": "carrier-pigeon"}


def _unknown_field(_context: FaultContext, data: dict[str, Any]) -> None:
    for part in (data, *filter(is_object, _listed(data, "messages"))):
        part["schemaRevision"] = {"number": 2, "labels": ["beta", None]}


def _unexpected_null(context: FaultContext, data: dict[str, Any]) -> None:
    if context.provider == "zild":
        data["score"] = None
    else:
        # Every property may be null there, items of lists may not.
        data["participantsVisitors"] = [*_listed(data, "participantsVisitors"), None]


def _naive_date(_context: FaultContext, node: Any) -> None:
    """Cut `Z` from each time."""
    for part in node.values() if is_object(node) else node:
        if is_object(part) or is_array(part):
            _naive_date(_context, part)
    for name in DATES & node.keys() if is_object(node) else ():
        node[name] = node[name].removesuffix("Z") if isinstance(node[name], str) else node[name]


def _cut_emoji(context: FaultContext, data: dict[str, Any]) -> None:
    """End the newest message in half an emoji. A conversation without one gets one."""
    messages, is_zild = [*filter(is_object, _listed(data, "messages"))], context.provider == "zild"
    messages = data["messages"] = messages or [{"id": 1 if is_zild else "m1", "createdAt": data.get("createdAt")}]
    newest, text = messages[-1 if is_zild else 0], "content" if is_zild else "text"
    newest[text] = f"Muito obrigado! {CUT}"
    if is_zild:
        data["lastMessageContent"] = newest[text]


def _listed(data: dict[str, Any], name: str) -> list[Any]:
    value = data.get(name)
    return value if is_array(value) else []


def _other_id(_rule: Rule, context: FaultContext) -> Response:
    if context.provider == "zild":
        number = int(context.id)
        return conversation(context.body_of(str(number - 1 if number in (-1, INT32[-1]) else number + 1)))  # 0 is no id
    return conversation(context.body_of(f"{context.id}x"))


_RESPONSES: dict[Fault, Callable[[Rule, FaultContext], Response]] = {
    Fault.TOO_MANY_REQUESTS: lambda _, context: error(context.provider, 429),
    Fault.INTERNAL_ERROR: lambda _, context: error(context.provider, 500),
    Fault.UNAVAILABLE: lambda _, context: error(context.provider, 503),
    Fault.BAD_GATEWAY: partial(_page, 502),
    Fault.UNKNOWN_ERROR: partial(_page, 520),
    Fault.HTML_PAGE: partial(_page, 502),
    Fault.STATUS: lambda rule, _: Response(rule.status or 200),
    Fault.UNAUTHORIZED: _unauthorized,
    Fault.FORBIDDEN: lambda _, context: forbidden(context.provider),
    Fault.MISSING: lambda _, context: not_found(context.provider),
    Fault.REDIRECT: _redirect,
    Fault.EMPTY_BODY: lambda _, __: conversation(b""),
    Fault.TRUNCATED_JSON: _truncated,
    Fault.GZIP: _gzip,
    Fault.HUGE: _huge,
    Fault.BOMB: _bomb,
    Fault.UNKNOWN_ENUM_VALUE: partial(_edit_json, _unknown_enum_value),
    Fault.UNKNOWN_FIELD: partial(_edit_json, _unknown_field),
    Fault.UNEXPECTED_NULL: partial(_edit_json, _unexpected_null),
    Fault.NAIVE_DATE: partial(_edit_json, _naive_date),
    Fault.CUT_EMOJI: partial(_edit_json, _cut_emoji),
    Fault.OTHER_ID: _other_id,
}
