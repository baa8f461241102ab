"""The selection of the sender of a run of many. Both senders have the same outcomes."""

import gzip
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import httpx
import pytest

from conversas import Client, Failed, Fetched, Retry, Superagentes, Timeout, TransportError, Zild
from conversas.transport.network import Network
from conversas.transport.selection import select_batch_transport
from support.broken_responses import BROKEN
from support.byte_server import Peer, Play, Wire, answer, bytes_then, head
from support.client_kinds import get_many
from support.examples import without_id
from support.http_server import BODY, HttpServer, Request
from support.providers import superagentes

SAMPLE = without_id("superagentes/sample")
ONCE = Retry(attempts=1)

# Which it is


def is_fast(**options: Any) -> bool:
    return select_batch_transport(Network(**options), ["https://a.example", "http://127.0.0.1:1"]) is not None


def test_it_is_fast_where_it_can_be(no_proxies: None, engine: str) -> None:
    assert is_fast() is (engine == "httptools")
    assert not is_fast(proxy="http://127.0.0.1:1")
    assert not is_fast(transport=httpx.MockTransport(lambda _: httpx.Response(200)))
    assert not is_fast(proxy="socks5://127.0.0.1:1")
    assert not is_fast(proxy="https://127.0.0.1:1")


def test_a_proxy_of_the_environment_may_leave_it_to_httpx(no_proxies: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "socks5://127.0.0.1:1")
    assert not is_fast()
    monkeypatch.setenv("NO_PROXY", "a.example")
    assert is_fast()


def test_its_parser_is_imported_by_the_first_run_alone(tmp_path: Path) -> None:
    code = """
import sys
import conversas
from conversas import Client, Zild
seen = [name in sys.modules for name in ("httptools",)]
with Client(Zild(sys.argv[1], "token")) as client:
    client.get("zild:1")
    seen.append("httptools" in sys.modules)
    list(client.get_many(["zild:1"]))
    seen.append("httptools" in sys.modules)
print(seen)
"""
    with HttpServer(keep_alive=True) as keeper:
        command = [sys.executable, "-c", code, keeper.url]
        environment = {"NO_PROXY": "127.0.0.1"}
        result = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path, env=environment)
    assert result.stdout == "[False, False, True]\n"


# That it makes no difference


def chunked(size: bytes, end: bytes = b"0\r\n\r\n", headers: bytes = b"") -> Play:
    start = b"HTTP/1.1 200 OK\r\n" + headers + b"Transfer-Encoding: chunked\r\n\r\n"
    return bytes_then(start + size % len(SAMPLE) + b"\r\n" + SAMPLE + b"\r\n" + end)


