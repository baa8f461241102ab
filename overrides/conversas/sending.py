"""Sends one request by httpx, blocking or awaiting. All names of httpx in this package are here."""

import asyncio
import ssl
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Lock
from typing import Any, TypeVar

import httpx
from attrs import field, frozen

from conversas.addresses import is_proxy
from conversas.deadlines import time_until, timed
from conversas.errors import ConfigurationError
from conversas.exchange import Answer, BrokenBody, Incoming, NoAnswer, Request, TooSlow, no_answer

Transport = httpx.BaseTransport
AsyncTransport = httpx.AsyncBaseTransport

IDLE_CONNECTIONS = 100
_LONGEST_WAIT = 1e6  # seconds; sockets take no number that is much larger
_UNREACHABLE = (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError)
_BROKEN = (httpx.TransportError, BrokenBody, TooSlow, TimeoutError)


@frozen(kw_only=True)
class Network:
    """How the platforms are reached. Proxies of the environment are used, as httpx does."""

    proxy: str | None = field(default=None, repr=False)  # may hold a password
    verify: ssl.SSLContext | bool = True
    transport: Transport | AsyncTransport | None = None

    def __attrs_post_init__(self) -> None:
        if self.proxy is not None and not is_proxy(self.proxy):
            raise ConfigurationError("proxy is the address of a proxy, such as http://127.0.0.1:3128")
        if not isinstance(self.verify, ssl.SSLContext | bool):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ConfigurationError("verify is an ssl.SSLContext, True or False")

    def arguments(self) -> dict[str, Any]:
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=IDLE_CONNECTIONS)
        verify = self.verify if self.transport else timed(context_of(self))
        return {"proxy": self.proxy, "verify": verify, "transport": self.transport, "limits": limits}


@frozen(repr=False)
class Proxies:
    """The addresses of proxies, by the base URLs of the platforms that they are for. They may hold passwords."""

    by_base_url: Mapping[str, str]

    def of(self, url: str) -> str | None:
        """Give the proxy for the address of a request; None where it is asked directly."""
        for base_url, proxy in self.by_base_url.items():
            if url.startswith(f"{base_url}/"):
                return proxy
        return None


T = TypeVar("T")


def _forget_location(response: httpx.Response) -> None:
    """Keep httpx from preparing a request that is never sent: it raises where it finds the address odd."""
    response.headers.pop("location", None)


async def _forget_location_awaiting(response: httpx.Response) -> None:
    _forget_location(response)


def _new(kind: Callable[..., T], network: Network, hook: Callable[[httpx.Response], object]) -> T:
    return _made(partial(kind, **network.arguments(), event_hooks={"response": [hook]}))


def context_of(network: Network) -> ssl.SSLContext:
    """Make what certificates are checked by, as httpx does: it heeds SSL_CERT_FILE, for instance.

    Raises:
        ConfigurationError: It cannot be made.
    """
    return _made(partial(httpx.create_ssl_context, network.verify))


def _made(make: Callable[[], T]) -> T:
    """Make what connections need.

    Raises:
        ConfigurationError: It cannot be made.
    """
    try:
        return make()
    except (ValueError, ImportError, httpx.InvalidURL, OSError) as error:
        reason = type(error).__name__
    message = f"no connections can be made ({reason}): check proxy=, verify=, and the variables HTTPS_PROXY, HTTP_PROXY"
    raise ConfigurationError(f"{message}, ALL_PROXY, SSL_CERT_FILE")


def check_transport(transport: object, kind: type[Transport] | type[AsyncTransport]) -> None:
    """Refuse a transport that is not of this kind.

    Raises:
        ConfigurationError: It is none.
    """
    if transport is not None and not isinstance(transport, kind):
        raise ConfigurationError(f"transport is an httpx.{kind.__name__}")


