"""Transports over httpx, blocking and asynchronous. The only module that knows httpx.

Requests go to the transports of httpx and not to its client. Other services of the client, such as cookies and
redirects, are not wanted here and take much time.
"""

import asyncio
import contextlib
import ssl
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeVar, cast

import httpx

from conversas.errors import ConfigurationError, TransportErrorReason
from conversas.transport.body_reader import DeadlineExceeded, InvalidBody, ResponseReader
from conversas.transport.lifecycle import UseCount, shielded
from conversas.transport.messages import (
    PROXY_AUTHENTICATION_REQUIRED,
    Request,
    Response,
    TransportFailure,
    failure_from,
)
from conversas.transport.proxy import Route
from conversas.transport.tls_deadline import deadline

Transport = httpx.BaseTransport
AsyncTransport = httpx.AsyncBaseTransport

_LIMITS = httpx.Limits(max_connections=None, max_keepalive_connections=100)
_MAX_TIMEOUT_SECONDS = 1e6  # sockets accept no number that is much larger
_NOT_CONNECTED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError)
_PROXY_REJECTIONS = (
    str(PROXY_AUTHENTICATION_REQUIRED),
    "Invalid username/password",
    "Requested ",
)  # from HTTP and SOCKS proxies
_FAILURES = (httpx.TransportError, InvalidBody, DeadlineExceeded, TimeoutError, ssl.SSLError)
_LOST = (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError)
_REASONS: tuple[tuple[type[BaseException], TransportErrorReason], ...] = (
    (httpx.ConnectTimeout, TransportErrorReason.CONNECT_TIMEOUT),
    (httpx.PoolTimeout, TransportErrorReason.DEADLINE),
    (httpx.TimeoutException, TransportErrorReason.READ_TIMEOUT),
    (httpx.ConnectError, TransportErrorReason.UNREACHABLE),
    (httpx.ProxyError, TransportErrorReason.PROXY),
    (httpx.ProtocolError, TransportErrorReason.PROTOCOL),
    (InvalidBody, TransportErrorReason.BODY),
    (DeadlineExceeded, TransportErrorReason.DEADLINE),
    (TimeoutError, TransportErrorReason.DEADLINE),
)

T = TypeVar("T")


def validate_transport(transport: object, kind: type[Transport] | type[AsyncTransport]) -> None:
    """Check that the user's transport is of the right type.

    Raises:
        ConfigurationError: The transport is of the wrong type.
    """
    if transport is not None and not isinstance(transport, kind):
        raise ConfigurationError(f"`transport` must be an httpx.{kind.__name__}, got {type(transport).__name__}")


def create_ssl_context(verify: ssl.SSLContext | bool) -> ssl.SSLContext:  # noqa: FBT001  # as in httpx
    """Return the same TLS settings as httpx; for example, SSL_CERT_FILE is used.

    Raises:
        ConfigurationError: The certificates cannot be loaded.
    """
    return _wrap_setup_errors(partial(httpx.create_ssl_context, verify=verify))


def load_certificates(path: str) -> ssl.SSLContext:
    """Return TLS settings that trust the certificates of a file or folder.

    Raises:
        ConfigurationError: The certificates cannot be loaded.
    """
    if Path(path).is_dir():
        return _wrap_setup_errors(partial(ssl.create_default_context, capath=path))
    return _wrap_setup_errors(partial(ssl.create_default_context, cafile=path))


def open_transport(context: ssl.SSLContext, route: Route) -> Transport:
    """Return a blocking transport with a connection pool of its own.

    Raises:
        ConfigurationError: The transport cannot be created.
    """
    return _wrap_setup_errors(partial(_open, httpx.HTTPTransport, context, route))


def open_async_transport(context: ssl.SSLContext, route: Route) -> AsyncTransport:
    """Return an asynchronous transport with a connection pool of its own.

    Raises:
        ConfigurationError: The transport cannot be created.
    """
    return _wrap_setup_errors(partial(_open, httpx.AsyncHTTPTransport, context, route))


def _open(kind: Callable[..., T], context: ssl.SSLContext, route: Route) -> T:
    return kind(verify=context, limits=_LIMITS, proxy=route.proxy)


def _wrap_setup_errors(make: Callable[[], T]) -> T:
    try:
        return make()
    except ImportError:
        reason = None
    except (ValueError, httpx.InvalidURL, OSError) as error:
        reason = type(error).__name__
    if reason is None:
        raise ConfigurationError("a SOCKS proxy needs pycurl or socksio: run pip install pycurl or pip install socksio")
    raise setup_error(reason)


def setup_error(reason: str) -> ConfigurationError:
    """Return the error for network settings that allow no connection."""
    message = f"no connections can be made ({reason}): check proxy=, verify=, and the variables HTTPS_PROXY"
    return ConfigurationError(f"{message}, ALL_PROXY, SSL_CERT_FILE, SSL_CERT_DIR")


