"""The transport over libcurl: how it reads responses, and when it connects and closes."""

import asyncio
import contextlib
import gzip
import socket
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

import pytest

import conversas
from conversas import AsyncClient, Fetched, Retry, Timeout, Zild
from conversas.transport.curl_transfer import KEEPALIVE_SECONDS, MAX_HEADER_BYTES
from conversas.transport.curl_transport import AsyncCurlTransport, CurlTransport
from conversas.transport.messages import Response, TransportFailure
from conversas.transport.network import Network
from support.byte_server import Peer, Wire, answer
from support.client_kinds import Kind, each_sender, get
from support.http_server import HttpServer
from support.messages import request_to, whole_response
from support.providers import TOKEN

OURS = Path(conversas.__file__).parent
BODY = b'{"id": 1}'
OTHER = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nother"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
PIECE = 64 * 1024


# However it comes


def given(*pieces: bytes, read_seconds: float = 2.0) -> tuple[Response | TransportFailure, bool, int]:
    """Send a response in these pieces: return the result, whether the connection serves again, and how many it took."""
    taken: list[int] = []

    def send_all(peer: Peer) -> None:
        for number, piece in enumerate(pieces, 1):
            peer.send(piece)
            taken.append(number)
        if not b"".join(pieces).startswith(b"HTTP/1.0"):
            peer.send(whole_response(peer.next_target().encode()))

    with Wire([send_all], standing=answer(b"another")) as wire:
        transport = CurlTransport(Network(), [wire.url])
        result = transport.send(request_to(wire.url, read_seconds=read_seconds, total_seconds=20))
        again = transport.send(request_to(wire.url, "/2"))
        transport.close()
    assert isinstance(again, Response)
    return result, again.body == b"/2", len(taken)


HINTS = b"HTTP/1.1 103 Early Hints\r\nX: y\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"
PACKED = gzip.compress(BODY)
CUT = {
    "with a length": whole_response(),
    "after hints": HINTS + whole_response(),
    "in chunks": CHUNKED + b'4;a="b"\r\n{"id\r\n5\r\n": 1}\r\n0;c\r\nX: y\r\n\r\n',
    "packed": whole_response(PACKED).replace(b"\r\n", b"\r\nContent-Encoding: gzip\r\n", 1),
    "up to the end": b"HTTP/1.0 200 OK\r\n\r\n" + BODY,
}


@pytest.mark.parametrize("name", CUT)
def test_a_response_is_the_same_however_it_is_cut(name: str) -> None:
    data, ends = CUT[name], name == "up to the end"
    byte_by_byte = [data[place : place + 1] for place in range(len(data))]
    for pieces in ([data], byte_by_byte, *([data[:place], data[place:]] for place in range(1, len(data), 3))):
        result, serves_again, _ = given(*pieces)
        assert isinstance(result, Response)
        assert result.body == BODY
        assert serves_again is not ends


LONGEST = 40 * PIECE
"""More than the system takes for a client that reads no more."""


