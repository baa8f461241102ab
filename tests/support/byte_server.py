"""A server on 127.0.0.1 that plays bytes as it is told: whole, cut off, dripping, stalled or reset."""

import contextlib
import os
import re
import select
import socket
import ssl
import struct
import time
from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path
from socketserver import ThreadingTCPServer
from threading import Event, Lock, Thread
from typing import Any, Self

from attrs import Factory, define, field, frozen

RESET_AT_CLOSE = struct.pack("ii", 1, 0)
LONGEST_STALL_SECONDS = 5.0  # so that a client which waits for ever fails its test and no other


@frozen
class Received:
    """A request, and its time by the monotonic clock and by the calendar."""

    target: str
    headers: Mapping[str, str]
    at: float
    moment: float


@frozen
class Peer:
    """One connection, after its request was read. It is closed once the play is over."""

    request: Received
    _socket: socket.socket
    _stopping: Event

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def next_target(self) -> str:
        """Read the next request of this connection, and give what it asks for."""
        return _received(_read_request(self._socket)).target

    def garble(self) -> None:
        """Send, past TLS, what nobody encrypted."""
        with socket.socket(fileno=os.dup(self._socket.fileno())) as beneath:
            beneath.sendall(b"\x17\x03\x03\x00\x10" + bytes(16))

    def reset(self) -> None:
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_CLOSE)
        self._socket.close()

    def stall(self, seconds: float = LONGEST_STALL_SECONDS) -> bool:
        """Wait, and tell whether the client hung up meanwhile."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and not self._stopping.is_set():
            if select.select([self._socket], [], [], 0.01)[0]:
                return True
        return bool(select.select([self._socket], [], [], 0.01)[0])  # it may have hung up just before the test ended

    def drip(self, pieces: list[bytes]) -> bool:
        """Send a piece at a time, and tell whether the client hung up before the last."""
        for piece in pieces:
            self.send(piece)
            if self.stall(0.02):
                return True
        return False


Play = Callable[[Peer], object]


@define
class Wire:
    """The server. It listens within `with`; each connection has one request, and gets the next play."""

    plays: list[Play] = Factory(list)
    """For the first requests, one for each; then comes the standing one."""
    standing: Play = field(default=Peer.reset)
    requests: list[Received] = Factory(list)
    certificate: Path | None = None
    """With one, the server speaks TLS."""
    ended: list[object] = Factory(list)
    """What the plays gave; None of one that the client ended by hanging up. Complete after `with`."""
    without_request: list[str] = Factory(list)
    """How connections ended that had no request: `closed` by the client, or `left open`. Complete after `with`."""
    _server: ThreadingTCPServer = field(init=False)
    _thread: Thread = field(init=False)
    _stopping: Event = Factory(Event)
    _lock: Lock = Factory(Lock)

    @property
    def url(self) -> str:
        return f"http{'s' if self.certificate else ''}://127.0.0.1:{self._server.server_address[1]}"

    @property
    def gaps(self) -> list[float]:
        """The seconds between each request and the one before it."""
        return [after.at - before.at for before, after in pairwise(self.requests)]

    def __enter__(self) -> Self:
        handle: Any = self._handle  # a class where it is documented, but any callable does
        self._server = _Server(("127.0.0.1", 0), handle)
        self._thread = Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handle(self, connection: socket.socket, *_: object) -> None:
        connection.settimeout(LONGEST_STALL_SECONDS)
        if self.certificate:
            with _secured(connection, self.certificate) as secure:
                self._converse(secure)
        else:
            self._converse(connection)

    def _converse(self, connection: socket.socket) -> None:
        try:
            data = _read_request(connection)
        except TimeoutError:
            self.without_request.append("left open")
            return
        except OSError:
            self.without_request.append("closed")
            return
        with self._lock:
            request = _received(data)
            self.requests.append(request)
            play = self.plays.pop(0) if self.plays else self.standing
        result = None
        with contextlib.suppress(OSError):  # the client hung up
            result = play(Peer(request, connection, self._stopping))
        self.ended.append(result)


class _Server(ThreadingTCPServer):
    request_queue_size = 64
    daemon_threads = False


def _read_request(connection: socket.socket) -> bytes:
    """Return a request with its body."""
    data = b""
    while not _is_whole(data):
        piece = connection.recv(65536)
        if not piece:
            raise ConnectionAbortedError
        data += piece
    return data


def _is_whole(data: bytes) -> bool:
    head, end, body = data.partition(b"\r\n\r\n")
    length = re.search(rb"\r\nContent-Length: *(\d+)", head, re.IGNORECASE)
    return bool(end) and len(body) >= (int(length[1]) if length else 0)


def _secured(connection: socket.socket, certificate: Path) -> socket.socket:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context.wrap_socket(connection, server_side=True)


def _received(data: bytes) -> Received:
    first, *lines = data.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    by_name = {name.lower(): value for name, value in headers.items()}
    return Received(first.split(" ")[1], by_name, time.monotonic(), time.time())


def head(status: int = 200, /, **headers: object) -> bytes:
    """Return the bytes before a body; `content_length=5` is the header Content-Length."""
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([f"HTTP/1.1 {status} Prepared", "Connection: close", *lines, "", ""]).encode("latin-1")


def answer(body: bytes = b"", status: int = 200, /, **headers: object) -> Play:
    """Answer with a body of the right length."""
    data = head(status, content_length=len(body), **headers) + body
    return lambda peer: peer.send(data)


def bytes_then(data: bytes, then: Callable[[Peer], object] = lambda peer: None) -> Play:
    """Send these bytes, and then close the connection, or do something else."""

    def play(peer: Peer) -> object:
        peer.send(data)
        return then(peer)

    return play
