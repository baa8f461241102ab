"""An HTTP server on 127.0.0.1 for tests: it records what it is asked and gives one prepared answer."""

from collections.abc import Mapping
from email.message import Message
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Self

from attrs import Factory, define, field, frozen


@frozen
class Request:
    """What the server was asked. `target` is the path with the query, as sent."""

    method: str
    target: str
    headers: Message


@define
class Loopback:
    """The server. It listens within `with`, on a free port, and closes each connection after its answer."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = Factory(dict)
    requests: list[Request] = Factory(list)
    _server: ThreadingHTTPServer = field(init=False)

    def answer(self, status: int, body: bytes = b"", headers: Mapping[str, str] | None = None) -> None:
        """Set what every request gets from now on."""
        self.status, self.body, self.headers = status, body, headers or {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def request(self) -> Request:
        """The request, where there was just one."""
        (request,) = self.requests
        return request

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, self))
        Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, loopback: Loopback, *args: object) -> None:
        self.loopback = loopback
        super().__init__(*args)

    def do_GET(self) -> None:
        self.loopback.requests.append(Request(self.command, self.path, self.headers))
        self.send_response(self.loopback.status, "Prepared")
        for name, value in self.loopback.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(self.loopback.body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""
