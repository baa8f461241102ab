"""The HTTP/1.1 connections of a run of many: how they read responses, and when they are closed."""

import asyncio
import gzip
import socket
import ssl
import sys
import time
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path
from threading import Event
from typing import Any

import pytest

import conversas
from conversas import AsyncClient, Fetched, Zild
from conversas.transport.connection_pool import Http11Transport
from conversas.transport.http11 import KEEPALIVE_SECONDS, MAX_HEADER_BYTES, HTTP11Connection
from conversas.transport.messages import Response, TransportFailure
from conversas.transport.network import Network
from support.byte_server import Peer, Wire, answer
from support.http_server import HttpServer
from support.messages import request_to, whole_response
from support.providers import NO_CERTIFICATES, TOKEN

OURS = Path(conversas.__file__).parent
BODY = b'{"id": 1}'
OTHER = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nother"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
PIECE = 64 * 1024


# However it comes


class Line(asyncio.Transport):
    """A transport that sends nowhere."""

    closed = False

    def write(self, data: object) -> None:
        """Send it nowhere."""

    def abort(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed


async def _given(pieces: Iterable[bytes], *, ends: bool) -> tuple[Response | TransportFailure, bool, int]:
    connection, line, taken = HTTP11Connection(), Line(), 0
    connection.connection_made(line)
    asking = asyncio.create_task(connection.send(request_to(), lambda _: b""))
    await asyncio.sleep(0)
    for piece in pieces:
        if line.closed:
            break
        connection.data_received(piece)
        taken += 1
    if ends:
        connection.eof_received()
    if ends or line.closed:
        connection.connection_lost(None)
    result = await asyncio.wait_for(asking, 5)
    serves_again = connection.is_open
    connection.connection_lost(None)
    return result, serves_again, taken


def given(*pieces: bytes, ends: bool = False) -> tuple[Response | TransportFailure, bool, int]:
    """Feed a connection these pieces: return the result, whether it serves again, and how many pieces it took."""
    return asyncio.run(_given(pieces, ends=ends))


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
def test_an_answer_is_the_same_however_it_is_cut(name: str) -> None:
    data, ends = CUT[name], name == "up to the end"
    byte_by_byte = [data[place : place + 1] for place in range(len(data))]
    for pieces in ([data], byte_by_byte, *([data[:place], data[place:]] for place in range(1, len(data)))):
        result, serves_again, _ = given(*pieces, ends=ends)
        assert isinstance(result, Response)
        assert result.body == BODY
        assert serves_again is not ends


@pytest.mark.parametrize("start", [b"0\r\n", b"0\r\nX: ", b"0;", b"1;"])
@pytest.mark.parametrize("more", [b"x" * PIECE, b"X: y\r\n" * (PIECE // 6)], ids=["a line", "many lines"])
def test_what_is_no_body_is_not_read_without_end(start: bytes, more: bytes) -> None:
    result, _, taken = given(CHUNKED + b"1\r\n{\r\n" + start, *[more] * 100)
    assert isinstance(result, TransportFailure)
    assert result.reason == "protocol"
    assert taken <= MAX_HEADER_BYTES // PIECE + 2


def test_hints_are_not_read_without_end() -> None:
    result, _, taken = given(*[HINTS * (PIECE // len(HINTS))] * 100)
    assert result == TransportFailure("protocol")
    assert taken <= MAX_HEADER_BYTES // PIECE + 2


def test_a_body_may_come_in_so_many_chunks_that_their_lengths_alone_are_longer_than_a_head() -> None:
    data = CHUNKED + b"1\r\nx\r\n" * (MAX_HEADER_BYTES // 4) + b"0\r\n\r\n"
    result, serves_again, _ = given(*[data[place : place + PIECE] for place in range(0, len(data), PIECE)])
    assert isinstance(result, Response)
    assert len(result.body) == MAX_HEADER_BYTES // 4
    assert serves_again


# No answer is that of another request


def test_a_connection_does_not_serve_again_where_more_came_than_the_answer() -> None:
    for length in range(1, len(OTHER) + 1):
        result, serves_again, _ = given(whole_response() + OTHER[:length])
        assert isinstance(result, Response)
        assert result.body == BODY
        assert not serves_again


def send_each(server: Wire, *targets: str, between: Callable[[], object] = lambda: None) -> list[Any]:
    """Send one after the other by one sender, and give the bodies. The event loop stands still meanwhile."""

    async def run() -> list[Any]:
        sender = Http11Transport(Network(verify=NO_CERTIFICATES), [server.url])
        bodies: list[Any] = []
        for target in targets:
            bodies.append(getattr(await sender.send(request_to(server.url, target)), "body", None))
            between()
        await sender.close()
        return bodies

    return asyncio.run(run())


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


@pytest.mark.skipif(sys.platform != "linux", reason="only there, 127.0.0.2 is an address of this machine")
@pytest.mark.parametrize("first", ["127.0.0.2", "::1"])
def test_where_an_address_takes_no_connection_the_next_one_is_asked_in_time_and_from_then_on_first(
    first: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Wire(standing=answer(BODY)) as wire, socket.socket() as hole:
        port = int(wire.url.rpartition(":")[2])
        hole.bind(("127.0.0.2", port))
        hole.listen(0)
        full = [socket.socket() for _ in range(3)]
        for each in full:
            each.settimeout(0)
            each.connect_ex(("127.0.0.2", port))
        found = [(0, 0, 0, "", (address, port)) for address in (first, "127.0.0.1")]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)

        async def run() -> float:
            base_url = f"http://several.example:{port}"
            sender = Http11Transport(Network(verify=NO_CERTIFICATES), [base_url])
            assert isinstance(await sender.send(request_to(base_url, connect_seconds=1.0)), Response)
            began = time.monotonic()
            for _ in range(3):
                assert isinstance(await sender.send(request_to(base_url, connect_seconds=1.0)), Response)
            seconds = time.monotonic() - began
            await sender.close()
            return seconds

        seconds = asyncio.run(run())
        for each in full:
            each.close()
    assert seconds < 1.0  # three times its share for the first address would be longer


class _TooLate(asyncio.SelectorEventLoop):
    """A loop whose connections are there just when nobody waits for them any more."""

    async def create_connection(self, *args: Any, **options: Any) -> Any:
        await super().create_connection(*args, **options)
        raise TimeoutError


def test_a_connection_that_is_made_too_late_is_closed(certificate: Path) -> None:
    with Wire(certificate=certificate) as wire:

        async def run() -> Response | TransportFailure:
            sender = Http11Transport(Network(verify=ssl.create_default_context(cafile=certificate)), [wire.url])
            result = await sender.send(request_to(wire.url))
            await sender.close()
            return result

        with asyncio.Runner(loop_factory=_TooLate) as runner:
            assert runner.run(run()) == TransportFailure("connect_timeout", not_connected=True)
            assert runner.run(_until(lambda: wire.without_request == ["closed"]))


async def _until(is_so: Callable[[], bool]) -> bool:
    until = time.monotonic() + 2
    while not is_so() and time.monotonic() < until:
        await asyncio.sleep(0.01)
    return is_so()


# Closing


def test_connections_that_nobody_uses_are_closed_after_a_while() -> None:
    async def run() -> None:
        async with AsyncClient(Zild(keeper.url, "token"), verify=NO_CERTIFICATES) as client:
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
        sender = Http11Transport(Network(verify=NO_CERTIFICATES), [first.url, second.url])
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
        assert [len(pool._open) for pool in sender._pools.values()] == [0, 0]

    with HttpServer(keep_alive=True) as first, HttpServer(keep_alive=True) as second:
        asyncio.run(run())


# Secrets


def test_a_traceback_with_the_variables_of_its_frames_shows_no_token() -> None:
    async def run() -> traceback.StackSummary:
        sender = Http11Transport(Network(verify=NO_CERTIFICATES), [keeper.url])
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
    assert "handle_request" in [frame.name for frame in frames]
    assert TOKEN not in str([frame.locals for frame in frames])