@pytest.mark.parametrize("start", [b"0\r\n", b"0\r\nX: "])
@pytest.mark.parametrize("more", [b"x" * PIECE, b"X: y\r\n" * (PIECE // 6)], ids=["a line", "many lines"])
def test_trailers_are_not_read_without_end(start: bytes, more: bytes) -> None:
    result, _, taken = given(CHUNKED + b"1\r\n{\r\n" + start, *[more] * 1000)
    assert result == TransportFailure("protocol")
    assert taken < 1000


def test_hints_are_not_read_without_end() -> None:
    result, _, taken = given(*[HINTS * (PIECE // len(HINTS))] * 1000)
    assert result == TransportFailure("protocol")
    assert taken < 1000


@pytest.mark.parametrize("start", [b"0;", b"1;"])
def test_the_length_of_a_chunk_is_not_read_without_end(start: bytes) -> None:
    result, _, _ = given(CHUNKED + b"1\r\n{\r\n" + start, *[b"x" * PIECE] * 100, read_seconds=0.3)
    assert isinstance(result, TransportFailure)


def test_a_body_may_come_in_so_many_chunks_that_their_lengths_alone_are_longer_than_a_head() -> None:
    data = CHUNKED + b"1\r\nx\r\n" * (MAX_HEADER_BYTES // 4) + b"0\r\n\r\n"
    result, serves_again, _ = given(*[data[place : place + PIECE] for place in range(0, len(data), PIECE)])
    assert isinstance(result, Response)
    assert len(result.body) == MAX_HEADER_BYTES // 4
    assert serves_again


@pytest.mark.parametrize("size", [90_000, 101_000, 150_000])
def test_headers_have_a_largest_size(size: int) -> None:
    lines = b"".join(b"X-%d: %b\r\n" % (number, b"y" * 1000) for number in range(size // 1000))
    result, _, _ = given(whole_response().replace(b"\r\n", b"\r\n" + lines, 1))
    assert isinstance(result, Response) is (size < MAX_HEADER_BYTES)


# No answer is that of another request


def test_a_connection_does_not_serve_again_after_more_than_the_response() -> None:
    for length in range(1, len(OTHER) + 1):
        result, serves_again, _ = given(whole_response() + OTHER[:length])
        assert isinstance(result, Response)
        assert result.body == BODY
        assert not serves_again


def send_each(server: Wire, *targets: str, between: Callable[[], object] = lambda: None) -> list[Any]:
    """Send one after the other by one sender, and give the bodies. The event loop stands still meanwhile."""

    async def run() -> list[Any]:
        sender = AsyncCurlTransport(Network(), [server.url])
        bodies: list[Any] = []
        for target in targets:
            bodies.append(getattr(await sender.send(request_to(server.url, target)), "body", None))
            between()
        await sender.close()
        return bodies

    return asyncio.run(run())


@pytest.mark.parametrize("after", [0, 20, 60])
def test_a_request_that_was_cancelled_leaves_nothing_to_the_next(after: int, keeper: HttpServer) -> None:
    async def run() -> list[Any]:
        transport = AsyncCurlTransport(Network(), [keeper.url])
        first = asyncio.create_task(transport.send(request_to(keeper.url, "/1")))
        await asyncio.to_thread(keeper.wait_until, lambda: keeper.held == 1)
        await asyncio.sleep(0.02)  # for what is there to be read
        first.cancel()
        await asyncio.wait([first])
        keeper.release()
        bodies = [getattr(await transport.send(request_to(keeper.url, f"/{n}")), "body", None) for n in (2, 3)]
        await transport.close()
        return bodies

    keeper.reply = lambda asked: (200, asked.id.encode() * 40, {})
    keeper.hold("1", after=after)
    assert asyncio.run(run()) == [b"2" * 40, b"3" * 40]


def answer_by_target(peer: Peer) -> None:
    peer.send(whole_response(peer.request.target.encode()))
    while True:
        peer.send(whole_response(peer.next_target().encode()))


def test_what_came_unasked_while_the_event_loop_was_busy_is_no_answer() -> None:
    answered, came = Event(), Event()

    def send_another(peer: Peer) -> None:
        peer.send(whole_response(b"/1"))
        answered.wait(5)
        peer.send(OTHER)
        came.set()
        peer.next_target()

    def wait() -> None:
        answered.set()
        came.wait(5)

    with Wire([send_another], answer_by_target) as wire:
        assert send_each(wire, "/1", "/2", "/3", between=wait) == [b"/1", b"/2", b"/3"]
    assert [received.target for received in wire.requests] == ["/1", "/2"]  # the third was the second of a connection


def test_a_connection_that_was_closed_while_the_event_loop_was_busy_is_not_used() -> None:
    answered, closed = Event(), Event()

    def close(peer: Peer) -> None:
        peer.send(whole_response(b"/1"))
        answered.wait(5)
        peer.reset()
        closed.set()

    def wait() -> None:
        answered.set()
        closed.wait(5)

    with Wire([close], answer_by_target) as wire:
        assert send_each(wire, "/1", "/2", between=wait) == [b"/1", b"/2"]


# Connecting


@pytest.mark.skipif(not socket.has_ipv6, reason="localhost has one address here")
@each_sender
def test_a_second_address_is_tried_before_the_first_has_used_up_the_time(kind: Kind, server: HttpServer) -> None:
    with Wire(standing=answer(BODY)) as wire, socket.socket(socket.AF_INET6) as hole, contextlib.ExitStack() as full:
        port = int(wire.url.rpartition(":")[2])
        hole.bind(("::1", port))
        hole.listen(0)
        for _ in range(3):
            waiting = full.enter_context(socket.socket(socket.AF_INET6))
            waiting.settimeout(0)
            waiting.connect_ex(("::1", port))
        platform = Zild(f"http://localhost:{port}", TOKEN)
        timeout = Timeout(connect_seconds=2, total_seconds=2)
        assert get(kind, "zild:1", platform, timeout=timeout, retry=Retry(attempts=1)).raw == BODY


# Closing


def test_connections_that_nobody_uses_are_closed_after_a_while() -> None:
    async def run() -> None:
        async with AsyncClient(Zild(keeper.url, "token")) as client:
            outcomes = [outcome async for outcome in client.get_many(["zild:1", "zild:2", "zild:3"])]
            assert all(isinstance(outcome, Fetched) for outcome in outcomes)
            began = time.monotonic()
            assert keeper.open > 0
            await asyncio.to_thread(keeper.wait_until, lambda: not keeper.open)
            assert time.monotonic() - began > KEEPALIVE_SECONDS - 0.5

    with HttpServer(keep_alive=True) as keeper:
        asyncio.run(run())


def test_closing_goes_on_to_its_end_where_the_last_request_is_cancelled_twice() -> None:
    async def run() -> None:
        sender = AsyncCurlTransport(Network(), [first.url, second.url])
        await sender.send(request_to(second.url))
        first.hold()
        sending = asyncio.create_task(sender.send(request_to(first.url)))
        await asyncio.to_thread(first.wait_until, lambda: first.held == 1)
        await sender.close()
        sending.cancel()
        await asyncio.sleep(0)  # now it closes
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        await asyncio.to_thread(second.wait_until, lambda: second.open == 0)

    with HttpServer(keep_alive=True) as first, HttpServer(keep_alive=True) as second:
        asyncio.run(run())


# Secrets


def test_a_traceback_with_the_variables_of_its_frames_shows_no_token() -> None:
    async def run() -> traceback.StackSummary:
        sender = AsyncCurlTransport(Network(), [keeper.url])
        sending = asyncio.create_task(sender.send(request_to(keeper.url)))
        await asyncio.to_thread(keeper.wait_until, lambda: keeper.held == 1)
        sending.cancel()
        try:
            await sending
        except asyncio.CancelledError as error:
            stack = traceback.TracebackException.from_exception(error, capture_locals=True).stack
        await sender.close()
        return stack

    with HttpServer(keep_alive=True) as keeper:
        keeper.hold()
        frames = [frame for frame in asyncio.run(run()) if Path(frame.filename).is_relative_to(OURS)]
    assert "_perform" in [frame.name for frame in frames]
    assert TOKEN not in str([frame.locals for frame in frames])
