"""An HTTP/1.1 server on 127.0.0.1 for tests: it records requests, sends prepared replies, and can hold them back."""

import contextlib
import socket
from collections.abc import Callable, Mapping
from email.message import Message
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition, Thread
from typing import Any, Self

from attrs import Factory, define, field, frozen

from support.examples import without_id

GUARD_SECONDS = 20.0  # only a deadlock takes so long
BODY = without_id("zild/sample")


@frozen
class Request:
    """A request. `target` is the path with the query, as sent; connections are counted from 1."""

    connection: int
    method: str
    target: str
    headers: Message
    body: bytes

    @property
    def id(self) -> str:
        """The last part of the path."""
        return self.target.rpartition("/")[2]

    @property
    def token(self) -> str:
        return self.headers.get("Authorization", "").removeprefix("Bearer ")


Reply = tuple[int, bytes, Mapping[str, str]]
"""Status, body and headers."""


def always(status: int, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Callable[[Request], Reply]:
    return lambda _: (status, body, headers or {})


@define(eq=False)
class HttpServer:
    """The server. It listens within `with`, on a free port, and leaves no thread behind."""

    reply: Callable[[Request], Reply] = lambda _: (200, BODY, {})
    first: list[Reply] = Factory(list)
    """The first replies, one for each request; then comes `reply`."""
    keep_alive: bool = False
    """Whether a connection serves more than one request."""
    requests: list[Request] = Factory(list)
    connections: int = 0
    """How many were made."""
    open: int = 0
    """How many there are now."""
    held: int = 0
    """How many requests wait for their reply now."""
    _holds: Callable[[Request], bool] = lambda _: False
    _held_after: int = 0
    _changed: Condition = Factory(Condition)
    _sockets: set[socket.socket] = Factory(set)
    _server: ThreadingHTTPServer = field(init=False)
    _thread: Thread = field(init=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def request(self) -> Request:
        """The only request."""
        (request,) = self.requests
        return request

    @property
    def ids(self) -> list[str]:
        return [request.id for request in self.requests]

    @property
    def tokens(self) -> list[str]:
        return [request.token for request in self.requests]

    def answer(self, status: int, body: bytes = b"", headers: Mapping[str, str] | None = None) -> None:
        """Set the reply to every request from now on."""
        self.reply = always(status, body, headers)

    def hold(self, *ids: str, after: int = 0) -> None:
        """Hold back the replies for these conversations, or for all: whole, or the rest after so many bytes."""
        self._holds = lambda request: not ids or request.id in ids
        self._held_after = after

    def release(self) -> None:
        """Send the replies that are held, and hold no more."""
        self._holds = lambda _: False
        self._count()

    def wait_until(self, is_so: Callable[[], bool]) -> None:
        with self._changed:
            assert self._changed.wait_for(is_so, GUARD_SECONDS), f"{self.open=} {self.held=} {len(self.requests)=}"

    def __enter__(self) -> Self:
        self._server = _Server(("127.0.0.1", 0), partial(_Handler, self))
        self._thread = Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self.release()
        for each in list(self._sockets):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        self._server.server_close()

    def connected(self, connection: socket.socket) -> int:
        """Count a connection, and return its number."""
        self._sockets.add(connection)
        with self._changed:
            self._count(connections=1, open=1)
            return self.connections

    def disconnected(self, connection: socket.socket) -> None:
        self._sockets.discard(connection)
        self._count(open=-1)

    def handle(self, request: Request, send: Callable[[bytes], object]) -> None:
        """Record a request and send its reply, at once or when it is released."""
        self.requests.append(request)
        self._count()
        reply = _encode(*(self.first.pop(0) if self.first else self.reply(request)), keep_alive=self.keep_alive)
        if not self._holds(request):
            send(reply)
            return
        send(reply[: self._held_after])
        self._count(held=1)
        with self._changed:
            self._changed.wait_for(lambda: not self._holds(request))
        self._count(held=-1)
        send(reply[self._held_after :])

    def _count(self, **changes: int) -> None:
        with self._changed:
            for name, change in changes.items():
                setattr(self, name, getattr(self, name) + change)
            self._changed.notify_all()


def _encode(status: int, body: bytes, headers: Mapping[str, str], *, keep_alive: bool) -> bytes:
    length = {} if "Content-Length" in headers else {"Content-Length": str(len(body))}
    closing = {} if keep_alive else {"Connection": "close"}
    lines = [f"{name}: {value}" for name, value in (length | closing | dict(headers)).items()]
    return "\r\n".join([f"HTTP/1.1 {status} Prepared", *lines, "", ""]).encode("latin-1") + body


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # so that closing it joins them
    request_queue_size = 128


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, server: HttpServer, *args: Any) -> None:
        self.recorder = server
        super().__init__(*args)

    def handle(self) -> None:
        self.number = self.recorder.connected(self.connection)
        try:
            with contextlib.suppress(ConnectionError):
                super().handle()
        finally:
            self.recorder.disconnected(self.connection)

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.recorder.handle(Request(self.number, self.command, self.path, self.headers, body), self.wfile.write)
        self.close_connection = not self.recorder.keep_alive

    do_POST = do_PUT = do_GET  # noqa: N815  # names of http.server

    def log_message(self, *_: object) -> None:
        """Write no log."""
