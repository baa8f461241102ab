"""Odd responses have the same outcome by each way of sending, except those that are listed here."""

from typing import Any

import pytest

from conversas import AsyncClient, Client, ConversasError, Failed, Fetched, Retry, Timeout
from support.byte_server import Peer, Wire
from support.client_kinds import Kind, get, get_many
from support.http_server import HttpServer
from support.odd_responses import BODY, ODD
from support.providers import superagentes

NAMES = list(ODD)
ONCE: dict[str, Any] = {"retry": Retry(attempts=1), "timeout": Timeout(read_seconds=1.0)}

OUTCOMES: dict[str, list[str]] = {
    "fetched": [
        "plain",
        "CRLF after the body (next on same connection)",
        "same Content-Length twice",
        "Content-Length: n, n",
        "Content-Length with leading zeros",
        "TE: Chunked (capital)",
        "TE chunked in HTTP/1.0",
        "HTTP/1.0 keep-alive",
        "HTTP/2.0 in the status line",
        "reason in latin-1",
        "reason with a tab",
        "Upgrade: h2c on a 200 (Apache)",
        "102, 103, 199 before",
        "100 with a Content-Length",
        "Connection: keep-alive, close",
        "Connection: close and more",
        "Keep-Alive: timeout=0",
        "bare LF in a head",
        "99 KB of one header",
        "2,000 headers",
        "chunks: capital hex",
        "chunks: leading zeros",
        "chunks: tab after the size",
        "chunks: trailer Content-Length",
        "chunks: trailer Content-Encoding gzip",
        "gzip, two members",
        "gzip, then zero padding",
        "Content-Encoding: GZIP",
        "Content-Encoding: gzip, identity",
        "Content-Encoding: utf-8",
        "Content-Encoding: none",
        "Content-Encoding: binary",
        "Content-Encoding: , ",
        "deflate raw",
        "two gzip members, padded",
        "Content-Encoding: identity",
        "deflate",
        "length and chunked",
        "HTTP/1.0 without a length",
        "line feeds alone",
        "no reason",
        "no reason, with a space",
        "folded header",
        "folded length",
        "body longer than its length",
        "two answers",
        "control characters in a value",
        "1,000 hints",
    ],
    "TransportError protocol": [
        "leading CRLF before the status line",
        "two different Content-Lengths",
        "Content-Length: +n",
        "Content-Length: 0x",
        "empty Content-Length",
        "TE: gzip, chunked",
        "TE: xchunked + CL",
        "HTTP/2 in the status line",
        "ICY 200 OK",
        "two spaces before the status",
        "status 0200",
        "header without a colon",
        "NUL in a value",
        "bare CR in a value",
        "chunks: 20 leading zeros",
        "chunks: 0x",
        "chunks: negative",
        "chunks: 17 digits",
        "chunks: no last CRLF, then the end",
        "chunks: no last chunk, then the end",
        "chunks: no CRLF after data",
        "chunks: trailer without a colon",
        "chunks: quoted extension with CRLF",
        "a TLS alert instead of HTTP",
        "an SSH banner",
        "FTP-like 220",
        "nothing",
        "body cut off",
        "status 099",
        "status abc",
        "only hints",
        "negative length",
        "huge length",
        "HTTP/0.9, a body alone",
    ],
    "TransportError body": [
        "gzip, then garbage",
        "gzip, wrong CRC",
        "gzip said, plain sent",
        "Content-Encoding: gzip, gzip",
        "Content-Encoding: br, not asked for",
        "Content-Encoding: zstd, not asked for",
        "Content-Encoding: unknown",
        "gzip, cut off",
    ],
    "ApiError 204": [
        "204",
        "204 with a body",
        "204 with a long body",
    ],
    "ApiError 205": [
        "205 with a body",
    ],
    "ApiError 206": [
        "206",
    ],
    "ApiError 304": [
        "304 chunked",
    ],
    "DecodeError not_json": [
        "200 with Content-Length 0",
        "200 with nothing but the end",
        "cut off without a length (JSON half)",
        "HTML from a captive portal",
    ],
    "ApiError 408": [
        "408 unsolicited text",
    ],
    "ApiError 431": [
        "431",
    ],
    "ApiError 421": [
        "421",
    ],
    "ApiError 407": [
        "407",
    ],
    "ServerError 600": [
        "status 600",
    ],
    "ServerError 999": [
        "status 999",
    ],
}
"""The names of the responses by their outcome: the conversation, or the error with its status or reason."""

DIFFERENCES: dict[str, tuple[str, str]] = {
    "TE: chunked twice": ("fetched", "TransportError protocol"),
    "TE: identity + CL": ("fetched", "TransportError protocol"),
    "TE: identity": ("fetched", "TransportError protocol"),
    "TE empty + CL": ("fetched", "TransportError protocol"),
    "HTTP/1.2": ("TransportError protocol", "fetched"),
    "lower case http/1.1": ("fetched", "TransportError protocol"),
    "101 Switching Protocols": ("ApiError 101", "TransportError protocol"),
    "space before the colon": ("fetched", "TransportError protocol"),
    "space in a header's name": ("fetched", "TransportError protocol"),
    "header with an empty name": ("fetched", "TransportError protocol"),
    "header name with ( )": ("fetched", "TransportError protocol"),
    "header name in UTF-8": ("fetched", "TransportError protocol"),
    "fold in the first header": ("fetched", "TransportError protocol"),
    "110 KB of one header": ("TransportError protocol", "fetched"),
    "chunks: LF alone": ("fetched", "TransportError protocol"),
}
"""The outcomes with libcurl and with httpx where these differ; docs/network.md says so."""


def expected(engine: str) -> dict[str, str]:
    found = {name: outcome for outcome, names in OUTCOMES.items() for name in names}
    return found | {name: both[engine == "httpx"] for name, both in DIFFERENCES.items()}


def play(peer: Peer) -> None:
    peer.send(ODD[NAMES[int(peer.request.target.rpartition("/")[2])]])


def outcome_of(result: Fetched | Failed | ConversasError) -> str:
    if isinstance(result, Fetched):
        return "fetched" if result.conversation.raw == BODY else "another body"
    error = result.error if isinstance(result, Failed) else result
    return f"{type(error).__name__} {getattr(error, 'reason', None) or getattr(error, 'status', '')}"


def get_each(kind: Kind, wire: Wire) -> dict[str, str]:
    found: dict[str, str] = {}
    for number, name in enumerate(NAMES):
        try:
            conversation = get(kind, f"superagentes:{number}", superagentes(wire), **ONCE)
            found[name] = "fetched" if conversation.raw == BODY else "another body"
        except ConversasError as error:
            found[name] = outcome_of(error)
    return found


@pytest.mark.parametrize("kind", [Client, AsyncClient], ids=["blocking", "awaiting"])
def test_odd_responses_have_the_same_outcome_by_get(kind: Kind, server: HttpServer, engine: str) -> None:
    with Wire(standing=play) as wire:
        assert get_each(kind, wire) == expected(engine)
        assert len(wire.requests) == len(NAMES)


def test_odd_responses_have_the_same_outcome_in_a_run(server: HttpServer, engine: str) -> None:
    refs = [f"superagentes:{number}" for number in range(len(NAMES))]
    with Wire(standing=play) as wire:
        outcomes = get_many(Client, refs, superagentes(wire), concurrency=len(NAMES), **ONCE)
        assert {NAMES[int(each.ref.id)]: outcome_of(each) for each in outcomes} == expected(engine)
        assert len({each.target for each in wire.requests}) == len(NAMES)  # what failed is requested once more
