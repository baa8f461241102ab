"""Sends one request by httpx, blocking or awaiting. All names of httpx in this package are here.

Requests go to the transports of httpx, past its client: what that does besides, such as cookies and redirects, is not
wanted here, and takes a good part of its time.
"""

import asyncio
import contextlib
import ssl
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, partial
from threading import Lock
from typing import TypeVar, cast

import httpx
from attrs import field, frozen

from conversas.errors import ConfigurationError
from conversas.transport.lifecycle import to_the_end
from conversas.transport.messages import Answer, BrokenBody, Incoming, NoAnswer, Request, TooSlow, no_answer
from conversas.transport.proxy import environment_proxy
from conversas.transport.tls_deadline import time_until, timed
from conversas.urls import is_proxy

Transport = httpx.BaseTransport
AsyncTransport = httpx.AsyncBaseTransport

_WITHOUT_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # trusts nobody; to load who is trusted takes long
_LIMITS = httpx.Limits(max_connections=None, max_keepalive_connections=100)
_LONGEST_WAIT = 1e6  # seconds; sockets take no number that is much larger
_UNREACHABLE = (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError)
_BROKEN = (httpx.TransportError, BrokenBody, TooSlow, TimeoutError, ssl.SSLError)


@frozen(repr=False)
class Way:
    """How a platform is reached. Its repr is silent, as the address of a proxy may hold a password."""

    proxy: str | None
    """The address of a proxy; None where the platform is asked directly."""


Ways = Mapping[str, Way]
"""The way to each platform, by its base URL."""


@frozen(kw_only=True)
class Network:
    """How the platforms are reached. Proxies of the environment are used, as httpx does."""

    proxy: str | None = field(default=None, repr=False)  # may hold a password
    verify: ssl.SSLContext | bool = True
    transport: Transport | AsyncTransport | None = None

    def check(self) -> None:
        """Refuse what is none. It is no part of making a network, whose frame has the password in the open.

        Raises:
            ConfigurationError: The proxy has no address of one, or certificates cannot be checked so.
        """
        if self.proxy is not None and not is_proxy(self.proxy):
            raise ConfigurationError("proxy is the address of a proxy, such as http://127.0.0.1:3128")
        if not isinstance(self.verify, ssl.SSLContext | bool):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise ConfigurationError("verify is an ssl.SSLContext, True or False")

    def context(self, base_url: str) -> ssl.SSLContext:
        """Give what the certificates of a platform are checked by.

        Raises:
            ConfigurationError: It cannot be made.
        """
        return self._context if base_url.startswith("https://") else _WITHOUT_TLS

    @cached_property
    def _context(self) -> ssl.SSLContext:
        """Made as httpx does: it heeds SSL_CERT_FILE, for instance."""
        return timed(_made(partial(httpx.create_ssl_context, verify=self.verify)))

    def ways(self, base_urls: Iterable[str]) -> Ways:
        """Decide how each platform is reached."""
        return {base_url: Way(self.proxy or environment_proxy(base_url)) for base_url in base_urls}


T = TypeVar("T")


def _transports(kind: Callable[..., T], network: Network, base_urls: Iterable[str]) -> dict[str, T]:
    """Give a transport for each base URL: one for all that are reached the same way.

    Raises:
        ConfigurationError: One cannot be made.
    """
    if network.transport is not None:
        return dict.fromkeys(base_urls, cast(T, network.transport))
    needs = {base_url: (network.context(base_url), way) for base_url, way in network.ways(base_urls).items()}
    by_need = {need: _made(partial(_transport, kind, *need)) for need in set(needs.values())}
    return {base_url: by_need[need] for base_url, need in needs.items()}


def _transport(kind: Callable[..., T], context: ssl.SSLContext, way: Way) -> T:
    return kind(verify=context, limits=_LIMITS, proxy=way.proxy)


def _each_once(transports: Mapping[str, T]) -> Iterable[T]:
    return {id(transport): transport for transport in transports.values()}.values()


def _made(make: Callable[[], T]) -> T:
    """Make what connections need.

    Raises:
        ConfigurationError: It cannot be made.
    """
    try:
        return make()
    except ImportError:
        reason = None
    except (ValueError, httpx.InvalidURL, OSError) as error:
        reason = type(error).__name__
    if reason is None:
        raise ConfigurationError("a proxy that speaks SOCKS needs socksio: pip install 'httpx[socks]'")
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

    def __init__(self, network: Network, base_urls: Iterable[str]) -> None:
        self._usage = Usage()
        self._transports = _transports(cast(type[Transport], httpx.HTTPTransport), network, base_urls)

    def send(self, request: Request) -> Answer | NoAnswer:
        """Send, and read the answer. What goes wrong on the way is a NoAnswer."""
        incoming = None
        self._usage.begin()
        try:
            with time_until(request.until):
                response = self._transports[request.base_url].handle_request(_outgoing(request))
                try:
                    incoming = _incoming(request, response)
                    if response.is_stream_consumed:  # of a transport of the user's
                        incoming.take(response.content)
                    else:
                        for piece in cast(httpx.SyncByteStream, response.stream):
                            if not incoming.take(piece):
                                break
                    return incoming.answer()
                finally:
                    response.close()
        except _BROKEN as error:
            return incoming.ended_by(_reason(error)) if incoming else _reason(error)
        except StopIteration as error:  # in a generator it looks like its end, and no future takes it
            raise RuntimeError("the transport raised StopIteration") from error
        finally:
            if self._usage.end():
                self._close()

    def close(self) -> None:
        """Close all connections, once nobody uses them."""
        if self._usage.close():
            self._close()

    def _close(self) -> None:
        with contextlib.ExitStack() as stack:  # one that fails leaves no other open
            for transport in _each_once(self._transports):
                stack.callback(transport.close)


class AsyncSender:
    """A pool of connections, for one event loop."""

    def __init__(self, network: Network, base_urls: Iterable[str]) -> None:
        self._usage = Usage()
        self._transports = _transports(cast(type[AsyncTransport], httpx.AsyncHTTPTransport), network, base_urls)

    async def send(self, request: Request) -> Answer | NoAnswer:
        """Send, and read the answer. What goes wrong on the way is a NoAnswer."""
        incoming = None
        self._usage.begin()
        try:
            async with asyncio.timeout(request.until - time.monotonic()):
                response = await self._transports[request.base_url].handle_async_request(_outgoing(request))
                try:
                    incoming = _incoming(request, response)
                    if response.is_stream_consumed:  # of a transport of the user's
                        incoming.take(response.content)
                    else:
                        async for piece in cast(httpx.AsyncByteStream, response.stream):
                            if not incoming.take(piece):
                                break
                    return incoming.answer()
                finally:
                    await response.aclose()
        except _BROKEN as error:
            return incoming.ended_by(_reason(error)) if incoming else _reason(error)
        finally:
            if self._usage.end():
                await to_the_end(self._close())

    async def close(self) -> None:
        """Close all connections, once nobody uses them."""
        if self._usage.close():
            await self._close()

    async def _close(self) -> None:
        async with contextlib.AsyncExitStack() as stack:  # one that fails leaves no other open
            for transport in _each_once(self._transports):
                stack.push_async_callback(transport.aclose)


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
    # httpx awaiting hands on the errors of TLS as they are; blocking, it makes each a ReadError
    name = "ReadError" if isinstance(error, ssl.SSLError) else type(error).__name__
    return no_answer(error, name, unreachable=isinstance(error, _UNREACHABLE))