class Usage:
    """Counts who uses a pool, so that it is closed by whoever is the last, and under nobody."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._users = 0
        self._closing = False

    def begin(self) -> None:
        with self._lock:
            if self._closing:
                raise ConfigurationError("the client is closed: use it in its `with` block")
            self._users += 1

    def end(self) -> bool:
        """Tell whether the pool is to be closed now."""
        with self._lock:
            self._users -= 1
            return self._closing and not self._users

    def close(self) -> bool:
        """Tell whether the pool is to be closed now."""
        with self._lock:
            self._closing = True
            return not self._users


class Sender:
    """A pool of connections."""

    def __init__(self, network: Network) -> None:
        self._usage = Usage()
        self._client = _new(httpx.Client, network, _forget_location)

    def send(self, request: Request) -> Answer | NoAnswer:
        """Send, and read the answer. What goes wrong on the way is a NoAnswer."""
        incoming = None
        self._usage.begin()
        try:
            with time_until(request.until):
                response = self._client.send(_outgoing(request), stream=True)
                try:
                    incoming = _incoming(request, response)
                    if response.is_stream_consumed:  # of a transport of the user's
                        incoming.take(response.content)
                    else:
                        for piece in response.iter_raw():
                            if not incoming.take(piece):
                                break
                    return incoming.answer()
                finally:
                    response.close()
        except _BROKEN as error:
            return incoming.ended_by(_reason(error)) if incoming else _reason(error)
        finally:
            if self._usage.end():
                self._client.close()

    def close(self) -> None:
        """Close all connections, once nobody uses them."""
        if self._usage.close():
            self._client.close()


class AsyncSender:
    """A pool of connections, for one event loop."""

    def __init__(self, network: Network) -> None:
        self._usage = Usage()
        self._client = _new(httpx.AsyncClient, network, _forget_location_awaiting)

    async def send(self, request: Request) -> Answer | NoAnswer:
        """Send, and read the answer. What goes wrong on the way is a NoAnswer."""
        incoming = None
        self._usage.begin()
        try:
            async with asyncio.timeout(request.until - time.monotonic()):
                response = await self._client.send(_outgoing(request), stream=True)
                try:
                    incoming = _incoming(request, response)
                    if response.is_stream_consumed:  # of a transport of the user's
                        incoming.take(response.content)
                    else:
                        async for piece in response.aiter_raw():
                            if not incoming.take(piece):
                                break
                    return incoming.answer()
                finally:
                    await response.aclose()
        except _BROKEN as error:
            return incoming.ended_by(_reason(error)) if incoming else _reason(error)
        finally:
            if self._usage.end():
                await self._client.aclose()

    async def close(self) -> None:
        """Close all connections, once nobody uses them."""
        if self._usage.close():
            await self._client.aclose()


class ThreadedSender:
    """A blocking sender, for an event loop: each request waits in a thread."""

    def __init__(self, sender: Sender, threads: int) -> None:
        self._sender = sender
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="conversas")

    async def send(self, request: Request) -> Answer | NoAnswer:
        """Send, and read the answer. What goes wrong on the way is a NoAnswer."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._sender.send, request)

    async def close(self) -> None:
        self._threads.shutdown()


def _outgoing(request: Request) -> httpx.Request:
    left = min(max(0.001, request.until - time.monotonic()), _LONGEST_WAIT)
    timeout = {
        # half for the connection, half for TLS: httpcore leaves open what is cancelled from outside meanwhile
        "connect": min(request.connect_seconds, left / 2),
        "read": min(request.read_seconds, left),
        "write": min(request.read_seconds, left),
        "pool": left,
    }
    return httpx.Request(request.method, request.url, headers=request.headers, extensions={"timeout": timeout})


def _incoming(request: Request, response: httpx.Response) -> Incoming:
    encoding = "" if response.is_stream_consumed else response.headers.get("content-encoding", "")
    return Incoming(request, response.status_code, response.headers, encoding)


def _reason(error: BaseException) -> NoAnswer:
    return no_answer(error, type(error).__name__, unreachable=isinstance(error, _UNREACHABLE))
