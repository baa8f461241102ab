"""A proxy on 127.0.0.1 that tunnels, asked by CONNECT or by SOCKS 5; it leads every name to 127.0.0.1."""

import contextlib
import select
import socket
import struct
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import Self

from attrs import Factory, define, field

_NAME = 3


@define(eq=False)
class ProxyServer:
    """The proxy. It listens within `with`."""

    asked: list[str] = Factory(list)
    """The hosts and ports that it was asked for."""
    authorizations: list[str] = Factory(list)
    """The headers Proxy-Authorization that came, and the user names and passwords that came by SOCKS."""
    refuses: bool = False
    """Whether it takes no user name or password."""
    _server: ThreadingTCPServer = field(init=False)
    _thread: Thread = field(init=False)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        handler = type("_Handler", (_Handler,), {"proxy": self})
        self._server = ThreadingTCPServer(("127.0.0.1", 0), handler)
        self._thread = Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Handler(BaseRequestHandler):
    proxy: ProxyServer

    def handle(self) -> None:
        self.request.settimeout(5)
        with contextlib.suppress(OSError):
            port = self._accept_socks() if self.request.recv(1, socket.MSG_PEEK) == b"\x05" else self._accept_connect()
            if port:
                self._relay(port)

    def _accept_connect(self) -> int | None:
        data = b""
        while not data.endswith(b"\r\n\r\n"):
            data += self.request.recv(1)
        first, *lines = data.decode("latin-1").split("\r\n")
        self.proxy.asked.append(first.split(" ")[1])
        self.proxy.authorizations += [line.split(": ")[1] for line in lines if line.startswith("Proxy-Authorization")]
        if self.proxy.refuses:
            self.request.sendall(b"HTTP/1.1 407 No\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n")
            return None
        self.request.sendall(b"HTTP/1.1 200 Connected\r\nX-Proxy: yes\r\n\r\n")
        return int(self.proxy.asked[-1].rpartition(":")[2])

    def _accept_socks(self) -> int | None:
        _, methods = struct.unpack("BB", self.request.recv(2))
        by_password = 2 in self.request.recv(methods)
        self.request.sendall(b"\x05\x02" if by_password else b"\x05\x00")
        if by_password:
            user = self.request.recv(self.request.recv(2)[1])
            password = self.request.recv(self.request.recv(1)[0])
            self.proxy.authorizations.append(f"{user.decode()}:{password.decode()}")
            self.request.sendall(b"\x01\x01" if self.proxy.refuses else b"\x01\x00")
            if self.proxy.refuses:
                return None
        is_name = self.request.recv(4)[3] == _NAME
        host = self.request.recv(self.request.recv(1)[0] if is_name else 4)
        name = host.decode() if is_name else socket.inet_ntoa(host)
        (port,) = struct.unpack("!H", self.request.recv(2))
        self.proxy.asked.append(f"{name}:{port}")
        self.request.sendall(b"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x00")
        return int(port)

    def _relay(self, port: int) -> None:
        with socket.create_connection(("127.0.0.1", port)) as target:
            pair = {self.request: target, target: self.request}
            while True:
                for ready in select.select(list(pair), [], [], 5)[0]:
                    data = ready.recv(65536)
                    if not data:
                        return
                    pair[ready].sendall(data)
