"""Selection of the transport of a client: libcurl if it can be used, else httpx."""

import asyncio
import re
import socket
import ssl
from collections.abc import Iterable
from importlib import import_module
from types import ModuleType
from typing import Protocol

from conversas.transport.httpx_transport import AsyncHttpxTransport, HttpxTransport
from conversas.transport.messages import Request, Response, TransportFailure
from conversas.transport.network import Network

OLDEST_PYCURL = (7, 49)


class BlockingTransport(Protocol):
    """Blocking transport, thread-safe."""

    def send(self, request: Request) -> Response | TransportFailure: ...
    def close(self) -> None: ...


class AwaitingTransport(Protocol):
    """Asynchronous transport, for one event loop."""

    async def send(self, request: Request) -> Response | TransportFailure: ...
    async def close(self) -> None: ...


def open_transport(network: Network, base_urls: Iterable[str]) -> BlockingTransport:
    """Return a blocking transport.

    Raises:
        ConfigurationError: The transport cannot be created.
    """
    if curl := _curl_transport(network):
        transport: BlockingTransport = curl.CurlTransport(network, base_urls)
        return transport
    return HttpxTransport(network.transports(base_urls))


def open_async_transport(network: Network, base_urls: Iterable[str]) -> AwaitingTransport:
    """Return an asynchronous transport for the running event loop.

    Raises:
        ConfigurationError: The transport cannot be created.
    """
    curl = _curl_transport(network)
    if curl and _takes_readers(asyncio.get_running_loop()):
        transport: AwaitingTransport = curl.AsyncCurlTransport(network, base_urls)
        return transport
    return AsyncHttpxTransport(network.async_transports(base_urls))


def _curl_transport(network: Network) -> ModuleType | None:
    """Return the module of the transport over libcurl; None if httpx must be used.

    httpx is used without the extra `fast`, and with the user's transport or TLS settings, which libcurl cannot use.
    """
    if network.transport or isinstance(network.verify, ssl.SSLContext):
        return None
    try:
        pycurl = import_module("pycurl")
    except ImportError:
        return None
    version = re.match(r"PycURL/(\d+)\.(\d+)", pycurl.version)
    if version is None or (int(version[1]), int(version[2])) < OLDEST_PYCURL:
        return None
    return import_module("conversas.transport.curl_transport")


def _takes_readers(loop: asyncio.AbstractEventLoop) -> bool:
    """Return whether an event loop can wait for a socket to be readable. The default loop of Windows cannot."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        try:
            loop.add_reader(ours, bool)
        except NotImplementedError:
            return False
        loop.remove_reader(ours)
    return True
