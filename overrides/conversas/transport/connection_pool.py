"""Connection pools for batch runs: a request takes a tenth of the CPU time that httpx needs."""

import asyncio
import contextlib
import socket
import time
from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import urlsplit

from conversas.errors import TransportErrorReason
from conversas.transport.http11 import HTTP11Connection
from conversas.transport.lifecycle import UseCount, shielded
from conversas.transport.messages import Request, Response, TransportFailure, failure_from
from conversas.transport.network import Network

_PORTS = {"http": 80, "https": 443}


class ConnectionPool:
    """Connections to one provider, as many as there are requests at a time."""

    def __init__(self, base_url: str, network: Network) -> None:
        url = urlsplit(base_url)
        self._prefix, self._authority = url.path, url.netloc
        self._host, self._port = url.hostname or "", url.port or _PORTS[url.scheme]
        self._context = network.ssl_context(base_url) if url.scheme == "https" else None
        self._failed = set[str]()
        """Addresses that refused the last connection. They are tried after all others."""
        self._idle: list[HTTP11Connection] = []
        self._open = set[HTTP11Connection]()

    async def handle_request(self, request: Request) -> Response | TransportFailure:
        """Send a request and return its response, or the failure to get one."""
        try:
            connection = self._take_idle() or await self._connect(request)
        except OSError as error:  # a TimeoutError is one, and so are those of TLS
            timed_out = isinstance(error, TimeoutError)
            reason = TransportErrorReason.CONNECT_TIMEOUT if timed_out else TransportErrorReason.UNREACHABLE
            return failure_from(error, reason, not_connected=True)
        try:
            return await connection.send(request, self._encode)
        finally:
            if connection.is_open:
                self._idle.append(connection)

    def _take_idle(self) -> HTTP11Connection | None:
        while self._idle:
            connection = self._idle.pop()
            if connection.is_reusable:
                return connection
            connection.close()
        return None

    async def _connect(self, request: Request) -> HTTP11Connection:
        """Connect to the first address of the host that accepts; each has its share of the time.

        Raises:
            OSError: No address accepts, or none in time.
        """
        deadline = min(time.monotonic() + request.connect_seconds, request.deadline)
        async with asyncio.timeout(deadline - time.monotonic()):
            addresses = sorted(await self._addresses(), key=self._failed.__contains__)
        for left, address in zip(range(len(addresses), 0, -1), addresses, strict=True):
            try:
                async with asyncio.timeout((deadline - time.monotonic()) / left):
                    connection = await self._connect_to(address)
            except OSError:
                self._failed.add(address)
                if left == 1:
                    raise
            else:
                self._failed.discard(address)
                return connection
        raise OSError  # a host without an address, which is an error of its own

    async def _addresses(self) -> list[str]:
        with contextlib.suppress(ValueError):
            return [str(ip_address(self._host))]
        found = await asyncio.get_running_loop().getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)
        return [str(address[0]) for *_, address in found]

    async def _connect_to(self, address: str) -> HTTP11Connection:
        name = self._host if self._context else None
        connection = HTTP11Connection()
        try:
            await asyncio.get_running_loop().create_connection(
                lambda: connection, address, self._port, ssl=self._context, server_hostname=name
            )
        except BaseException:
            connection.close()  # if it was made just now, asyncio would wait for the other side to end TLS
            raise
        self._open.add(connection)
        connection.closed.add_done_callback(lambda _: self._open.discard(connection))
        return connection

    def _encode(self, request: Request) -> bytes:
        """Return a request as bytes. Its path and headers were validated by their sources."""
        lines = [f"{request.method} {self._prefix}{request.path} HTTP/1.1", f"Host: {self._authority}"]
        lines += [f"{name}: {value}" for name, value in request.headers.items()]
        return "\r\n".join([*lines, "", ""]).encode("ascii")

    async def close(self) -> None:
        for connection in (closing := list(self._open)):
            connection.close()
        await asyncio.gather(*(connection.closed for connection in closing))


class Http11Transport:
    """Transport over connection pools of its own, for one event loop.

    Raises:
        ConfigurationError: The TLS settings cannot be loaded.
    """

    def __init__(self, network: Network, base_urls: Iterable[str]) -> None:
        self._uses = UseCount()
        self._pools = {base_url: ConnectionPool(base_url, network) for base_url in base_urls}

    async def send(self, request: Request) -> Response | TransportFailure:
        """Send a request and return its response, or the failure to get one."""
        self._uses.acquire()
        try:
            return await self._pools[request.base_url].handle_request(request)
        finally:
            if self._uses.release():
                await shielded(self._close())

    async def close(self) -> None:
        """Close all connections, once nothing uses them."""
        if self._uses.close():
            await self._close()

    async def _close(self) -> None:
        for pool in self._pools.values():
            await pool.close()
