"""An HTTP server on 127.0.0.1 for tests: it records what it is asked and gives prepared answers."""

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
    first: "list[tuple[int, bytes, Mapping[str, str]]]" = Factory(list)
    """Status, body and headers of the first answers, one for each request; then comes the standing one."""
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
        standing = (self.loopback.status, self.loopback.body, self.loopback.headers)
        status, body, headers = self.loopback.first.pop(0) if self.loopback.first else standing
        self.send_response(status, "Prepared")
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""
