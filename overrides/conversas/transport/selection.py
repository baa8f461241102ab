"""Selection of the transport of a batch run: connection pools of our own if they can serve it, else httpx."""

from collections.abc import Callable, Iterable
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from typing import Protocol

from conversas.transport.messages import Request, Response, TransportFailure
from conversas.transport.network import Network


class BatchTransport(Protocol):
    """Asynchronous transport, for one event loop."""

    async def send(self, request: Request) -> Response | TransportFailure: ...
    async def close(self) -> None: ...


def select_batch_transport(network: Network, base_urls: Iterable[str]) -> Callable[[], BatchTransport] | None:
    """Return the constructor of a fast transport, to be called in its event loop; None if httpx must serve.

    httpx serves without the extra `fast`, with a transport of the user's, which is one of httpx, and through a proxy.
    The import happens here, in the thread of the caller, as a process that forks during an import locks its child out.
    """
    if network.transport or find_spec("httptools") is None:
        return None
    if any(route.proxy for route in network.routes(base_urls).values()):
        return None
    return partial(import_module("conversas.transport.connection_pool").Http11Transport, network, base_urls)
