"""Sends one request by httpx, blocking or awaiting. All names of httpx in this package are here."""

import asyncio
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Any, TypeVar

import httpx
from attrs import field, frozen

from conversas.addresses import is_proxy
from conversas.errors import ConfigurationError
from conversas.exchange import LONGEST_ERROR_BODY, OK, Answer, BodyReader, BrokenBody, NoAnswer, Request, TooSlow

Transport = httpx.BaseTransport
AsyncTransport = httpx.AsyncBaseTransport

IDLE_CONNECTIONS = 100
_LONGEST_WAIT = 1e6  # seconds; sockets take no number that is much larger
_TELLING = (ssl.SSLCertVerificationError, socket.gaierror, ConnectionRefusedError)
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
        return {"proxy": self.proxy, "verify": self.verify, "transport": self.transport, "limits": limits}


T = TypeVar("T")


def _forget_location(response: httpx.Response) -> None:
    """Keep httpx from preparing a request that is never sent: it raises where it finds the address odd."""
    response.headers.pop("location", None)


async def _forget_location_awaiting(response: httpx.Response) -> None:
    _forget_location(response)


def _new(kind: Callable[..., T], network: Network, hook: Callable[[httpx.Response], object]) -> T:
    """Make a client of httpx.

    Raises:
        ConfigurationError: It cannot be made.
    """
    try:
        return kind(**network.arguments(), event_hooks={"response": [hook]})
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
            response = self._client.send(_outgoing(request), stream=True)
            try:
                incoming = Incoming(request, response)
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
            return incoming.ended_by(error) if incoming else no_answer(error)
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
                    incoming = Incoming(request, response)
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
            return incoming.ended_by(error) if incoming else no_answer(error)
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


class Incoming:
    """An answer while its body comes in. Of an error, the body is read for the sake of the connection, and dropped."""

    def __init__(self, request: Request, response: httpx.Response) -> None:
        self._response = response
        self._until = request.until
        self._dropped = 0
        encoding = "" if response.is_stream_consumed else response.headers.get("content-encoding", "")
        self._reader = BodyReader(encoding, request.max_body_bytes) if response.status_code == OK else None

    def take(self, piece: bytes) -> bool:
        """Take the next piece. False where no more should be read."""
        if time.monotonic() > self._until:
            raise TooSlow
        if self._reader:
            return self._reader.add(piece)
        self._dropped += len(piece)
        return self._dropped < LONGEST_ERROR_BODY

    def ended_by(self, error: BaseException) -> Answer | NoAnswer:
        """Give what is left after an error: the status of a refusal is enough, a conversation needs its body."""
        return no_answer(error) if self._reader else self.answer()

    def answer(self) -> Answer:
        status, headers = self._response.status_code, self._response.headers
        if self._reader is None:
            return Answer(status, headers)
        return Answer(status, headers, self._reader.whole(), self._reader.too_large)


def no_answer(error: BaseException) -> NoAnswer:
    telling = next((cause for cause in _causes(error) if isinstance(cause, _TELLING)), error)
    return NoAnswer(
        type(telling).__name__,
        unreachable=isinstance(error, _UNREACHABLE),
        lasting=isinstance(telling, ssl.SSLCertVerificationError),
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    while True:
        yield error
        following = error.__cause__ or error.__context__
        if following is None:
            return
        error = following
