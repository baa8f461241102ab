"""An HTTP/1.1 server on 127.0.0.1 for tests: it keeps connections and counts them, and can hold answers back."""

import contextlib
import socket
from collections.abc import Callable, Mapping
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition, Thread
from typing import Any, Self

from attrs import Factory, define, field, frozen

from support.examples import body_of

GUARD_SECONDS = 20.0  # nothing takes so long but a deadlock
BODY = body_of("zild/sample")


@frozen
class Asked:
    """One request."""

    connection: int
    """The number of its connection, counted from 1."""
    id: str
    """The last part of the path."""
    token: str


Answers = Callable[[Asked], tuple[int, bytes, Mapping[str, str]]]


@define(eq=False)
class KeepAlive:
    """The server. It listens within `with`, and leaves no thread behind."""

    answer: Answers = lambda _: (200, BODY, {})
    """What a request gets: status, body, headers."""
    asked: list[Asked] = Factory(list)
    connections: int = 0
    """How many were made."""
    open: int = 0
    """How many there are now."""
    held: int = 0
    """How many requests wait for their answer now."""
    _holds: Callable[[Asked], bool] = lambda _: False
    _held_after: int = 0
    _changed: Condition = Factory(Condition)
    _sockets: set[socket.socket] = Factory(set)
    _server: ThreadingHTTPServer = field(init=False)
    _thread: Thread = field(init=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def ids(self) -> list[str]:
        return [asked.id for asked in self.asked]

    def hold(self, *ids: str, after: int = 0) -> None:
        """Hold back the answers for these conversations, or for all: whole, or what comes after so many bytes of it."""
        self._holds = lambda asked: not ids or asked.id in ids
        self._held_after = after

    def release(self) -> None:
        """Give the answers that are held, and hold no more."""
        self._holds = lambda _: False
        self._tell()

    def wait_until(self, is_so: Callable[[], bool]) -> None:
        with self._changed:
            assert self._changed.wait_for(is_so, GUARD_SECONDS), f"{self.open=} {self.held=} {len(self.asked)=}"

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

    def came(self, connection: socket.socket) -> int:
        self._sockets.add(connection)
        self._tell(connections=1, open=1)
        return self.connections

    def went(self, connection: socket.socket) -> None:
        self._sockets.discard(connection)
        self._tell(open=-1)

    def give(self, asked: Asked, send: Callable[[bytes], object], answer: bytes) -> None:
        """Send an answer, at once or when it is time."""
        if not self._holds(asked):
            send(answer)
            return
        send(answer[: self._held_after])
        self._tell(held=1)
        with self._changed:
            self._changed.wait_for(lambda: not self._holds(asked))
        self._tell(held=-1)
        send(answer[self._held_after :])

    def note(self, asked: Asked) -> None:
        self.asked.append(asked)
        self._tell()

    def _tell(self, **changes: int) -> None:
        with self._changed:
            for name, change in changes.items():
                setattr(self, name, getattr(self, name) + change)
            self._changed.notify_all()


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # so that closing it joins them
    request_queue_size = 128


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, keeper: KeepAlive, *args: Any) -> None:
        self.keeper = keeper
        super().__init__(*args)

    def handle(self) -> None:
        self.number = self.keeper.came(self.connection)
        try:
            with contextlib.suppress(ConnectionError):
                super().handle()
        finally:
            self.keeper.went(self.connection)

    def do_GET(self) -> None:
        asked = Asked(
            self.number, self.path.rpartition("/")[2], self.headers.get("Authorization", "")[len("Bearer ") :]
        )
        self.keeper.note(asked)
        status, body, headers = self.keeper.answer(asked)
        lines = [f"HTTP/1.1 {status} Prepared", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self.keeper.give(asked, self.wfile.write, "\r\n".join([*lines, "", ""]).encode() + body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""
