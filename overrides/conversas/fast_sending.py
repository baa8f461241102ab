"""Sends the requests of a run of many by aiohttp. All names of aiohttp in this package are here."""

import asyncio
import math
import time
from collections.abc import Sequence
from functools import lru_cache
from typing import cast

import aiohttp
from aiohttp.connector import Connection
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.resolver import ThreadedResolver
from yarl import URL

from conversas.exchange import Answer, BrokenBody, Incoming, NoAnswer, Request, TooSlow, no_answer
from conversas.sending import Network, Usage, Ways, context_of

# as httpx does
LONGEST_HEADER = 100 * 1024  # bytes
MOST_HEADERS = 1000
LOWEST_STATUS = 100
IDLE_SECONDS = 5.0  # a connection that nobody uses is closed after these

_UNREACHABLE = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.ClientHttpProxyError)
_NAMES: dict[type[Exception], str] = {
    aiohttp.ConnectionTimeoutError: "ConnectTimeout",
    aiohttp.SocketTimeoutError: "ReadTimeout",
    aiohttp.ClientHttpProxyError: "ProxyError",
    aiohttp.ClientConnectorError: "ConnectError",
    aiohttp.ClientOSError: "ReadError",
    aiohttp.ClientError: "RemoteProtocolError",
    HttpProcessingError: "RemoteProtocolError",
}
"""What httpx calls them, the first that fits: so the reason of an error is the same, whoever sent the request."""


class _Broken(Exception):
    """What keeps aiohttp from asking again by itself: attempts are counted, held back and logged elsewhere."""


_ERRORS: tuple[type[Exception], ...] = (_Broken, *_NAMES, BrokenBody, TooSlow, OSError)


class _NoCookies(aiohttp.DummyCookieJar):
    """Reads no cookies, either: aiohttp would log the names of odd ones."""

    def update_cookies_from_headers(self, headers: Sequence[str], response_url: URL) -> None:
        """Do nothing."""


class _Response(aiohttp.ClientResponse):
    """An answer that is held against its connection: to aiohttp, what is reset is at its end, too."""

    async def start(self, connection: Connection) -> aiohttp.ClientResponse:
        self._line = connection.protocol
        await super().start(connection)
        if self.status < LOWEST_STATUS:
            raise aiohttp.ClientError
        return self

    def check_end(self) -> None:
        """Refuse a body without a length whose connection was reset."""
        lost = self._line.exception() if self._line is not None else None
        if isinstance(lost, OSError) and not self.headers.keys() & {"Content-Length", "Transfer-Encoding"}:
            raise _Broken from lost


class FastSender:
    """A pool of connections, for one event loop.

    Raises:
        ConfigurationError: It cannot be made.
    """

    def __init__(self, network: Network, ways: Ways) -> None:
        self._usage, self._ways = Usage(), ways
        connector = aiohttp.TCPConnector(
            limit=0,  # there are as many requests at a time as the run has workers
            keepalive_timeout=IDLE_SECONDS,
            ssl=context_of(network),
            resolver=ThreadedResolver(),  # the system's, whatever else is installed
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=_NoCookies(),
            auto_decompress=False,  # that is done within the limit
            max_line_size=LONGEST_HEADER,
            max_field_size=LONGEST_HEADER,
            max_headers=MOST_HEADERS,
            response_class=_Response,
            middlewares=(_once,),
        )

    async def send(self, request: Request) -> Answer | NoAnswer:
        """Send, and read the answer. What goes wrong on the way is a NoAnswer."""
        incoming = None
        self._usage.begin()
        try:
            async with asyncio.timeout(request.until - time.monotonic()):
                response = await self._asked(request)
                try:
                    headers = response.headers
                    encoding = ", ".join(headers.getall("Content-Encoding", ()))
                    incoming = Incoming(request, response.status, headers, encoding)
                    while piece := await response.content.readany():
                        if not incoming.take(piece):
                            return incoming.answer()
                    response.check_end()
                    return incoming.answer()
                finally:
                    response.release()
        except _ERRORS as error:
            return incoming.ended_by(_reason(error)) if incoming else _reason(error)
        finally:
            if self._usage.end():
                await self._session.close()

    async def _asked(self, request: Request) -> "_Response":
        response = await self._session.request(
            request.method,
            URL(request.url, encoded=True),
            headers=request.headers,
            allow_redirects=False,
            timeout=_timeout(request),
            proxy=self._ways[request.base_url].proxy,
        )
        return cast(_Response, response)

    async def close(self) -> None:
        """Close all connections, once nobody uses them."""
        if self._usage.close():
            await self._session.close()


async def _once(request: aiohttp.ClientRequest, ask: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    try:
        return await ask(request)
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise _Broken from error


def _timeout(request: Request) -> aiohttp.ClientTimeout:
    left = request.until - time.monotonic()
    # a connection that is not there before the end of all time is one that was not made
    connect = request.connect_seconds if request.connect_seconds < left else left / 2
    return _timeout_of(connect, request.read_seconds)


@lru_cache
def _timeout_of(connect: float, read: float) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(connect=connect, sock_read=read, ceil_threshold=math.inf)


def _reason(error: Exception) -> NoAnswer:
    if isinstance(error, _Broken) and isinstance(error.__cause__, Exception):
        error = error.__cause__
    name = next((name for kind, name in _NAMES.items() if isinstance(error, kind)), type(error).__name__)
    return no_answer(error, name, unreachable=isinstance(error, _UNREACHABLE))
