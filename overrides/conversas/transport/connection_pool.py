"""Sends the requests of a run of many: by connections of its own, at a tenth of what a request by httpx takes."""

import asyncio
import contextlib
import socket
import time
from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import urlsplit

from conversas.transport.http11 import Connection
from conversas.transport.httpx_transport import Network, Usage
from conversas.transport.lifecycle import to_the_end
from conversas.transport.messages import Answer, NoAnswer, Request, no_answer

_PORTS = {"http": 80, "https": 443}


class Pool:
    """The connections to one platform, as many as it is asked at a time."""

    def __init__(self, base_url: str, network: Network) -> None:
        url = urlsplit(base_url)
        self._prefix, self._authority = url.path, url.netloc
        self._host, self._port = url.hostname or "", url.port or _PORTS[url.scheme]
        self._context = network.context(base_url) if url.scheme == "https" else None
        self._failed = set[str]()
        """Addresses that took no connection when they were asked last. They are asked after all others."""
        self._idle: list[Connection] = []
        self._open = set[Connection]()

    async def ask(self, request: Request) -> Answer | NoAnswer:
        """Send, and read the answer. What goes wrong on the way is a NoAnswer."""
        try:
            connection = self._take_idle() or await self._connect(request)
        except OSError as error:  # a TimeoutError is one, and so are those of TLS
            name = "ConnectTimeout" if isinstance(error, TimeoutError) else "ConnectError"
            return no_answer(error, name, unreachable=True)
        try:
            return await connection.ask(request, self._head)
        finally:
            if connection.is_open:
                self._idle.append(connection)

    def _take_idle(self) -> Connection | None:
        while self._idle:
            connection = self._idle.pop()
            if connection.is_quiet:
                return connection
            connection.close()
        return None

    async def _connect(self, request: Request) -> Connection:
        """Make a connection to the first address of the host that takes one; each has its share of the time.

        Raises:
            OSError: There is none, or none in time.
        """
        until = min(time.monotonic() + request.connect_seconds, request.until)
        async with asyncio.timeout(until - time.monotonic()):
            addresses = sorted(await self._addresses(), key=self._failed.__contains__)
        for left, address in zip(range(len(addresses), 0, -1), addresses, strict=True):
            try:
                async with asyncio.timeout((until - time.monotonic()) / left):
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

    async def _connect_to(self, address: str) -> Connection:
        name = self._host if self._context else None
        connection = Connection()
        try:
            await asyncio.get_running_loop().create_connection(
                lambda: connection, address, self._port, ssl=self._context, server_hostname=name
            )
        except BaseException:
            connection.close()  # where it was made just now, asyncio would wait for the other side to end TLS
            raise
        self._open.add(connection)
        connection.closed.add_done_callback(lambda _: self._open.discard(connection))
        return connection

    def _head(self, request: Request) -> bytes:
        """Write a request. Its path and its headers were checked where they came from."""
        lines = [f"{request.method} {self._prefix}{request.path} HTTP/1.1", f"Host: {self._authority}"]
        lines += [f"{name}: {value}" for name, value in request.headers.items()]
        return "\r\n".join([*lines, "", ""]).encode("ascii")

    async def close(self) -> None:
        for connection in (closing := list(self._open)):
            connection.close()
        await asyncio.gather(*(connection.closed for connection in closing))


class FastSender:
    """Pools of connections, for one event loop.

    Raises:
        ConfigurationError: Certificates cannot be checked as they should.
    """

    def __init__(self, network: Network, base_urls: Iterable[str]) -> None:
        self._usage = Usage()
        self._pools = {base_url: Pool(base_url, network) for base_url in base_urls}

    async def send(self, request: Request) -> Answer | NoAnswer:
        """Send, and read the answer. What goes wrong on the way is a NoAnswer."""
        self._usage.begin()
        try:
            return await self._pools[request.base_url].ask(request)
        finally:
            if self._usage.end():
                await to_the_end(self._close())

    async def close(self) -> None:
        """Close all connections, once nobody uses them."""
        if self._usage.close():
            await self._close()

    async def _close(self) -> None:
        for pool in self._pools.values():
            await pool.close()