class HttpxTransport:
    """Blocking transport over connection pools of httpx. Thread-safe."""

    def __init__(self, transports: Mapping[str, Transport]) -> None:
        self._uses = UseCount()
        self._transports = transports

    def send(self, request: Request) -> Response | TransportFailure:
        """Send a request and return its response, or the failure to get one."""
        reader = None
        self._uses.acquire()
        try:
            with deadline(request.deadline):
                response = self._begin(request)
                try:
                    reader = _reader(request, response)
                    if response.is_stream_consumed:  # by a transport of the user
                        reader.feed(response.content)
                    else:
                        for piece in cast(httpx.SyncByteStream, response.stream):
                            if not reader.feed(piece):
                                break
                    return reader.response()
                finally:
                    response.close()
        except _FAILURES as error:
            return reader.abort(_failure(error)) if reader else _failure(error)
        except StopIteration as error:  # a generator would treat it as its own end, and a future rejects it
            raise RuntimeError("the transport raised StopIteration") from error
        finally:
            if self._uses.release():
                self._close()

    def _begin(self, request: Request) -> httpx.Response:
        """Return the response before its body. If a kept connection lost the request, send it again on another."""
        transport = self._transports[request.base_url]
        while True:
            trace = _Trace()
            try:
                return transport.handle_request(_httpx_request(request, trace.note))
            except _LOST as error:
                if not trace.is_lost(error):
                    raise

    def close(self) -> None:
        """Close all connections, once nothing uses them."""
        if self._uses.close():
            self._close()

    def _close(self) -> None:
        with contextlib.ExitStack() as stack:  # a transport that fails to close leaves no other open
            for transport in _unique(self._transports):
                stack.callback(transport.close)


class AsyncHttpxTransport:
    """Asynchronous transport over connection pools of httpx, for one event loop."""

    def __init__(self, transports: Mapping[str, AsyncTransport]) -> None:
        self._uses = UseCount()
        self._transports = transports

    async def send(self, request: Request) -> Response | TransportFailure:
        """Send a request and return its response, or the failure to get one."""
        reader = None
        self._uses.acquire()
        try:
            async with asyncio.timeout(request.deadline - time.monotonic()):
                response = await self._begin(request)
                try:
                    reader = _reader(request, response)
                    if response.is_stream_consumed:  # by a transport of the user
                        reader.feed(response.content)
                    else:
                        async for piece in cast(httpx.AsyncByteStream, response.stream):
                            if not reader.feed(piece):
                                break
                    return reader.response()
                finally:
                    await response.aclose()
        except _FAILURES as error:
            return reader.abort(_failure(error)) if reader else _failure(error)
        finally:
            if self._uses.release():
                await shielded(self._close())

    async def _begin(self, request: Request) -> httpx.Response:
        """Return the response before its body. If a kept connection lost the request, send it again on another."""
        transport = self._transports[request.base_url]
        while True:
            trace = _Trace()
            try:
                return await transport.handle_async_request(_httpx_request(request, trace.note_async))
            except _LOST as error:
                if not trace.is_lost(error):
                    raise

    async def close(self) -> None:
        """Close all connections, once nothing uses them."""
        if self._uses.close():
            await self._close()

    async def _close(self) -> None:
        async with contextlib.AsyncExitStack() as stack:  # a transport that fails to close leaves no other open
            for transport in _unique(self._transports):
                stack.push_async_callback(transport.aclose)


class ThreadPoolTransport:
    """Blocking transport for use in an event loop: each request waits in a thread."""

    def __init__(self, send: Callable[[Request], Response | TransportFailure], threads: int) -> None:
        self._send = send
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="conversas")

    async def send(self, request: Request) -> Response | TransportFailure:
        """Send a request and return its response, or the failure to get one."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._send, request)

    async def close(self) -> None:
        """End the threads. The blocking transport stays open."""
        self._threads.shutdown()


def _unique(transports: Mapping[str, T]) -> Iterable[T]:
    return {id(transport): transport for transport in transports.values()}.values()


class _Trace:
    """httpcore's trace events for the connection of a request."""

    def __init__(self) -> None:
        self._is_new = self._is_sent = False

    def note(self, event: str, _: object) -> None:
        self._is_new = self._is_new or event.endswith(".connect_tcp.started")
        self._is_sent = self._is_sent or event.endswith(".send_request_headers.started")

    async def note_async(self, event: str, info: object) -> None:
        self.note(event, info)

    def is_lost(self, error: httpx.TransportError) -> bool:
        """Return whether no response came because the request was sent over a kept connection that had ended."""
        is_kept = self._is_sent and not self._is_new
        return is_kept and (not isinstance(error, httpx.ProtocolError) or "disconnected" in str(error))


def _httpx_request(request: Request, trace: Callable[[str, object], object]) -> httpx.Request:
    left = min(max(0.001, request.deadline - time.monotonic()), _MAX_TIMEOUT_SECONDS)
    timeout = {
        # httpcore applies this to the connection and to TLS, so each gets half; if it is cancelled from outside,
        # it leaves the connection open
        "connect": min(request.connect_seconds, left / 2),
        "read": min(request.read_seconds, left),
        "write": min(request.read_seconds, left),
        "pool": left,
    }
    return httpx.Request(
        request.method, request.url, headers=request.headers, extensions={"timeout": timeout, "trace": trace}
    )


def _reader(request: Request, response: httpx.Response) -> ResponseReader:
    encoding = "" if response.is_stream_consumed else response.headers.get("content-encoding", "")
    return ResponseReader(request, response.status_code, response.headers, encoding)


def _failure(error: BaseException) -> TransportFailure:
    if isinstance(error, httpx.ProxyError) and str(error).startswith(_PROXY_REJECTIONS):
        return TransportFailure(TransportErrorReason.PROXY, not_connected=True, permanent=True)
    reason = next((reason for kind, reason in _REASONS if isinstance(error, kind)), TransportErrorReason.RESET)
    return failure_from(error, reason, not_connected=isinstance(error, _NOT_CONNECTED))