PLAYS: dict[str, Play] = {
    **BROKEN,
    "whole": answer(SAMPLE),
    "packed": answer(gzip.compress(SAMPLE), content_encoding="gzip"),
    "packed twice": bytes_then(head(content_encoding="gzip\r\nContent-Encoding: gzip") + gzip.compress(SAMPLE)),
    "unknown packing": answer(SAMPLE, content_encoding="br"),
    "too large": answer(b"x" * 5000),
    "an endless error": bytes_then(head(404), lambda peer: [peer.send(b"x" * 65536) for _ in range(10_000)]),
    "not found": answer(b"", 404),
    "a redirect": answer(b"", 302, location="http://[::bad"),
    "hints before it": bytes_then(b"HTTP/1.1 103 Early Hints\r\n\r\n" + head(404) + b"x"),
    "an old protocol": bytes_then(b"HTTP/1.0 200 OK\r\n\r\n" + SAMPLE),
    "long headers": answer(SAMPLE, x="y" * 60_000),
    "many headers": answer(SAMPLE, **{f"x_{number}": "y" for number in range(400)}),
    "headers in another alphabet": answer(SAMPLE, x="\xe9\xff"),
    "spaces around headers": bytes_then(b"HTTP/1.1 200 OK\r\nContent-Length:   2  \r\n\r\n{}"),
    "a header without a value": bytes_then(b"HTTP/1.1 200 OK\r\nX:\r\nContent-Length: 2\r\n\r\n{}"),
    "no reason": bytes_then(b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\n{}"),
    "chunks with extensions and trailers": chunked(b"%x;a=b", b"0;c\r\nX: y\r\nContent-Encoding: gzip\r\n\r\n"),
    "spaces after the lengths of chunks": chunked(b"%x  "),
    "chunks and a length": chunked(b"%x", headers=b"Content-Length: 5\r\n"),
    "chunks that are packed": chunked(b"%x", headers=b"Transfer-Encoding: gzip\r\n"),
    "a negative length": bytes_then(b"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\n{}"),
    "a huge length": bytes_then(head(content_length=10**30) + SAMPLE),
    "an old protocol that keeps connections": bytes_then(b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}"),
    "line feeds alone": bytes_then(b"HTTP/1.1 200 OK\nContent-Length: 2\n\n{}"),
    "folded headers": bytes_then(b"HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length:\r\n 2\r\n\r\n{}"),
    "control characters in headers": answer(SAMPLE, x="\x01\x7f"),
    "no content": bytes_then(head(204)),
    "no content, and yet some": answer(SAMPLE, 204),
    "not modified": bytes_then(head(304, content_length=99)),
    "an unknown status": answer(SAMPLE, 999),
    "several hints": bytes_then(b"HTTP/1.1 103 A\r\nX: y\r\n\r\nHTTP/1.1 100 B\r\n\r\n" + head() + SAMPLE),
    "hints alone": bytes_then(b"HTTP/1.1 100 Continue\r\n\r\n"),
    "two answers": bytes_then((head(content_length=len(SAMPLE)) + SAMPLE) * 2),
    "packed, with more after it": answer(gzip.compress(SAMPLE) + b"more", content_encoding="gzip"),
    "packed in two": answer(gzip.compress(SAMPLE[:9]) + gzip.compress(SAMPLE[9:]), content_encoding="gzip"),
    "packed and cut off": answer(gzip.compress(SAMPLE)[:-1], content_encoding="gzip"),
    "packed by zlib": answer(zlib.compress(SAMPLE), content_encoding="deflate"),
    "a bomb": answer(gzip.compress(bytes(10**7)), content_encoding="gzip"),
    "more than its length": bytes_then(head(content_length=len(SAMPLE)) + SAMPLE + b"more"),
}


def play_by_id(peer: Peer) -> object:
    return list(PLAYS.values())[int(peer.request.target.rpartition("/")[2])](peer)


def outcome_of(outcome: Fetched | Failed) -> tuple[Any, ...]:
    if isinstance(outcome, Fetched):
        return "fetched", outcome.conversation.raw
    error = outcome.error
    return type(error).__name__, str(error), error.retryable, getattr(error, "body", None)


def outcomes(wire: Wire) -> dict[str, tuple[Any, ...]]:
    """Play all at once, and give what became of each."""
    refs = [f"superagentes:{number}" for number in range(len(PLAYS))]
    limits: dict[str, Any] = {"timeout": Timeout(read_seconds=1.0), "max_body_bytes": 4000}
    found = get_many(Client, refs, superagentes(wire), concurrency=len(refs), retry=ONCE, **limits)
    by_id = {int(outcome.ref.id): outcome_of(outcome) for outcome in found}
    return {name: by_id[number] for number, name in enumerate(PLAYS)}


def test_whatever_a_server_does_has_the_same_outcome(server: HttpServer, monkeypatch: pytest.MonkeyPatch) -> None:
    with Wire(standing=play_by_id) as wire:
        fast = outcomes(wire)
        monkeypatch.setitem(sys.modules, "httptools", None)
        slow = outcomes(wire)
    assert len(wire.requests) == 2 * len(PLAYS)
    assert fast == slow


def test_a_platform_that_cannot_be_reached_stops_a_run_for_the_same_reason(server: HttpServer, engine: str) -> None:
    reasons: list[str | None] = []
    with Wire() as gone:
        refused = gone.url
    with Wire() as stalling:
        secure = [each.url.replace("http://", "https://") for each in (stalling, server)]
        for url in (refused, "https://host.invalid", *secure):
            options: dict[str, Any] = {"timeout": Timeout(connect_seconds=0.2)}
            with pytest.raises(TransportError) as raised:
                get_many(
                    Client, ["superagentes:a", "superagentes:b"], Superagentes("token", url), retry=ONCE, **options
                )
            reasons.append(raised.value.reason)
    assert reasons == ["refused", "dns", "connect_timeout", "tls"]
    assert stalling.without_request == ["closed"] * 2


def test_a_connection_that_was_closed_meanwhile_is_an_attempt_like_any_other(engine: str, server: HttpServer) -> None:
    def hang_up_on_the_second(asked: Request) -> tuple[int, bytes, dict[str, str]]:
        if len(keeper.requests) == 2:
            raise ConnectionResetError
        return 200, BODY, {}

    with HttpServer(hang_up_on_the_second, keep_alive=True) as keeper:
        outcomes = get_many(Client, ["zild:1", "zild:2"], Zild(keeper.url, "token"), concurrency=1)
    assert [(asked.connection, asked.id) for asked in keeper.requests] == [(1, "1"), (1, "2"), (2, "2")]
    assert [outcome.attempts for outcome in outcomes if isinstance(outcome, Fetched)] == [1, 2]
